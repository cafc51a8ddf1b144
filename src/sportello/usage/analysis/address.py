"""Reading from an address which traffic is asked for, and writing addresses that ask for other traffic.

Beside the pages, exports in the background and scheduled reports keep what they are asked for in the words of an address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.kernel.refusals import InvalidInput
from sportello.usage.analysis import queries
from sportello.usage.analysis.types import Asked, Grouping, Order
from sportello.usage.states import TrafficType, Zone

_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}", re.ASCII)
EARLIEST, LATEST = date(1970, 1, 1), date(2999, 12, 1)
"""Months that can be asked for: those beyond have no year before them, or no month after them, that a calendar knows."""

MOST_MONTHS = 24
DIMENSIONS = ("customer", "cost_centre", "person", "agreement", "line")
LONGEST_ID = 18


def read_month(text: str) -> date | None:
    """Return the first day of a month written `2026-03`, None for nothing. Raises `InvalidInput`."""
    if not text:
        return None
    try:  # `strptime` would read other scripts' digits too
        month = date.fromisoformat(f"{text}-01") if _MONTH.fullmatch(text) else date.min
    except ValueError as wrong:
        raise InvalidInput(_("Write the month like 2026-03.")) from wrong
    if not EARLIEST <= month <= LATEST:
        raise InvalidInput(_("Write the month like 2026-03."))
    return month


def read_asked(actor: Actor, query: Mapping[str, str], *, today: date) -> Asked:
    """Return what an address asks for. Raises `InvalidInput` for months that are none, or too many of them.

    Without months the last with traffic, or that of `today`. Who reaches several customers sees them side by side until they choose one.
    """
    identities: dict[str, Any] = {name: _identity(query, name) for name in DIMENSIONS}
    asked = Asked(
        by=_by(actor, query),
        since=EARLIEST,
        until=EARLIEST,
        traffic_type=_one_of(query, "type", TrafficType.values),
        zone=_one_of(query, "zone", Zone.values),
        words=query.get("q", "")[:100].strip(),
        order=Order(_one_of(query, "sort", Order.values, default=Order.NOW.value)),
        ascending=query.get("sort", "-") in Order.values,
        **identities,
    )
    if asked.by is Grouping.CUSTOMER:
        asked = replace(asked, words="", cost_centre=None, person=None, agreement=None, line=None)
    until = read_month(query.get("to", "")) or read_month(query.get("from", ""))
    until = until or queries.latest_month(actor, asked.customer) or today.replace(day=1)
    asked = replace(asked, since=read_month(query.get("from", "")) or until, until=until)
    if not 1 <= asked.months <= MOST_MONTHS:
        raise InvalidInput(_("Ask for one month up to two years, the first month before the last."))
    return asked


def written(asked: Asked) -> dict[str, str]:
    """Return the words of an address that asks for this; without those that say what goes without saying."""
    sort = f"{'' if asked.ascending else '-'}{asked.order.value}"
    words = {
        "by": asked.by.value,
        "from": f"{asked.since:%Y-%m}",
        "to": f"{asked.until:%Y-%m}",
        **{name: "" if getattr(asked, name) is None else str(getattr(asked, name)) for name in DIMENSIONS},
        "type": asked.traffic_type,
        "zone": asked.zone,
        "q": asked.words,
        "sort": "" if sort == "-now" else sort,
    }
    return {name: value for name, value in words.items() if value}


def address(asked: Asked, **changed: Any) -> str:
    """Return the query of the address that asks for this, with fields changed."""
    return f"?{urlencode(written(replace(asked, **changed)))}"


def _by(actor: Actor, query: Mapping[str, str]) -> Grouping:
    several = actor.reach in {Reach.ALL, Reach.PARTNER}
    wanted = Grouping(_one_of(query, "by", Grouping.values, default=Grouping.COST_CENTRE.value))
    chosen = _identity(query, "customer") is not None
    if several and not chosen and wanted not in {Grouping.TYPE, Grouping.ZONE}:
        return Grouping.CUSTOMER
    return Grouping.COST_CENTRE if wanted is Grouping.CUSTOMER and (chosen or not several) else wanted


def _one_of(query: Mapping[str, str], name: str, values: list[str], *, default: str = "") -> str:
    wanted = query.get(name, "").removeprefix("-")
    return wanted if wanted in values else default


def _identity(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_ID else None
