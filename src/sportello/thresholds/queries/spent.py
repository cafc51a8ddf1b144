"""What lines had spent by the end of a day inside a month, read off the records of that month."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from sportello.inventory.models import LinePeriod
from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.kernel.calendar import day_bounds
from sportello.kernel.row_security import door
from sportello.parties import queries as parties
from sportello.thresholds.queries.report import Above
from sportello.thresholds.states import Traffic
from sportello.usage import queries as usage

DAYS_KEPT: Final = 8
"""So many days' sums are kept by a process: some 4 MB each at a hundred thousand lines."""

COLUMNS: Final = {Traffic.ALL: "amount", Traffic.VOICE: "voice", Traffic.SMS: "messages", Traffic.DATA: "data"}
_UNTIL: Final = f"""
SELECT p.line_id, p.organisation_id, sum(r.amount_e5)::BIGINT AS amount,
    coalesce(sum(r.amount_e5) FILTER (r.traffic_type = 'voice'), 0)::BIGINT AS voice,
    coalesce(sum(r.amount_e5) FILTER (r.traffic_type IN ('sms', 'mms')), 0)::BIGINT AS messages,
    coalesce(sum(r.amount_e5) FILTER (r.traffic_type = 'data'), 0)::BIGINT AS data
FROM read_parquet($files) r JOIN periods p USING (period_id)
WHERE r.personal NOT IN {usage.PRIVATE_CODES} AND r.amount_e5 <> 0 AND epoch_us(r.started_at) < $until
GROUP BY p.line_id, p.organisation_id
"""  # noqa: S608 - our own codes


def spent_above(actor: Actor, asked: Above, *, zone: str) -> list[tuple[int, int]]:
    """Return (1e-5 EUR, line) of the lines in reach above the amount by the end of the day in a time zone, the lowest first."""
    parts = tuple(sorted(part.name for part in usage.parts_of(asked.month)))
    if not parts:
        return []
    sums = _sums_until(str(usage.store().root), parts, _end_of(asked.on, zone))
    column = COLUMNS[Traffic(asked.traffic)]
    # A line that changed its customer has a row with each: who reaches both adds them up.
    lines = _within(actor, sums).group_by("line_id").aggregate([(column, "sum")])
    spent = f"{column}_sum"
    above = lines.filter(pc.greater(lines[spent], asked.amount))
    found = above.sort_by([(spent, "ascending"), ("line_id", "ascending")])
    return list(zip(found[spent].to_pylist(), found["line_id"].to_pylist(), strict=True))


def _within(actor: Actor, sums: Any) -> Any:
    """Return the sums of the organisations in reach."""
    if actor.reach is Reach.ALL:
        return sums
    reached: Collection[int] = list(parties.organisations(actor).order_by().values_list("pk", flat=True))
    return sums.filter(pc.is_in(sums["organisation_id"], value_set=pa.array(reached, pa.int64())))


# What a part holds never changes under its name: a load, a correction or the retention job makes other parts. A period stays its line's.
@lru_cache(DAYS_KEPT)
def _sums_until(root: str, parts: tuple[str, ...], until: int) -> Any:
    with duckdb.connect(config={"threads": 2}) as engine:
        engine.register("periods", _periods())
        given = {"files": [f"{root}/{part}" for part in parts], "until": until}
        return engine.sql(_UNTIL, params=given).to_arrow_table()


def _periods() -> Any:
    """Return every period of the installation with its line and customer; the wall is as it was afterwards."""
    with door():
        rows = LinePeriod.objects.across_tenants(reason="sums kept for whoever asks; each is given those in reach")
        columns = _columns(rows.order_by().values_list("pk", "line_id", "organisation_id"), 3)
    return pa.table(columns, names=["period_id", "line_id", "organisation_id"])


def _columns(rows: Iterable[tuple[int, ...]], count: int) -> list[Any]:
    columns = list(zip(*rows, strict=True)) or [()] * count
    return [pa.array(column, pa.int64()) for column in columns]


def _end_of(day: date, zone: str) -> int:
    return int(day_bounds(day, ZoneInfo(zone))[1].timestamp()) * 10**6
