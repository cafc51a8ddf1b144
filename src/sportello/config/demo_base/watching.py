"""The thresholds of the demo, set by the named people through the operation that the page calls."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from sportello.config.demo_base.daily_work import REASON, actor_of
from sportello.config.demo_base.usage_file import Wish, line_of, write_usage_file
from sportello.inventory.models import Line
from sportello.inventory.states import LineKind, LineStatus
from sportello.kernel.actor import Actor, system_actor
from sportello.kernel.money import to_units
from sportello.network.models import Order
from sportello.network.operations import confirm, overtake, refuse
from sportello.network.types import Answer
from sportello.parties.models import Organisation
from sportello.thresholds.operations import (
    add_term,
    enrol_lines,
    inherit_profiles,
    lift_bar,
    make_profile,
    set_cut_off,
    set_threshold,
    suspend_threshold,
)
from sportello.thresholds.queries import bars
from sportello.thresholds.types import Terms

GIGABYTE, MINUTE = 10**9, 60
REFUSED, LEFT_WAITING = 0, 1
SUSPENDED = 4


@dataclass(frozen=True)
class Watch:
    """A threshold that somebody sets on one of the lines in their reach."""

    who: str
    terms: Terms


def _euro(amount: str, traffic_type: str = "all", zone: str = "any", *, period: str = "month") -> Terms:
    return Terms(traffic_type=traffic_type, measure="amount", limit=to_units(Decimal(amount)), zone=zone, period=period)


def _bar(amount: str, traffic_type: str = "all", *, period: str = "month") -> Terms:
    return replace(_euro(amount, traffic_type, period=period), kind="enforcing", steps=(80, 100))


def _volume(gigabytes: int) -> Terms:
    return Terms(traffic_type="data", measure="volume", limit=gigabytes * GIGABYTE)


# The first of each are passed by a few days of traffic, the others hardly ever.
WATCHES = (
    *(Watch("tito.traffic", _euro(limit)) for limit in ("1.00", "2.00", "3.00", "20.00", "250.00")),
    *(Watch("ada.administrator", _volume(limit)) for limit in (1, 2, 20)),
    Watch("ada.administrator", Terms(traffic_type="voice", measure="minutes", limit=30 * MINUTE)),
    Watch("ada.administrator", Terms(traffic_type="sms", measure="messages", limit=50)),
    Watch("ada.administrator", _euro("50.00", "data", "extra_eu")),
    Watch("ada.administrator", _euro("0.50", period="day")),
    *(Watch("ada.administrator", _bar(limit)) for limit in ("0.50", "1.00", "1.50", "2.00", "40.00")),
    Watch("tito.traffic", _bar("3.00", "voice", period="bill")),
    Watch("cy.administrator", _bar("2.00", period="bill")),
    *(Watch("cy.administrator", _euro(limit)) for limit in ("1.00", "5.00", "100.00")),
    Watch("zoe.both", _volume(1)),
)


EXECUTIVES: Final = 12


def set_thresholds(now: datetime) -> int:
    """Set the thresholds of the demo, each on another line, suspend one, make profiles; return how many were set by hand."""
    _set_profiles(now)
    free = {who: _lines_to_watch(actor_of(who)) for who in dict.fromkeys(watch.who for watch in WATCHES)}
    rows = [
        set_threshold(actor=actor_of(watch.who), line=line, terms=watch.terms, now=now)
        for watch in WATCHES
        if (line := next(free[watch.who], None))
    ]
    suspend_threshold(actor=actor_of(WATCHES[SUSPENDED].who), threshold=rows[SUSPENDED], now=now)
    return len(rows) + _own_threshold(now)


def _set_profiles(now: datetime) -> None:
    """Let bills of one customer run from the 15th, give all mobile lines of three the safeguard, and some of one a profile of their own."""
    ada, cy = actor_of("ada.administrator"), actor_of("cy.administrator")
    system = system_actor(reason=REASON)
    for actor in (ada, cy, actor_of("zoe.both")):
        home = Organisation.objects.for_(actor).get_or_refuse(pk=actor.organisation_id)
        if actor is cy:
            set_cut_off(actor=cy, organisation=home, agreement=None, day=15, now=now)
        while inherit_profiles(actor=system, organisation=home, now=now):
            pass
    home = Organisation.objects.for_(ada).get_or_refuse(pk=ada.organisation_id)
    profile = make_profile(actor=ada, organisation=home, name="Dirigenti", default=False, now=now)
    for terms in (
        replace(_euro("50.00", "data", "extra_eu"), kind="enforcing", steps=(80, 100)),
        _volume(20),
        _euro("30.00", "voice"),
    ):
        add_term(actor=ada, profile=profile, terms=terms, now=now)
    working = Line.objects.for_(ada).filter(kind=LineKind.MOBILE, status=LineStatus.ACTIVE, active_to=None)
    lines = list(working.select_related("organisation").order_by("-number")[:EXECUTIVES])
    enrol_lines(actor=ada, lines=lines, profile=profile, now=now)


def go_abroad(now: datetime, folder: Path) -> Path | None:
    """Write a usage file in which Bo has used data abroad beyond the safeguard, two days ago at most, and not before this month."""
    number = line_of("bo.employee")
    if number is None:
        return None
    return write_usage_file(folder, Wish(number, Decimal("53.80"), "data", records=3, country="FR", zone="eu"), now=now)


def let_the_network_answer(now: datetime) -> str:
    """Settle the orders to the network but the last: one refused, the others done; an administrator lifts one bar."""
    system, ada = system_actor(reason=REASON), actor_of("ada.administrator")
    waiting = list(Order.objects.for_(system).filter(state="asked").select_related("switch").order_by("pk"))
    standing = [order.pk for order in waiting if order.wanted and order.revision == order.switch.revision]
    for order in waiting[:-LEFT_WAITING]:
        if order.revision != order.switch.revision:
            overtake(order, now=now)
        elif order.pk == standing[REFUSED]:
            refuse(actor=system, order=order, reason="subscriber profile locked by another order", now=now)
        else:
            confirm(actor=system, order=order, answer=Answer(enabled=order.wanted, external_id=""), now=now)
    confirmed = bars(ada, lifted_at=None, switch__state="confirmed").first()
    if confirmed is not None:
        lift_bar(actor=ada, bar=confirmed, now=now)
    return f"{len(waiting)} orders to the network"


def _lines_to_watch(actor: Actor) -> Iterator[Line]:
    # Those who pay by the minute first: they pass a threshold in euro soon.
    working = Line.objects.for_(actor).filter(kind=LineKind.MOBILE, status=LineStatus.ACTIVE, active_to=None)
    by_plan = working.select_related("organisation", "plan").order_by("-plan__code", "number")
    return iter([*by_plan.exclude(thresholds__profile=None, thresholds__isnull=False)])


def _own_threshold(now: datetime) -> int:
    bo = actor_of("bo.employee")
    line = Line.objects.for_(bo).select_related("organisation").get()
    set_threshold(actor=bo, line=line, terms=_euro("1.00"), now=now)
    return 1
