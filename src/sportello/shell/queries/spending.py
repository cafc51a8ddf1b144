"""Traffic on the first page: what the last month cost, how the months went, and who spent most."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.kernel.calendar import local_month, previous_month
from sportello.kernel.ui import formats
from sportello.kernel.ui.charts import BarChart, RankChart, Series, Sparkline
from sportello.shell.navigation import address
from sportello.shell.types import Figure, Panel, Parts
from sportello.usage import queries as usage
from sportello.usage.queries import MonthTotal, TypeTotal
from sportello.usage.states import PLOTTED, TrafficType

TOP: Final = 6


def parts(actor: Actor, *, now: datetime) -> Parts:
    """Return the sums of the last month with traffic, the amounts of twelve months, and the dearest lines.

    An employee's are the own ones; the company's leave personal traffic out (ABUSE G14).
    """
    month = usage.latest_month(actor)
    if month is None:
        return Parts(panels=[_nothing_yet()])
    trend, before = usage.trend(actor, month), previous_month(month)
    running = month == local_month(now, ZoneInfo(settings.TIME_ZONE))
    figures = [_spent(trend, running=running)]
    if actor.reach not in {Reach.ALL, Reach.PARTNER}:
        figures += _used(usage.totals_by_type(actor, month), usage.totals_by_type(actor, before), before)
    panels = [_over_time(trend, running=running)]
    if not usage.sees_own_only(actor):
        panels.append(_dearest(actor, month))
    return Parts(figures=figures, panels=panels)


def _spent(trend: list[MonthTotal], *, running: bool) -> Figure:
    """Return what the last month cost; a month that is over is held against the one before."""
    last, before = trend[-1], trend[-2]
    note = f"{formats.month(before.month)}: {formats.money(before.amount)}"
    delta, tone = ("", "") if running or not before.amount else _moved(last.amount, before.amount)
    label = _("Spending so far in %(month)s") if running else _("Spending in %(month)s")
    return Figure(
        label=label % {"month": formats.month_name(last.month)},
        value=formats.money(last.amount),
        icon="coin-euro",
        url=address("usage:index"),
        note=note if before.amount else "",
        delta=delta,
        delta_tone=tone,
        spark=Sparkline(
            title=_("Spending of twelve months"), values=[total.amount for total in trend], write=formats.money
        ),
    )


def _moved(now: Decimal, before: Decimal) -> tuple[str, str]:
    change = (now - before) * 100 / before
    sign = "+" if change > 0 else formats.MINUS
    return f"{sign}{formats.percent(abs(change))}", "bad" if change > 0 else "good"


def _used(totals: list[TypeTotal], earlier: list[TypeTotal], before: date) -> list[Figure]:
    """Return how much data and voice there was, each beside the month before."""
    now, then = ({total.traffic_type: total for total in month} for month in (totals, earlier))
    data = _use(TrafficType.DATA, lambda total: formats.volume(total.volume_bytes), now, then, before)
    voice = _use(TrafficType.VOICE, lambda total: formats.duration(total.duration_s), now, then, before)
    figures = [replace(data, icon="world-download")] if data else []
    return [*figures, replace(voice, icon="phone")] if voice else figures


def _use(
    kind: TrafficType,
    write: Callable[[TypeTotal], str],
    now: Mapping[str, TypeTotal],
    then: Mapping[str, TypeTotal],
    before: date,
) -> Figure | None:
    """Return how much there was of one kind, or nothing."""
    if kind not in now:
        return None
    note = f"{formats.month(before)}: {write(then[kind])}" if kind in then else ""
    return Figure(label=str(kind.label), value=write(now[kind]), icon="", url=address("usage:index"), note=note)


def _over_time(trend: list[MonthTotal], *, running: bool) -> Panel:
    zero = Decimal(0)
    series = [
        Series(label=str(kind.label), values=[total.amounts.get(kind.value, zero) for total in trend])
        for kind in PLOTTED
    ]
    chart = BarChart(
        title=_("Spending over twelve months"),
        description=_("The amounts of each month, by traffic type, net of VAT."),
        categories=[formats.month_short(total.month) for total in trend],
        series=series,
        stacked=True,
        partial_last=running,
        write=formats.money_short,
        category_title=_("Month"),
    )
    return Panel(
        title=chart.title,
        template="shell/panel_chart.html",
        facts={"chart": chart},
        lead=_("Net of VAT, by traffic type"),
        url=address("usage:index"),
        more=_("All traffic"),
        wide=True,
    )


def _dearest(actor: Actor, month: date) -> Panel:
    rows = usage.top_lines(actor, month, most=TOP)
    names = [formats.phone(row.line.number) + (f" · {row.line.person.name}" if row.line.person else "") for row in rows]
    chart = RankChart(
        title=_("Lines that cost most"),
        description=_("The dearest lines of the month."),
        items=list(zip(names, [row.amount for row in rows], strict=True)),
        write=formats.money,
        category_title=_("Line"),
    )
    return Panel(
        title=chart.title,
        template="shell/panel_chart.html",
        facts={"chart": chart},
        lead=formats.month(month),
        url=address("usage:index"),
        more=_("All lines"),
    )


def _nothing_yet() -> Panel:
    return Panel(
        title=_("Traffic"),
        template="shell/panel_empty.html",
        facts={
            "title": _("No traffic yet"),
            "text": _("Calls, messages and data appear here as soon as the first usage file is loaded."),
            "icon": "chart-bar",
        },
    )
