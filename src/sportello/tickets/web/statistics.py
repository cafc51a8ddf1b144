"""Statistics of tickets: how many, of what, how soon, for operator and partners."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.refusals import NotPermitted
from sportello.kernel.ui import formats
from sportello.kernel.ui.charts import BarChart, LineChart, RankChart, Series
from sportello.kernel.web import PageRequest, page
from sportello.tickets.queries import feedback, statistics
from sportello.tickets.states import Score
from sportello.tickets.visibility import Audience, audience_of


@page(section=Section.TICKETS)
def figures(request: PageRequest) -> HttpResponse:
    """Show the tickets of the last twelve months in figures; of the partner's customers to a partner."""
    actor, audience = request.actor, audience_of(request.actor)
    if audience not in {Audience.OPERATOR, Audience.PARTNER}:
        raise NotPermitted
    since = _since(timezone.now())
    zone = timezone.get_current_timezone()
    months = statistics.opened_by_month(actor, since=since, zone=ZoneInfo(str(zone)))
    types = statistics.by_type(actor, since=since)
    direct = _("Customers of the operator")
    partners = statistics.by_partner(actor, since=since, direct=direct) if audience is Audience.OPERATOR else []
    opened = sum(row.opened for row in types)
    due = sum(row.had_due for row in types)
    context = {
        "title": _("Statistics of tickets"),
        "lead": _("The last twelve months. Times are those of the clock on the wall, nights and waits included."),
        "breadcrumbs": [(_("Tickets"), reverse("tickets:index")), (_("Statistics"), "")],
        "opened": opened,
        "still_open": sum(row.still_open for row in types),
        "in_time": round(100 * sum(row.answered_in_time for row in types) / due) if due else None,
        "answer": _mean([(row.answer, row.answered) for row in types]),
        "by_month": _by_month(months),
        "by_type": RankChart(
            title=_("By type"), category_title=_("Type"), items=[(row.name, row.opened) for row in types], key="types"
        ),
        **_feedback(actor, since=since, zone=ZoneInfo(str(zone))),
        "tables": [(_("By type"), _("Type"), types), (_("By partner"), _("Partner"), partners)],
    }
    return render(request, "tickets/statistics.html", context)


def _feedback(actor: Actor, *, since: datetime, zone: ZoneInfo) -> dict[str, Any]:
    found = feedback.satisfaction(actor, since=since, zone=zone)
    if not found.asked:
        return {}
    return {
        "satisfaction": found,
        "by_score": RankChart(
            title=_("Answers by satisfaction"),
            category_title=_("Satisfaction"),
            items=[(str(score.label), found.by_score[score - 1]) for score in reversed(Score)],
            key="scores",
        ),
        "by_answer_month": LineChart(
            title=_("Mean satisfaction by month"),
            category_title=_("Month"),
            categories=[formats.month(month.date()) for month, _mean, _count in found.by_month],
            series=[Series(label=_("Mean of five"), values=[mean for _month, mean, _count in found.by_month])],
        ),
        "newest_words": feedback.newest_words(actor, since=since),
    }


def _by_month(months: list[tuple[datetime, int, int]]) -> BarChart:
    ended = [ended for _month, _opened, ended in months]
    still_open = [opened - ended for _month, opened, ended in months]
    return BarChart(
        title=_("Tickets opened"),
        category_title=_("Month"),
        categories=[formats.month(month.date()) for month, _opened, _ended in months],
        series=[
            Series(label=pgettext("tickets", "Ended"), values=ended),
            Series(label=_("Still open"), values=still_open),
        ],
        stacked=True,
        partial_last=True,
    )


def _mean(parts: list[tuple[timedelta | None, int]]) -> timedelta | None:
    known = [(part, weight) for part, weight in parts if part is not None and weight]
    total = sum(weight for _part, weight in known)
    return sum((part * weight for part, weight in known), timedelta()) / total if total else None


def _since(now: datetime) -> datetime:
    """Return the first instant of the month eleven months ago: twelve months with this one."""
    local = timezone.localtime(now)
    place = local.year * 12 + local.month - statistics.MONTHS
    return local.replace(year=place // 12, month=place % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0)
