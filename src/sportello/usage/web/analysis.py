"""Traffic by cost centre, line, person, kind, zone and agreement, month against month."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sportello.inventory.models import Agreement
from sportello.kernel.access import Section
from sportello.kernel.refusals import NotFound
from sportello.kernel.ui import formats
from sportello.kernel.ui.charts import BarChart, RankChart, Series
from sportello.kernel.ui.types import Tab, Tone
from sportello.kernel.web import PageRequest, page
from sportello.parties.models import CostCentre
from sportello.usage.analysis import queries
from sportello.usage.analysis.address import address, read_asked, written
from sportello.usage.analysis.labels import named
from sportello.usage.analysis.types import Analysis, Asked, Group, Grouping, Order
from sportello.usage.states import TrafficType, Zone
from sportello.usage.web.parts import check_company, part_tabs

PAGE = 25
PLOTTED = 12
ONE_KIND = frozenset({Grouping.TYPE, Grouping.ZONE})
CODED = frozenset({Grouping.COST_CENTRE, Grouping.AGREEMENT})
MOST_CHOICES = 300
HEADINGS: dict[str, str | Promise] = {
    "records": gettext_lazy("Records"),
    "voice_s": gettext_lazy("Voice"),
    "messages": gettext_lazy("SMS and MMS"),
    "data_bytes": gettext_lazy("Data"),
}
_WRITE: dict[str, Callable[[int], str]] = {
    "records": formats.number,
    "voice_s": formats.duration,
    "messages": formats.number,
    "data_bytes": formats.volume,
}


@page(section=Section.TRAFFIC_BILLING)
def analysis(request: PageRequest) -> HttpResponse:
    """Show what the months cost, added up as the address asks, and what the months before cost."""
    check_company(request.actor)
    asked = read_asked(request.actor, request.GET.dict(), today=timezone.localdate())
    number = _page_number(request)
    found = queries.analysis(request.actor, asked, start=(number - 1) * PAGE, most=PAGE)
    context = {
        "title": _("Traffic by %(what)s") % {"what": asked.by.label.lower()},
        "lead": span_text(asked),
        "tabs": part_tabs(request.actor, "usage:analysis"),
        "asked": asked,
        "groupings": _switch(request, asked),
        "hidden": _hidden(asked),
        "chosen": _chosen(request, asked),
        "choices": _choices(request, asked),
        "tiles": tiles(asked, found),
        "plot": plot(asked, found) if number == 1 else None,
        "headings": headings(found),
        "rows": [_row(asked, found, group) for group in found.groups],
        "before_label": before_text(asked),
        "total": _row(asked, found, Group(key="", label=_("Total"), sums=found.total)),
        "previous_url": _at_page(asked, number - 1) if number > 1 else "",
        "next_url": _at_page(asked, number + 1) if found.more else "",
        "words": list(written(asked).items()),
    }
    return render(request, "usage/analysis.html", context)


def span_text(asked: Asked) -> str:
    """Write which months are asked for."""
    if asked.months == 1:
        return formats.month(asked.since)
    return _("%(first)s to %(last)s") % {"first": formats.month(asked.since), "last": formats.month(asked.until)}


def before_text(asked: Asked) -> str:
    """Write which months these are held against."""
    if asked.months == 1:
        return formats.month(asked.before)
    return _("%(count)s months before") % {"count": asked.months}


def open_note(asked: Asked) -> str:
    """Say why a month that runs is held against nothing in hundredths: counters know whole months, not their days."""
    words = {"before": formats.month(asked.before), "now": formats.month(asked.until)}
    if asked.months == 1:
        return _("%(before)s counts to its end; the %% comes when %(now)s is over") % words
    return _("the months before count to their end; the %% comes when %(now)s is over") % words


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A figure of the whole."""

    label: str
    value: str
    icon: str
    delta: str = ""
    tone: str = ""
    note: str = ""


def tiles(asked: Asked, found: Analysis) -> list[Tile]:
    """Return the figures of the whole: what it cost, and by how much that grew; it says so where the last month is not over."""
    total = found.total
    open_month, difference = asked.is_open(timezone.localdate()), total.shown_difference
    growth = _("no traffic before") if total.growth is None else signed_percent(total.growth)
    tone = "" if not difference else "bad" if difference > 0 else "good"
    return [
        Tile(label=_("Amount"), value=formats.money(total.now), icon="coin-euro", note=_("net of VAT")),
        Tile(label=_("Before"), value=formats.money(total.before), icon="history", note=before_text(asked)),
        Tile(
            label=_("Difference"),
            value=signed_money(difference),
            icon="trending-up",
            delta="" if open_month else growth,
            tone="" if open_month else tone,
            note=open_note(asked) if open_month else "",
        ),
    ]


def plot(asked: Asked, found: Analysis) -> BarChart | RankChart | None:
    """Return the plot: two bars for each kind, or the dearest groups in their order."""
    if asked.by in ONE_KIND:
        return _side_by_side(asked, found) if found.groups else None
    items = [(_plotted(asked, group), group.sums.now) for group in found.groups[:PLOTTED] if group.sums.now > 0]
    if asked.order is not Order.NOW or asked.ascending or not items:
        return None
    return RankChart(
        title=_("The dearest"),
        description=_("What the dearest of them cost in %(span)s, net of VAT.") % {"span": span_text(asked)},
        write=formats.money,
        items=items,
        category_title=str(asked.by.label),
    )


def _plotted(asked: Asked, group: Group) -> str:
    """Return the name of a bar: codes alone say little."""
    return f"{group.label} {group.note}".strip() if asked.by in CODED else group.label


def _side_by_side(asked: Asked, found: Analysis) -> BarChart:
    return BarChart(
        title=_("Month against month") if asked.months == 1 else _("Months against months"),
        description=_("What each cost before and in %(span)s, net of VAT.") % {"span": span_text(asked)},
        write=formats.money,
        categories=[group.label for group in found.groups],
        series=[
            Series(label=before_text(asked), values=[group.sums.before for group in found.groups]),
            Series(label=span_text(asked), values=[group.sums.now for group in found.groups]),
        ],
        category_title=str(asked.by.label),
    )


def headings(found: Analysis) -> list[tuple[str, str | Promise]]:
    """Return the quantities that the groups tell, with their headings."""
    told = found.groups[0].sums if found.groups else found.total
    return [(name, label) for name, label in HEADINGS.items() if getattr(told, name) is not None]


def signed_money(amount: Decimal) -> str:
    """Write an amount with its sign, also when it grew."""
    return f"+{formats.money(amount)}" if amount > 0 else formats.money(amount)


def signed_percent(share: Decimal) -> str:
    """Write hundredths with their sign, also when they grew: the signs are those of amounts."""
    sign = "" if formats.percent(share) == formats.percent(0) else "+" if share > 0 else formats.MINUS
    return f"{sign}{formats.percent(abs(share))}"


def _row(asked: Asked, found: Analysis, group: Group) -> dict[str, Any]:
    sums = group.sums
    difference, growth = sums.shown_difference, None if asked.is_open(timezone.localdate()) else sums.growth
    grew: Tone = "bad" if difference > 0 else "good"
    return {
        "label": group.label,
        "note": group.note,
        "url": _drill(asked, group) if group.key else "",
        "quantities": [(label, _WRITE[name](getattr(sums, name))) for name, label in headings(found)],
        "now": formats.money(sums.now),
        "before": formats.money(sums.before),
        "difference": signed_money(difference),
        "growth": "" if growth is None else signed_percent(growth),
        "tone": grew if difference else "neutral",
        "share": formats.percent(sums.share_of(found.total), 1),
    }


def _drill(asked: Asked, group: Group) -> str:
    """Return where a group leads: to its lines, and a line to its records."""
    if asked.by is Grouping.LINE:
        query = f"?month={asked.until:%Y-%m}" + (f"&type={asked.traffic_type}" if asked.traffic_type else "")
        return reverse("usage:records", args=[int(group.key)]) + query
    if asked.by is Grouping.CUSTOMER:
        return address(asked, by=Grouping.COST_CENTRE, customer=int(group.key))
    name = "traffic_type" if asked.by is Grouping.TYPE else asked.by.value
    key: object = group.key if asked.by in ONE_KIND else int(group.key)
    return address(asked, by=Grouping.LINE, **{name: key})


def _switch(request: PageRequest, asked: Asked) -> list[Tab]:
    several = asked.by is Grouping.CUSTOMER
    offered = [
        one
        for one in Grouping
        if (one in ONE_KIND or one is Grouping.CUSTOMER if several else one is not Grouping.CUSTOMER)
    ]
    if not several and request.actor.organisation_id and asked.customer is not None:
        offered.append(Grouping.CUSTOMER)
    return [
        Tab(
            label=str(one.label),
            url=address(asked, by=one, **({"customer": None} if one is Grouping.CUSTOMER else {})),
            active=one is asked.by,
        )
        for one in offered
    ]


def _hidden(asked: Asked) -> list[tuple[str, str]]:
    """Return what the filters do not ask for anew, and an address must keep."""
    shown = {"from", "to", "type", "zone", "q", "cost_centre", "agreement", "sort"}
    return [(name, value) for name, value in written(asked).items() if name not in shown]


def _chosen(request: PageRequest, asked: Asked) -> list[tuple[str, str]]:
    """Name the person and the customer that the address narrows to, each with the address without it. Raises `NotFound`."""
    found = []
    for by in (Grouping.CUSTOMER, Grouping.PERSON):
        key = getattr(asked, by.value)
        if key is not None:
            label = named(request.actor, by, [key or None])[key or None][0]
            if key and label == formats.NOTHING:
                raise NotFound
            found.append((f"{by.label}: {label}", address(asked, **{by.value: None})))
    return found


def _choices(request: PageRequest, asked: Asked) -> dict[str, Any]:
    return {
        "types": TrafficType.choices,
        "zones": Zone.choices,
        "cost_centres": _rows(CostCentre, request, asked),
        "agreements": _rows(Agreement, request, asked),
    }


def _rows(model: Any, request: PageRequest, asked: Asked) -> list[Any]:
    if asked.by is Grouping.CUSTOMER:
        return []
    rows = model.objects.for_(request.actor)
    rows = rows if asked.customer is None else rows.filter(organisation_id=asked.customer)
    return list(rows.order_by("code")[:MOST_CHOICES])


def _page_number(request: PageRequest) -> int:
    text = request.GET.get("page", "")
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) <= len(str(PAGE)) + 3 else 1


def _at_page(asked: Asked, number: int) -> str:
    return f"{address(asked)}&page={number}"
