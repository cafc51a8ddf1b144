"""Traffic: of the customer by line and month, of a line by type, down to the record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.inventory.line_pages import line_tabs
from sportello.inventory.models import Line
from sportello.kernel.access import Reach, Section
from sportello.kernel.refusals import InvalidInput
from sportello.kernel.ui import formats
from sportello.kernel.ui.charts import BarChart, Donut, Series
from sportello.kernel.ui.types import Tab
from sportello.kernel.web import PageRequest, page
from sportello.usage import queries
from sportello.usage.analysis.address import read_month
from sportello.usage.pipeline.store import RecordKey
from sportello.usage.states import PLOTTED, TrafficType, Zone
from sportello.usage.types import euros
from sportello.usage.web.numbers import clear_until
from sportello.usage.web.parts import part_tabs
from sportello.usage.web.tables import CustomersLineMonthList, LineMonthList, quantity

ZERO = Decimal(0)


@page(section=Section.TRAFFIC_BILLING, methods=("GET", "POST"))
def index(request: PageRequest) -> HttpResponseBase:
    """Show a month of the customer: totals by type, the year's course, the lines; an employee's own lines."""
    actor = request.actor
    if queries.sees_own_only(actor):
        return _own(request)
    month = _month(request) or queries.latest_month(actor) or _this_month()
    totals = queries.totals_by_type(actor, month)
    listing = CustomersLineMonthList if actor.reach in {Reach.ALL, Reach.PARTNER} else LineMonthList
    context = {
        "title": _("Traffic of %(month)s") % {"month": formats.month(month)},
        "month": month,
        "tabs": part_tabs(actor, "usage:index"),
        "tiles": _tiles(totals),
        "trend": _trend_chart(queries.trend(actor, month)),
        "shares": _share_chart(totals),
        "empty_title": _("This month has not come yet") if month > _this_month() else _("No traffic in this month"),
        "empty_text": _("Usage appears here as soon as the operator's files are loaded."),
        "empty_icon": "chart-bar",
    }
    return listing(request, queries.line_months(actor, month)).respond("usage/index.html", context)


def _own(request: PageRequest) -> HttpResponse:
    lines = queries.own_lines(request.actor)
    if len(lines) == 1:
        return redirect("usage:line", pk=lines[0].pk)
    month = queries.latest_month(request.actor)
    context = {
        "title": _("My traffic"),
        "lines": lines,
        "tabs": part_tabs(request.actor, "usage:index"),
        "payers": _payers(request, month) if month else [],
        "tiles": _tiles(queries.totals_by_type(request.actor, month)) if month else [],
    }
    return render(request, "usage/own.html", context)


@page(section=Section.TRAFFIC_BILLING)
def line(request: PageRequest, pk: int) -> HttpResponse:
    """Show a line's month by type and its year."""
    row = queries.line_of(request.actor, pk)
    months = queries.months_of_line(request.actor, row)
    month = _month(request) or (months[0] if months else _this_month())
    totals = queries.line_totals(request.actor, row, month)
    context = {
        **_of_line(request, row, month),
        "months": months,
        "tiles": _tiles(totals),
        "payers": _payers(request, month, row),
        "trend": _trend_chart(queries.line_trend(request.actor, row, month)),
        "shares": _share_chart(totals),
        "rows": _rows(queries.records(request.actor, row, month, limit=10).records),
        "words": _export_words(row, month, ""),
    }
    return render(request, "usage/line.html", context)


@page(section=Section.TRAFFIC_BILLING)
def records(request: PageRequest, pk: int) -> HttpResponse:
    """List a line's records of a month, newest first."""
    row = queries.line_of(request.actor, pk)
    months = queries.months_of_line(request.actor, row)
    month = _month(request) or (months[0] if months else _this_month())
    wanted = request.GET.get("type", "")
    kind = wanted if wanted in TrafficType.values else None
    until = clear_until(request)
    after = _key(request.GET.get("after", ""))
    found = queries.records(request.actor, row, month, traffic_type=kind, after=after, clear=until is not None)
    context = {
        **_of_line(request, row, month),
        "breadcrumbs": _crumbs(row, own=queries.sees_own_only(request.actor), here=_("Records")),
        "months": months,
        "types": TrafficType.choices,
        "kind": kind or "",
        "rows": _rows(found.records),
        "words": _export_words(row, month, kind or ""),
        "clear_until": until,
        "may_clear": queries.sees_own_only(request.actor) and not request.actor.read_only,
        "next_url": _next_address(request, found.next) if found.next else "",
        "first_url": _next_address(request, None) if request.GET.get("after") else "",
    }
    return render(request, "usage/records.html", context)


def _of_line(request: PageRequest, row: Line, month: date) -> dict[str, Any]:
    own = queries.sees_own_only(request.actor)
    holder = "" if own or row.person is None else row.person.name
    return {
        "title": _("Traffic of %(number)s") % {"number": formats.phone(row.number)},
        "tabs": _line_tabs(request, row, own=own),
        "breadcrumbs": _crumbs(row, own=own),
        "lead": " · ".join(filter(None, [formats.month(month), holder, row.organisation.legal_name])),
        "line": row,
        "month": month,
        "month_text": f"{month:%Y-%m}",
        "ahead": month > _this_month(),
        "own": own,
    }


def _line_tabs(request: PageRequest, row: Line, *, own: bool) -> list[Tab]:
    """Return the pages of a line; to its own user the parts of their traffic with them, since there is no other way to those."""
    pages = line_tabs(request.actor, row, "usage:line")
    if not own:
        return pages
    return part_tabs(request.actor, "usage:index") + [tab for tab in pages if not tab.active]


def _crumbs(row: Line, *, own: bool, here: str = "") -> list[tuple[str, str]]:
    """Return the way to a line's traffic, or to a page below it."""
    first = (_("My traffic") if own else _("Traffic"), reverse("usage:index"))
    number = formats.phone(row.number)
    return [first, (number, reverse("usage:line", args=[row.pk])), (here, "")] if here else [first, (number, "")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A figure of a month: its label, how much, and what it cost."""

    label: str
    value: str
    icon: str
    note: str


def _tiles(totals: list[queries.TypeTotal]) -> list[Tile]:
    amount = formats.money(sum((one.amount for one in totals), start=ZERO))
    whole = Tile(label=_("Amount"), value=amount, icon="coin-euro", note=_("net of VAT"))
    looks = {
        TrafficType.VOICE: Tile(label=_("Voice"), value="", icon="phone", note=""),
        TrafficType.SMS: Tile(label=_("SMS"), value="", icon="message", note=""),
        TrafficType.MMS: Tile(label=_("MMS"), value="", icon="photo", note=""),
        TrafficType.DATA: Tile(label=_("Data"), value="", icon="world-share", note=""),
    }
    return [whole] + [
        replace(
            looks[TrafficType(one.traffic_type)],
            value=quantity(one.traffic_type, one.duration_s, one.volume_bytes, one.units),
            note=formats.money(one.amount),
        )
        for one in totals
    ]


def _payers(request: PageRequest, month: date, row: Line | None = None) -> list[Tile]:
    """Return the two parts of a person's own traffic, where some of it is their own charge."""
    if not queries.sees_own_only(request.actor):
        return []
    company, person = queries.amounts_by_payer(request.actor, month, row)
    if not person:
        return []
    # Each is rounded from its own sum, as notices, thresholds and lists show the same: the two may differ from the whole by a cent.
    return [
        Tile(label=_("Your employer pays"), value=formats.money(company), icon="building", note=_("net of VAT")),
        Tile(label=_("You pay"), value=formats.money(person), icon="user", note=_("net of VAT")),
    ]


def _export_words(row: Line, month: date, kind: str) -> list[tuple[str, str]]:
    words = {"by": "line", "line": str(row.pk), "from": f"{month:%Y-%m}", "to": f"{month:%Y-%m}", "type": kind}
    return [(name, value) for name, value in words.items() if value]


def _trend_chart(months: list[queries.MonthTotal]) -> BarChart | None:
    if not any(one.amounts for one in months):
        return None
    return BarChart(
        title=_("Amount by month"),
        description=_("What each month cost, by kind of traffic, net of VAT."),
        write=formats.money_short,
        categories=[formats.month_short(one.month) for one in months],
        series=[
            Series(label=str(kind.label), values=[one.amounts.get(kind.value, ZERO) for one in months])
            for kind in PLOTTED
        ],
        category_title=_("Month"),
        stacked=True,
        partial_last=months[-1].month == _this_month(),
    )


def _share_chart(totals: list[queries.TypeTotal]) -> Donut | None:
    amounts = {one.traffic_type: max(one.amount, ZERO) for one in totals}
    if not any(amounts.values()):
        return None
    return Donut(
        title=_("Where the money goes"),
        description=_("The share of each kind of traffic in the month's amount."),
        write=formats.money,
        parts=[(str(kind.label), amounts.get(kind.value, ZERO)) for kind in PLOTTED],
        centre=formats.money(sum(amounts.values(), start=ZERO)),
        category_title=_("Traffic"),
    )


def _rows(found: Any) -> list[dict[str, Any]]:
    types, zones = dict(TrafficType.choices), dict(Zone.choices)
    return [
        {
            "record": one,
            "type": types[one.traffic_type],
            "quantity": quantity(one.traffic_type, one.duration_s, one.volume_bytes, one.units),
            "amount": formats.money(euros(one.amount_e5), places=5),
            "where": zones[one.zone] if one.zone == Zone.NATIONAL else f"{zones[one.zone]} ({one.country})",
        }
        for one in found
    ]


def _month(request: PageRequest) -> date | None:
    return read_month(request.GET.get("month", ""))


def _this_month() -> date:
    return timezone.localdate().replace(day=1)


def _key(text: str) -> RecordKey | None:
    if not text:
        return None
    instant, _comma, record_id = text.partition(",")
    try:
        at = datetime.fromisoformat(instant)
    except ValueError as wrong:
        raise InvalidInput from wrong
    if at.tzinfo is None:
        raise InvalidInput
    return RecordKey(at, record_id)


def _next_address(request: PageRequest, key: RecordKey | None) -> str:
    query = request.GET.copy()
    query.pop("after", None)
    if key is not None:
        query["after"] = f"{key.started_at.isoformat()},{key.record_id}"
        return f"?{query.urlencode()}"
    return f"?{query.urlencode()}" if request.GET.get("after") else ""
