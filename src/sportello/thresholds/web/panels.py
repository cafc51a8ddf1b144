"""What the pages of a line draw: gauges, the trail of passed steps, and what may be done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sportello.inventory.models import Line
from sportello.kernel.access import Access, Section
from sportello.kernel.actor import Actor
from sportello.kernel.refusals import Refusal
from sportello.kernel.ui import formats
from sportello.kernel.ui.charts import Gauge
from sportello.kernel.ui.types import TimelineEntry
from sportello.network.answers import worded
from sportello.thresholds import queries, rules
from sportello.thresholds.models import Bar, Crossing, written_period
from sportello.thresholds.queries import Standing
from sportello.thresholds.states import Stage, State
from sportello.thresholds.web.tables import REFUSED, stage_pill

TRAIL: int = 30
FULL: int = 100
ASKED: int = 3
"""So many people to ask are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdPanel:
    """One threshold on a line's page; `refusal` says why it cannot be changed."""

    standing: Standing
    gauge: Gauge
    facts: list[tuple[object, object]]
    refusal: Refusal | None
    bar: Bar | None = None

    @property
    def bar_pill(self) -> SafeString:
        """Return what the network says of its bar."""
        return stage_pill(self.bar) if self.bar else SafeString("")

    @property
    def dialog(self) -> str:
        """Return the id of the dialog that asks before it is cancelled."""
        return f"cancel-{self.standing.threshold.pk}"

    @property
    def active(self) -> bool:
        """Tell whether it watches."""
        return self.standing.threshold.state == State.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class BarPanel:
    """One bar of a line, as the network says it stands, and who may end it.

    `beside` holds the traffic too; `ask` names whom to ask, for a reader who may not end it.
    """

    bar: Bar
    pill: SafeString
    may_lift: bool
    may_ask_again: bool
    may_consent: bool
    facts: list[tuple[object, object]]
    beside: list[Bar]
    ask: str = ""

    @property
    def shown(self) -> bool:
        """Tell whether it needs to be looked at: it stands, or the network refused to lift it."""
        return self.bar.lifted_at is None or self.bar.stage is Stage.LIFT_FAILED

    @property
    def dialog(self) -> str:
        """Return the id of the dialog that asks before it is lifted."""
        return f"lift-{self.bar.pk}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePanel:
    """A line with its thresholds and what they passed; `refusal` says why none can be set on it."""

    line: Line
    heading: str
    thresholds: list[ThresholdPanel]
    trail: list[TimelineEntry]
    refusal: Refusal | None
    bars: list[BarPanel]


def line_panel(actor: Actor, line: Line, now: datetime) -> LinePanel:
    """Return what is drawn of a line; of a line on which the actor has no thresholds at all, the reason only."""
    refusal = _refusal(lambda: rules.check_can_set_on(actor, line))
    standings = queries.standings(actor, line, now)
    rows = list(queries.bars(actor, line=line)[:TRAIL])
    bars = {row.threshold_id: row for row in reversed(rows)}
    ask = _whom_to_ask(actor, rows)
    return LinePanel(
        line=line,
        heading=formats.phone(line.number),
        thresholds=[threshold_panel(actor, standing, now, bars.get(standing.threshold.pk)) for standing in standings],
        trail=_trail(actor, line, rows),
        refusal=refusal,
        bars=[bar_panel(actor, row, rows, ask) for row in rows],
    )


def bar_panel(actor: Actor, row: Bar, of_line: Sequence[Bar], ask: str) -> BarPanel:
    """Return what is drawn of a bar, given those of its line."""
    manages = actor.access(Section.THRESHOLDS) is Access.FULL
    consent = _refusal(
        lambda: rules.check_can_consent(actor, row.line, row.threshold, lifted=row.lifted_at is not None)
    )
    return BarPanel(
        bar=row,
        pill=stage_pill(row),
        may_lift=manages and row.lifted_at is None,
        may_ask_again=manages and row.stage in REFUSED,
        may_consent=consent is None,
        facts=bar_facts(row),
        beside=[
            one
            for one in of_line
            if one.lifted_at is None and one.pk != row.pk and rules.overlap(one.threshold, row.threshold)
        ],
        ask="" if consent is None or row.lifted_at else ask,
    )


def set_by(row: Bar) -> str:
    """Return who set the threshold that bars: the law, a profile of the customer's, a person."""
    threshold = row.threshold
    if threshold.consent:
        return _("the roaming safeguard, by regulation")
    if threshold.profile:
        words = {"profile": threshold.profile.title, "customer": row.organisation.legal_name}
        return _("profile %(profile)s of %(customer)s") % words
    return threshold.set_by.name if threshold.set_by else row.organisation.legal_name


def named(rows: Sequence[Bar]) -> str:
    """Return bars in words: what each holds, and who set it."""
    return "; ".join(_("%(what)s (set by %(who)s)") % {"what": row.threshold.what, "who": set_by(row)} for row in rows)


def threshold_panel(actor: Actor, standing: Standing, now: datetime, bar: Bar | None = None) -> ThresholdPanel:
    """Return what is drawn of a threshold."""
    row = standing.threshold

    def write(units: Decimal) -> str:
        return row.written(int(units))

    gauge = Gauge(
        title=row.what,
        description=_("%(used)s of %(limit)s used, %(month)s (%(share)s).")
        % {
            "used": standing.used_text,
            "limit": row.limit_text,
            "month": standing.period_text,
            "share": formats.share(standing.share),
        },
        key=f"threshold-{row.pk}",
        write=write,
        value=standing.used_units,
        limit=row.limit_units,
        steps=tuple(row.steps),
    )
    refusal = _refusal(lambda: rules.check_can_change(actor, row))
    return ThresholdPanel(standing=standing, gauge=gauge, facts=_facts(standing, now), refusal=refusal, bar=bar)


def crumbs(line: Line) -> list[tuple[object, str]]:
    """Return the way to a line's thresholds."""
    return [
        (_("Thresholds"), reverse("thresholds:index")),
        (formats.phone(line.number), reverse("thresholds:line", args=[line.pk])),
    ]


def _facts(standing: Standing, now: datetime) -> list[tuple[object, object]]:
    row = standing.threshold
    crosses = queries.crossing_of(row, now)
    return [
        (_("Used"), f"{standing.used_text} ({standing.period_text})"),
        (_("Limit"), row.limit_text),
        *([(_("At today's pace reached on"), formats.day(crosses))] if crosses else []),
        (_("Warns at"), ", ".join(formats.percent(step) for step in row.steps)),
        (_("Kind"), row.get_kind_display()),
        (_("Period"), row.get_period_display()),
        (_("Set"), formats.day(row.active_from)),
    ]


def bar_facts(row: Bar) -> list[tuple[object, object]]:
    """Return what is told of a bar: what was reached, since when, until when, and the network's reason where it refused."""
    threshold = row.threshold
    facts: list[tuple[object, object]] = [
        (_("Set by"), set_by(row)),
        (_("Reached"), f"{threshold.written(row.used_units)} / {threshold.written(row.limit_units)}"),
        (_("Asked"), formats.instant(row.asked_at)),
        (_("Until at most"), formats.instant(row.ends_at)),
    ]
    if row.switch.problem:
        facts.append((_("The network's reason"), worded(row.switch.problem)))
    if row.lifted_at:
        who = f" ({row.lifted_by.name})" if row.lifted_by else ""
        facts.append((_("Ended"), f"{formats.instant(row.lifted_at)}: {row.get_lifted_display()}{who}"))
    return facts


def _whom_to_ask(actor: Actor, rows: Sequence[Bar]) -> str:
    if actor.access(Section.THRESHOLDS) is not Access.OWN or not rows:
        return ""
    return people_to_ask(rows[0])


def people_to_ask(row: Bar) -> str:
    """Return the names of some who can lift a bar, else of the customer."""
    people = queries.managers_of(row.organisation_id)[:ASKED]
    return ", ".join(person.name for person in people) or row.organisation.legal_name


def _trail(actor: Actor, line: Line, bars: Sequence[Bar]) -> list[TimelineEntry]:
    """Return what was passed; whoever sees their own thresholds alone sees what was barred of the others."""
    found = [_entry(row) for row in queries.crossings(actor, line)[:TRAIL]]
    if actor.access(Section.THRESHOLDS) is Access.OWN:
        found = sorted([*found, *map(_barred, bars)], key=lambda entry: entry.at, reverse=True)[:TRAIL]
    return found


def _barred(row: Bar) -> TimelineEntry:
    words = {
        "what": row.threshold.what,
        "used": row.threshold.written(row.used_units),
        "limit": row.threshold.written(row.limit_units),
        "month": written_period(row.threshold, row.period_start),
        "who": set_by(row),
    }
    return TimelineEntry(
        at=row.asked_at,
        title=_("Limit reached, barred: %(what)s") % words,
        detail=_("%(used)s of %(limit)s, %(month)s. Set by: %(who)s.") % words,
        icon="lock",
        tone="bad",
    )


def _entry(row: Crossing) -> TimelineEntry:
    words: dict[str, Any] = {
        "step": formats.percent(row.step),
        "what": row.threshold.what,
        "used": row.used_text,
        "limit": row.limit_text,
        "month": row.period_text,
    }
    told = "" if row.told else _("Passed together with a higher step: no message of its own.")
    return TimelineEntry(
        at=row.crossed_at,
        title=_("%(step)s passed: %(what)s") % words,
        detail=_("%(used)s of %(limit)s, %(month)s.") % words + (f" {told}" if told else ""),
        icon="bell-ringing" if row.told else "bell",
        tone="bad" if row.step >= FULL else "warn",
    )


def _refusal(check: Callable[[], None]) -> Refusal | None:
    try:
        check()
    except Refusal as refusal:
        return refusal
    return None
