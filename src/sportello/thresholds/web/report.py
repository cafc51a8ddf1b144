"""The report of lines above an amount at a date, and the list of lines that are likely to cross."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from sportello.kernel.access import Reach, Section
from sportello.kernel.calendar import local_day
from sportello.kernel.money import InvalidAmount, parse_amount, to_units
from sportello.kernel.ui import formats
from sportello.kernel.ui.filters import Choice, Filter
from sportello.kernel.ui.listing import BulkAction, Column, Kind
from sportello.kernel.web import PageRequest, page
from sportello.parties import queries as parties
from sportello.thresholds import queries, rules
from sportello.thresholds.queries import Above
from sportello.thresholds.states import Kind as ThresholdKind
from sportello.thresholds.states import Measure, Traffic, Zone
from sportello.thresholds.web.above import LinesAbove, LinesAboveThen
from sportello.thresholds.web.tables import ThresholdList

USUAL_AMOUNT: Final = 10 * 100_000
TYPED_LENGTH: Final = 20


class LikelyList(ThresholdList):
    """The thresholds that are likely to be reached before their period ends, the fullest first."""

    name = "thresholds.likely"
    default_sort = "-permille"
    filters: Sequence[Filter] = (
        Choice("traffic_type", gettext_lazy("Traffic"), Traffic.choices),
        Choice("zone", gettext_lazy("Where"), Zone.choices),
        Choice("measure", gettext_lazy("Measure"), Measure.choices),
        Choice("kind", gettext_lazy("Kind"), ThresholdKind.choices),
    )
    actions: ClassVar[Sequence[BulkAction]] = ()

    def __init__(self, request: PageRequest, rows: QuerySet[Any], now: datetime) -> None:
        """Take the rows and the instant from which is foretold."""
        super().__init__(request, rows)
        crosses = Column[Any](
            "crosses", _("Crosses on"), value=lambda row: queries.crossing_of(row, now), kind=Kind.DAY,
            cell=lambda row: formats.day(at) if (at := queries.crossing_of(row, now)) else "-",
        )  # fmt: skip
        chosen = {"number", "holder", "what", "share", "period", "kind"}
        kept = [column for column in type(self).columns if column.name in chosen]
        self.columns = (*kept[:3], crosses, *kept[3:])  # type: ignore[misc]


@page(section=Section.THRESHOLDS, methods=("GET", "POST"))
def above(request: PageRequest) -> HttpResponseBase:
    """List the lines that had spent more than an amount by the end of a day."""
    rules.check_can_manage(request.actor)
    zone = _zone(request)
    today = local_day(timezone.now(), ZoneInfo(zone))
    asked, wrong = _asked(request, today)
    context = {
        "title": _("Lines above an amount"),
        "wrong": wrong,
        "empty_title": wrong or _("No line is above this amount"),
        "empty_text": "" if wrong else _("Type a smaller amount, or another day."),
        "empty_icon": "chart-bar",
    }
    if wrong:
        return LinesAbove(request, queries.lines_above(request.actor, asked).none(), asked).respond(
            "thresholds/above.html", context
        )
    return _lines_above(request, asked, today, zone).respond("thresholds/above.html", context)


def _lines_above(request: PageRequest, asked: Above, today: date, zone: str) -> LinesAbove:
    actor = request.actor
    if asked.whole_month(today):
        return LinesAbove(request, queries.lines_above(actor, asked), asked)
    spent = queries.spent_above(actor, asked, zone=zone)
    return LinesAboveThen(request, queries.lines_of_month(actor, asked), asked, spent)


@page(section=Section.THRESHOLDS, methods=("GET", "POST"))
def likely(request: PageRequest) -> HttpResponseBase:
    """List the thresholds that will be reached before their period ends, at today's pace."""
    rules.check_can_manage(request.actor)
    now = timezone.now()
    context = {
        "title": _("Likely to cross"),
        "empty_title": _("Nobody is on the way to a limit"),
        "empty_text": _(
            "At today's pace no threshold is reached before its period ends. Nothing is foretold in a period's first days."
        ),
        "empty_icon": "bell",
    }
    return LikelyList(request, queries.likely_to_cross(request.actor, now), now).respond(
        "thresholds/likely.html", context
    )


def _zone(request: PageRequest) -> str:
    if request.actor.reach is Reach.CUSTOMER:
        return parties.organisations(request.actor).get_or_refuse(pk=request.actor.organisation_id).time_zone
    return timezone.get_default_timezone_name()


def _asked(request: PageRequest, today: date) -> tuple[Above, str]:
    """Return what the address asks; what cannot be read is said, and nothing is listed."""
    wrong, amount, on = "", USUAL_AMOUNT, today
    typed = request.GET.get("above", "").strip()[:TYPED_LENGTH]
    try:
        amount = to_units(parse_amount(typed, get_language() or "en")) if typed else USUAL_AMOUNT
    except InvalidAmount:
        wrong = _("“%(typed)s” is not an amount. Write it like 50 or 50.25.") % {"typed": typed}
    try:
        on = date.fromisoformat(request.GET.get("on") or today.isoformat())
    except ValueError:
        wrong = _("This is not a day.")
    if on.year < today.year - 10 or on > today:
        on = min(max(on, date(today.year - 10, 1, 1)), today)
    traffic = request.GET.get("traffic", "")
    return Above(amount=amount, on=on, traffic=traffic if traffic in Traffic.values else Traffic.ALL), wrong
