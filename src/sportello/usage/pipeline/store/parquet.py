"""The store in a folder: Parquet files of records by month, files of ids, all written once and never changed."""

import os
import threading
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from sportello.usage.pipeline.check.record import microseconds
from sportello.usage.pipeline.payers import MARKER_SQL, PRIVATE_CODES, PRIVATE_SQL
from sportello.usage.pipeline.store import contents
from sportello.usage.pipeline.store.ids import KnownIdFiles, write_ids
from sportello.usage.pipeline.store.protocol import RecordKey, RecordPage, RecordQuery, Totals, UsageRecord
from sportello.usage.types import Part, PartKind

RECORD_SCHEMA = pa.schema(
    [
        ("period_id", pa.int64()),
        ("started_at", pa.timestamp("us", tz="UTC")),
        ("record_id", pa.string()),
        ("traffic_type", pa.dictionary(pa.int32(), pa.string())),
        ("direction", pa.dictionary(pa.int32(), pa.string())),
        ("other_party", pa.string()),
        ("duration_s", pa.int64()),
        ("volume_bytes", pa.int64()),
        ("units", pa.int64()),
        ("amount_e5", pa.int64()),
        ("vat_class", pa.dictionary(pa.int32(), pa.string())),
        ("zone", pa.dictionary(pa.int32(), pa.string())),
        ("country", pa.dictionary(pa.int32(), pa.string())),
        ("personal", pa.dictionary(pa.int32(), pa.string())),
        ("apn", pa.dictionary(pa.int32(), pa.string())),
        ("corrects", pa.dictionary(pa.int32(), pa.string())),
    ]
)
_DICTIONARIES = [field.name for field in RECORD_SCHEMA if pa.types.is_dictionary(field.type)]
_COMPRESSION = {field.name: "LZ4" if field.name == "record_id" else "NONE" for field in RECORD_SCHEMA}
_CONTENT = [
    MARKER_SQL if field.name == "personal" else field.name for field in RECORD_SCHEMA if field.name != "period_id"
]
"""What a record says; under which period it hangs is said by inventory, and who pays it by dual billing."""

SPILL = ".spill"
"""Where DuckDB puts what does not fit into its memory."""

ROW_GROUP = 16_384
"""Rows read to find one line's month in a part: small enough to be quick, large enough to keep the footer short."""

_COLUMNS = ", ".join(field.name for field in RECORD_SCHEMA if field.name != "started_at")
_SELECT = f"SELECT {_COLUMNS}, epoch_us(started_at) AS at_us FROM read_parquet($files)"  # noqa: S608 - our own names
_SELECT_LATE = f"""SELECT {_COLUMNS}, epoch_us(started_at) AS at_us, list_contains($late, filename) AS late
FROM read_parquet($files, filename = true)"""  # noqa: S608 - our own names
_WHERE = """ WHERE period_id IN (SELECT unnest($periods))
 AND started_at >= make_timestamptz($since) AND started_at < make_timestamptz($until)"""


class FolderWriter:
    """Writes the parts of one load into the folder, under their final names."""

    def __init__(self, root: Path, load: str) -> None:
        self.root = root
        self.load = load
        self._lock = threading.Lock()
        self._names: list[str] = []

    def add_records(self, month: date, runs: Iterable[Any]) -> Part:
        """Store records of one month, in runs sorted by period; durable when it returns."""
        name = self._name(f"records/{month:%Y-%m}", ".parquet")
        path, rows = self.root / name, 0
        with path.open("xb") as handle:
            with pq.ParquetWriter(
                handle,
                RECORD_SCHEMA,
                compression=_COMPRESSION,
                use_dictionary=_DICTIONARIES,
                write_statistics=["period_id", "started_at"],
                store_schema=False,
            ) as writer:
                for run in runs:
                    writer.write_table(run.select(RECORD_SCHEMA.names), row_group_size=ROW_GROUP)
                    rows += run.num_rows
            handle.flush()
            os.fsync(handle.fileno())
            size = handle.tell()
        sync_folder(path.parent)
        return Part(PartKind.RECORDS, name, rows, size, month)

    def add_ids(self, hi: Any, lo: Any) -> Part:
        """Store the ids of counted records, sorted; durable when it returns."""
        name = self._name("ids", ".ids")
        size = write_ids(self.root / name, hi, lo)
        sync_folder((self.root / name).parent)
        return Part(PartKind.IDS, name, len(hi), size)

    def abandon(self) -> None:
        """Remove what was written: the load is refused."""
        for name in self._names:
            (self.root / name).unlink(missing_ok=True)

    def _name(self, folder: str, suffix: str) -> str:
        (self.root / folder).mkdir(parents=True, exist_ok=True)
        with self._lock:
            name = f"{folder}/{self.load}-{len(self._names):04d}{suffix}"
            self._names.append(name)
        return name


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class ParquetStore:
    """DuckDB over month-partitioned Parquet in one folder (see STACK: the fastest of the designs measured)."""

    def __init__(self, root: Path, *, memory: str = "1GB", threads: int = 2) -> None:
        self.root = root
        self.memory = memory
        self.threads = threads
        self._lock = threading.Lock()
        self._database: duckdb.DuckDBPyConnection | None = None

    def writer(self, load: str) -> FolderWriter:
        """Return a writer of parts for one attempt to load."""
        return FolderWriter(self.root, load)

    def known_ids(self, parts: Iterable[Part]) -> KnownIdFiles:
        """Return the index over the parts of kind `ids`."""
        return KnownIdFiles(self.root, parts)

    def records(self, parts: Iterable[Part], query: RecordQuery) -> RecordPage:
        """Return a page of records, newest first."""
        parts = list(parts)
        files, late = self._files(parts), self._files(part for part in parts if part.late)
        if not files or not query.period_ids:
            return RecordPage((), None)
        select = _SELECT_LATE if late else _SELECT
        sql = select + _WHERE + _narrowed(query) + " ORDER BY started_at DESC, record_id DESC LIMIT $limit"
        given = {**_parameters(files, query), **_narrowing(query), **({"late": late} if late else {})}
        rows = self._cursor().execute(sql, given).fetchall()
        records = tuple(_record(row) for row in rows[: query.limit])
        more = len(rows) > query.limit
        return RecordPage(records, RecordKey(records[-1].started_at, records[-1].record_id) if more else None)

    def totals(self, parts: Iterable[Part], period_ids: Collection[int], since: datetime, until: datetime) -> Totals:
        """Return the sums over the records of some periods with `since` <= start < `until`."""
        files = self._files(parts)
        if not files or not period_ids:
            return Totals(0, 0, 0, 0, 0)
        sums = ", ".join(
            f"coalesce(sum({name}), 0)::BIGINT" for name in ("duration_s", "volume_bytes", "units", "amount_e5")
        )
        sql = f"SELECT count(*), {sums} FROM read_parquet($files)" + _WHERE  # noqa: S608 - our own names
        given = _parameters(files, RecordQuery(period_ids, since, until))
        del given["limit"]
        return Totals(*self._cursor().execute(sql, given).fetchall()[0])

    def contents(self, records: Any) -> Any:
        """Return one number for what each record says."""
        return contents.contents(self._cursor(), records, _CONTENT)

    def unlike(self, parts: Iterable[Part], rows: Any) -> Any:
        """Return the rows whose content is not that of a record of their period."""
        files = self._files(parts)
        if not files:
            return rows.append_column("found", pa.nulls(len(rows), pa.int64()))
        return contents.unlike(self._cursor(), files, rows, _CONTENT)

    def merge(self, parts: Sequence[Part], load: str) -> Part:
        """Write parts of one kind and month as one; the old ones stay until they are swept."""
        kinds = {(part.kind, part.month) for part in parts}
        if len(kinds) != 1:
            raise ValueError(f"parts of {len(kinds)} kinds or months cannot be one part")
        (kind, month), names = kinds.pop(), [str(self.root / part.name) for part in parts]
        if kind is PartKind.RECORDS and month is not None:
            return self._rewritten(load, month, names, 0)
        ids = self._merged_ids(parts)
        return self.writer(load).add_ids(ids["hi"], ids["lo"])

    def without_older(self, part: Part, instant: datetime, load: str) -> Part | None:
        """Write a part again without the records that started before the instant; None where nothing stays."""
        if part.month is None:
            raise ValueError(f"{part.name} holds no records")
        kept = self._rewritten(load, part.month, [str(self.root / part.name)], microseconds(instant))
        if kept.rows:
            return kept
        self.remove(kept)
        return None

    def held(self, parts: Iterable[Part], period_ids: Collection[int], since: datetime) -> Any:
        """Return the records of some periods that started at `since` or later; few of many, found by their row groups."""
        files = self._files(parts)
        if not files:
            return pa.table({"part": pa.array([], pa.string())})
        sql = f"""SELECT {_COLUMNS}, epoch_us(started_at) AS at_us, substr(filename, $begins) AS part
            FROM read_parquet($files, filename = true)
            WHERE period_id IN (SELECT unnest($periods)) AND started_at >= make_timestamptz($since)"""  # noqa: S608 - our own names
        begins = len(str(self.root)) + 2
        given = {"files": files, "begins": begins, "periods": list(period_ids), "since": microseconds(since)}
        return self._cursor().sql(sql, params=given).to_arrow_table()

    def replaced(self, part: Part, changes: Any, load: str) -> Part:
        """Write a part again in which some records hang on other periods, or are paid by another."""
        if part.month is None:
            raise ValueError(f"{part.name} holds no records")
        new = {"period_id": "coalesce(to_period_id, stored.period_id)", "personal": "coalesce(new, stored.personal)"}
        columns = ", ".join(f"{new.get(name, f'stored.{name}')} AS {name}" for name in RECORD_SCHEMA.names)
        sql = f"""SELECT {columns} FROM read_parquet($files) AS stored LEFT JOIN (
                SELECT record_id, period_id, to_period_id, personal AS new FROM changes
            ) AS changed ON changed.record_id = stored.record_id AND changed.period_id = stored.period_id
            ORDER BY period_id, started_at"""  # noqa: S608 - our own names
        return self._written_as(load, part.month, sql, [str(self.root / part.name)], changes=changes)

    def remove(self, part: Part) -> None:
        """Remove a part that was written and never listed."""
        (self.root / part.name).unlink()

    def sweep(self, listed: Collection[str], before: datetime) -> Sequence[str]:
        """Remove files that the database does not list and that were last written before the instant; return their names."""
        folders = ("records", "ids", SPILL)
        files = sorted(path for folder in folders for path in (self.root / folder).rglob("*") if path.is_file())
        old = [path for path in files if microseconds(before) * 1000 > path.stat().st_mtime_ns]
        orphans = [path for path in old if str(path.relative_to(self.root)) not in listed]
        for path in orphans:
            path.unlink()
        return [str(path.relative_to(self.root)) for path in orphans]

    def _rewritten(self, load: str, month: date, names: list[str], since_us: int) -> Part:
        """Sort records anew, without those that started before an instant."""
        sql = f"""SELECT {", ".join(RECORD_SCHEMA.names)} FROM read_parquet($files)
            WHERE started_at >= make_timestamptz({since_us}) ORDER BY period_id, started_at"""  # noqa: S608 - our own names
        return self._written_as(load, month, sql, names)

    def _written_as(self, load: str, month: date, sql: str, names: list[str], **tables: Any) -> Part:
        """Write a new part through DuckDB, which spills to the disk, so that memory stays flat; then make it durable."""
        name = self.writer(load)._name(f"records/{month:%Y-%m}", ".parquet")  # noqa: SLF001 - the same file's naming
        path = self.root / name
        cursor = self._cursor()
        for table, rows in tables.items():
            cursor.register(table, rows)
        cursor.execute(
            f"""COPY ({sql})
            TO '{str(path).replace("'", "''")}' (FORMAT parquet, COMPRESSION lz4_raw, ROW_GROUP_SIZE {ROW_GROUP})""",
            {"files": names},
        )
        for table in tables:
            cursor.unregister(table)
        with path.open("rb") as handle:
            os.fsync(handle.fileno())
        sync_folder(path.parent)
        return Part(PartKind.RECORDS, name, pq.read_metadata(path).num_rows, path.stat().st_size, month)

    def _merged_ids(self, parts: Sequence[Part]) -> Any:
        cursor = self._cursor()
        files = KnownIdFiles(self.root, parts).files
        cursor.register("ids", pa.concat_tables(pa.table({"hi": file.hi, "lo": file.lo}) for file in files))
        try:
            return cursor.sql("SELECT hi, lo FROM ids ORDER BY hi, lo").to_arrow_table()
        finally:
            cursor.unregister("ids")

    def _files(self, parts: Iterable[Part]) -> list[str]:
        return [str(self.root / part.name) for part in parts if part.kind is PartKind.RECORDS]

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a connection for the calling thread; all of a process share one DuckDB and its cache of footers."""
        with self._lock:
            if self._database is None:
                self.root.mkdir(parents=True, exist_ok=True)
                self._database = duckdb.connect(
                    config={
                        "threads": self.threads,
                        "memory_limit": self.memory,
                        "temp_directory": str(self.root / SPILL),
                    }
                )
                self._database.execute("SET TimeZone = 'UTC'")
                self._database.execute("SET parquet_metadata_cache = true")
            return self._database.cursor()


def _parameters(files: list[str], query: RecordQuery) -> dict[str, Any]:
    return {
        "files": files,
        "periods": list(query.period_ids),
        "since": microseconds(query.since),
        "until": microseconds(query.until),
        "limit": query.limit + 1,
    }


def _narrowed(query: RecordQuery) -> str:
    sql = ""
    if query.traffic_type is not None:
        sql += " AND traffic_type = $traffic_type"
    if query.personal is not None:
        sql += f" AND {'' if query.personal else 'NOT '}{PRIVATE_SQL}"
    if query.after is not None:
        sql += " AND (started_at, record_id) < (make_timestamptz($after_us), $after_id)"
    return sql


def _narrowing(query: RecordQuery) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if query.traffic_type is not None:
        given["traffic_type"] = query.traffic_type
    if query.after is not None:
        given |= {"after_us": microseconds(query.after.started_at), "after_id": query.after.record_id}
    return given


def _record(row: tuple[Any, ...]) -> UsageRecord:
    names = [field.name for field in RECORD_SCHEMA if field.name != "started_at"]
    values = dict(zip([*names, "at_us", *(["late"] if len(row) > len(names) + 1 else [])], row, strict=True))
    at_us = values.pop("at_us")
    return UsageRecord(**{**values, "started_at": instant_of(at_us), "personal": values["personal"] in PRIVATE_CODES})


def instant_of(at_us: int) -> datetime:
    """Return UTC microseconds as an aware instant."""
    from sportello.usage.pipeline.check.record import EPOCH, MICROSECOND

    return EPOCH + at_us * MICROSECOND
