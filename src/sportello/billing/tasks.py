"""Background work of bills."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from sportello.accounts.models import Membership
from sportello.billing import operations
from sportello.billing.models import BillArchive
from sportello.kernel.access import Profile
from sportello.kernel.actor import Actor, Via, member_actor, system_actor
from sportello.kernel.jobs import job
from sportello.parties.models import Organisation
from sportello.parties.states import OrganisationKind


@job(retries=0)
def take_dropped_bills() -> int:
    """Take what lies ready in the drop folder of bills; return how many files."""
    return len(
        operations.take_dropped(actor=system_actor(reason="files in the drop folder of bills"), now=timezone.now())
    )


@job(retries=1)
def run_bills(month: str) -> int:
    """Make the bills of a month, customer by customer, each in its own transaction; return how many. Again makes what is missing."""
    actor = system_actor(reason="a bill run was asked for")
    first = date.fromisoformat(month)
    customers = Organisation.objects.for_(actor).filter(kind=OrganisationKind.CUSTOMER).order_by("pk")
    return sum(
        len(operations.run_bills(actor=actor, month=first, customers=[pk], now=timezone.now()))
        for pk in list(customers.values_list("pk", flat=True))
    )


@job(retries=3)
def see_what_is_due() -> int:
    """Mark overdue bills and write the reminders of the day; return how many messages."""
    actor = system_actor(reason="the day of payment of bills")
    while operations.see_what_is_due(actor=actor, now=timezone.now()):
        pass
    return operations.remind(actor=actor, now=timezone.now())


@job(retries=2, pause=timedelta(seconds=20))
def make_archive(archive_id: int) -> None:
    """Make an archive with the rights that its membership has now; one that ended gets none (ABUSE C03)."""
    system = system_actor(reason="an archive of bills was asked for")
    archive = BillArchive.objects.for_(system).select_related("membership__person").filter(pk=archive_id).first()
    if archive is None or archive.membership.ended_at is not None or not archive.membership.person.is_active:
        return
    operations.make_archive(actor=_actor_of(archive.membership), archive=archive)


@job(retries=3)
def remove_old_archives() -> int:
    """Remove archives past their time; return how many."""
    return operations.remove_old_archives(
        actor=system_actor(reason="archives of bills past their time"), now=timezone.now()
    )


def _actor_of(membership: Membership) -> Actor:
    return member_actor(
        person_id=membership.person_id,
        organisation_id=membership.organisation_id,
        profile=Profile(membership.profile),
        membership_id=membership.pk,
        name=membership.person.name,
        via=Via.JOB,
    )
