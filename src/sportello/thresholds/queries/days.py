"""What lines used day by day, read off the record store: for periods that are no calendar months.

Counters are kept by month. The few lines that run by day or by bill period are summed from the records of the months in question: in the
load's own transaction its parts are listed already, so what is read here is what the load made true.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from sportello.inventory.models import LinePeriod
from sportello.kernel.actor import Actor
from sportello.kernel.calendar import day_bounds, next_month
from sportello.thresholds.rules.periods import ONE_DAY
from sportello.thresholds.types import Totals
from sportello.usage import queries as usage

_SUMS: Final = """
SELECT r.period_id, d.day, r.traffic_type, r.zone, r.personal,
    sum(r.amount_e5)::BIGINT, sum(r.volume_bytes)::BIGINT,
    coalesce(sum(r.duration_s) FILTER (r.direction = 'out'), 0)::BIGINT,
    count(*) FILTER (r.direction = 'out')
FROM read_parquet($files) r
JOIN periods p ON p.period_id = r.period_id
JOIN days d ON epoch_us(r.started_at) >= d.at_us AND epoch_us(r.started_at) < d.to_us
GROUP BY ALL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTotals:
    """What one line used on one local day: `totals` has the first of the day's month as its month."""

    day: date
    totals: Totals


def day_totals(actor: Actor, line_ids: Collection[int], since: date, until: date, zone: str) -> list[DayTotals]:
    """Return what some lines of one time zone used on each local day from `since` to `until` (exclusive)."""
    periods = list(
        LinePeriod.objects.for_(actor).filter(line_id__among=line_ids).values_list("pk", "line_id", "person_id")
    )
    files = [str(usage.store().root / part.name) for month in _months(since, until) for part in usage.parts_of(month)]
    if not periods or not files:
        return []
    holders = {pk: (line_id, person_id) for pk, line_id, person_id in periods}
    tables = {
        "periods": pa.table({"period_id": pa.array(list(holders), pa.int64())}),
        "days": _days(since, until, zone),
    }
    return [_totals(row, holders) for row in _asked(files, tables)]


def _months(since: date, until: date) -> Iterator[date]:
    # A local day can lie in the part of the month beside it only if the store's months were another zone's: they are the customer's own.
    month = since.replace(day=1)
    while month < until:
        yield month
        month = next_month(month)


def _days(since: date, until: date, zone: str) -> Any:
    days = [since + ONE_DAY * number for number in range((until - since).days)]
    bounds = [day_bounds(day, ZoneInfo(zone)) for day in days]
    return pa.table(
        {
            "day": pa.array(days, pa.date32()),
            "at_us": [int(at.timestamp()) * 10**6 for at, _to in bounds],
            "to_us": [int(to.timestamp()) * 10**6 for _at, to in bounds],
        }
    )


def _asked(files: list[str], tables: dict[str, Any]) -> list[tuple[Any, ...]]:
    with duckdb.connect(config={"threads": 2}) as engine:
        for name, table in tables.items():
            engine.register(name, table)
        return engine.execute(_SUMS, {"files": files}).fetchall()


def _totals(row: tuple[Any, ...], holders: Mapping[int, tuple[int, int | None]]) -> DayTotals:
    period_id, day, traffic, zone, personal, amount, volume, seconds, messages = row
    line_id, person_id = holders[period_id]
    return DayTotals(
        day=day,
        totals=Totals(
            line_id=line_id, month=day.replace(day=1), traffic_type=traffic, zone=zone, personal=personal in usage.PRIVATE_CODES,
            person_id=person_id, amount=amount, volume_bytes=volume, seconds=seconds, messages=messages,
        ),
    )  # fmt: skip
