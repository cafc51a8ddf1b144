"""Invented facts for the component page: numbers kept free for fiction, names that nobody has."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from sportello.kernel.ui import formats
from sportello.kernel.ui.charts import BarChart, Chart, Donut, Gauge, LineChart, Mark, RankChart, Series, Sparkline
from sportello.kernel.ui.types import Steps, Tab, TimelineEntry

MONTHS = ("Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov")
VOICE = (1240, 1310, 1180, 1420, 1395, 1510, 1480, 1120, 690, 1465, 1530, 980)
DATA = (2110, 2240, 2310, 2480, 2590, 2710, 2650, 3190, 3420, 2880, 2940, 1760)
SMS = (120, 104, 98, 110, 95, 92, 101, 84, 77, 96, 91, 52)


def amounts(values: tuple[int, ...]) -> list[Decimal]:
    """Return whole euro as amounts."""
    return [Decimal(value) for value in values]


def charts() -> list[Chart]:
    """Return every kind of plot once, with numbers that look like a customer's."""
    return [*_over_time(), *_shares(), *_without_numbers()]


def spark() -> Sparkline:
    """Return a word-sized line."""
    return Sparkline(title=_("Spending of twelve months"), values=amounts(DATA), write=formats.money, key="spark")


def _over_time() -> list[Chart]:
    voice, data = Series(label=_("Voice"), values=amounts(VOICE)), Series(label=_("Data"), values=amounts(DATA))
    sms = Series(label=_("Messages"), values=amounts(SMS))
    latest = [Series(label=_("Voice"), values=amounts(VOICE[-4:])), Series(label=_("Data"), values=amounts(DATA[-4:]))]
    return [
        _months(
            BarChart, _("Spending by traffic type"), _("Stacked amounts of twelve months."),
            series=[voice, data, sms], stacked=True, partial_last=True,
        ),
        _months(LineChart, _("Voice and data compared"), _("Two lines over twelve months."), series=[voice, data]),
        _months(
            LineChart, _("Data against the budget"), _("One line, its ground tinted, and the budget."),
            series=[data], area=True, marks=[Mark(label=_("Budget 3,000"), value=3000)],
        ),
        _months(BarChart, _("Voice and data side by side"), _("Two bars a month."), categories=MONTHS[-4:], series=latest),
    ]  # fmt: skip


def _months(kind: type[Chart], title: str, description: str, **options: Any) -> Chart:
    shown = {"categories": MONTHS, "write": formats.money_short, "category_title": _("Month"), **options}
    return kind(title=title, description=description, **shown)


def _shares() -> list[Chart]:
    kinds = [(_("Mobile"), 412), (_("Fixed"), 96), (_("Data SIM"), 58), (_("VoIP"), 31), (_("Extension"), 17)]
    spenders = [
        ("Mara Verdi · +39 351 000 0012", Decimal("218.40")),
        ("Ugo Neri · +39 351 000 0044", Decimal("164.15")),
        ("Lea Conti · +39 351 000 0007", Decimal("97.02")),
        ("Centralino sede di via Roma 10", Decimal("41.80")),
    ]
    return [
        Donut(
            title=_("Lines by kind"),
            description=_("Shares of all lines."),
            parts=kinds,
            category_title=_("Kind of line"),
        ),
        RankChart(
            title=_("Top spenders"),
            description=_("The lines that cost most this month."),
            items=spenders,
            write=formats.money,
            category_title=_("Line"),
        ),
        Gauge(
            title=_("Calm threshold"),
            description=_("Used share of a limit."),
            value=Decimal(12),
            limit=Decimal(50),
            write=formats.money,
        ),
        Gauge(
            title=_("Threshold close to its limit"),
            description=_("Used share of a limit."),
            value=Decimal("43.50"),
            limit=Decimal(50),
            write=formats.money,
        ),
        Gauge(
            title=_("Threshold crossed"),
            description=_("Used share of a limit."),
            value=Decimal(61),
            limit=Decimal(50),
            write=formats.money,
        ),
    ]


def _without_numbers() -> list[Chart]:
    return [
        LineChart(
            title=_("A plot without numbers"), categories=MONTHS, series=[Series(label=_("Voice"), values=[None] * 12)]
        )
    ]


def entries(now: datetime) -> list[TimelineEntry]:
    """Return a few things that happened."""
    return [
        TimelineEntry(
            at=now - timedelta(minutes=4),
            title=_("Threshold crossed"),
            who=_("the system"),
            icon="bell-ringing",
            tone="bad",
            detail=_("100% of 50.00 EUR for data. SMS sent to the user."),
        ),
        TimelineEntry(at=now - timedelta(hours=5), title=_("Plan changed"), who="Ada Rossi", icon="edit", tone="info"),
        TimelineEntry(
            at=now - timedelta(days=12), title=_("Line activated"), who="Olga Bianchi", icon="check", tone="good"
        ),
    ]


def tabs(address: str) -> list[Tab]:
    """Return a bar of tabs."""
    return [
        Tab(label=_("Overview"), url=address, active=True),
        Tab(label=_("Traffic"), url=f"{address}?tab=traffic", count=1284),
        Tab(label=_("History"), url=f"{address}?tab=history", count=7),
    ]


def steps() -> Steps:
    """Return a piece of work in its second step."""
    return Steps(labels=[_("File"), _("Preview"), _("Done")], current=2)


def lines() -> list[dict[str, object]]:
    """Return the rows of a small table."""
    rows = (
        ("+393510000012", "Mara Verdi", "active", _("Active"), Decimal("218.40"), 38_200_000_000, 7421),
        ("+393510000044", "Ugo Neri", "suspended", _("Suspended"), Decimal("164.15"), 9_120_000_000, 512),
        ("+393510000007", "Lea Conti", "ceased", _("Ceased"), Decimal("0.00"), 0, 0),
        ("+390655500010", "Centralino", "pending", _("Pending"), Decimal("-4.10"), 18_400, 58),
    )
    names = ("number", "person", "state", "state_label", "amount", "bytes", "seconds")
    return [dict(zip(names, row, strict=True)) for row in rows]
