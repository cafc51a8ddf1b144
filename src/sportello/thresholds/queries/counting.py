"""What the counters say of thresholds: `rules.counting` said to the database, for many thresholds at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import (
    BigIntegerField,
    Case,
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
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce

from sportello.inventory.models import LinePeriod
from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.kernel.calendar import local_month
from sportello.kernel.scope import ScopedQuerySet
from sportello.thresholds import rules
from sportello.thresholds.models import Crossing, Threshold
from sportello.thresholds.states import Measure, Period, State, Traffic, Zone

SHARE_CAP: Final = 2_000_000
"""Shares are sorted up to so many times the limit: in thousandths that is what 32 bits hold."""


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

    def beyond(self, highest: int) -> Reached:
        """Return the same with the highest step that is on record."""
        return replace(self, highest=highest)

    @property
    def passed(self) -> list[int]:
        """Return the steps that the counter has reached, ascending."""
        return rules.steps_passed(self.used_units, self.limit_units, self.steps)


BY_MONTH: Final = Q(period=Period.MONTH) | Q(period=Period.BILL, cut_off=1)
"""Thresholds whose periods are calendar months: their counters are summed already."""


def current_month(now: datetime, zone: str) -> date:
    """Return the first day of the month that it is in a customer's time zone."""
    return local_month(now, ZoneInfo(zone))


def with_standing(actor: Actor, rows: ScopedQuerySet[Any], now: datetime) -> ScopedQuerySet[Any]:  # noqa: ARG001 - one door for all reads
    """Add to each threshold `period_start` (first day of its period), `used_units` and `permille`, as its tally says."""
    # An inner join, and the customer said of the tally too: then its index gives the order by share.
    rows = rows.filter(tally__isnull=False)
    if actor.reach is Reach.CUSTOMER:
        rows = rows.filter(tally__organisation=actor.organisation_id)
    tally = {name: F(f"tally__{name}") for name in ("period_start", "period_at", "period_to", "used_units", "permille")}
    annotated: ScopedQuerySet[Any] = rows.annotate(**tally)
    return annotated


def reached(actor: Actor, which: Q, month: date) -> list[Reached]:
    """Return the active thresholds by month whose counter of `month` stands at a step beyond those on record: three queries.

    Those for which it is the present month are read off their tallies, which must be up to date; the others are summed.
    """
    over = dict(_tallied(actor, which, month))
    elsewhere = which & ~Q(tally__period_start=month)  # late records, and customers whose month has not turned yet
    if Threshold.objects.for_(actor).filter(elsewhere, BY_MONTH, state=State.ACTIVE).exists():
        over |= dict(_over_first_step(actor, elsewhere, month))
    if not over:
        return []
    highest = _on_record(actor, month).values("threshold_id").annotate(top=Max("step")).values("top")
    rows = Threshold.objects.for_(actor).filter(pk__among=over).annotate(highest=Coalesce(Subquery(highest), Value(0)))
    fields = ("pk", "organisation_id", "line_id", "revision", "limit_units", "steps", "highest")
    found = [
        Reached(pk, organisation, line, revision, limit, steps, highest, over[pk])
        for pk, organisation, line, revision, limit, steps, highest in rows.order_by("pk").values_list(*fields)
    ]
    return [one for one in found if any(one.highest < step for step in one.passed)]


def totals_of_month(actor: Actor, which: Q, month: date) -> QuerySet[Any, tuple[int, int]]:
    """Return (threshold, counter) of the thresholds by month that are not cancelled and have counters, in one query."""
    return _summed(actor, Threshold.objects.for_(actor).filter(which, BY_MONTH).exclude(state=State.CANCELLED), month)


def _first_units() -> Combinable:
    # The first step as units, rounded up: the counter itself is never multiplied, it may be as large as 64 bits hold.
    return ExpressionWrapper((F("limit_units") * F("first_step") + 99) / 100, BigIntegerField())


def _watching(actor: Actor, which: Q, month: date) -> ScopedQuerySet[Threshold]:
    all_told = _on_record(actor, month).filter(step=OuterRef("last_step"))
    return Threshold.objects.for_(actor).filter(
        which, BY_MONTH, ~Exists(all_told), state=State.ACTIVE, counts_from__lte=month
    )


def _tallied(actor: Actor, which: Q, month: date) -> Iterable[tuple[int, int]]:
    rows = _watching(actor, which, month).filter(tally__period_start=month, tally__used_units__gte=_first_units())
    return rows.order_by().values_list("pk", "tally__used_units")


def _over_first_step(actor: Actor, which: Q, month: date) -> Iterable[tuple[int, int]]:
    """Return (threshold, counter) where the counter stands at the first step or above: counters joined and summed in one query."""
    return _summed(actor, _watching(actor, which, month), month).filter(total__gte=_first_units())


def _summed(actor: Actor, rows: QuerySet[Threshold], month: date) -> QuerySet[Any, tuple[int, int]]:
    of = "line__counters__"
    branches = [When(measure=measure, then=what) for measure, what in measured(of).items()]
    total = Cast(
        Sum(Case(*branches, output_field=BigIntegerField()), output_field=BigIntegerField()), BigIntegerField()
    )
    holder = LinePeriod.objects.for_(actor).filter(pk=OuterRef(f"{of}period_id"), person_id=OuterRef("owner_id"))
    counted = rows.filter(
        Q(traffic_type=Traffic.ALL)
        | Q(**{f"{of}traffic_type": F("traffic_type")})
        | Q(**{"traffic_type": Traffic.SMS, f"{of}traffic_type": "mms"}),
        Q(zone=Zone.ANY) | Q(**{f"{of}zone": F("zone")}),
        Q(**{"owner__isnull": True, f"{of}personal": False}) | Q(Exists(holder), **{f"{of}personal": True}),
        **{f"{of}month": month},
    )
    return counted.values("pk").annotate(total=total).order_by().values_list("pk", "total")


def _on_record(actor: Actor, month: date) -> QuerySet[Crossing]:
    """Return the steps on record of the outer threshold as it is, in a month."""
    rows = Crossing.objects.for_(actor).filter(period_start=month)
    return rows.filter(threshold_id=OuterRef("pk"), revision=OuterRef("revision")).order_by()


def measured(prefix: str = "") -> dict[Measure, Combinable]:
    """Return what of a counter each measure sums: what the line started, not what it received."""
    return {
        Measure.AMOUNT: Cast(F(f"{prefix}amount"), BigIntegerField()),
        Measure.VOLUME: F(f"{prefix}volume_bytes"),
        Measure.MINUTES: F(f"{prefix}duration_s") - F(f"{prefix}duration_in_s"),
        Measure.MESSAGES: F(f"{prefix}records") - F(f"{prefix}records_in"),
    }
