"""The list of thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar, Final

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sportello.inventory.searching import LineSearch
from sportello.kernel.money import UNIT
from sportello.kernel.ui.filters import Choice, Filter
from sportello.kernel.ui.listing import BulkAction, Column, Kind
from sportello.kernel.ui.templatetags import ui
from sportello.kernel.ui.types import Tone
from sportello.kernel.web import PageRequest
from sportello.network.answers import worded
from sportello.thresholds import queries
from sportello.thresholds.models import Bar, Threshold
from sportello.thresholds.queries.reading import standing_of
from sportello.thresholds.states import Kind as ThresholdKind
from sportello.thresholds.states import Measure, Period, Stage, State, Traffic, Zone
from sportello.thresholds.web.narrow import NarrowListing

PASSED = [("1", _("A step was passed")), ("100", _("The limit was reached")), ("0", _("Nothing was passed"))]


def _line(row: Threshold) -> str:
    return reverse("thresholds:line", args=[row.line_id])


def _holder(row: Threshold) -> str:
    return row.line.person.name if row.line.person else ""


def _meter(row: Any) -> SafeString:
    standing = standing_of(row)
    tone = "" if row.state == State.ACTIVE else "off"
    return SafeString(render_to_string("ui/meter.html", ui.meter(standing.share, text=standing.text, tone=tone)))


def _share(row: Any) -> str:
    return f"{standing_of(row).share:.1f}%"


UNITS: Final = {
    Measure.AMOUNT: ("EUR", UNIT),
    Measure.VOLUME: ("MB", Decimal("0.000001")),
    Measure.MINUTES: ("min", 1 / Decimal(60)),
    Measure.MESSAGES: ("SMS", Decimal(1)),
}
"""How exports write each measure: numbers that read alike in every language, their unit beside them; and what one unit stored is of it."""


def _in_unit(row: Any, units: int) -> Decimal:
    return (units * UNITS[Measure(row.measure)][1]).quantize(UNIT)


def _by_passed(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    # Read off the steps on record: computing every counter for a filter would be slow for the largest customers.
    passed = queries.passed_this_period(step=max(1, int(value)))
    return rows.exclude(passed) if value == "0" else rows.filter(passed)


class ThresholdList(NarrowListing[Threshold]):
    """The thresholds in reach, with where they stand in their present period."""

    name = "thresholds.thresholds"
    columns: ClassVar[Sequence[Column[Any]]] = (
        Column(
            "number", _("Line"), value=lambda row: row.line.number, sort="line__number", link=_line, kind=Kind.PHONE
        ),
        Column("holder", _("Held by"), value=_holder),
        Column("what", _("Watches"), value=lambda row: row.what),
        Column("limit", _("Limit"), value=lambda row: _in_unit(row, row.limit_units), shown=False),
        Column("used", _("Used units"), value=lambda row: _in_unit(row, standing_of(row).used_units), shown=False),
        Column("unit", _("Unit"), value=lambda row: UNITS[Measure(row.measure)][0], shown=False),
        Column("share", _("Used"), value=_share, cell=_meter, sort="permille"),
        Column("period", _("Period"), value=lambda row: standing_of(row).period_text),
        Column("kind", _("Kind"), value=lambda row: row.get_kind_display()),
        Column("steps", _("Warns at %"), value=lambda row: ", ".join(map(str, row.steps))),
        Column(
            "state",
            _("State"),
            value=lambda row: row.get_state_display(),
            cell=lambda row: ui.state(row.state, row.get_state_display()),
        ),
    )
    filters: Sequence[Filter] = (
        Choice("traffic_type", _("Traffic"), Traffic.choices),
        Choice("zone", _("Where"), Zone.choices),
        Choice("measure", _("Measure"), Measure.choices),
        Choice("passed", _("This period"), PASSED, apply=_by_passed),
        Choice("kind", _("Kind"), ThresholdKind.choices),
        Choice("period", _("Period"), Period.choices),
        Choice("state", _("State"), State.choices),
    )
    default_sort = "-permille"
    actions: ClassVar[Sequence[BulkAction]] = (
        BulkAction("suspend", _("Suspend"), "thresholds:suspend_chosen", icon="player-pause"),
        BulkAction("resume", _("Resume"), "thresholds:resume_chosen", icon="player-play"),
        BulkAction("limit", _("Change the limit"), "thresholds:choose_limit", icon="pencil"),
        BulkAction("cancel", pgettext_lazy("a threshold", "End"), "thresholds:choose_cancel", icon="circle-x"),
    )

    def __init__(self, request: PageRequest, rows: QuerySet[Threshold]) -> None:
        """Take the rows; those cancelled are left out unless they are asked for."""
        super().__init__(request, rows if request.GET.get("state") else rows.exclude(state=State.CANCELLED))
        self.filters = (LineSearch(request.actor, through="line"), *type(self).filters)


class CustomersThresholdList(ThresholdList):
    """The same for who reaches many customers."""

    columns: ClassVar[Sequence[Column[Any]]] = (
        *ThresholdList.columns[:1],
        Column("organisation", _("Customer"), value=lambda row: row.organisation.legal_name),
        *ThresholdList.columns[1:],
    )


STAGE_TONES: Final[dict[str, Tone]] = {
    Stage.ASKED: "warn",
    Stage.BARRED: "bad",
    Stage.FAILED: "bad",
    Stage.LIFTING: "warn",
    Stage.LIFT_FAILED: "bad",
    Stage.HELD: "bad",
    Stage.LIFTED: "good",
}
STAGE_ICONS: Final = {
    Stage.BARRED: "lock",
    Stage.HELD: "lock",
    Stage.LIFTED: "lock-open",
    Stage.FAILED: "alert-triangle",
}
REFUSED: Final = frozenset({Stage.FAILED, Stage.LIFT_FAILED})
"""What the network said no to: it may be asked again."""

OPEN = [("open", _("Bars that stand")), ("lifted", _("Lifted"))]
NETWORK = [
    ("asked", _("Waiting for the network")),
    ("failed", _("Refused by the network")),
    ("confirmed", _("Confirmed")),
]


def stage_pill(row: Bar) -> SafeString:
    """Return the network's state of a bar as a pill."""
    return ui.pill(row.stage.label, STAGE_TONES[row.stage], STAGE_ICONS.get(row.stage, ""))


def _bar_line(row: Bar) -> str:
    return reverse("thresholds:line", args=[row.line_id])


def _why(row: Bar) -> str:
    return str(row.get_lifted_display()) if row.lifted else ""


def _reason(row: Bar) -> str:
    return worded(row.switch.problem) if row.stage in REFUSED else ""


def _stage(row: Bar) -> SafeString:
    said = " · ".join(filter(None, (_why(row), _reason(row))))
    return format_html('{}<small class="d-block text-secondary">{}</small>', stage_pill(row), said)


def _by_open(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(lifted_at=None) if value == "open" else rows.exclude(lifted_at=None)


class BarList(NarrowListing[Bar]):
    """The bars in reach, the latest first, as the network says they stand."""

    name = "thresholds.bars"
    columns: ClassVar[Sequence[Column[Any]]] = (
        Column("number", _("Line"), value=lambda row: row.line.number, link=_bar_line, kind=Kind.PHONE),
        Column("holder", _("Held by"), value=lambda row: row.line.person.name if row.line.person else ""),
        Column("organisation", _("Customer"), value=lambda row: row.organisation.legal_name, shown=False),
        Column("what", _("Barred"), value=lambda row: row.threshold.what),
        Column(
            "used",
            _("At"),
            value=lambda row: f"{row.threshold.written(row.used_units)} / {row.threshold.written(row.limit_units)}",
        ),
        Column("asked_at", _("Since"), kind=Kind.INSTANT, sort="asked_at"),
        Column("ends_at", _("Until at most"), kind=Kind.INSTANT),
        Column("stage", _("The network says"), value=lambda row: row.stage.label, cell=_stage),
        Column("reason", _("The network's reason"), value=_reason, shown=False),
        Column("why", _("Why it ended"), value=_why, shown=False),
    )
    filters: Sequence[Filter] = (
        Choice("bar", _("Bar"), OPEN, apply=_by_open),
        Choice("network", _("The network"), NETWORK, field="switch__state"),
    )
    default_sort = "-asked_at"
    actions = (
        BulkAction("lift", _("Lift"), "thresholds:lift_chosen", icon="lock-open"),
        BulkAction("again", _("Ask the network again"), "thresholds:ask_again_chosen", icon="refresh"),
    )

    def __init__(self, request: PageRequest, rows: QuerySet[Bar]) -> None:
        """Take the rows; the search box is the one of all lists about lines."""
        super().__init__(request, rows)
        self.filters = (LineSearch(request.actor, through="line"), *type(self).filters)
