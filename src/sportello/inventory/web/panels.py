"""What the pages of the inventory draw: facts of a line, its history as a timeline, totals, plots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sportello.inventory import queries
from sportello.inventory.models import Agreement, Line, LinePeriod
from sportello.inventory.states import LineKind, LineStatus
from sportello.inventory.types import MonthCount, Share
from sportello.inventory.web.tables import drawn_status
from sportello.kernel.actor import Actor
from sportello.kernel.ui import formats
from sportello.kernel.ui.charts import BarChart, Donut, RankChart, Series
from sportello.kernel.ui.types import TimelineEntry

Facts = list[tuple[object, object]]

MOST_BARS: Final = 10
HISTORY_WORDS: Final = ("status", "plan", "person", "cost_centre", "site", "sim", "dual_billing")


def line_facts(line: Line) -> Facts:
    """Return what identifies a line, for its page."""
    return [
        (_("Number"), formats.phone(line.number)),
        (_("Kind"), line.get_kind_display()),
        (_("Status"), drawn_status(line.status, line.get_status_display())),
        (_("Customer"), line.organisation.legal_name),
        (_("Agreement"), _linked(reverse("inventory:agreement", args=[line.agreement_id]), str(line.agreement))),
        (_("Active from"), formats.day(line.active_from)),
        (_("Active to"), formats.day(line.active_to) if line.active_to else ""),
        (_("Device"), line.device),
    ]


def _linked(address: str, text: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', address, text)


def standing_facts(standing: Line | LinePeriod) -> Facts:
    """Return how a line stands, or stood in a period."""
    return [
        (_("Person"), _person(standing)),
        (_("Plan"), standing.plan or ""),
        (_("Cost centre"), standing.cost_centre or ""),
        (_("Site"), standing.site or ""),
        (_("SIM (ICCID)"), standing.sim or ""),
        (_("Dual billing"), _("yes") if standing.dual_billing else _("no")),
    ]


def _person(standing: Line | LinePeriod) -> str:
    """Return who uses a line, as a link to their page: the section that opens the line's page opens that too."""
    if standing.person is None:
        return ""
    return _linked(reverse("accounts:person", args=[standing.person.pk]), str(standing.person))


def sim_facts(line: Line) -> Facts:
    """Return the SIM of a line without its PUK."""
    if line.sim is None:
        return []
    return [(_("ICCID"), line.sim.iccid), (_("IMSI"), line.sim.imsi)]


def timeline(actor: Actor, line: Line) -> list[TimelineEntry]:
    """Return a line's history, the newest first: what was different from then on."""
    periods = list(queries.history(actor, line))
    entries = [_entry(period, earlier) for period, earlier in zip(periods, [*periods[1:], None], strict=True)]
    if line.status == LineStatus.TERMINATED and line.active_to:
        entries.insert(0, TimelineEntry(at=line.active_to, title=_("Line ended"), icon="circle-x", tone="off"))
    return entries


def _entry(period: LinePeriod, earlier: LinePeriod | None) -> TimelineEntry:
    if earlier is None:
        words = [f"{name}: {text}" for name, text in _words(period).items() if text]
        return TimelineEntry(
            at=period.active_from, title=_("Line activated"), detail=" · ".join(words), icon="circle-check", tone="good"
        )
    before, after = _words(earlier), _words(period)
    nothing = formats.NOTHING
    changes = [
        f"{name}: {before[name] or nothing} → {after[name] or nothing}" for name in after if before[name] != after[name]
    ]
    return TimelineEntry(
        at=period.active_from, title=_("Changed"), detail=" · ".join(changes), icon="pencil", tone="info"
    )


def _words(period: LinePeriod) -> dict[str, str]:
    labels: dict[str, str] = {
        "status": _("Status"), "plan": _("Plan"), "person": _("Person"), "cost_centre": _("Cost centre"),
        "site": _("Site"), "sim": _("SIM (ICCID)"), "dual_billing": _("Dual billing"),
    }  # fmt: skip
    return {labels[name]: _word(period, name) for name in HISTORY_WORDS}


def _word(period: LinePeriod, name: str) -> str:
    value: Any = getattr(period, name)
    if name == "status":
        return str(period.get_status_display())
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value or "")


def over_months(counts: Sequence[MonthCount]) -> BarChart:
    """Plot how many lines of each kind were held at the end of each month."""
    months = list(dict.fromkeys(count.month for count in counts))
    series = [
        Series(label=str(kind.label), values=[count.lines for count in counts if count.kind == kind])
        for kind in LineKind
        if any(count.lines for count in counts if count.kind == kind)
    ]
    return BarChart(
        title=_("Lines over the months"),
        description=_("How many lines of each kind were held at the end of each month."),
        categories=[formats.month_short(month) for month in months],
        category_title=_("Month"),
        series=series,
        stacked=True,
        key="lines-over-months",
    )


def by_kind(shares: Sequence[Share]) -> Donut:
    """Plot the lines by kind."""
    total = sum(share.lines for share in shares)
    return Donut(
        title=_("Lines by kind"),
        description=_("Lines that have not ended, by kind."),
        parts=[(share.label, share.lines) for share in shares],
        centre=formats.number(total),
        category_title=_("Kind"),
    )


@dataclass(frozen=True, slots=True)
class Ranking:
    """The longest of many shares as a plot, and what the others come to."""

    chart: RankChart
    others: int
    lines_of_others: int


def ranked(title: str, category: str, shares: Sequence[Share]) -> Ranking:
    """Plot the longest of many shares, and sum up the others: as a bar they would dwarf the rest."""
    shown = [(share.label or _("None"), share.lines) for share in shares[:MOST_BARS]]
    others = shares[MOST_BARS:]
    chart = RankChart(title=title, items=shown, category_title=category, key=category)
    return Ranking(chart, len(others), sum(share.lines for share in others))


Crumbs = list[tuple[str, str]]


def below_lines(here: str) -> Crumbs:
    """Return the way to a page below the list of lines."""
    return [(_("Lines"), reverse("inventory:lines")), (here, "")]


def line_crumbs(line: Line, here: str = "") -> Crumbs:
    """Return the way to a line's page, or to a page below it."""
    way, number = below_lines(formats.phone(line.number)), formats.phone(line.number)
    return way if not here else [way[0], (number, reverse("inventory:line", args=[line.pk])), (here, "")]


def agreement_crumbs(agreement: Agreement, here: str = "") -> Crumbs:
    """Return the way to an agreement's page, or to a page below it."""
    way = [below_lines("")[0], (_("Agreements"), reverse("inventory:agreements"))]
    if not here:
        return [*way, (agreement.code, "")]
    return [*way, (agreement.code, reverse("inventory:agreement", args=[agreement.pk])), (here, "")]
