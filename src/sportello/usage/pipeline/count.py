"""Summing loaded rows into counter deltas, block by block, exactly."""

import threading
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext_noop

from sportello.usage.pipeline.check.columnar import unpacked_kind
from sportello.usage.pipeline.engine import asked
from sportello.usage.pipeline.place import Places
from sportello.usage.types import COUNTER_COLUMNS, COUNTER_SUMS, FileRefused

_BITS = 6
"""Room for a kind (48 of them) and for a month's place (8 of them) in a key of 64 bits; the rest is the period."""

_SUMS = ("records", "duration_s", "volume_bytes", "units", "amount_e5")
_SHIFTS = (
    ("period_id", pa.scalar(2 * _BITS, pa.int64())),
    ("month", pa.scalar(_BITS, pa.int64())),
)
_AGAIN = f"SELECT key, {', '.join(f'sum({name})::BIGINT AS {name}' for name in COUNTER_SUMS)} FROM rows GROUP BY key"  # noqa: S608
_IN = "* (key & 1)"
"""The last bit of a key is the direction: 1 for incoming."""

_FIRST = f"""
SELECT key >> 1 AS key, count(*) AS records, sum(key & 1)::BIGINT AS records_in,
    sum(duration_s)::BIGINT AS duration_s, sum(duration_s {_IN})::BIGINT AS duration_in_s,
    sum(volume_bytes)::BIGINT AS volume_bytes, sum(units)::BIGINT AS units, sum(amount_e5)::BIGINT AS amount_e5
FROM rows GROUP BY key >> 1
"""  # noqa: S608
_FINAL = f"""
SELECT {", ".join(COUNTER_COLUMNS)}
FROM rows JOIN kinds ON kinds.counter = key & 31 JOIN months ON months.place = (key >> 5) & 63
    JOIN places ON places.period_id = key >> 11
ORDER BY period_id, month, traffic_type, zone, personal
"""  # noqa: S608


def countable(verdict: Any) -> Any:
    """Return what of some rows is counted: their numbers, and `key` for period, month and kind."""
    period, month = (pc.shift_left(verdict[name].cast(pa.int64()), bits) for name, bits in _SHIFTS)
    key = pc.bit_wise_or(period, pc.bit_wise_or(month, verdict["kind"].cast(pa.int64())))
    return verdict.select([name for name in _SUMS if name != "records"]).append_column("key", key)


class Counting:
    """Sums up the rows of a load; whenever many have come they are summed to few, so that memory stays flat."""

    SUM_UP_AFTER = 4_000_000

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: list[Any] = []
        self._sums: list[Any] = []

    def add(self, verdict: Any) -> None:
        """Take loaded rows; any thread may."""
        with self._lock:
            self._rows.append(countable(verdict))
            if sum(map(len, self._rows)) < self.SUM_UP_AFTER:
                return
            rows, self._rows = self._rows, []
        sums = _summed(_FIRST, rows=pa.concat_tables(rows))
        with self._lock:
            self._sums.append(sums)
            if sum(map(len, self._sums)) > self.SUM_UP_AFTER:
                self._sums = [_summed(_AGAIN, rows=pa.concat_tables(self._sums))]

    def deltas(self, places: Places) -> Any:
        """Return the counter deltas of the load (`COUNTER_COLUMNS`), one row per key, sorted by it."""
        rows = pa.concat_tables(self._rows) if self._rows else countable(_no_rows())
        sums = _summed(_FIRST, rows=rows)
        if self._sums:
            sums = _summed(_AGAIN, rows=pa.concat_tables([*self._sums, sums]))
        return _summed(_FINAL, rows=sums, kinds=_kinds(), months=_months(places), places=places.table)


def _summed(sql: str, **tables: Any) -> Any:
    try:
        return asked(sql, **tables)
    except duckdb.ConversionException:
        raise FileRefused(
            gettext_noop("the totals of the file are larger than any counter: it cannot be right")
        ) from None


def _no_rows() -> Any:
    names = ("period_id", "month", "kind", *(name for name in _SUMS if name != "records"))
    return pa.table({name: pa.array([], pa.int64()) for name in names})


def _kinds() -> Any:
    return pa.Table.from_pylist([{"counter": counter, **unpacked_kind(counter << 1)} for counter in range(24)])


def _months(places: Places) -> Any:
    return pa.table({"place": list(range(len(places.months))), "month": pa.array(places.months, pa.date32())})
