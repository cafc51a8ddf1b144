"""What the counters say of thresholds: `rules.counting` said to the database, for many thresholds at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable, Expression
from django.db.models.functions import Cast, Coalesce, Least

from sportello.inventory.models import LinePeriod
from sportello.kernel.actor import Actor
from sportello.kernel.calendar import first_of_month, local_month
from sportello.kernel.scope import ScopedQuerySet
from sportello.parties.models import Organisation
from sportello.thresholds import rules
from sportello.thresholds.models import Crossing, Threshold
from sportello.thresholds.states import Measure, Period, State, Traffic, Zone
from sportello.usage.models import Counter

FARTHEST_CLOCKS: Final = (timedelta(hours=-12), timedelta(hours=14))
"""How far local time is from UTC at most."""

SHARE_CAP: Final = 5
"""Shares are sorted up to five times the limit, so that no product leaves 64 bits."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A threshold whose counter stands at a step that is not on record yet: the facts of a crossing, in whole units."""

    threshold_id: int
    organisation_id: int
    line_id: int
    revision: int
    limit_units: int
    steps: Sequence[int]
    highest: int
    used_units: int

    @property
    def passed(self) -> list[int]:
        """Return the steps that the counter has reached, ascending."""
        return rules.steps_passed(self.used_units, self.limit_units, self.steps)


def current_month(now: datetime, zone: str) -> date:
    """Return the first day of the month that it is in a customer's time zone."""
    return local_month(now, ZoneInfo(zone))


def current_period(now: datetime) -> Expression:
    """Return the first day of the customer's local month as an expression on rows with an `organisation`."""
    earliest, latest = (first_of_month((now.astimezone(UTC) + offset).date()) for offset in FARTHEST_CLOCKS)
    if earliest == latest:
        return Value(latest, output_field=DateField())
    rows = Organisation.objects.across_tenants(reason="time zones, where a month is about to turn", opens_wall=False)
    zones = rows.order_by().values_list("time_zone", flat=True).distinct()
    turns = [When(organisation__time_zone=zone, then=Value(current_month(now, zone))) for zone in zones]
    return Case(*turns, default=Value(latest), output_field=DateField())


def used_in(actor: Actor, period_start: str) -> Expression:
    """Return what a threshold's counter stands at, in whole units; `period_start` names the outer annotation of the month."""
    counted = _counted(actor, period_start)
    branches = [When(measure=measure, then=_sum(counted, what)) for measure, what in _measured().items()]
    return Coalesce(Case(*branches, output_field=BigIntegerField()), Value(0), output_field=BigIntegerField())


def with_standing(actor: Actor, rows: ScopedQuerySet[Any], now: datetime) -> ScopedQuerySet[Any]:
    """Add to each threshold `period_start` (first day of the present period), `used_units` and `permille`, the used share for sorting."""
    counted = rows.annotate(period_start=current_period(now)).annotate(used_units=used_in(actor, "period_start"))
    capped = Least(F("used_units"), F("limit_units") * SHARE_CAP)
    return counted.annotate(permille=ExpressionWrapper(capped * 1000 / F("limit_units"), BigIntegerField()))


def reached(actor: Actor, line_ids: Sequence[int], month: date) -> list[Reached]:
    """Return the active thresholds of some lines whose counter of `month` stands at a step beyond those on record: two queries."""
    return _reached(actor, Q(line_id__in=line_ids), month)


def reached_by(actor: Actor, threshold: Threshold, month: date) -> list[Reached]:
    """Return the same for one threshold that was just set or changed."""
    return _reached(actor, Q(pk=threshold.pk), month)


def _reached(actor: Actor, which: Q, month: date) -> list[Reached]:
    over = dict(_over_first_step(actor, which, month))
    if not over:
        return []
    highest = _on_record(actor, month).values("threshold_id").annotate(top=Max("step")).values("top")
    rows = Threshold.objects.for_(actor).filter(pk__in=over).annotate(highest=Coalesce(Subquery(highest), Value(0)))
    fields = ("pk", "organisation_id", "line_id", "revision", "limit_units", "steps", "highest")
    found = [
        Reached(pk, organisation, line, revision, limit, steps, highest, over[pk])
        for pk, organisation, line, revision, limit, steps, highest in rows.order_by("pk").values_list(*fields)
    ]
    return [one for one in found if any(one.highest < step for step in one.passed)]


def _over_first_step(actor: Actor, which: Q, month: date) -> Iterable[tuple[int, int]]:
    """Return (threshold, counter) where the counter stands at the first step or above: counters joined and summed in one query."""
    # The first step as units, rounded up: the counter itself is never multiplied, it may be as large as 64 bits hold.
    first = ExpressionWrapper((F("limit_units") * F("first_step") + 99) / 100, BigIntegerField())
    of = "line__counters__"
    branches = [When(measure=measure, then=what) for measure, what in _measured(of).items()]
    total = Cast(Sum(Case(*branches, output_field=BigIntegerField()), output_field=BigIntegerField()), BigIntegerField())
    holder = LinePeriod.objects.for_(actor).filter(pk=OuterRef(f"{of}period_id"), person_id=OuterRef("owner_id"))
    all_told = _on_record(actor, month).filter(step=OuterRef("last_step"))
    watching = Threshold.objects.for_(actor).filter(
        which, ~Exists(all_told), state=State.ACTIVE, period=Period.MONTH, counts_from__lte=month
    )
    counted = watching.filter(
        Q(traffic_type=Traffic.ALL)
        | Q(**{f"{of}traffic_type": F("traffic_type")})
        | Q(**{"traffic_type": Traffic.SMS, f"{of}traffic_type": "mms"}),
        Q(zone=Zone.ANY) | Q(**{f"{of}zone": F("zone")}),
        Q(**{"owner__isnull": True, f"{of}personal": False}) | Q(Exists(holder), **{f"{of}personal": True}),
        **{f"{of}month": month},
    )
    sums = counted.values("pk").annotate(total=total).filter(total__gte=first).order_by()
    return sums.values_list("pk", "total")


def _on_record(actor: Actor, month: date) -> QuerySet[Crossing]:
    """Return the steps on record of the outer threshold as it is, in a month."""
    rows = Crossing.objects.for_(actor).filter(period_start=month)
    return rows.filter(threshold_id=OuterRef("pk"), revision=OuterRef("revision")).order_by()


def _measured(prefix: str = "") -> dict[Measure, Combinable]:
    """Return what of a counter each measure sums: what the line started, not what it received."""
    return {
        Measure.AMOUNT: Cast(F(f"{prefix}amount"), BigIntegerField()),
        Measure.VOLUME: F(f"{prefix}volume_bytes"),
        Measure.MINUTES: F(f"{prefix}duration_s") - F(f"{prefix}duration_in_s"),
        Measure.MESSAGES: F(f"{prefix}records") - F(f"{prefix}records_in"),
    }


def _sum(counted: QuerySet[Counter], what: Combinable) -> Subquery[Any]:
    total = Cast(Sum(what, output_field=BigIntegerField()), BigIntegerField())
    return Subquery(counted.values("line_id").annotate(total=total).values("total"), output_field=BigIntegerField())


def _counted(actor: Actor, period_start: str) -> QuerySet[Counter]:
    """Return the counters that count on the outer threshold: `rules.counts` in the words of the database."""
    text = CharField()
    holder = LinePeriod.objects.for_(actor).filter(pk=OuterRef("period_id"), person_id=OuterRef(OuterRef("owner_id")))
    return (
        Counter.objects.for_(actor)
        .filter(line_id=OuterRef("line_id"), month=OuterRef(period_start))
        .alias(
            wanted=ExpressionWrapper(OuterRef("traffic_type"), text),
            where=ExpressionWrapper(OuterRef("zone"), text),
            owner=ExpressionWrapper(OuterRef("owner_id"), BigIntegerField(null=True)),
        )
        .filter(
            Q(wanted=Traffic.ALL) | Q(traffic_type=F("wanted")) | Q(wanted=Traffic.SMS, traffic_type="mms"),
            Q(where=Zone.ANY) | Q(zone=F("where")),
            Q(owner__isnull=True, personal=False) | Q(Exists(holder), personal=True),
        )
        .order_by()
    )
