"""Which totals count on a threshold, and which of its steps they pass: whole numbers only, nothing is ever rounded.

The definition; `queries.used_in` says the same to the database, and a property test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sportello.thresholds.models import Threshold
from sportello.thresholds.states import Measure, Traffic, Zone
from sportello.thresholds.types import Totals

SAME_AS_SMS = frozenset({"sms", "mms"})


def counts(threshold: Threshold, totals: Totals) -> bool:
    """Tell whether these totals count: line, traffic, zone, and on whose account (personal traffic never on the administration's)."""
    if totals.line_id != threshold.line_id or totals.personal is not threshold.private:
        return False
    if threshold.private and totals.person_id != threshold.owner_id:
        return False
    if threshold.zone not in (Zone.ANY, totals.zone):
        return False
    if threshold.traffic_type == Traffic.SMS:
        return totals.traffic_type in SAME_AS_SMS
    return threshold.traffic_type in (Traffic.ALL, totals.traffic_type)


def used(threshold: Threshold, totals: Iterable[Totals]) -> int:
    """Return what the totals of one period sum up to, in whole units of the measure."""
    return sum(_units(Measure(threshold.measure), one) for one in totals if counts(threshold, one))


def overlap(one: Threshold, other: Threshold) -> bool:
    """Tell whether two thresholds watch, and bar, some of the same traffic in some of the same places."""
    same_traffic = Traffic.ALL in (one.traffic_type, other.traffic_type) or one.traffic_type == other.traffic_type
    return same_traffic and (Zone.ANY in (one.zone, other.zone) or one.zone == other.zone)


def steps_passed(used_units: int, limit: int, steps: Sequence[int]) -> list[int]:
    """Return the steps (hundredths of `limit`) that a counter has reached, ascending: a step is passed when it is met exactly."""
    return [step for step in sorted(steps) if used_units * 100 >= limit * step]


def _units(measure: Measure, totals: Totals) -> int:
    return {
        Measure.AMOUNT: totals.amount,
        Measure.VOLUME: totals.volume_bytes,
        Measure.MINUTES: totals.seconds,
        Measure.MESSAGES: totals.messages,
    }[measure]
