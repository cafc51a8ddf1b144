"""The load as one would write it without a thought for speed: what the pipeline must always agree with."""

import csv
import gzip
import hashlib
import io
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from sportello.usage.pipeline.check.record import Record, read_record
from sportello.usage.pipeline.columns import COLUMNS
from sportello.usage.pipeline.place import PERIOD_COLUMNS
from sportello.usage.pipeline.run import Load
from sportello.usage.pipeline.store import ParquetStore
from sportello.usage.types import COUNTER_KEYS, COUNTER_SUMS, LoadResult, Part, Window

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WINDOW = Window.at(NOW)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

GOOD = {
    "record_id": "r1",
    "msisdn": "+393200000001",
    "started_at": "2026-11-15T10:00:00+01:00",
    "traffic_type": "voice",
    "direction": "out",
    "other_party": "+393471234567",
    "duration_s": "60",
    "volume_bytes": "0",
    "units": "1",
    "amount": "0.12345",
    "vat_class": "standard",
    "zone": "national",
    "country": "IT",
    "personal": "0",
    "apn": "",
    "corrects": "",
}


@dataclass(frozen=True)
class Period:
    period_id: int
    number: str
    active_from: datetime = datetime(2020, 1, 1, tzinfo=UTC)
    active_to: datetime | None = None
    line_id: int = 0
    organisation_id: int = 1
    time_zone: str = "Europe/Rome"


@dataclass(frozen=True)
class Book:
    """The periods as inventory would give them."""

    held: tuple[Period, ...]

    def periods(self, numbers: object) -> pa.Table:
        rows = [
            {
                "period_id": period.period_id,
                "line_id": period.line_id or period.period_id,
                "organisation_id": period.organisation_id,
                "number": period.number,
                "active_from": us(period.active_from),
                "active_to": None if period.active_to is None else us(period.active_to),
                "time_zone": period.time_zone,
            }
            for period in self.held
        ]
        return pa.Table.from_pylist(rows, schema=PERIOD_COLUMNS)

    def numbers(self, period_ids: object) -> dict[int, str]:
        return {period.period_id: period.number for period in self.held}


def us(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(microseconds=1)


@dataclass
class Reference:
    """Loads rows one by one in plain Python."""

    book: Book
    window: Window = WINDOW
    counters: Counter = field(default_factory=Counter)
    records: dict[str, Record] = field(default_factory=dict)
    rejects: list[tuple[int, str]] = field(default_factory=list)
    duplicates: int = 0
    rows: int = 0

    def load(self, rows: list[tuple[int, list[str]]]) -> "Reference":
        for line, fields in rows:
            self.rows += 1
            if len(fields) != len(COLUMNS):
                self.rejects.append((line, f"the row has {len(fields)} fields instead of {len(COLUMNS)}"))
                continue
            record, reasons = read_record(fields, self.window)
            if record is None:
                self.rejects.append((line, "; ".join(reasons)))
                continue
            self.take(line, record)
        return self

    def take(self, line: int, record: Record) -> None:
        at = EPOCH + timedelta(microseconds=record.at_us)
        if record.record_id in self.records:
            if self.records[record.record_id] == record:
                self.duplicates += 1
            else:
                self.rejects.append((line, "record_id: this record was loaded before with other content"))
            return
        holders = [
            period
            for period in self.book.held
            if period.number == record.msisdn
            and period.active_from <= at
            and (period.active_to is None or at < period.active_to)
        ]
        if not holders:
            self.rejects.append((line, f"msisdn: no line held {record.msisdn} at {at:%Y-%m-%dT%H:%M:%SZ}"))
            return
        holder = max(holders, key=lambda period: (period.active_from, period.period_id))
        self.records[record.record_id] = record
        self.count(holder, record, at)

    def count(self, holder: Period, record: Record, at: datetime) -> None:
        local = at.astimezone(ZoneInfo(holder.time_zone))
        key = (
            holder.period_id,
            holder.line_id or holder.period_id,
            holder.organisation_id,
            date(local.year, local.month, 1),
            record.traffic_type,
            record.zone,
            record.personal,
        )
        incoming = record.direction == "in"
        sums = (
            1,
            int(incoming),
            record.duration_s,
            record.duration_s * incoming,
            record.volume_bytes,
            record.units,
            record.amount_e5,
        )
        for name, value in zip(COUNTER_SUMS, sums, strict=True):
            self.counters[(*key, name)] += value


def rows_of(text: str) -> list[tuple[int, list[str]]]:
    """Read CSV with Python's own reader: each row with the physical line on which it starts."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    rows, line = [], 1
    for fields in reader:
        if fields:
            rows.append((line, fields))
        line = reader.line_num + 1
    return rows[1:]


def row(**changes: str) -> dict[str, str]:
    return {**GOOD, **changes}


def csv_text(rows: list[dict[str, str]], *, end: str = "\n", quoting: int = csv.QUOTE_MINIMAL) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=end, quoting=quoting)
    writer.writerow(COLUMNS)
    writer.writerows([each[name] for name in COLUMNS] for each in rows)
    return out.getvalue()


def put(path: Path, content: str | bytes, *, records: int, amount: str, **changes: object) -> Path:
    """Write a usage file and its manifest."""
    content = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(content) if path.name.endswith(".gz") else content)
    manifest(path, records=records, amount=amount, **changes)
    return path


def manifest(path: Path, *, records: int, amount: str, **changes: object) -> None:
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    said = {"records": records, "amount": amount, "sha256": sha256, **changes}
    path.with_name(path.name + ".manifest.json").write_text(json.dumps(said))


def put_rows(path: Path, rows: list[dict[str, str]], **changes: object) -> Path:
    amount = str(sum((Decimal(each["amount"]) for each in rows), Decimal(0)))
    return put(path, csv_text(rows), **{"records": len(rows), "amount": amount, **changes})


class Desk:
    """Loads files one after the other, as the operation does: the parts of one are known to the next."""

    def __init__(self, folder: Path, book: Book, window: Window = WINDOW) -> None:
        self.folder = folder
        self.book = book
        self.window = window
        self.store = ParquetStore(folder / "store")
        self.parts: list[Part] = []
        self.counters: Counter = Counter()
        self.loads = 0

    def load(self, path: Path, **options: object) -> LoadResult:
        self.loads += 1
        result = Load(
            path=path,
            load=f"load{self.loads}",
            window=self.window,
            periods=self.book,
            store=self.store,
            known=self.parts,
            reject_folder=self.folder / "rejected",
            **options,
        ).run()
        self.parts.extend(result.parts)
        self.counters.update(deltas_of(result))
        return result

    def rejects(self, result: LoadResult) -> list[tuple[int, str, str]]:
        return sorted((line, reasons, text) for line, _, reasons, text in self.rejected(result))

    def rejected(self, result: LoadResult) -> list[tuple[int, str, str, str]]:
        if result.reject_file is None:
            return []
        with result.reject_file.open(encoding="utf-8", newline="") as handle:
            return [(int(line), *rest) for line, *rest in list(csv.reader(handle))[1:]]


def deltas_of(result: LoadResult) -> Counter:
    counters: Counter = Counter()
    for each in result.counters.to_pylist():
        for name in COUNTER_SUMS:
            counters[(*(each[key] for key in COUNTER_KEYS), name)] += each[name]
    return counters
