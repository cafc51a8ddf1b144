"""Dual billing ends: by the administration, because the employee left, or because the line is not theirs any more."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sportello.dual_billing import queries, rules
from sportello.dual_billing.events import DualBillingEnded
from sportello.dual_billing.models import Enrolment
from sportello.dual_billing.operations.activating import show_on_line
from sportello.dual_billing.operations.asking import about
from sportello.dual_billing.states import OPEN, TRANSITIONS, EndReason, EnrolmentState
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor, system_actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.scope import ScopedQuerySet
from sportello.kernel.states import StateChanged, advance


@operation(section=Section.DUAL_BILLING)
def end_enrolment(*, actor: Actor, enrolment: Enrolment, now: datetime) -> None:
    """End dual billing of a line now, or withdraw what was asked. Raises `NotOpen`."""
    row = queries.enrolment(actor, enrolment.pk)
    rules.check_can_change(row)
    ended(row, EndReason.WITHDRAWN, at=now, now=now)


def end_what_is_lost(*, actor: Actor, now: datetime, line_id: int | None = None, person_id: int | None = None) -> int:
    """End dual billing of lines that went to somebody else or ended, and of people who left, since then; return how many (idempotent).

    `actor` is the system; without a line or person all open ones are looked at.
    """
    rows = queries.enrolments(actor).filter(state__in=OPEN)
    rows = rows if line_id is None else rows.filter(line_id=line_id)
    rows = rows if person_id is None else rows.filter(person_id=person_id)
    return sum(_ended_if_lost(actor, row, now) for row in _doubtful(rows).order_by("pk"))


def _doubtful(rows: ScopedQuerySet[Enrolment]) -> ScopedQuerySet[Enrolment]:
    return rows.select_related("line", "person", "organisation")


def _ended_if_lost(actor: Actor, row: Enrolment, now: datetime) -> bool:
    lost, left = queries.lost_at(actor, row, now), queries.left_at(actor, row)
    if lost is None and left is None:
        return False
    first = min(at for at in (lost, left) if at is not None)
    try:
        end_lost(
            actor=actor,
            enrolment=row,
            reason=EndReason.LINE_LOST if first == lost else EndReason.LEFT,
            at=first,
            now=now,
        )
    except StateChanged:  # somebody ended it meanwhile
        return False
    return True


@operation(section=None, why="dual billing ends with the line or the person; whoever changed those acts there")
def end_lost(*, actor: Actor, enrolment: Enrolment, reason: EndReason, at: datetime, now: datetime) -> None:  # noqa: ARG001
    """End dual billing from an instant that is past."""
    ended(enrolment, reason, at=at, now=now)


def ended(row: Enrolment, reason: EndReason, *, at: datetime, now: datetime) -> None:
    """End an enrolment from `at` on, inside an operation; one that never began ends empty."""
    until = None if row.active_from is None else max(row.active_from, at)
    values: dict[str, Any] = {"active_to": until, "ended_at": now, "end_reason": reason.value}
    was_active = row.state == EnrolmentState.ACTIVE
    advance(row, EnrolmentState.ENDED, transitions=TRANSITIONS, **values)
    if was_active:
        show_on_line(system_actor(reason="dual billing of the line ended"), row, active=False, now=now)
    publish(DualBillingEnded(**about(row), why=reason.value, active_to=until, enrolment_id=row.pk))
