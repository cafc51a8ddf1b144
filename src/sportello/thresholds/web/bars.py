"""The pages of bars: what the network says, lifting, and the consent of a line's user."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sportello.kernel.access import Section
from sportello.kernel.web import PageRequest, page
from sportello.network.states import State as NetworkState
from sportello.thresholds import operations, queries, rules
from sportello.thresholds.web import panels
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
def ask_again(request: PageRequest, pk: int) -> HttpResponse:
    """Ask the network once more for what it refused."""
    row = queries.bar(request.actor, pk)
    operations.ask_network_again(actor=request.actor, bars=[row], now=timezone.now())
    messages.success(request, _("The network was asked again. Its answer is shown here."))
    return redirect("thresholds:line", row.line_id)


@page(section=Section.THRESHOLDS, methods=("POST",))
def ask_again_chosen(request: PageRequest) -> HttpResponse:
    """Ask the network once more for the chosen bars that it refused."""
    rules.check_can_manage(request.actor)
    chosen = BarList(request, queries.bars(request.actor).order_by()).chosen(request.POST)
    most = rules.MOST_IN_ONE_REQUEST
    refused = list(chosen.filter(switch__state=NetworkState.FAILED).order_by("-asked_at", "-pk")[: most + 1])
    rules.check_not_too_many(len(refused), most=most)
    count = operations.ask_network_again(actor=request.actor, bars=refused, now=timezone.now())
    said = ngettext(
        "The network was asked again for %(count)s bar.", "The network was asked again for %(count)s bars.", count
    )
    messages.success(request, said % {"count": count})
    return redirect("thresholds:bars")


@page(section=Section.THRESHOLDS, methods=("GET", "POST"))
def consent(request: PageRequest, pk: int) -> HttpResponse:
    """Say what it means to go on beyond a safeguard, and record the consent of the line's user."""
    row = queries.bar(request.actor, pk)
    rules.check_can_consent(request.actor, row.line, row.threshold, lifted=row.lifted_at is not None)
    beside = queries.bars_beside(request.actor, row)
    if request.method == "GET":
        context = {
            "title": _("Go on beyond the safeguard?"),
            "bar": row,
            "facts": panels.bar_facts(row),
            "beside": panels.named(beside),
            "ask": panels.people_to_ask(row) if beside else "",
        }
        return render(request, "thresholds/consent.html", context)
    operations.consent(actor=request.actor, bar=row, now=timezone.now())
    if beside:
        said = _(
            "Your consent is recorded, but another bar still stands and stops the traffic, or part of it: %(others)s. Ask: %(people)s."
        )
        words = {"others": panels.named(beside), "people": panels.people_to_ask(row)}
        messages.warning(request, said % words)
    else:
        messages.success(
            request, _("Your consent is recorded, and the network was asked to let the traffic through again.")
        )
    return redirect("thresholds:index")
