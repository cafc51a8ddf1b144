"""What other apps may hand to thresholds or get from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a threshold is to watch: words of `states.py`, `limit` in whole units of the measure, `steps` in hundredths of it."""

    traffic_type: str
    measure: str
    limit: int
    zone: str = "any"
    steps: tuple[int, ...] = (50, 80, 100)
    period: str = "month"
    kind: str = "informational"


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What one line used in one month, of one traffic type in one zone, while `person_id` held it.

    `amount` in 1e-5 EUR net of VAT; `seconds` and `messages` are those that the line started: what it received is not its spending.
    `personal` is private traffic of dual billing.
    """

    line_id: int
    month: date
    traffic_type: str
    zone: str
    personal: bool = False
    person_id: int | None = None
    amount: int = 0
    volume_bytes: int = 0
    seconds: int = 0
    messages: int = 0


def bulk_job_key(change_id: int) -> str:
    """Return the key of the background job that goes through a change of many."""
    return f"thresholds-bulk:{change_id}"
