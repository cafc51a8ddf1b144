"""The operator's pages about the network, and the demo's switchboard."""

from __future__ import annotations

import json
import urllib.request
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sportello.kernel.access import Section
from sportello.kernel.refusals import NotFound, Refusal
from sportello.kernel.ui import formats
from sportello.kernel.web import PageRequest, page, public
from sportello.network import operations, queries, rules
from sportello.network.features import named
from sportello.network.models import Order
from sportello.network.web.tables import OrderList

SHOWN: Final = 30
BEHAVIOURS: Final = {
    "well": gettext_lazy("Works well"),
    "slow": gettext_lazy("Is slow"),
    "late": gettext_lazy("Does the work and answers too late"),
    "refuse": gettext_lazy("Refuses"),
    "away": gettext_lazy("Is away"),
    "monitor": gettext_lazy("Takes orders and does them later"),
}


@page(section=Section.OPERATIONS, methods=("GET", "POST"))
def orders(request: PageRequest) -> HttpResponseBase:
    """List the orders to the network."""
    context = {
        "title": _("Orders to the network"),
        "connected": queries.connected(),
        "empty_title": _("Nothing was asked of the network yet"),
        "empty_text": _("A bar of an enforcing threshold appears here as soon as it is asked for."),
        "empty_icon": "affiliate",
    }
    return OrderList(request, queries.orders(request.actor)).respond("network/orders.html", context)


@page(section=Section.OPERATIONS)
def order(request: PageRequest, pk: int) -> HttpResponse:
    """Show one order, and what the network said."""
    row = queries.order(request.actor, pk)
    context = {
        "title": f"{named(row.switch.feature)} · {formats.phone(row.switch.resource)}",
        "order": row,
        "facts": _facts(row),
        "refusal": _why_not_again(row),
        "breadcrumbs": [(_("Orders to the network"), "/network/"), (formats.phone(row.switch.resource), "")],
    }
    return render(request, "network/order.html", context)


@page(section=Section.OPERATIONS, methods=("POST",))
def ask_again(request: PageRequest, pk: int) -> HttpResponse:
    """Send a refused order once more."""
    row = queries.order(request.actor, pk)
    again = operations.ask_again(actor=request.actor, order=row, now=timezone.now())
    messages.success(request, _("The order is on its way again."))
    return redirect("network:order", again.pk)


@public(
    why="the demo's network has no secrets: whoever tries the demo makes it slow or sends it away; 404 outside the demo",
    methods=("GET", "POST"),
)
def simulator(request: HttpRequest) -> HttpResponse:
    """Show what the simulated network knows, and let it be slow, refuse, answer late or go away."""
    if not settings.SPORTELLO["DEMO"]:
        raise NotFound
    if request.method == "POST":
        _behave(request.POST.get("behaviour", ""))
        return redirect("network:simulator")
    state = _asked("/simulator/state")
    context = {
        "title": _("The demo's network"),
        "state": state,
        "behaviours": BEHAVIOURS.items(),
        "resources": _resources(state),
        "work": list(reversed(state.get("work", [])))[:SHOWN] if state else [],
    }
    return render(request, "network/simulator.html", context)


def _facts(row: Order) -> list[tuple[object, object]]:
    return [
        (_("Customer"), row.organisation.legal_name),
        (_("Number"), formats.phone(row.switch.resource)),
        (_("Feature"), named(row.switch.feature)),
        (_("Wanted"), _("On") if row.wanted else _("Off")),
        (_("Asked"), formats.instant(row.asked_at)),
        (_("Tries"), formats.number(row.tries)),
        (_("Last try"), formats.instant(row.tried_at) if row.tried_at else "-"),
        (_("Answer"), row.answer or "-"),
        (_("Key"), str(row.key)),
        (_("The network's id"), row.switch.external_id or "-"),
    ]


def _why_not_again(row: Order) -> Refusal | None:
    try:
        rules.check_can_ask_again(state=row.state, last=row.revision == row.switch.revision)
    except Refusal as refusal:
        return refusal
    return None


def _resources(state: dict[str, Any]) -> list[dict[str, Any]]:
    rows = list(state.get("resources", {}).values())[-SHOWN:] if state else []
    return [
        {"name": row["name"], "id": row["id"], "on": any(one.get("isEnabled") for one in row["activationFeature"])}
        for row in reversed(rows)
    ]


def _behave(behaviour: str) -> None:
    if behaviour in BEHAVIOURS:
        _asked("/simulator/behaviour", {"behaviour": behaviour})


def _asked(path: str, body: dict[str, str] | None = None) -> dict[str, Any]:
    """Ask the simulator; nothing when it is not running."""
    data = None if body is None else json.dumps(body).encode()
    address = settings.SPORTELLO["NETWORK_URL"] + path
    question = urllib.request.Request(address, data=data, method="GET" if body is None else "PUT")  # noqa: S310 - our own setting
    try:
        with urllib.request.urlopen(question, timeout=3) as answer:  # noqa: S310
            found: dict[str, Any] = json.loads(answer.read())
            return found
    except (OSError, ValueError):
        return {}
