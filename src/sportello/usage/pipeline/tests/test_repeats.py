"""A record id that comes again with other content is told from the same record that comes again (ABUSE G01, G13)."""

from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sportello.kernel.sentences import told
from sportello.usage.pipeline.columns import COLUMNS
from sportello.usage.pipeline.repeats import REASON, Repeats
from sportello.usage.pipeline.store import contents
from sportello.usage.pipeline.tests.reference import Book, Desk, Period, manifest, put_rows, row
from sportello.usage.types import PartKind

HANDED_ON = datetime(2026, 11, 10, tzinfo=UTC)
BOOK = Book((Period(1, "+393200000001"), Period(2, "+393200000002")))
OTHER = {
    "msisdn": "+393200000002",
    "started_at": "2026-11-15T10:00:00.000001+01:00",
    "traffic_type": "sms",
    "direction": "in",
    "other_party": "+393471234568",
    "duration_s": "61",
    "volume_bytes": "1",
    "units": "2",
    "amount": "0.12346",
    "vat_class": "exempt",
    "zone": "eu",
    "country": "ES",
    "personal": "1",
    "corrects": "r0",
}


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path, BOOK)


def counts(result) -> tuple[int, int, int]:
    return result.loaded, result.duplicates, result.rejected


@pytest.mark.parametrize("few", [0, 1000])
@pytest.mark.parametrize("most", [1, 4_000_000])
def test_g01_known_id_is_rejected_whichever_column_says_something_else(desk, monkeypatch, few, most) -> None:
    monkeypatch.setattr(contents, "FEW_PERIODS", few)
    monkeypatch.setattr(Repeats, "MOST_ROWS", most)
    desk.load(put_rows(desk.folder / "a.csv", [row(record_id=name) for name in [*OTHER, "same"]]))
    before = desk.counters.copy()
    again = [row(record_id=name, **{name: value}) for name, value in OTHER.items()]
    result = desk.load(put_rows(desk.folder / "b.csv", [row(record_id="same"), *again]), piece_bytes=400, group_rows=3)
    assert counts(result) == (0, 1, len(OTHER))
    assert [(line, name, reason) for line, name, reason, _ in sorted(desk.rejected(result))] == [
        (line, name, REASON) for line, name in enumerate(OTHER, start=3)
    ]
    assert desk.counters == before


def test_g01_access_point_that_differs_is_other_content(desk) -> None:
    data = row(traffic_type="data", other_party="", apn="ibox.tim.it")
    desk.load(put_rows(desk.folder / "a.csv", [data]))
    assert counts(desk.load(put_rows(desk.folder / "b.csv", [{**data, "apn": ""}]))) == (0, 0, 1)


def test_g01_known_id_in_another_month_is_rejected(desk) -> None:
    desk.load(put_rows(desk.folder / "a.csv", [row()]))
    result = desk.load(put_rows(desk.folder / "b.csv", [row(started_at="2026-09-15T10:00:00Z")]))
    assert counts(result) == (0, 0, 1)


def test_g01_same_values_written_otherwise_are_the_same_record(desk) -> None:
    desk.load(put_rows(desk.folder / "a.csv", [row(amount="1.5")]))
    again = row(amount="01.50000", duration_s="060", started_at="2026-11-15 09:00:00.000Z")
    assert counts(desk.load(put_rows(desk.folder / "b.csv", [again]))) == (0, 1, 0)


def test_g01_twins_in_one_file_are_compared_with_the_first(desk) -> None:
    rows = [row(), row(), row(amount="9"), row(record_id="r2")]
    result = desk.load(put_rows(desk.folder / "a.csv", rows))
    assert counts(result) == (2, 1, 1)
    assert [line for line, _, _ in desk.rejects(result)] == [4]
    assert counts(desk.load(desk.folder / "a.csv")) == (0, 3, 1)


@pytest.mark.parametrize("group_rows", [1, 1000])
def test_row_whose_number_nobody_held_has_the_reason_of_its_place(desk, group_rows) -> None:
    rows = [row(msisdn="+393200000009"), row(), row(msisdn="+393200000009")]
    result = desk.load(put_rows(desk.folder / "a.csv", rows), piece_bytes=100, group_rows=group_rows)
    assert [reason for _, reason, _ in desk.rejects(result)] == [
        "msisdn: no line held +393200000009 at 2026-11-15T09:00:00Z", REASON,
    ]  # fmt: skip


def test_g01_merged_records_are_compared_too(desk) -> None:
    for number in range(2):
        desk.load(put_rows(desk.folder / f"{number}.csv", [row(record_id=f"r{number}", amount="-1.5", corrects="x")]))
    records = [part for part in desk.parts if part.kind is PartKind.RECORDS]
    desk.parts = [part for part in desk.parts if part.kind is PartKind.IDS] + [desk.store.merge(records, "merged")]
    again = [row(record_id="r0", amount="-1.5", corrects="x"), row(record_id="r1", amount="1.5", corrects="x")]
    assert counts(desk.load(put_rows(desk.folder / "again.csv", again))) == (0, 1, 1)


def test_record_whose_number_has_a_new_period_since_is_the_same(desk) -> None:
    path = put_rows(desk.folder / "a.csv", [row(), row(record_id="r2", msisdn="+393200000002")])
    desk.load(path)
    moved = Period(3, "+393200000001", active_from=HANDED_ON)
    desk.book = Book((Period(1, "+393200000001", active_to=HANDED_ON), moved))
    assert counts(desk.load(path)) == (0, 2, 0)


def test_records_forgotten_and_sent_again_changed_are_still_rejected(desk) -> None:
    desk.load(put_rows(desk.folder / "a.csv", [row(started_at="2026-09-15T10:00:00Z")]))
    desk.parts = [part for part in desk.parts if part.kind is PartKind.IDS]
    result = desk.load(put_rows(desk.folder / "b.csv", [row(started_at="2026-09-16T10:00:00Z")]))
    assert counts(result) == (0, 0, 1)


def test_g01_known_id_in_parquet_is_rejected_with_its_row(desk) -> None:
    desk.load(put_rows(desk.folder / "a.csv", [row(), row(record_id="r2")]))
    path = desk.folder / "b.parquet"
    rows = [row(), row(record_id="r2", units="7")]
    pq.write_table(pa.table({name: [each[name] for each in rows] for name in COLUMNS}), path)
    manifest(path, records=2, amount="0.24690")
    result = desk.load(path)
    assert counts(result) == (0, 1, 1)
    assert desk.rejected(result) == [(2, "r2", REASON, ",".join(rows[1].values()))]


def test_corrections_of_records_that_never_came_are_loaded_and_said(desk) -> None:
    desk.load(put_rows(desk.folder / "a.csv", [row(record_id="old")]))
    rows = [
        row(record_id="1", amount="-0.1", corrects="old"),
        row(record_id="2", amount="-0.2", corrects="later"),
        row(record_id="3", amount="-0.2", corrects="here"),
        row(record_id="4", amount="-0.2", corrects="never"),
        row(record_id="5", amount="-0.2", corrects="never"),
        row(record_id="6", amount="-0.2", corrects="rejected", country="ZZ"),
        row(record_id="here"),
    ]
    result = desk.load(put_rows(desk.folder / "b.csv", rows), piece_bytes=300, group_rows=2)
    assert (counts(result), result.corrects_unknown) == ((6, 0, 1), ["later", "never"])
    assert [told(note) for note in result.notes] == [
        "corrections count, but 2 records that they correct are unknown so far: later, never"
    ]
    result = desk.load(put_rows(desk.folder / "c.csv", [row(record_id="later"), row(record_id="7", corrects="later")]))
    assert result.corrects_unknown == []


def test_note_of_many_unknown_records_names_twenty(desk) -> None:
    rows = [row(record_id=f"{number}", corrects=f"x{number:02}") for number in range(21)]
    said = [told(note) for note in desk.load(put_rows(desk.folder / "a.csv", rows)).notes]
    named = ", ".join(f"x{number:02}" for number in range(20))
    assert said == [f"corrections count, but 21 records that they correct are unknown so far: {named}, …"]


def test_corrections_of_another_source_are_looked_up_among_its_own_records(desk) -> None:
    desk.load(put_rows(desk.folder / "a.csv", [row()]))
    path = put_rows(desk.folder / "b.csv", [row(record_id="r2", corrects="r1")])
    assert desk.load(path, source="mvno").corrects_unknown == ["r1"]


def test_only_repeated_rows_are_looked_at(desk) -> None:
    """The fast path stays as it was: a file of new records reads no record again, so that it does without those that are stored."""
    at = [HANDED_ON + timedelta(minutes=number) for number in range(30)]
    rows = [row(record_id=f"{each}", started_at=each.isoformat()) for each in at]
    desk.load(put_rows(desk.folder / "a.csv", rows[:10]))
    for part in desk.parts:
        if part.kind is PartKind.RECORDS:
            (desk.store.root / part.name).unlink()
    result = desk.load(put_rows(desk.folder / "b.csv", rows[10:]), piece_bytes=500, group_rows=5)
    assert counts(result) == (20, 0, 0)
    with pytest.raises(duckdb.IOException):
        desk.load(put_rows(desk.folder / "c.csv", rows[:1]))
