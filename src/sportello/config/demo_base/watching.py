"""The thresholds of the demo, set by the named people through the operation that the page calls."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sportello.config.demo_base.daily_work import actor_of
from sportello.inventory.models import Line
from sportello.inventory.states import LineKind, LineStatus
from sportello.kernel.actor import Actor
from sportello.kernel.money import to_units
from sportello.thresholds.operations import set_threshold, suspend_threshold
from sportello.thresholds.types import Terms

GIGABYTE, MINUTE = 10**9, 60
SUSPENDED = 4


@dataclass(frozen=True)
class Watch:
    """A threshold that somebody sets on one of the lines in their reach."""

    who: str
    terms: Terms


def _euro(amount: str, traffic_type: str = "all", zone: str = "any") -> Terms:
    return Terms(traffic_type=traffic_type, measure="amount", limit=to_units(Decimal(amount)), zone=zone)


def _volume(gigabytes: int) -> Terms:
    return Terms(traffic_type="data", measure="volume", limit=gigabytes * GIGABYTE)


# The first of each are passed by a few days of traffic, the others hardly ever.
WATCHES = (
    *(Watch("tito.traffic", _euro(limit)) for limit in ("1.00", "2.00", "3.00", "20.00", "250.00")),
    *(Watch("ada.administrator", _volume(limit)) for limit in (1, 2, 20)),
    Watch("ada.administrator", Terms(traffic_type="voice", measure="minutes", limit=30 * MINUTE)),
    Watch("ada.administrator", Terms(traffic_type="sms", measure="messages", limit=50)),
    Watch("ada.administrator", _euro("50.00", "data", "extra_eu")),
    *(Watch("cy.administrator", _euro(limit)) for limit in ("1.00", "5.00", "100.00")),
    Watch("zoe.both", _volume(1)),
)


def set_thresholds(now: datetime) -> int:
    """Set the thresholds of the demo, each on another line, and suspend one; return how many were set."""
    free = {who: _lines_to_watch(actor_of(who)) for who in dict.fromkeys(watch.who for watch in WATCHES)}
    rows = [
        set_threshold(actor=actor_of(watch.who), line=line, terms=watch.terms, now=now)
        for watch in WATCHES
        if (line := next(free[watch.who], None))
    ]
    suspend_threshold(actor=actor_of(WATCHES[SUSPENDED].who), threshold=rows[SUSPENDED], now=now)
    return len(rows) + _own_threshold(now)


def _lines_to_watch(actor: Actor) -> Iterator[Line]:
    # Those who pay by the minute first: they pass a threshold in euro soon.
    working = Line.objects.for_(actor).filter(kind=LineKind.MOBILE, status=LineStatus.ACTIVE, active_to=None)
    by_plan = working.select_related("organisation", "plan").order_by("-plan__code", "number")
    return iter([*by_plan.filter(thresholds=None)])


def _own_threshold(now: datetime) -> int:
    bo = actor_of("bo.employee")
    line = Line.objects.for_(bo).select_related("organisation").get()
    set_threshold(actor=bo, line=line, terms=_euro("1.00"), now=now)
    return 1
