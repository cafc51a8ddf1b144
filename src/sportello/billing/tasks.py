"""Background work of bills."""

from __future__ import annotations

import logging
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext_noop

from sportello.accounts import queries as accounts
from sportello.billing import operations
from sportello.billing.models import BillArchive
from sportello.billing.types import RunFailure
from sportello.kernel.access import Section
from sportello.kernel.actor import system_actor
from sportello.kernel.jobs import job
from sportello.kernel.models import Job
from sportello.kernel.refusals import Refusal
from sportello.kernel.sentences import kept, untranslated
from sportello.parties.models import Organisation
from sportello.parties.states import OrganisationKind

logger = logging.getLogger(__name__)


@job(retries=0)
def take_dropped_bills() -> int:
    """Take what lies ready in the drop folder of bills; return how many files."""
    return len(
        operations.take_dropped(actor=system_actor(reason="files in the drop folder of bills"), now=timezone.now())
    )


@job(retries=1)
def run_bills(month: str) -> int:
    """Make the bills of a month, customer by customer, each in its own transaction; return how many. Again makes what is missing.

    A customer that cannot be billed holds up no other; who that was, and why, is told at the end.
    """
    actor = system_actor(reason="a bill run was asked for")
    first, made = date.fromisoformat(month), 0
    customers = Organisation.objects.for_(actor).filter(kind=OrganisationKind.CUSTOMER).order_by("pk")
    failures = []
    for customer in list(customers.only("pk", "legal_name", "code")):
        try:
            made += len(operations.run_bills(actor=actor, month=first, customers=[customer.pk], now=timezone.now()))
        except (Refusal, ValueError, ArithmeticError) as failed:
            failures.append(_failure(customer, failed))
    operations.end_run(actor=actor, month=first, bills=made, failures=failures)
    return made


def start_run(month: str) -> None:
    """Enqueue the run of a month, unless one waits or runs."""
    key = f"bill-run:{month}"
    Job.objects.filter(key=key).exclude(finished_at=None).update(key=None)
    run_bills.enqueue_once(key, month)


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
    if archive is None:
        return
    held = archive.membership
    actor = accounts.background_actor(person_id=held.person_id, membership_id=held.pk, section=Section.TRAFFIC_BILLING)
    if actor is None or actor.frozen:
        operations.fail_archive(actor=system, archive=archive)
    else:
        operations.make_archive(actor=actor, archive=archive)


@job(retries=3)
def remove_old_archives() -> int:
    """Remove archives past their time; return how many."""
    return operations.remove_old_archives(
        actor=system_actor(reason="archives of bills past their time"), now=timezone.now()
    )


def _failure(customer: Organisation, failed: Exception) -> RunFailure:
    """Say why a customer has no bills; what nobody foresaw in its data is in the log as well."""
    if isinstance(failed, operations.RunFailed):
        reason = failed.reason
    elif isinstance(failed, Refusal):
        reason = untranslated(failed.sentence)
    else:
        logger.error("no bills for customer %s", customer.code, exc_info=failed)
        reason = kept(gettext_noop("Its data cannot be written as a bill: %(error)s"), error=str(failed)[:200])
    return RunFailure(customer_id=customer.pk, name=f"{customer.legal_name} ({customer.code})", reason=reason)
