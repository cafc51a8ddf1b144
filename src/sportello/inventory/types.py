"""What other apps receive from the inventory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple


class PlacingPeriod(NamedTuple):
    """A period for placing usage; instants in microseconds since 1970 (UTC), `active_to_us` None = open end."""

    period_id: int
    line_id: int
    organisation_id: int
    number: str
    active_from_us: int
    active_to_us: int | None
    time_zone: str


@dataclass(frozen=True, slots=True)
class BulkRow:
    """What a bulk change does to one line: `changed`, `unchanged` or `wrong` with the reason."""

    line_id: int
    number: str
    outcome: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MonthCount:
    """How many lines of a kind were held at the end of a local month (the running month: now)."""

    month: date
    kind: str
    lines: int


@dataclass(frozen=True, slots=True)
class Share:
    """How many lines have a value: its code (empty = none), its words, and the count."""

    value: str
    label: str
    lines: int


@dataclass(frozen=True, slots=True)
class HeldInterval:
    """The time in which a line holds a number: `active_to` exclusive, None = open."""

    active_from: datetime
    active_to: datetime | None

    def overlaps(self, other: HeldInterval) -> bool:
        """Tell whether there is an instant in both."""
        ends_before = self.active_to is not None and self.active_to <= other.active_from
        begins_after = other.active_to is not None and other.active_to <= self.active_from
        return not ends_before and not begins_after
