"""What follows from what was asked for: the work in the background."""

from __future__ import annotations

from sportello.billing import tasks
from sportello.billing.events import ArchiveAsked, BillRunAsked
from sportello.kernel.events import handles
from sportello.kernel.models import Event


@handles(ArchiveAsked)
def make_archive(event: Event) -> None:
    """Have an archive made."""
    pk = int(event.subject_id)
    tasks.make_archive.enqueue_once(f"bill-archive:{pk}", pk)


@handles(BillRunAsked)
def run_bills(event: Event) -> None:
    """Have the bills of a month made: once, however often it is asked for while that goes on."""
    tasks.start_run(event.payload["month"])
