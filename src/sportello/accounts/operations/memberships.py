"""Profiles: handed out and ended, on record."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from sportello.accounts.events.people import ProfileEnded, ProfileGranted
from sportello.accounts.models import Membership, Person
from sportello.accounts.queries import directory as queries
from sportello.accounts.rules import people as rules
from sportello.kernel.access import Profile, Section
from sportello.kernel.actor import Actor
from sportello.kernel.events import changed
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import WrongState
from sportello.kernel.states import StateChanged
from sportello.parties.models import Organisation


@operation(section=Section.ADMINISTRATION)
def grant_profile(*, actor: Actor, person: Person, organisation: Organisation, profile: Profile) -> Membership:
    """Let a person act as a profile in an organisation of the actor's reach (ABUSE D04).

    Raises `ProfileNotYours`, `NotPermitted` for oneself, `WrongState` when it is held already.
    """
    rules.check_can_grant(actor, person, organisation, profile)
    try:
        with transaction.atomic():
            row = Membership.objects.create(person=person, organisation=organisation, profile=profile)
    except IntegrityError as held:
        raise WrongState(_("The person holds this profile already.")) from held
    tell_granted(row, person)
    return row


@operation(section=Section.ADMINISTRATION)
def end_profile(*, actor: Actor, membership: Membership, now: datetime) -> None:
    """End a profile, out of which sessions are with the next request. Raises `LastAdministrator`, `ProfileNotYours`."""
    rules.check_can_end(actor, membership, last_one=queries.is_last(membership))
    rows = Membership.objects.for_(actor).filter(pk=membership.pk, ended_at=None)
    if rows.update(ended_at=now) != 1:
        raise StateChanged
    membership.ended_at = now
    tell_ended(membership, membership.person)


def tell_granted(row: Membership, person: Person) -> None:
    """Publish that a profile was given."""
    publish(
        ProfileGranted(
            organisation_id=row.organisation_id, subject_type="person", subject_id=person.pk, name=person.name,
            profile=row.profile, membership_id=row.pk, changes=changed({}, {"profile": row.profile}),
        )
    )  # fmt: skip


def tell_ended(row: Membership, person: Person) -> None:
    """Publish that a profile was ended."""
    publish(
        ProfileEnded(
            organisation_id=row.organisation_id, subject_type="person", subject_id=person.pk, name=person.name,
            profile=row.profile, membership_id=row.pk, changes=changed({"profile": row.profile}, {"profile": ""}),
        )
    )  # fmt: skip
