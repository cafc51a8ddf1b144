"""The list of orders to the network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sportello.kernel.ui.filters import Choice, Search
from sportello.kernel.ui.listing import Column, Kind, Listing
from sportello.kernel.ui.templatetags import ui
from sportello.network.features import named
from sportello.network.models import Order
from sportello.network.states import State


def _wanted(row: Order) -> Any:
    return _("On") if row.wanted else _("Off")


def _address(row: Order) -> str:
    return reverse("network:order", args=[row.pk])


class OrderList(Listing[Order]):
    """Every order to the network, newest first, with what it answered."""

    name = "network.orders"
    columns: ClassVar[Sequence[Column[Any]]] = (
        Column("asked_at", _("Asked"), sort="asked_at", kind=Kind.INSTANT, link=_address),
        Column("number", _("Number"), value=lambda row: row.switch.resource, kind=Kind.PHONE),
        Column("organisation", _("Customer"), value=lambda row: row.organisation.legal_name),
        Column("feature", _("Feature"), value=lambda row: named(row.switch.feature)),
        Column("wanted", _("Wanted"), value=lambda row: str(_wanted(row))),
        Column("tries", _("Tries"), kind=Kind.NUMBER),
        Column("answer", _("Answer")),
        Column(
            "state",
            _("State"),
            value=lambda row: row.get_state_display(),
            cell=lambda row: ui.state(row.state, row.get_state_display()),
        ),
    )
    filters = (
        Search(("switch__resource__contains",)),
        Choice("state", _("State"), State.choices),
    )
    default_sort = "-asked_at"
