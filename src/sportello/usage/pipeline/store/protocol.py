"""What the load and the pages ask of a store of usage records; a cluster can stand behind it as well as a folder."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from sportello.usage.types import Part


class RecordKey(NamedTuple):
    """Where a page of records ended: the next one starts after it."""

    started_at: datetime
    record_id: str


@dataclass(frozen=True)
class RecordQuery:
    """Records of some periods with `since` <= start < `until` (aware), newest first, after the key of the page before."""

    period_ids: Collection[int]
    since: datetime
    until: datetime
    traffic_type: str | None = None
    personal: bool | None = None
    after: RecordKey | None = None
    limit: int = 100


@dataclass(frozen=True)
class UsageRecord:
    """One stored usage record, as the pages show it; `other_party` is not masked yet."""

    record_id: str
    period_id: int
    started_at: datetime
    traffic_type: str
    direction: str
    other_party: str
    duration_s: int
    volume_bytes: int
    units: int
    amount_e5: int
    vat_class: str
    zone: str
    country: str
    personal: bool
    apn: str
    corrects: str
    late: bool = False


@dataclass(frozen=True)
class RecordPage:
    """A page of records, and the key to ask for the next one (None on the last)."""

    records: Sequence[UsageRecord]
    next: RecordKey | None


@dataclass(frozen=True)
class Totals:
    """Sums over records, exact."""

    records: int
    duration_s: int
    volume_bytes: int
    units: int
    amount_e5: int


class KnownIds(Protocol):
    """Tells which record ids were counted before."""

    def among(self, hi: Any, lo: Any) -> Any:
        """Return an Arrow array of booleans for 128-bit ids given in two halves, sorted by the upper one."""

    def add(self, part: Part) -> None:
        """Count the ids of one more part as known."""


class UsageWriter(Protocol):
    """Writes the parts of one load. Until the caller lists a part in the database, no reader sees it."""

    def add_records(self, month: date, runs: Iterable[Any]) -> Part:
        """Store records of one month, in Arrow tables sorted by period; durable when it returns."""

    def add_ids(self, hi: Any, lo: Any) -> Part:
        """Store the ids of counted records, sorted; durable when it returns."""

    def abandon(self) -> None:
        """Remove what was written: the load is refused."""


class UsageStore(Protocol):
    """A store of immutable parts. Which parts count is said by the database alone: every call names them."""

    def writer(self, load: str) -> UsageWriter:
        """Return a writer of parts for one attempt to load; `load` is a token never used before."""

    def known_ids(self, parts: Iterable[Part]) -> KnownIds:
        """Return the index over the parts of kind `ids`."""

    def records(self, parts: Iterable[Part], query: RecordQuery) -> RecordPage:
        """Return a page of records."""

    def totals(self, parts: Iterable[Part], period_ids: Collection[int], since: datetime, until: datetime) -> Totals:
        """Return the sums over the records of some periods with `since` <= start < `until`."""

    def contents(self, records: Any) -> Any:
        """Return one number for what each record of an Arrow table says, all but its period: equal for equal content."""

    def unlike(self, parts: Iterable[Part], rows: Any) -> Any:
        """Return those rows (`content`, `period_id` and others) whose content no record of that period in the parts has.

        `found` is added: a period under which the same content lies all the same, or null.
        """

    def merge(self, parts: Sequence[Part], load: str) -> Part:
        """Write parts of one kind and month as one; the old ones stay until they are swept."""

    def without_older(self, part: Part, instant: datetime, load: str) -> Part | None:
        """Write a part again without the records that started before the instant; None where nothing stays."""

    def held(self, parts: Iterable[Part], period_ids: Collection[int], since: datetime) -> Any:
        """Return the records of some periods that started at `since` or later, as an Arrow table; `part` names where each lies."""

    def replaced(self, part: Part, changes: Any, load: str) -> Part:
        """Write a part again with other periods and payers; `changes`: record_id, period_id, and what is new, to_period_id and personal."""

    def remove(self, part: Part) -> None:
        """Remove a part that was written and never listed."""

    def sweep(self, listed: Collection[str], before: datetime) -> Sequence[str]:
        """Remove files that the database does not list and that were last written before the instant; return their names."""
