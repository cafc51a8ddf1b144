"""Loaded rows as the records of their months, in runs sorted by period for quick reading of one line."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sportello.usage.pipeline.judged import STORED_TEXTS
from sportello.usage.pipeline.kept import Kept

_FROM_VERDICT = ("period_id", "duration_s", "volume_bytes", "units", "amount_e5")


def months_of(kept: Kept) -> dict[int, int]:
    """Return how many loaded rows each month has, by its place in `Places.months`."""
    months = pa.chunked_array([chunk for _, verdict in kept.blocks for chunk in verdict["month"].chunks], pa.uint8())
    counts = pc.value_counts(months)
    return dict(sorted(zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True)))


def sorted_runs(kept: Kept, month: int, *, alone: bool) -> Iterator[Any]:
    """Give the records of one month as they are stored, a sorted run per block; `alone` when no other month is among the rows."""
    for body, verdict in kept.blocks:
        records = records_of(body, verdict)
        if not alone:
            records = records.filter(pc.equal(verdict["month"], month))
        if records.num_rows:
            yield sorted_records(records)


def records_of(body: Any, verdict: Any) -> Any:
    """Return loaded rows as records of the store, in their order."""
    columns = {name: verdict[name] for name in _FROM_VERDICT} | {name: body[name] for name in STORED_TEXTS}
    return pa.table(columns | {"started_at": verdict["at_us"].cast(pa.timestamp("us", tz="UTC"))})


def sorted_records(records: Any) -> Any:
    """Sort one number per row, then fetch everything else in that order: cheaper than sorting whole rows."""
    records = records.unify_dictionaries().combine_chunks()
    return records.take(pc.sort_indices(records["period_id"].combine_chunks()))
