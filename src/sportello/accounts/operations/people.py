"""People: written, changed, deactivated and reactivated; never deleted."""

from __future__ import annotations

from collections.abc import Collection
from copy import copy
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from sportello.accounts.events.people import (
    PersonChanged,
    PersonCreated,
    PersonDeactivated,
    PersonReactivated,
    SessionsOfClosedEnded,
)
from sportello.accounts.models import Invitation, Membership, Person, Session
from sportello.accounts.operations.memberships import grant_profile
from sportello.accounts.operations.messages import tell_of_change
from sportello.accounts.queries import directory as queries
from sportello.accounts.rules import people as rules
from sportello.accounts.rules.people import PersonData
from sportello.accounts.sessions import end_sessions
from sportello.kernel.access import Profile, Section
from sportello.kernel.actor import Actor
from sportello.kernel.events import changed
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput, NotPermitted, WrongState
from sportello.kernel.states import StateChanged
from sportello.parties.models import CostCentre, Organisation
from sportello.parties.states import OrganisationState

FIELDS = (*(each.name for each in fields(PersonData)), "cost_centre")
"""What can be changed of a person."""
COLUMNS = [*FIELDS, "mobile_verified_at"]

TRIES = 100
"""Many people of one name may be written at the same moment: so often the next username is tried, one of them gets it each time."""


class PersonCodeTaken(InvalidInput):
    """The organisation has another person of that code."""

    default = _("Another person of the organisation has this code.")


@operation(section=Section.ADMINISTRATION)
def create_person(
    *,
    actor: Actor,
    organisation: Organisation,
    data: PersonData,
    cost_centre: CostCentre | None = None,
    profiles: Collection[Profile] = (),
) -> Person:
    """Write a person of an organisation in reach, with a username made from the name, and give the profiles.

    Raises `InvalidInput` at the field that is wrong, `PersonCodeTaken`, `AtHomeElsewhere`, `ProfileNotYours`.
    """
    if not rules.at_home_in_reach(actor, organisation):
        raise rules.AtHomeElsewhere
    if organisation.state == OrganisationState.CLOSED:
        raise WrongState(_("The organisation is closed."))
    read = rules.checked(data)
    _check_cost_centre(organisation, cost_centre)
    person = Person(organisation=organisation, cost_centre=cost_centre, **asdict(read))
    _insert(person)
    facts = {name: value for name, value in facts_of(person).items() if value}
    publish(PersonCreated(**_subject(person), name=person.name, username=person.username, changes=changed({}, facts)))
    for profile in profiles:
        grant_profile(actor=actor, person=person, organisation=organisation, profile=profile)
    return person


@operation(section=Section.ADMINISTRATION)
def change_person(
    *,
    actor: Actor,
    person: Person,
    data: PersonData,
    cost_centre: CostCentre | None,
    only: Collection[str] = FIELDS,
    now: datetime,
) -> Person:
    """Change what is kept of a person. A new mobile has to be proved again; a new mobile or e-mail ends the sessions.

    Of `data` and `cost_centre` the fields of `only` count; the others stay as they stand now, which may be otherwise than on the page
    that the change was made on. Raises `AtHomeElsewhere`, `InvalidInput` at the field that is wrong, `PersonCodeTaken`.
    """
    person = _locked(person)
    rules.check_can_change(actor, person, queries.profiles_anywhere(person))
    asked = replace(stored_data(person), **{name: getattr(data, name) for name in asdict(data) if name in only})
    read = rules.checked(asked, known_mobile=person.mobile)
    cost_centre = cost_centre if "cost_centre" in only else person.cost_centre
    rules.check_contacts_of_another(actor, person, read)
    _check_cost_centre(person.organisation, cost_centre)
    before, former = facts_of(person), former_of(person)
    moved = put(person, read, cost_centre)
    try:
        with transaction.atomic():
            person.save(update_fields=COLUMNS)
    except IntegrityError as taken:
        raise PersonCodeTaken(field="code") from taken
    if moved:
        end_sessions(person.pk, now=now)
        tell_former(actor, former, now=now)
    publish(PersonChanged(**_subject(person), name=person.name, changes=changed(before, facts_of(person))))
    return person


@operation(section=Section.ADMINISTRATION)
def deactivate_person(*, actor: Actor, person: Person, now: datetime) -> None:
    """Let a person in no more: sessions end at once (ABUSE B01), open invitations are void.

    Raises `LastAdministrator`, `NotOwnself`, `StateChanged` for who is deactivated by now.
    """
    rules.check_can_change(actor, person, queries.profiles_anywhere(person))
    rules.check_can_deactivate(actor, person)
    if any(queries.is_last(membership) for membership in _held(person)):
        raise rules.LastAdministrator
    _set_deactivated(person, now)
    Invitation.objects.filter(person=person, accepted_at=None, revoked_at=None).update(revoked_at=now)
    ended = end_sessions(person.pk, now=now)
    publish(
        PersonDeactivated(
            **_subject(person),
            name=person.name,
            sessions_ended=ended,
            changes=changed({"active": True}, {"active": False}),
        )
    )


@operation(section=Section.ADMINISTRATION)
def reactivate_person(*, actor: Actor, person: Person) -> None:
    """Let a person in again, with the profiles held before. Raises `WrongState`, `StateChanged` for who is active by now."""
    rules.check_can_change(actor, person, queries.profiles_anywhere(person))
    if person.is_active:
        raise WrongState(_("This person is active."))
    _set_deactivated(person, None)
    publish(
        PersonReactivated(**_subject(person), name=person.name, changes=changed({"active": False}, {"active": True}))
    )


def stored_data(person: Person) -> PersonData:
    """Return what is stored of a person."""
    return PersonData(**{each.name: getattr(person, each.name) for each in fields(PersonData)})


def former_of(person: Person) -> Person | None:
    """Return the row as it is before a change, of who could sign in; None for who could not come in anyway."""
    return copy(person) if person.password else None


def tell_former(actor: Actor, former: Person | None, *, now: datetime) -> None:
    """Tell the former addresses that an administrator changed them (ABUSE A14)."""
    if former is not None:
        what = _("e-mail address or mobile number, by an administrator")
        key = f"person:{former.pk}:changed:{now.isoformat()}"
        tell_of_change(actor=actor, person=former, what=what, key=key)


def put(person: Person, data: PersonData, cost_centre: CostCentre | None) -> bool:
    """Put data on a person's row (not yet saved), for forms and files alike; tell whether sessions have to end.

    A new mobile is unproved; a new address for signing in ends the sessions.
    """
    moved = (person.email, person.mobile) != (data.email, data.mobile)
    if person.mobile != data.mobile:
        person.mobile_verified_at = None
    for name, value in asdict(data).items():
        setattr(person, name, value)
    person.cost_centre = cost_centre
    return moved


def facts_of(person: Person) -> dict[str, Any]:
    """Return what is told of a person in before and after."""
    columns = {name: getattr(person, name) for name in PersonData.__dataclass_fields__}
    return columns | {"cost_centre": person.cost_centre.code if person.cost_centre else ""}


def _locked(person: Person) -> Person:
    """Return the row as it stands now, held against other writers; rows that refer to the person may still be written."""
    rows = Person.objects.across_tenants(reason="the person was read inside the reach", opens_wall=False)
    held = rows.select_for_update(of=("self",), no_key=True).select_related("organisation", "cost_centre")
    return held.get(pk=person.pk)


def _set_deactivated(person: Person, at: datetime | None) -> None:
    """Hold the row, after those of the last administrators, and move it if it still is as the caller saw it."""
    if _locked(person).is_active != (at is not None):
        raise StateChanged
    person.deactivated_at = at
    person.save(update_fields=["deactivated_at"])


def _insert(person: Person) -> None:
    """Insert the row with the first username that is free; another web process may take it in the same moment."""
    base = rules.username_base(person.given_name, person.family_name)
    for _try in range(TRIES):
        person.username = rules.free_username(base, queries.taken_usernames(person.given_name, person.family_name))
        try:
            with transaction.atomic():
                person.save(force_insert=True)
        except IntegrityError as taken:
            if person.code and _has_code(person):
                raise PersonCodeTaken(field="code") from taken
            continue
        return
    raise WrongState(_("No username could be found. Please try again."))  # pragma: no cover - a hundred in a row


def _has_code(person: Person) -> bool:
    rows = Person.objects.across_tenants(reason="the code is unique in the person's own organisation", opens_wall=False)
    return rows.filter(organisation_id=person.organisation_id, code=person.code).exists()


def _check_cost_centre(organisation: Organisation, cost_centre: CostCentre | None) -> None:
    if cost_centre is not None and cost_centre.organisation_id != organisation.pk:
        raise InvalidInput(_("This cost centre is not one of the organisation's."), field="cost_centre")


def _held(person: Person) -> list[Membership]:
    rows = Membership.objects.across_tenants(reason="whoever loses the last administrator is told", opens_wall=False)
    return list(rows.filter(person=person, ended_at=None).select_related("organisation"))


def _subject(person: Person) -> dict[str, Any]:
    return {"organisation_id": person.organisation_id, "subject_type": "person", "subject_id": person.pk}


@operation(section=None, why="the system ends what is left of a closed organisation's sessions")
def end_sessions_of_organisation(*, actor: Actor, organisation_id: int, closed_at: datetime) -> int:
    """End the sessions acting in an organisation that began before it was closed (ABUSE B03); return how many."""
    if not actor.is_system:
        raise NotPermitted
    rows = Session.objects.filter(membership__organisation_id=organisation_id, ended_at=None, started_at__lte=closed_at)
    number = rows.update(ended_at=closed_at)
    publish(SessionsOfClosedEnded(organisation_id=organisation_id, number=number))
    return number
