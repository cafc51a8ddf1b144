"""What the pages of a line draw: gauges, the trail of passed steps, and what may be done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from sportello.inventory.models import Line
from sportello.kernel.actor import Actor
from sportello.kernel.refusals import Refusal
from sportello.kernel.ui import formats
from sportello.kernel.ui.charts import Gauge
from sportello.kernel.ui.types import TimelineEntry
from sportello.thresholds import queries, rules
from sportello.thresholds.models import Crossing
from sportello.thresholds.queries import Standing
from sportello.thresholds.states import State

TRAIL: int = 30
FULL: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdPanel:
    """One threshold on a line's page; `refusal` says why it cannot be changed."""

    standing: Standing
    gauge: Gauge
    facts: list[tuple[object, object]]
    refusal: Refusal | None

    @property
    def dialog(self) -> str:
        """Return the id of the dialog that asks before it is cancelled."""
        return f"cancel-{self.standing.threshold.pk}"

    @property
    def active(self) -> bool:
        """Tell whether it watches."""
        return self.standing.threshold.state == State.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePanel:
    """A line with its thresholds and what they passed; `refusal` says why none can be set on it."""

    line: Line
    heading: str
    thresholds: list[ThresholdPanel]
    trail: list[TimelineEntry]
    refusal: Refusal | None


def line_panel(actor: Actor, line: Line, now: datetime) -> LinePanel:
    """Return what is drawn of a line; of a line on which the actor has no thresholds at all, the reason only."""
    refusal = _refusal(lambda: rules.check_can_set_on(actor, line))
    standings = queries.standings(actor, line, now)
    return LinePanel(
        line=line,
        heading=formats.phone(line.number),
        thresholds=[threshold_panel(actor, standing) for standing in standings],
        trail=[_entry(row) for row in queries.crossings(actor, line)[:TRAIL]],
        refusal=refusal,
    )


def threshold_panel(actor: Actor, standing: Standing) -> ThresholdPanel:
    """Return what is drawn of a threshold."""
    row = standing.threshold

    def write(units: Decimal) -> str:
        return row.written(int(units))

    gauge = Gauge(
        title=row.what,
        description=_("%(used)s of %(limit)s used in %(month)s (%(share)s).")
        % {
            "used": standing.used_text,
            "limit": row.limit_text,
            "month": formats.month(standing.period_start),
            "share": formats.percent(standing.share),
        },
        key=f"threshold-{row.pk}",
        write=write,
        value=standing.used_units,
        limit=row.limit_units,
        steps=tuple(row.steps),
    )
    refusal = _refusal(lambda: rules.check_can_change(actor, row))
    return ThresholdPanel(standing=standing, gauge=gauge, facts=_facts(standing), refusal=refusal)


def crumbs(line: Line) -> list[tuple[object, str]]:
    """Return the way to a line's thresholds."""
    return [
        (_("Thresholds"), reverse("thresholds:index")),
        (formats.phone(line.number), reverse("thresholds:line", args=[line.pk])),
    ]


def _facts(standing: Standing) -> list[tuple[object, object]]:
    row = standing.threshold
    return [
        (_("Used"), f"{standing.used_text} ({formats.month(standing.period_start)})"),
        (_("Limit"), row.limit_text),
        (_("Warns at"), ", ".join(formats.percent(step) for step in row.steps)),
        (_("Kind"), row.get_kind_display()),
        (_("Set"), formats.day(row.active_from)),
    ]


def _entry(row: Crossing) -> TimelineEntry:
    words: dict[str, Any] = {
        "step": formats.percent(row.step),
        "what": row.threshold.what,
        "used": row.used_text,
        "limit": row.limit_text,
        "month": formats.month(row.period_start),
    }
    told = "" if row.told else _("Passed together with a higher step: no message of its own.")
    return TimelineEntry(
        at=row.crossed_at,
        title=_("%(step)s passed: %(what)s") % words,
        detail=_("%(used)s of %(limit)s in %(month)s.") % words + (f" {told}" if told else ""),
        icon="bell-ringing" if row.told else "bell",
        tone="bad" if row.step >= FULL else "warn",
    )


def _refusal(check: Callable[[], None]) -> Refusal | None:
    try:
        check()
    except Refusal as refusal:
        return refusal
    return None
