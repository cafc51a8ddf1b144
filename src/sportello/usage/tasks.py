"""Background work of usage."""

from __future__ import annotations

from django.utils import timezone

from sportello.kernel.actor import system_actor
from sportello.kernel.jobs import job
from sportello.usage import operations
from sportello.usage.models import DocumentationRequest, TrafficExport
from sportello.usage.operations.lock import StoreBusy


@job(retries=0)
def take_dropped_files() -> int:
    """Load what lies ready in the drop folder; return how many files. Where another load runs, the next look takes them."""
    try:
        return len(
            operations.take_dropped(actor=system_actor(reason="usage files in the drop folder"), now=timezone.now())
        )
    except StoreBusy:
        return 0


@job(retries=0)
def merge_small_parts() -> int:
    """Merge small parts of the record store; return how many."""
    actor = system_actor(reason="merging small parts of the record store")
    try:
        return operations.merge_small_parts(actor=actor, now=timezone.now())
    except StoreBusy:
        return 0


@job(retries=3)
def forget_old_records() -> int:
    """Remove records past their retention; return how many."""
    actor = system_actor(reason="usage records past their retention")
    return operations.forget_old_records(actor=actor, now=timezone.now(), wait=True)


@job(retries=3)
def sweep_store() -> int:
    """Remove files of the record store that nobody lists; return how many."""
    actor = system_actor(reason="files of the record store that nobody lists")
    return len(operations.sweep_store(actor=actor, now=timezone.now(), wait=True))


@job(retries=3)
def prepare_export(pk: int) -> None:
    """Prepare a large export of traffic."""
    actor = system_actor(reason="an export of traffic that somebody asked for")
    row = TrafficExport.objects.for_(actor).select_related("person").get_or_refuse(pk=pk)
    operations.prepare_export(actor=actor, export=row, now=timezone.now())


@job(retries=3)
def prepare_documentation(pk: int) -> None:
    """Prepare a traffic documentation."""
    actor = system_actor(reason="a traffic documentation that somebody asked for")
    rows = DocumentationRequest.objects.for_(actor).select_related("person", "line__organisation")
    operations.prepare_documentation(actor=actor, request=rows.get_or_refuse(pk=pk), now=timezone.now())


@job(retries=1)
def expire_prepared() -> int:
    """Remove prepared files whose time is over, and end those that nobody prepares any more; return how many."""
    actor, now = system_actor(reason="prepared files past their time, or given up"), timezone.now()
    return operations.expire_prepared(actor=actor, now=now) + operations.end_given_up(actor=actor, now=now)


@job(retries=1)
def run_due_reports() -> int:
    """Run the scheduled reports whose day has come; return how many were made."""
    return operations.run_due_reports(actor=system_actor(reason="scheduled reports of traffic"), now=timezone.now())
