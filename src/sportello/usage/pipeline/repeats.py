"""Rows whose id was counted before: the same record again is told from another one under its id.

Only such rows are looked at, so a file of new records pays nothing. What a row says is hashed to one number; after the load's own
records are stored, each number must be found among the stored records of the row's month. Rows that find none are read from the
file once more, and rejected: their record counted before with other content.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sportello.usage.pipeline.judged import Reject
from sportello.usage.pipeline.kept import Repeated
from sportello.usage.pipeline.read import Block
from sportello.usage.pipeline.sorting import records_of
from sportello.usage.pipeline.store.protocol import UsageStore
from sportello.usage.types import Part, PartKind, Periods

REASON = "record_id: this record was loaded before with other content"
_N_BITS = 32

Unlike = dict[int, dict[int, int | None]]
"""Rows without a stored twin, by block and place in it; with the period under which the same content lies, where it does."""


class Repeats:
    """Collects the repeated rows of a load; any thread may add. Whenever many have come, those that are well are let go."""

    MOST_ROWS = 4_000_000

    def __init__(self, store: UsageStore, parts: Collection[Part], months: Sequence[date]) -> None:
        self._store = store
        self._parts = [part for part in parts if part.kind is PartKind.RECORDS]
        self._months = months
        self._lock = threading.Lock()
        self._rows: list[Any] = []
        self._doubtful: list[Any] = []

    def add(self, repeated: Repeated) -> None:
        """Take the repeated rows of a block."""
        verdict = repeated.verdict.filter(repeated.mask)
        content = self._store.contents(records_of(repeated.body.filter(repeated.mask), verdict))
        place = pc.add(verdict["n"], pa.scalar(repeated.serial << _N_BITS, pa.int64()))
        rows = pa.table(
            {"place": place, "content": content, **{name: verdict[name] for name in ("period_id", "month")}}
        )
        with self._lock:
            self._rows.append(rows)
            if sum(map(len, self._rows)) > self.MOST_ROWS:
                self._doubtful.append(self._unlike(self._rows, self._parts).drop_columns(["found"]))
                self._rows = []

    def unlike(self, own: Sequence[Part]) -> Unlike:
        """Return the rows whose content is stored neither in earlier parts nor in the load's own, under their period."""
        found: Unlike = defaultdict(dict)
        if not (self._rows or self._doubtful):
            return found
        rows = self._unlike([*self._rows, *self._doubtful], [*self._parts, *own])
        for place, period_id in zip(rows["place"].to_pylist(), rows["found"].to_pylist(), strict=True):
            found[place >> _N_BITS][place & ((1 << _N_BITS) - 1)] = period_id
        return found

    def _unlike(self, tables: list[Any], parts: Sequence[Part]) -> Any:
        rows = pa.concat_tables(tables)
        places = pc.unique(rows["month"]).to_pylist()
        months = set(self._months if None in places else (self._months[place] for place in places))
        return self._store.unlike([part for part in parts if part.month in months], rows)


def contradictions(pieces: Iterator[Callable[[], Block]], unlike: Unlike, periods: Periods) -> Iterator[Reject]:
    """Read the blocks of such rows again and give the rejects.

    The same content under another period of the same number is no contradiction: inventory has learnt more since.
    """
    moved = {period_id for rows in unlike.values() for period_id in rows.values() if period_id is not None}
    numbers = periods.numbers(moved) if moved else {}
    for serial, piece in enumerate(pieces):
        if serial in unlike:
            block = piece()
            yield from _of_block(block, unlike[serial], numbers)
            block.release()


def _of_block(block: Block, rows: dict[int, int | None], numbers: Any) -> Iterator[Reject]:
    lines = block.lines()
    for n, period_id in sorted(rows.items()):
        record_id, number = (block.table[name][n].as_py() for name in ("record_id", "msisdn"))
        if period_id is None or numbers.get(period_id, number) != number:
            yield Reject(lines[n].line, record_id, REASON, lines[n].text)
