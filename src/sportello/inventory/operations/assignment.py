"""Giving many lines to a person, a cost centre or a site at once: all of them, or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from sportello.inventory import rules
from sportello.inventory.events import LinesAssigned
from sportello.inventory.models import Line
from sportello.inventory.operations.lines import LineChanges, restand_of
from sportello.inventory.operations.standing import IN_WORDS, Restand, write
from sportello.inventory.types import BulkRow
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.chunks import in_chunks
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import NotFound, Refusal, WrongState


class AssignmentRefused(WrongState):
    """At least one line cannot be assigned so, and none was; `rows` says which and why."""

    default = _("Some lines cannot be changed like this, so none was.")

    def __init__(self, rows: Sequence[BulkRow]) -> None:
        super().__init__()
        self.rows = rows


@operation(section=Section.ADMINISTRATION)
def assign_lines(*, actor: Actor, line_ids: Sequence[int], changes: LineChanges, now: datetime) -> list[BulkRow]:
    """Change person, cost centre or site of many lines from now on; return what became of each, in the order of the numbers.

    All or nothing. A line that stands like that already is left alone. Raises `NotFound` when an id is not in reach or not there (the
    two look the same, ABUSE C05), `AssignmentRefused` with the reason of each line.
    """
    rules.check_can_change(actor, changes)
    rows, restands = [], []
    for line in _locked(actor, line_ids):
        row, restand = _judged(line, changes, now=now)
        rows.append(row)
        if restand:
            restands.append(restand)
    if any(row.outcome == "wrong" for row in rows):
        raise AssignmentRefused(rows)
    write(restands, at=now, now=now)
    publish(LinesAssigned(organisation_id=actor.organisation_id, line_count=len(restands)))
    return rows


def _locked(actor: Actor, line_ids: Sequence[int]) -> list[Line]:
    wanted = sorted(set(line_ids))
    rows = Line.objects.for_(actor).select_for_update(of=("self",)).select_related(*IN_WORDS)
    found = [line for some in in_chunks(wanted) for line in rows.filter(pk__in=some)]
    if not wanted or len(found) != len(wanted):
        raise NotFound
    return sorted(found, key=lambda line: (line.number, line.pk))


def _judged(line: Line, changes: LineChanges, *, now: datetime) -> tuple[BulkRow, Restand | None]:
    try:
        rules.check_not_ended(line, now)
        rules.check_own(line.organisation_id, changes)
        return BulkRow(line.pk, line.number, "changed"), restand_of(line, changes)
    except rules.NothingToChange:
        return BulkRow(line.pk, line.number, "unchanged"), None
    except Refusal as refusal:
        return BulkRow(line.pk, line.number, "wrong", str(refusal)), None
