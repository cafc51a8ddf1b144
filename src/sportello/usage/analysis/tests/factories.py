"""Counters that analyses stand on, written as a load writes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from sportello.inventory.models import LinePeriod
from sportello.kernel.testing import arrange
from sportello.usage.operations.counters import add_counters
from sportello.usage.types import AMOUNT_SCALE, COUNTER_SUMS

NOVEMBER, OCTOBER = date(2026, 11, 1), date(2026, 10, 1)


@dataclass(frozen=True, kw_only=True)
class Used:
    """What a period used: amount in EUR, and one record of it."""

    period: LinePeriod
    amount: str
    month: date = NOVEMBER
    kind: str = "voice"
    zone: str = "national"
    personal: bool = False


def count(*used: Used) -> None:
    """Add these to the counters."""
    with arrange():
        add_counters(deltas(used))


def deltas(used: Sequence[Used]) -> Any:
    """Return the deltas of a load, as the pipeline gives them: one row a key."""
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for one in used:
        keys = {
            "period_id": one.period.pk,
            "line_id": one.period.line_id,
            "organisation_id": one.period.organisation_id,
            "month": one.month,
            "traffic_type": one.kind,
            "zone": one.zone,
            "personal": "1" if one.personal else "0",
        }
        row = rows.setdefault(tuple(keys.values()), {**keys, **dict.fromkeys(COUNTER_SUMS, 0)})
        row["records"] += 1
        row["duration_s"] += 60 if one.kind == "voice" else 0
        row["volume_bytes"] += 1000 if one.kind == "data" else 0
        row["amount_e5"] += int(Decimal(one.amount) * AMOUNT_SCALE)
    return pa.Table.from_pylist(list(rows.values()))
