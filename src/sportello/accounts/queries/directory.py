"""What is read about people and the profiles they hold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from sportello.accounts.models import Invitation, Membership, Person
from sportello.accounts.rules.people import LAST_ONES, username_base
from sportello.kernel.actor import Actor
from sportello.kernel.chunks import in_chunks
from sportello.kernel.finding import Sought, begins, called
from sportello.kernel.models import Event
from sportello.kernel.scope import ScopedQuerySet
from sportello.parties.models import CostCentre, Organisation
from sportello.parties.queries import organisations

CHUNK = 500


def people(actor: Actor) -> ScopedQuerySet[Person]:
    """Return the people in reach, each with home, cost centre and the profiles held inside the reach (`held`).

    Homes are read beside, not joined: a join makes the database sort all people of a large reach for a page of fifty.
    """
    held = Membership.objects.for_(actor).filter(ended_at=None).select_related("organisation").order_by("pk")
    rows = Person.objects.for_(actor).prefetch_related("organisation", "cost_centre")
    return rows.prefetch_related(Prefetch("memberships", queryset=held, to_attr="held"))  # type: ignore[return-value]


def people_sought(asked: Sought) -> Q:
    """Return the condition on people for all words of a search: a name in either order, a username, a mail or a code begun so."""
    phrase = asked.phrase
    named = called(asked.words, given="given_key", family="family_key")
    if len(asked.words) > 1:
        return named
    codes = {phrase, phrase.lower(), phrase.upper()}
    return named | begins("username", phrase) | begins("email", phrase) | Q(code__in=codes)


def holders(actor: Actor, profile: str) -> QuerySet[Membership]:
    """Return the memberships of a profile that are held now inside the reach."""
    return Membership.objects.for_(actor).filter(profile=profile, ended_at=None)


def memberships_in_reach(actor: Actor, person: Person) -> list[Membership]:
    """Return all that a person holds or held inside the actor's reach, newest first."""
    rows = Membership.objects.for_(actor).filter(person=person).select_related("organisation", "person")
    return list(rows.order_by("ended_at", "-pk"))


def profiles_anywhere(person: Person) -> set[str]:
    """Return the profiles that a person holds in any organisation: for the question who stands above whom."""
    rows = Membership.objects.across_tenants(
        reason="who stands above whom does not end at a tenant's border", opens_wall=False
    )
    return set(rows.filter(person=person, ended_at=None).values_list("profile", flat=True))


def lock_last_ones(organisation: Organisation, profile: str) -> list[int]:
    """Return the memberships of active holders of a profile that must not run out, locked for the transaction."""
    rows = Membership.objects.across_tenants(reason="the last administrator is counted whoever asks", opens_wall=False)
    held = rows.filter(organisation=organisation, profile=profile, ended_at=None, person__deactivated_at=None)
    return [row.pk for row in held.select_related("person").select_for_update(of=("self", "person"))]


def is_last(membership: Membership) -> bool:
    """Tell whether ending the membership would leave its organisation without an active holder; locks the holders."""
    if membership.profile not in LAST_ONES or membership.ended_at is not None:
        return False
    return lock_last_ones(membership.organisation, membership.profile) == [membership.pk]


def taken_usernames(given_name: str, family_name: str) -> set[str]:
    """Return the usernames that begin like the one these names make."""
    rows = Person.objects.across_tenants(reason="usernames are unique in the installation", opens_wall=False)
    base = username_base(given_name, family_name)
    return set(rows.filter(username__startswith=base).values_list("username", flat=True))


def all_usernames() -> set[str]:
    """Return every username of the installation (for files of many people)."""
    rows = Person.objects.across_tenants(reason="usernames are unique in the installation", opens_wall=False)
    return set(rows.values_list("username", flat=True).iterator(chunk_size=5000))


def cost_centre_choices(actor: Actor, organisation: Organisation) -> list[tuple[str, str]]:
    """Return the cost centres of an organisation in reach as choices of a form."""
    rows = CostCentre.objects.for_(actor).filter(organisation=organisation).order_by("code")
    return [(str(row.pk), str(row)) for row in rows]


def organisation_choices(actor: Actor) -> list[tuple[str, str]]:
    """Return the organisations in reach as choices of a form, the actor's own first."""
    rows = sorted(organisations(actor), key=lambda row: row.pk != actor.organisation_id)
    return [(str(row.pk), f"{row.legal_name} ({row.code})") for row in rows]


def open_invitation(person: Person, *, now: datetime) -> Invitation | None:
    """Return the invitation that a person has not answered yet, or None."""
    rows = Invitation.objects.filter(person=person, accepted_at=None, revoked_at=None, expires_at__gt=now)
    return rows.order_by("-pk").first()


def recent_events(actor: Actor, person: Person, *, most: int = 15) -> list[Event]:
    """Return what happened to a person, or was done by them, inside the actor's reach, newest first."""
    to_them = Q(subject_type="person", subject_id=str(person.pk))
    return list(Event.objects.for_(actor).filter(to_them | Q(person_id=person.pk)).order_by("-pk")[:most])


def people_by_code(
    organisation_ids: Iterable[int], codes: Iterable[str], actor: Actor
) -> dict[tuple[int, str], Person]:
    """Return the people in reach with these codes, by (organisation, code)."""
    homes = sorted(set(organisation_ids))
    found: dict[tuple[int, str], Person] = {}
    for some in in_chunks(sorted(set(codes)), CHUNK):
        rows = Person.objects.for_(actor).filter(organisation_id__in=homes, code__in=some)
        for row in rows.select_related("cost_centre", "organisation"):
            found[row.organisation_id, row.code] = row
    return found


def people_by_email(actor: Actor, emails: Iterable[str]) -> dict[str, Person]:
    """Return one of the people in reach with each of these addresses, by the address as it is written."""
    found: dict[str, Person] = {}
    for some in in_chunks(sorted(set(emails)), CHUNK):
        rows = Person.objects.for_(actor).filter(email__in=some)
        found |= {row.email: row for row in rows}
    return found


def profiles_by_person(person_ids: Iterable[int]) -> dict[int, list[Membership]]:
    """Return what people hold now, anywhere, by person."""
    rows = Membership.objects.across_tenants(reason="who stands above whom, for a file of people", opens_wall=False)
    wanted = sorted(person_ids)
    found: dict[int, list[Membership]] = {pk: [] for pk in wanted}
    for some in in_chunks(wanted, CHUNK):
        for row in rows.filter(person_id__in=some, ended_at=None):
            found[row.person_id].append(row)
    return found


def active_holders(organisation_ids: Iterable[int], *, lock: bool) -> dict[tuple[int, str], set[int]]:
    """Return the active people who hold a profile that must not run out, by (organisation, profile).

    `lock` holds the rows to the end of the transaction, so that two files cannot end each other's last administrator.
    """
    rows = Membership.objects.across_tenants(reason="the last administrator is counted whoever asks", opens_wall=False)
    held = rows.filter(profile__in=LAST_ONES, ended_at=None, person__deactivated_at=None).select_related("person")
    found: dict[tuple[int, str], set[int]] = {}
    for homes in in_chunks(sorted(set(organisation_ids)), CHUNK):
        some = held.filter(organisation_id__in=homes)
        for row in some.select_for_update(of=("self", "person")) if lock else some:
            found.setdefault((row.organisation_id, row.profile), set()).add(row.person_id)
    return found
