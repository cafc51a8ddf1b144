"""Lines whose end was set beforehand and has come."""

from __future__ import annotations

from datetime import datetime

from sportello.inventory.models import Line
from sportello.inventory.operations.standing import IN_WORDS, Restand, write
from sportello.inventory.states import LineStatus
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation

AT_ONCE = 500


@operation(section=None, why="the end was set by who may set it; the clock alone brings it about")
def end_due_lines(*, actor: Actor, now: datetime) -> int:
    """Mark lines as terminated whose end has passed, some hundreds at once; return how many. Again until 0."""
    ended = Line.objects.for_(actor).filter(active_to__lte=now).exclude(status=LineStatus.TERMINATED)
    due = list(ended.select_for_update(of=("self",)).select_related(*IN_WORDS).order_by("pk")[:AT_ONCE])
    after = {"status": LineStatus.TERMINATED}
    restands = [Restand(line, after, {"status": (line.status, LineStatus.TERMINATED.value)}) for line in due]
    write(restands, at=now, now=now)
    return len(due)
