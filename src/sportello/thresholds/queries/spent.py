"""What lines had spent by the end of a day inside a month, read off the records of that month."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from sportello.inventory.models import LinePeriod
from sportello.kernel.actor import Actor
from sportello.kernel.calendar import day_bounds
from sportello.thresholds.queries.report import Above
from sportello.thresholds.states import Traffic
from sportello.usage import queries as usage

DAYS_KEPT: Final = 8
"""So many days' sums are kept by a process: some 2 MB each at a million records a day."""

COLUMNS: Final = {Traffic.ALL: "amount", Traffic.VOICE: "voice", Traffic.SMS: "messages", Traffic.DATA: "data"}
_UNTIL: Final = f"""
SELECT period_id, sum(amount_e5)::BIGINT AS amount,
    coalesce(sum(amount_e5) FILTER (traffic_type = 'voice'), 0)::BIGINT AS voice,
    coalesce(sum(amount_e5) FILTER (traffic_type IN ('sms', 'mms')), 0)::BIGINT AS messages,
    coalesce(sum(amount_e5) FILTER (traffic_type = 'data'), 0)::BIGINT AS data
FROM read_parquet($files) WHERE personal NOT IN {usage.PRIVATE_CODES} AND amount_e5 <> 0 AND epoch_us(started_at) < $until
GROUP BY period_id
"""  # noqa: S608 - our own codes
_ABOVE: Final = """
SELECT p.line_id, sum(s.{column})::BIGINT AS spent FROM sums s JOIN periods p USING (period_id)
GROUP BY p.line_id HAVING sum(s.{column}) > $amount ORDER BY spent, p.line_id
"""


def spent_above(actor: Actor, asked: Above, *, zone: str) -> list[tuple[int, int]]:
    """Return (1e-5 EUR, line) of the lines in reach above the amount by the end of the day in a time zone, the lowest first."""
    parts = tuple(sorted(part.name for part in usage.parts_of(asked.month)))
    if not parts:
        return []
    sums = _sums_until(str(usage.store().root), parts, _end_of(asked.on, zone))
    rows = LinePeriod.objects.for_(actor).order_by().values_list("pk", "line_id")
    periods = _two_columns(rows, ("period_id", "line_id"))
    sql = _ABOVE.format(column=COLUMNS[Traffic(asked.traffic)])  # one of our own names
    with duckdb.connect(config={"threads": 2}) as engine:
        engine.register("sums", sums)
        engine.register("periods", periods)
        found = engine.sql(sql, params={"amount": asked.amount}).to_arrow_table()
    return list(zip(found["spent"].to_pylist(), found["line_id"].to_pylist(), strict=True))


# What a part holds never changes under its name: a load, a correction or the retention job makes other parts.
@lru_cache(DAYS_KEPT)
def _sums_until(root: str, parts: tuple[str, ...], until: int) -> Any:
    with duckdb.connect(config={"threads": 2}) as engine:
        given = {"files": [f"{root}/{part}" for part in parts], "until": until}
        return engine.sql(_UNTIL, params=given).to_arrow_table()


def _two_columns(rows: Iterable[tuple[int, int]], names: tuple[str, str]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [(), ()]
    return pa.table([pa.array(column, pa.int64()) for column in columns], names=list(names))


def _end_of(day: date, zone: str) -> int:
    return int(day_bounds(day, ZoneInfo(zone))[1].timestamp()) * 10**6
