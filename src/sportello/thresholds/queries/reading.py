"""Thresholds, where they stand, and the steps they passed, inside an actor's reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from sportello.inventory import queries as inventory
from sportello.inventory.models import Line
from sportello.inventory.states import LineStatus
from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.kernel.scope import ScopedQuerySet
from sportello.thresholds.models import Crossing, Threshold, written_period
from sportello.thresholds.queries.counting import with_standing
from sportello.thresholds.states import State

MOST_LINES: Final = 20
CLOSE: Final = 500
"""Half of the limit, in thousandths: from there on a threshold is close to it."""
FULL: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a threshold stands in its present period: units are whole units of its measure, `share` hundredths of the limit."""

    threshold: Threshold
    period_start: date
    used_units: int

    @property
    def share(self) -> Decimal:
        """Return how much of the limit is used, in hundredths."""
        return Decimal(self.used_units) * 100 / Decimal(self.threshold.limit_units)

    @property
    def used_text(self) -> str:
        """Return the counter with its unit, in the reader's language."""
        return self.threshold.written(self.used_units)

    @property
    def period_text(self) -> str:
        """Return the period in the reader's language."""
        return written_period(self.threshold, self.period_start)

    @property
    def text(self) -> str:
        """Return counter and limit, in the reader's language."""
        return f"{self.used_text} / {self.threshold.limit_text}"


def thresholds(actor: Actor) -> ScopedQuerySet[Threshold]:
    """Return the thresholds that the actor may see, with line and customer: private ones are their owner's alone."""
    rows = Threshold.objects.for_(actor).filter(Q(owner=None) | Q(owner_id=actor.person_id))
    if actor.reach is Reach.CUSTOMER:  # says the same again of the line, so that its index gives the order by number
        rows = rows.filter(line__organisation=actor.organisation_id)
    return rows.select_related("line__person", "organisation")


def threshold(actor: Actor, pk: int) -> Threshold:
    """Return one of them. Raises `NotFound`."""
    return thresholds(actor).get_or_refuse(pk=pk)


def standing_of(row: Any) -> Standing:
    """Return where a threshold stands, of a row that `with_standing` read."""
    return Standing(threshold=row, period_start=row.period_start, used_units=row.used_units)


def standings(actor: Actor, line: Line, now: datetime) -> list[Standing]:
    """Return where the thresholds of a line stand, the suspended ones too, the fullest first."""
    rows = with_standing(actor, thresholds(actor).filter(line=line).exclude(state=State.CANCELLED), now)
    return [standing_of(row) for row in rows.order_by("-tally__permille", "pk")]


def close_to_limit(actor: Actor, now: datetime, *, most: int = 8, below: bool = False) -> list[Standing]:
    """Return the active thresholds at half of their limit or beyond in the present period, the fullest first, at most `most`.

    With `below`, those that are not at their limit yet.
    """
    rows = thresholds(actor).filter(state=State.ACTIVE, tally__permille__gte=CLOSE)
    if below:
        rows = rows.filter(tally__permille__lt=FULL)
    if actor.reach is Reach.CUSTOMER:  # said of the tally too, so that its index gives the order
        rows = rows.filter(tally__organisation=actor.organisation_id)
    return [
        standing_of(row) for row in with_standing(actor, rows, now).order_by("-tally__permille", "-tally__pk")[:most]
    ]


def at_limit(actor: Actor) -> int:
    """Return how many active thresholds are at their limit in the present period."""
    rows = thresholds(actor).filter(state=State.ACTIVE, tally__permille__gte=FULL)
    if actor.reach is Reach.CUSTOMER:
        rows = rows.filter(tally__organisation=actor.organisation_id)
    return rows.count()


def passed_this_period(*, step: int) -> Exists:
    """Return the condition, on thresholds that `with_standing` read, that `step` or a higher one is on record for the present period."""
    reason = "steps on record of thresholds in reach: the outer rows decide"
    return Exists(
        Crossing.objects.across_tenants(reason=reason, opens_wall=False).filter(
            threshold_id=OuterRef("pk"),
            revision=OuterRef("revision"),
            period_start=OuterRef("tally__period_start"),
            step__gte=step,
        )
    )


def crossings(actor: Actor, line: Line | None = None) -> QuerySet[Crossing]:
    """Return the steps that were passed, newest first, of a line or of all."""
    own = Q(threshold__owner=None) | Q(threshold__owner_id=actor.person_id)
    rows = Crossing.objects.for_(actor).filter(own).select_related("threshold", "line__person", "organisation")
    if line is not None:
        rows = rows.filter(line=line)
    return rows.order_by("-crossed_at", "-step", "-pk")


def lines_matching(actor: Actor, text: str) -> list[Line]:
    """Return up to 20 lines in reach that a search finds by number, holder or SIM."""
    if not text.strip():
        return []
    held = Line.objects.for_(actor).filter(active_to=None).exclude(status=LineStatus.TERMINATED)
    rows = inventory.lines_sought(actor, held, text)
    return list(rows.select_related("person", "organisation").order_by("number", "pk")[:MOST_LINES])


def own_lines(actor: Actor) -> list[Line]:
    """Return the running lines that the actor's person holds in the organisation acted in."""
    rows = Line.objects.for_(actor).filter(person=actor.person_id, active_to=None).exclude(status=LineStatus.TERMINATED)
    return list(rows.select_related("organisation").order_by("number", "pk"))
