"""Lines, people and customers on the first page, with what happened lately inside the actor's reach."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sportello.accounts.queries import people
from sportello.inventory import queries as inventory
from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.kernel.ui import formats
from sportello.kernel.ui.charts import Chart, Donut, LineChart, Series
from sportello.parties import queries as parties
from sportello.shell.navigation import address
from sportello.shell.queries.happened import latest
from sportello.shell.types import Figure, Panel, Parts

MONTHS: Final = 12
TOLD_APART: Final = 5


def parts(actor: Actor, *, now: datetime) -> Parts:
    """Return how many lines, people and customers there are, of which kinds, and the latest events."""
    plots = [_kinds(actor), _over_time(actor, now)] if actor.reach is Reach.CUSTOMER else [_kinds(actor)]
    return Parts(figures=_figures(actor), panels=[*filter(None, plots), _latest(actor)])


def _figures(actor: Actor) -> list[Figure]:
    persons = people(actor).filter(deactivated_at=None).count()
    figures = [
        _lines(actor),
        Figure(
            label=_("People"), value=formats.number(persons), icon="users", url=f"{address('accounts:people')}?active=1"
        ),
    ]
    if actor.reach in {Reach.ALL, Reach.PARTNER}:
        customers = formats.number(parties.customers(actor).count())
        figures.append(
            Figure(label=_("Customers"), value=customers, icon="building", url=address("parties:organisations"))
        )
    if actor.reach is Reach.ALL:
        partners = formats.number(parties.partners(actor).count())
        figures.append(Figure(label=_("Partners"), value=partners, icon="affiliate", url=address("parties:partners")))
    return figures


def _lines(actor: Actor) -> Figure:
    """Return how many lines work, and how many are suspended."""
    found = {share.value: share.lines for share in inventory.totals(actor, "status")}
    suspended = found.get("suspended", 0)
    return Figure(
        label=_("Active lines"),
        value=formats.number(found.get("active", 0)),
        icon="device-mobile",
        url=f"{address('inventory:lines')}?status=active",
        note=ngettext("%(count)s suspended", "%(count)s suspended", suspended) % {"count": formats.number(suspended)}
        if suspended
        else "",
    )


def _kinds(actor: Actor) -> Panel | None:
    shares = [(share.label, share.lines) for share in inventory.totals(actor, "kind")]
    if not shares:
        return None
    rest = sum(lines for _label, lines in shares[TOLD_APART:])
    told = shares[:TOLD_APART] + ([(_("Others"), rest)] if rest else [])
    chart = Donut(
        title=_("Lines by kind"),
        description=_("How many lines of each kind there are."),
        parts=told,
        category_title=_("Kind"),
    )
    return _plot(chart)


def _over_time(actor: Actor, now: datetime) -> Panel | None:
    counts = inventory.active_lines_by_month(actor, now=now, months=MONTHS)
    months: Sequence[date] = sorted({count.month for count in counts})
    held = {month: sum(count.lines for count in counts if count.month == month) for month in months}
    if not any(held.values()):
        return None
    chart = LineChart(
        title=_("Lines over twelve months"),
        description=_("How many lines there were at the end of each month."),
        categories=[formats.month_short(month) for month in months],
        series=[Series(label=_("Lines"), values=list(held.values()))],
        category_title=_("Month"),
        area=True,
    )
    return _plot(chart)


def _plot(chart: Chart) -> Panel:
    return Panel(
        title=chart.title,
        template="shell/panel_chart.html",
        facts={"chart": chart},
        url=address("inventory:totals"),
        more=_("In numbers"),
    )


def _latest(actor: Actor) -> Panel:
    return Panel(
        title=_("What happened lately"),
        template="shell/panel_timeline.html",
        facts={"entries": latest(actor), "nothing": _("Nothing yet.")},
        url=address("accounts:audit"),
        more=_("All of it"),
    )
