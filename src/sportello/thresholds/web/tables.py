"""The list of thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from sportello.kernel.ui.filters import Choice, Search
from sportello.kernel.ui.listing import BulkAction, Column, Kind, Listing
from sportello.kernel.ui.templatetags import ui
from sportello.kernel.web import PageRequest
from sportello.thresholds import queries
from sportello.thresholds.models import Threshold
from sportello.thresholds.queries.reading import standing_of
from sportello.thresholds.states import Measure, State, Traffic, Zone

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


def _by_passed(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    # Read off the steps on record: computing every counter for a filter would be slow for the largest customers.
    passed = queries.passed_this_period(step=max(1, int(value)))
    return rows.exclude(passed) if value == "0" else rows.filter(passed)


class ThresholdList(Listing[Threshold]):
    """The thresholds in reach, with where they stand in the present month."""

    name = "thresholds.thresholds"
    columns: ClassVar[Sequence[Column[Any]]] = (
        Column("number", _("Line"), value=lambda row: row.line.number, sort="line__number", link=_line, kind=Kind.PHONE),
        Column("holder", _("Held by"), value=_holder),
        Column("what", _("Watches"), value=lambda row: row.what),
        Column("limit", _("Limit"), value=lambda row: row.limit_text, shown=False),
        Column("used", _("Used"), value=lambda row: standing_of(row).used_text, shown=False),
        Column("share", _("Used this month"), value=_share, cell=_meter, sort="permille"),
        Column("steps", _("Warns at %"), value=lambda row: ", ".join(map(str, row.steps))),
        Column(
            "state",
            _("State"),
            value=lambda row: row.get_state_display(),
            cell=lambda row: ui.state(row.state, row.get_state_display()),
        ),
    )
    filters = (
        Search(("line__number__contains", "line__person__family_name__istartswith", "line__person__given_name__istartswith")),
        Choice("traffic_type", _("Traffic"), Traffic.choices),
        Choice("zone", _("Where"), Zone.choices),
        Choice("measure", _("Measure"), Measure.choices),
        Choice("passed", _("This month"), PASSED, apply=_by_passed),
        Choice("state", _("State"), State.choices),
    )
    default_sort = "line__number"
    actions = (
        BulkAction("suspend", _("Suspend"), "thresholds:suspend_chosen", icon="player-pause"),
        BulkAction("resume", _("Resume"), "thresholds:resume_chosen", icon="player-play"),
    )

    def __init__(self, request: PageRequest, rows: QuerySet[Threshold]) -> None:
        """Take the rows; those cancelled are left out unless they are asked for."""
        super().__init__(request, rows if request.GET.get("state") else rows.exclude(state=State.CANCELLED))


class CustomersThresholdList(ThresholdList):
    """The same for who reaches many customers."""

    columns: ClassVar[Sequence[Column[Any]]] = (
        *ThresholdList.columns[:1],
        Column("organisation", _("Customer"), value=lambda row: row.organisation.legal_name),
        *ThresholdList.columns[1:],
    )
