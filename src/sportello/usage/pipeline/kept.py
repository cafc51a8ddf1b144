"""Which valid rows are loaded: not those counted before, not those whose number nobody held, and each id once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sportello.usage.pipeline.check.columnar import counted
from sportello.usage.pipeline.engine import asked
from sportello.usage.pipeline.judged import Judged, Reject
from sportello.usage.pipeline.store.protocol import KnownIds

_SORTED = "SELECT hi, lo, pos FROM ids ORDER BY hi, lo, pos"
_FATES = """
SELECT hi, lo, pos, coalesce(pos = first, false) AS kept, unheld AND NOT known AND coalesce(pos < first, true) AS lost
FROM (SELECT *, min(pos) FILTER (NOT known AND NOT unheld) OVER (PARTITION BY hi, lo) AS first FROM candidates)
"""


@dataclass(frozen=True)
class Repeated:
    """The rows of one block whose id was counted before (`mask`), in this file or another."""

    serial: int
    body: Any
    verdict: Any
    mask: Any


@dataclass(frozen=True)
class Kept:
    """The rows of some blocks that are loaded, block by block in the file's order; their sorted ids, where those were looked at."""

    blocks: Sequence[tuple[Any, Any]]
    """Body and verdict of each block (see `Judged`)."""
    rows: int
    duplicates: int
    rejects: Sequence[Reject]
    repeated: Sequence[Repeated] = ()
    ids: tuple[Any, Any] | None = None


class CountedBefore(Exception):
    """Among rows that were hoped to be new, one was counted before or stands twice."""


def keep_all(group: Sequence[Judged]) -> Kept:
    """Take some blocks as they are, in the hope that all of their rows are new; somebody held each of their numbers."""
    return Kept(
        [(judged.body, judged.verdict) for judged in group], sum(judged.verdict.num_rows for judged in group), 0, ()
    )


def sorted_if_new(ids: Sequence[Any], known: KnownIds) -> tuple[Any, Any]:
    """Return all ids of rows that were hoped to be new, sorted, in halves. Raises `CountedBefore`."""
    table = asked("SELECT hi, lo FROM ids ORDER BY hi, lo", ids=pa.concat_tables(ids))
    halves = {name: table[name].combine_chunks() for name in ("hi", "lo")}
    if _has_twins(halves) or pc.any(known.among(halves["hi"], halves["lo"]), min_count=0).as_py():
        raise CountedBefore
    return halves["hi"], halves["lo"]


def keep_new(group: Sequence[Judged], known: KnownIds) -> Kept:
    """Decide what of some blocks is loaded.

    A row that was counted before is a duplicate, whatever became of its number since. Of rows with one id, the first
    whose number somebody held is loaded; those after it are duplicates.
    """
    ids = _sorted_ids(group)
    counted_before = known.among(ids["hi"], ids["lo"])
    unheld = any(judged.unheld for judged in group)
    if not unheld and not pc.any(counted_before, min_count=0).as_py() and not _has_twins(ids):
        return replace(keep_all(group), ids=(ids["hi"], ids["lo"]))
    return _some(group, ids, counted_before)


def _sorted_ids(group: Sequence[Judged]) -> dict[str, Any]:
    ids = pa.concat_tables([judged.verdict.select(["hi", "lo"]) for judged in group])
    ids = ids.append_column("pos", counted(ids.num_rows))
    table = asked(_SORTED, ids=ids)
    return {name: table[name].combine_chunks() for name in table.column_names}


def _has_twins(ids: dict[str, Any]) -> bool:
    """Tell whether an id stands twice among the sorted ones."""
    same = [pc.equal(half[1:], half[:-1]) for half in (ids["hi"], ids["lo"])]
    return bool(pc.any(pc.and_(*same), min_count=0).as_py())


def _some(group: Sequence[Judged], ids: dict[str, Any], counted_before: Any) -> Kept:
    unheld = pa.concat_arrays([_null(judged.verdict["period_id"]) for judged in group])
    candidates = pa.table({**ids, "known": counted_before, "unheld": unheld.take(ids["pos"])})
    fates = asked(_FATES + " ORDER BY pos", candidates=candidates)
    kept = fates.filter(fates["kept"]).sort_by([("hi", "ascending"), ("lo", "ascending")])
    held_by_nobody = _unheld(group)
    rejects = [held_by_nobody[pos] for pos in fates["pos"].filter(fates["lost"]).to_pylist()]
    duplicates = fates.num_rows - kept.num_rows - len(rejects)
    blocks = [(body.filter(mask), verdict.filter(mask)) for _, body, verdict, mask in _masked(group, fates["kept"])]
    again = pc.invert(pc.or_(fates["kept"], fates["lost"]))
    repeated = [Repeated(*each) for each in _masked(group, again)]
    return Kept(blocks, kept.num_rows, duplicates, rejects, repeated, (kept["hi"], kept["lo"]))


def _null(column: Any) -> Any:
    return column.is_null().combine_chunks()


def _masked(group: Sequence[Judged], mask: Any) -> Iterator[tuple[int, Any, Any, Any]]:
    """Give the serial, body, verdict and mask of each block in which the mask meets a row."""
    start = 0
    for judged in group:
        of_block = mask.slice(start, judged.verdict.num_rows)
        start += judged.verdict.num_rows
        if pc.any(of_block, min_count=0).as_py():
            yield judged.serial, judged.body, judged.verdict, of_block


def _unheld(group: Sequence[Judged]) -> dict[int, Reject]:
    """Return the rejects of rows whose number nobody held, by their place among all rows of the group."""
    found: dict[int, Reject] = {}
    start = 0
    for judged in group:
        found |= {start + place: reject for place, reject in judged.unheld.items()}
        start += judged.verdict.num_rows
    return found
