"""Usage files in Parquet: native types that hold their values exactly, and those that do not."""

from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sportello.usage.pipeline.columns import COLUMNS
from sportello.usage.pipeline.tests.reference import Book, Desk, Period, manifest
from sportello.usage.pipeline.tests.test_refusals import ROWS, refusal

BOOK = Book((Period(1, "+393200000001"),))


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path, BOOK)


def parquet(desk, **columns: pa.Array):
    table = pa.table({name: columns.get(name, pa.array([each[name] for each in ROWS])) for name in COLUMNS})
    path = desk.folder / "u.parquet"
    pq.write_table(table, path)
    manifest(path, records=5, amount="0.61725")
    return path


def test_parquet_with_native_types_is_loaded(desk) -> None:
    at = datetime(2026, 11, 15, 9, tzinfo=UTC)
    path = parquet(
        desk,
        started_at=pa.array([at] * 5, pa.timestamp("ns", tz="Europe/Rome")),
        duration_s=pa.array([60, 60, -60, None, 60], pa.int32()),
        volume_bytes=pa.array([0] * 5, pa.int64()),
        units=pa.array([1] * 5, pa.uint8()),
        amount=pa.array([Decimal("0.1234500")] * 5, pa.decimal128(12, 7)),
        personal=pa.array([False] * 5),
        apn=pa.nulls(5),
    )
    result = desk.load(path)
    assert (result.loaded, [(line, reason) for line, reason, _ in desk.rejects(result)]) == (
        3,
        [
            (3, "duration_s: '-60' is not a whole number of 0 or more"),
            (4, "duration_s: empty is not a whole number of 0 or more"),
        ],
    )
    assert desk.rejects(result)[0][2].startswith("r2,+393200000001,2026-11-15 09:00:00.000000000Z,voice")


def test_parquet_types_that_lose_digits_are_refused(desk) -> None:
    inexact = pa.array([1] * 5, pa.int64()).cast(pa.float64())
    path = parquet(desk, amount=inexact, started_at=pa.array([0] * 5, pa.timestamp("us")))
    assert refusal(desk, path) == (
        "column started_at has type timestamp[us], which does not hold its values exactly: use text",
        "column amount has type double, which does not hold its values exactly: use text",
    )


def test_parquet_cut_off_is_refused(desk) -> None:
    path = parquet(desk)
    path.write_bytes(path.read_bytes()[:-20])
    manifest(path, records=5, amount="0.61725")
    assert refusal(desk, path)[0].startswith("u.parquet: not a readable Parquet file: ")


def test_text_in_parquet_beside_native_types_is_read(desk) -> None:
    path = parquet(desk, units=pa.array([1, 2, 3, 4, 5], pa.int32()), personal=pa.array([0] * 5, pa.int8()),
                   zone=pa.array(["national"] * 5).dictionary_encode())  # fmt: skip
    assert desk.load(path).loaded == 5


def test_parquet_rows_are_shown_one_by_one_and_together() -> None:
    from sportello.usage.pipeline.read.parquet import ParquetRows

    rows = ParquetRows(pa.table({name: pa.array([each[name] for each in ROWS]) for name in COLUMNS}), 11)
    assert (len(rows), [line.line for line in rows[1:3]], rows[4].text[:3]) == (5, [12, 13], b"r4,")
