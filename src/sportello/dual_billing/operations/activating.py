"""Dual billing becomes active on its day, and the line says so."""

from __future__ import annotations

from datetime import datetime

from sportello.dual_billing.events import DualBillingStarted
from sportello.dual_billing.models import Enrolment
from sportello.dual_billing.operations.asking import about
from sportello.dual_billing.states import TRANSITIONS, EnrolmentState
from sportello.inventory import operations as inventory
from sportello.inventory.models import Line
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import Refusal
from sportello.kernel.states import advance


@operation(section=None, why="a signed dual billing begins on its day; no person acts")
def start_enrolment(*, actor: Actor, enrolment: Enrolment, now: datetime) -> None:
    """Let a signed dual billing be active, and keep the line's flag by it. What counts, counts from `active_from` whenever this runs."""
    advance(enrolment, EnrolmentState.ACTIVE, transitions=TRANSITIONS)
    show_on_line(actor, enrolment, active=True, now=now)
    publish(DualBillingStarted(**about(enrolment), active_from=enrolment.active_from or now))


def activate_due(*, actor: Actor, now: datetime) -> int:
    """Start what is signed and whose instant has come; return how many. `actor` is the system."""
    rows = Enrolment.objects.for_(actor).filter(state=EnrolmentState.ACCEPTED, active_from__lte=now)
    started = 0
    for row in rows.select_related("line", "person", "organisation").order_by("pk"):
        start_enrolment(actor=actor, enrolment=row, now=now)
        started += 1
    return started


def show_on_line(actor: Actor, enrolment: Enrolment, *, active: bool, now: datetime) -> None:
    """Keep the flag of the line by the enrolment, inside an operation of the system: `thresholds` and the inventory's pages read it there.

    A line that went to somebody else says nothing of the enrolment any more but that the flag must fall.
    """
    line = Line.objects.for_(actor).get_or_refuse(pk=enrolment.line_id)
    ours = line.person_id == enrolment.person_id
    if line.dual_billing == active or line.active_to is not None or (active and not ours):
        return
    try:
        inventory.change_line(actor=actor, line=line, changes={"dual_billing": active}, at=now, now=now)
    except (
        Refusal
    ):  # a line in a state that nothing can be changed in shows its last flag; what counts is the enrolment
        return
