"""The pages of bars: what the network says, lifting, and the consent of a line's user."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sportello.kernel.access import Section
from sportello.kernel.web import PageRequest, page
from sportello.thresholds import operations, queries, rules
from sportello.thresholds.web.tables import BarList


@page(section=Section.THRESHOLDS, methods=("GET", "POST"))
def bars(request: PageRequest) -> HttpResponseBase:
    """List the bars in reach."""
    rules.check_can_manage(request.actor)
    context = {
        "title": _("Bars"),
        "empty_title": _("Nothing was barred yet"),
        "empty_text": _(
            "When an enforcing threshold is reached, its bar appears here with what the network says of it."
        ),
        "empty_icon": "lock-open",
    }
    return BarList(request, queries.bars(request.actor).order_by()).respond("thresholds/bars.html", context)


@page(section=Section.THRESHOLDS, methods=("POST",))
def lift(request: PageRequest, pk: int) -> HttpResponse:
    """Lift a bar."""
    row = queries.bar(request.actor, pk)
    operations.lift_bar(actor=request.actor, bar=row, now=timezone.now())
    messages.success(request, _("The network was asked to lift the bar. Its answer is shown here."))
    return redirect("thresholds:line", row.line_id)


@page(section=Section.THRESHOLDS, methods=("POST",))
def lift_chosen(request: PageRequest) -> HttpResponse:
    """Lift the bars chosen in the list."""
    rules.check_can_manage(request.actor)
    chosen = BarList(request, queries.bars(request.actor).order_by()).chosen(request.POST).filter(lifted_at=None)
    most = rules.MOST_IN_ONE_REQUEST
    standing = list(chosen.order_by("-asked_at", "-pk")[: most + 1])
    rules.check_not_too_many(len(standing), most=most)
    count = operations.lift_bars(actor=request.actor, bars=standing, now=timezone.now())
    said = ngettext(
        "The network was asked to lift %(count)s bar.", "The network was asked to lift %(count)s bars.", count
    )
    messages.success(request, said % {"count": count})
    return redirect("thresholds:bars")


@page(section=Section.THRESHOLDS, methods=("POST",))
def consent(request: PageRequest, pk: int) -> HttpResponse:
    """Record the line's user's consent to go on beyond a safeguard."""
    row = queries.bar(request.actor, pk)
    operations.consent(actor=request.actor, bar=row, now=timezone.now())
    messages.success(
        request, _("Your consent is recorded, and the network was asked to let the traffic through again.")
    )
    return redirect("thresholds:index")
