"""Corners of the pipeline: what no file should ever lead to is still no silent loss."""

from datetime import UTC, datetime
from functools import partial

import pytest

from sportello.kernel.sentences import told
from sportello.usage.pipeline import judged, ledger
from sportello.usage.pipeline.check.record import read_instant, read_record
from sportello.usage.pipeline.columns import COLUMNS
from sportello.usage.pipeline.read.blocks import Piece, Text
from sportello.usage.pipeline.read.manifest import check_content, read_manifest
from sportello.usage.pipeline.read.source import fields_in_order
from sportello.usage.pipeline.tests.reference import Book, Desk, Period, csv_text, put, put_rows, row
from sportello.usage.types import ContentDiffers, FileRefused, PartKind, months_before

BOOK = Book((Period(1, "+393200000001"),))


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path, BOOK)


def test_load_stops_where_the_two_ways_of_checking_disagree(desk, monkeypatch) -> None:
    def too_kind(fields, window):
        record, reasons = read_record([*fields[:12], "IT", *fields[13:]], window)
        return record._replace(country="ZZ"), reasons

    monkeypatch.setattr(judged, "read_record", too_kind)
    with pytest.raises(AssertionError, match="the two ways of checking a record disagree"):
        desk.load(put_rows(desk.folder / "u.csv", [row(country="ZZ")]))
    assert [path for path in desk.store.root.rglob("*") if path.is_file()] == []


def test_hoped_ids_are_looked_at_whenever_many_have_come(desk, monkeypatch) -> None:
    monkeypatch.setattr(ledger, "HOPED_ROWS", 2)
    rows = [row(record_id=f"r{number}") for number in range(9)]
    result = desk.load(put_rows(desk.folder / "a.csv", rows), piece_bytes=100, group_rows=1)
    ids = [part.rows for part in result.parts if part.kind is PartKind.IDS]
    assert (sum(ids), len(ids) > 2) == (9, True)
    again = desk.load(put_rows(desk.folder / "b.csv", [*rows[4:], row(record_id="new")]))
    assert (again.loaded, again.duplicates) == (1, 5)


def test_records_without_a_month_are_not_forgotten(desk) -> None:
    ids = next(part for part in desk.load(put_rows(desk.folder / "a.csv", [row()])).parts if part.month is None)
    with pytest.raises(ValueError, match="holds no records"):
        desk.store.without_older(ids, datetime(2026, 11, 1, tzinfo=UTC), "x")
    with pytest.raises(ValueError, match="holds no records"):
        desk.store.replaced(ids, None, "x")


def test_store_without_parts_holds_no_records(desk) -> None:
    held = desk.store.held([], [1], datetime(2026, 11, 1, tzinfo=UTC))
    assert (held.num_rows, held.column_names) == (0, ["part"])


def test_g02_file_that_was_written_to_since_its_digest_was_checked_is_refused(desk) -> None:
    path = put_rows(desk.folder / "u.csv", [row()])
    content = check_content(path, read_manifest(path))
    content.check_unchanged()
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(FileRefused) as refused:
        content.check_unchanged()
    assert [told(one) for one in refused.value.reasons] == ["u.csv: the file was changed while it was being read"]


def test_g02_file_that_breaks_the_reader_is_refused_for_its_digest(desk) -> None:
    """The digest is taken beside the work: what the work stumbles over in such a file is not what is wrong with it."""
    path = put(desk.folder / "u.csv", b"\xff\xfe\n", records=1, amount="0", sha256="0" * 64)
    with pytest.raises(ContentDiffers):
        desk.load(path)
    path = put(desk.folder / "v.csv", b"\xff\xfe\n", records=1, amount="0")
    with pytest.raises(FileRefused, match="not UTF-8: byte 0xFF on line 1"):
        desk.load(path)


def test_file_of_many_rows_asks_for_the_periods_of_all_numbers(desk, monkeypatch) -> None:
    from sportello.usage.pipeline import run

    monkeypatch.setattr(run, "FEW_ROWS", 1)
    assert desk.load(put_rows(desk.folder / "u.csv", [row(), row(record_id="2")])).loaded == 2


def test_piece_that_holds_broken_rows_alone_is_read(desk) -> None:
    text = csv_text([]) + '"x"y,z\n' * 3
    result = desk.load(put(desk.folder / "u.csv", text, records=3, amount="0"))
    assert (result.loaded, result.rejected) == (0, 3)


def test_quoted_row_that_is_never_closed_is_broken_once_it_is_too_long(desk) -> None:
    long = 'r9,"' + "x\n" * 40_000
    text = csv_text([row()]) + long + csv_text([row(record_id="2")]).split("\n", 1)[1]
    result = desk.load(put(desk.folder / "u.csv", text, records=40_002, amount="0"))
    assert (result.loaded, result.rejected) == (2, 40_000)


def test_piece_whose_rows_have_too_few_fields_is_read_row_by_row() -> None:
    good = ",".join(row().values())
    text = f"{good}\na,b\n".encode()
    piece = Piece(Text(text), 2, COLUMNS, partial(fields_in_order, order=list(range(16))))
    block = piece.block()
    assert (block.rows, [broken.line for broken in block.broken]) == (2, [3])


def test_empty_fields_in_quotes_are_empty(desk) -> None:
    text = csv_text([row(), row(record_id="2")]).replace(",0,,\n", ',0,"",""\n')
    assert text.count('""') == 4
    assert desk.load(put(desk.folder / "u.csv", text, records=2, amount="0.24690")).loaded == 2


@pytest.mark.parametrize("after", ['"x', '"x"', '" '])
def test_quoted_field_that_goes_on_after_its_end_breaks_its_own_lines_alone(desk, after) -> None:
    broken = f'a,"b\nc{after},d\n'
    text = csv_text([row()]) + broken + csv_text([row(record_id="2")]).split("\n", 1)[1]
    result = desk.load(put(desk.folder / "u.csv", text, records=4, amount="0"))
    assert (result.loaded, [line for line, _, _ in desk.rejects(result)]) == (2, [3, 4])


@pytest.mark.parametrize(
    ("instant", "months", "earlier"),
    [
        ("2026-03-31T10:00:00+00:00", 1, "2026-02-28T10:00:00+00:00"),
        ("2026-08-31T00:00:00+00:00", 6, "2026-02-28T00:00:00+00:00"),
        ("2024-08-29T00:00:00+00:00", 6, "2024-02-29T00:00:00+00:00"),
        ("2026-01-15T00:00:00+00:00", 13, "2024-12-15T00:00:00+00:00"),
    ],
)
def test_months_before_end_on_the_last_day_of_a_shorter_month(instant, months, earlier) -> None:
    assert months_before(datetime.fromisoformat(instant), months) == datetime.fromisoformat(earlier)

def test_an_offset_that_no_clock_has_is_no_instant():
    assert [read_instant(f"2026-11-16T09:00:00{offset}") for offset in ("+24:00", "+00:60", "-99:99")] == [None] * 3
