"""Placing the stored records of a line again, after the inventory's history or the time of dual billing was corrected."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import pyarrow as pa

from sportello.inventory.models import LinePeriod
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.usage import queries
from sportello.usage.events import UsagePlacedAgain
from sportello.usage.operations.counters import add_counters
from sportello.usage.operations.holders import InventoryPeriods
from sportello.usage.operations.loading import list_parts, tell_listeners
from sportello.usage.operations.lock import one_writer
from sportello.usage.operations.upkeep import retire
from sportello.usage.pipeline.engine import asked
from sportello.usage.pipeline.payers import PRIVATE_CODES, Payers, codes_of, marked_of
from sportello.usage.types import COUNTER_COLUMNS, Part, Window, private_terms_source

AHEAD: Final = timedelta(days=1)
_PLACED = """
SELECT rows.* EXCLUDE (period_id), rows.period_id AS was, coalesce(spans.period_id, rows.period_id) AS period_id
FROM rows LEFT JOIN spans ON at_us >= spans.active_from AND (spans.active_to IS NULL OR at_us < spans.active_to)
ORDER BY part, record_id, was
"""
_MOVED = "SELECT * FROM rows WHERE was <> period_id OR personal <> new"
_DELTAS = f"""
WITH sides AS (
    SELECT -1 AS side, was AS period_id, personal, * EXCLUDE (period_id, personal, was, new) FROM moved
    UNION ALL SELECT 1, period_id, new, * EXCLUDE (period_id, personal, was, new) FROM moved
), placed AS (
    SELECT period_id, line_id, organisation_id, parts.month, traffic_type, zone,
        CASE WHEN personal IN {PRIVATE_CODES} THEN '1' ELSE '0' END AS personal, side AS records,
        side * (direction = 'in')::INT AS records_in, side * duration_s AS duration_s,
        side * duration_s * (direction = 'in')::INT AS duration_in_s, side * volume_bytes AS volume_bytes,
        side * units AS units, side * amount_e5 AS amount_e5
    FROM sides JOIN parts USING (part) JOIN places USING (period_id)
)
SELECT {", ".join(COUNTER_COLUMNS[:7])}, {", ".join(f"sum({name})::BIGINT AS {name}" for name in COUNTER_COLUMNS[7:])}
FROM placed GROUP BY ALL ORDER BY ALL
"""  # noqa: S608 - our own names


def place_again(*, actor: Actor, line_id: int, since: datetime, now: datetime, wait: bool = False) -> int:
    """Hang the stored records of a line that started at `since` or later on its periods as they are now, and say anew who pays them.

    Counters move with the records, in one transaction; each record still counts once (ABUSE H07). Return how many moved. Records past
    their retention are gone, and stay counted as they were. `actor` is the system. Raises `StoreBusy` unless it may `wait`.
    """
    with one_writer(wait=wait):
        rows = LinePeriod.objects.for_(actor).filter(line_id=line_id)
        periods = dict(rows.values_list("pk", "number"))
        parts = {part.name: part for part in queries.parts_listed() if part.month is not None and _touches(part, since)}
        held = queries.store().held(parts.values(), periods, since)
        if not held.num_rows:
            return 0
        window = Window(earliest=since, latest=now + AHEAD)
        places = _of_line(InventoryPeriods(actor, window).periods(set(periods.values())), line_id)
        moved = _moved(held, places, window, set(periods.values()))
        if not moved.num_rows:
            return 0
        fresh = _rewritten(moved, parts)
        old = [parts[name] for name in fresh]
        deltas = _deltas(moved, parts, _all_places(actor, line_id, periods))
        move_records(actor=actor, old=old, new=list(fresh.values()), deltas=deltas, moved=moved.num_rows, now=now)
        return int(moved.num_rows)


@operation(section=None, why="records follow the corrected history of their line; who corrected it acted there")
def move_records(
    *,
    actor: Actor,  # noqa: ARG001 - the door checks it
    old: Sequence[Part],
    new: Sequence[Part],
    deltas: Any,
    moved: int,
    now: datetime,
) -> None:
    """List parts in which records hang elsewhere instead of the old ones, and move what they counted."""
    list_parts(None, new)
    retire(old, now)
    add_counters(deltas)
    # Of the installation: a number of private records is nothing for a customer's record of what happened (ABUSE G14).
    publish(UsagePlacedAgain(organisation_id=None, records=moved))
    tell_listeners(0, deltas, now)


def _touches(part: Part, since: datetime) -> bool:
    """Tell whether a part may hold records since an instant, in any time zone."""
    assert part.month is not None  # noqa: S101 - for the type checker
    return (part.month + timedelta(days=33)) > since.date()


def _of_line(places: Any, line_id: int) -> Any:
    return places.filter(pa.compute.equal(places["line_id"], line_id))


def _all_places(actor: Actor, line_id: int, periods: dict[int, str]) -> Any:
    """Return the periods of a line, also those that are past or withdrawn: records may still hang on them."""
    row = LinePeriod.objects.for_(actor).filter(line_id=line_id).first()
    organisation_id = row.organisation_id if row else 0
    ids = list(periods)
    owner = {"line_id": [line_id] * len(ids), "organisation_id": [organisation_id] * len(ids)}
    return pa.table({"period_id": ids, **owner})


def _moved(held: Any, places: Any, window: Window, numbers: set[str]) -> Any:
    """Return the records whose period or payer is another now: `was` and `personal` as stored, `period_id` and `new` as they are."""
    rows = asked(_PLACED, rows=held, spans=places)
    marked = marked_of(rows["personal"].combine_chunks().dictionary_encode())
    source = private_terms_source()
    private = marked
    if source is not None:
        parties = set(rows["other_party"].to_pylist())
        private = Payers(source(window=window, numbers=numbers, parties=parties)).private(rows, rows, marked)
    if private is None:
        private = pa.repeat(pa.scalar(value=False), rows.num_rows)
    return asked(_MOVED, rows=rows.append_column("new", codes_of(marked, private)))


def _rewritten(moved: Any, parts: dict[str, Part]) -> dict[str, Part]:
    """Write each part that holds such records anew; return the new ones by the old names."""
    changes = moved.select(["part", "record_id", "was", "period_id", "new"])
    changes = changes.rename_columns(["part", "record_id", "period_id", "to_period_id", "personal"])
    fresh = {}
    for name in sorted(set(changes["part"].to_pylist())):
        of_part = changes.filter(pa.compute.equal(changes["part"], name))
        part = queries.store().replaced(parts[name], of_part, f"placed-{uuid.uuid4().hex[:12]}")
        fresh[name] = replace(part, late=parts[name].late)
    return fresh


def _deltas(moved: Any, parts: dict[str, Part], places: Any) -> Any:
    names = sorted(set(moved["part"].to_pylist()))
    months = pa.table({"part": names, "month": pa.array([parts[name].month for name in names], pa.date32())})
    return asked(_DELTAS, moved=moved, parts=months, places=places)
