"""Who held which number when, from the inventory to the load."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db.models import CharField, Q
from django.db.models.functions import Cast

from sportello.inventory.models import LinePeriod
from sportello.kernel.actor import Actor
from sportello.kernel.chunks import in_chunks
from sportello.usage.pipeline.place import PERIOD_COLUMNS
from sportello.usage.types import Window

NUMBERS_AT_ONCE = 500


@dataclass(frozen=True)
class InventoryPeriods:
    """The periods of the inventory that touch the window of a load (a `usage.types.Periods`)."""

    actor: Actor
    window: Window

    def periods(self, numbers: Collection[str] | None) -> Any:
        """Return the periods of these numbers, or of all when None, as an Arrow table."""
        open_then = Q(active_to=None) | Q(active_to__gt=self.window.earliest)
        found = LinePeriod.objects.for_(self.actor).filter(open_then, active_from__lt=self.window.latest)
        if numbers is None:
            return _table(_rows(found))
        rows: list[tuple[Any, ...]] = []
        for some in in_chunks(sorted(numbers), NUMBERS_AT_ONCE):
            rows += _rows(found.filter(number__in=some))
        return _table(rows)

    def numbers(self, period_ids: Collection[int]) -> Mapping[int, str]:
        """Return the numbers of some periods, whenever they were."""
        found: dict[int, str] = {}
        for some in in_chunks(sorted(period_ids), NUMBERS_AT_ONCE):
            rows = LinePeriod.objects.for_(self.actor).filter(pk__in=some)
            found |= dict(rows.order_by().values_list("pk", "number"))
        return found


def _rows(found: Any) -> list[tuple[Any, ...]]:
    """Read instants as the database's own text: turning 200,000 of them into objects takes longer than loading a million records."""
    instants = (Cast(name, CharField()) for name in ("active_from", "active_to"))
    return list(
        found.order_by().values_list("pk", "line_id", "organisation_id", "number", *instants, "organisation__time_zone")
    )


def _table(rows: list[tuple[Any, ...]]) -> Any:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(PERIOD_COLUMNS)
    arrays = [
        _microseconds(pa.array(values, pa.string())) if name.startswith("active_") else pa.array(values, kind)
        for name, kind, values in zip(PERIOD_COLUMNS.names, PERIOD_COLUMNS.types, columns, strict=True)
    ]
    return pa.table(arrays, schema=PERIOD_COLUMNS)


def _microseconds(texts: Any) -> Any:
    """Read "2026-11-01 00:00:00.5", with "+00" behind it on PostgreSQL; both databases keep UTC."""
    return pc.replace_substring(texts, "+00", "").cast(pa.timestamp("us")).cast(pa.int64())
