"""Background work of dual billing."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from sportello.dual_billing import operations, queries
from sportello.kernel.actor import system_actor
from sportello.kernel.calendar import first_of_month, previous_month
from sportello.kernel.jobs import job
from sportello.usage.operations import place_again


@job(retries=3)
def start_and_end() -> int:
    """Start what is signed and due, end what is lost; return how many. What counts does not hang on when this runs."""
    now = timezone.now()
    actor = system_actor(reason="days of dual billing")
    return operations.activate_due(actor=actor, now=now) + operations.end_what_is_lost(actor=actor, now=now)


@job(retries=5)
def end_of_line(line_id: int) -> int:
    """End the dual billing of a line that went to somebody else or ended."""
    actor = system_actor(reason="a line with dual billing was changed")
    return operations.end_what_is_lost(actor=actor, now=timezone.now(), line_id=line_id)


@job(retries=5)
def end_of_person(person_id: int) -> int:
    """End the dual billing of a person who left."""
    actor = system_actor(reason="a person with dual billing left")
    return operations.end_what_is_lost(actor=actor, now=timezone.now(), person_id=person_id)


@job(retries=5)
def place_records_again(enrolment_id: int, since: str) -> int:
    """Place the records of a line again since an instant, after its dual billing ended or was corrected; return how many moved."""
    actor = system_actor(reason="dual billing of a line ended or was corrected")
    row = queries.enrolment(actor, enrolment_id)
    return place_again(
        actor=actor, line_id=row.line_id, since=datetime.fromisoformat(since), now=timezone.now(), wait=True
    )


@job(retries=1)
def make_bills() -> int:
    """Make the employees' bills of the month before, and look whose day of payment has passed; return how many were made."""
    now = timezone.now()
    actor = system_actor(reason="the employees' own bills")
    operations.mark_overdue(actor=actor, today=now.date())
    return operations.run_private_bills(actor=actor, month=previous_month(first_of_month(now.date())), now=now)
