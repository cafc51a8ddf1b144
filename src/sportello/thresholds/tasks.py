"""Background work of thresholds."""

from __future__ import annotations

from typing import Final

from django.utils import timezone
from django.utils.translation import gettext_noop

from sportello.accounts import queries as accounts
from sportello.kernel.access import Section
from sportello.kernel.actor import system_actor
from sportello.kernel.jobs import job
from sportello.parties.models import Organisation
from sportello.parties.states import OrganisationKind
from sportello.thresholds import operations
from sportello.thresholds.models import BulkChange
from sportello.thresholds.states import BulkState

ASKER_LEFT: Final = gettext_noop("Whoever asked for it may not do it any more.")


@job(retries=3)
def turn_periods() -> int:
    """Begin the present period of every counter whose period is over, and end its bars; return how many lines were turned."""
    actor = system_actor(reason="periods end by the clock")
    total = 0
    while turned := operations.turn_periods(actor=actor, now=timezone.now()):
        total += turned
    return total


@job(retries=3)
def inherit_profiles(organisation_id: int | None = None) -> int:
    """Give new mobile lines of a customer, or of all, the profile that is the default there; return how many got one."""
    actor = system_actor(reason="new lines inherit their customer's default profile")
    rows = Organisation.objects.for_(actor).filter(kind=OrganisationKind.CUSTOMER).order_by("pk")
    if organisation_id is not None:
        rows = rows.filter(pk=organisation_id)
    total = 0
    for organisation in rows:
        while count := operations.inherit_profiles(actor=actor, organisation=organisation, now=timezone.now()):
            total += count
    return total


@job(retries=3)
def run_bulk(change_id: int) -> str:
    """Go through a change of many lines or thresholds, as the person who asked for it; return the state it is left in."""
    system = system_actor(reason="a change of many is taken up")
    change = BulkChange.objects.for_(system).get(pk=change_id)
    actor = accounts.background_actor(
        person_id=change.person_id, membership_id=change.membership_id, section=Section.THRESHOLDS
    )
    if actor is not None:
        operations.run_bulk(actor=actor, change=change, now=timezone.now())
    elif change.state in (BulkState.WAITING, BulkState.RUNNING):
        operations.stop_bulk(actor=system, change=change, problem=ASKER_LEFT, now=timezone.now())
    return change.state


@job(retries=1)
def stop_lost_bulks() -> int:
    """Close changes of many whose job failed for good; return how many."""
    return operations.stop_lost_bulks(actor=system_actor(reason="changes of many without a job"), now=timezone.now())
