"""The store: finding ids, paging records, merging, forgetting, sweeping."""

import os
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sportello.usage.pipeline.store import ParquetStore, RecordKey, RecordQuery
from sportello.usage.pipeline.store import ids as id_files
from sportello.usage.pipeline.tests.reference import WINDOW, Book, Desk, Period, put_rows, row
from sportello.usage.types import Part, PartKind

BOOK = Book((Period(1, "+393200000001"), Period(2, "+393200000002")))


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path, BOOK)


def halves(ids: list[tuple[int, int]]) -> tuple[pa.Array, pa.Array]:
    ordered = sorted(ids)
    return pa.array([hi for hi, _ in ordered], pa.uint64()), pa.array([lo for _, lo in ordered], pa.uint64())


few = st.integers(0, 5) | st.just(2**64 - 1)


@settings(max_examples=60, deadline=None)
@given(
    files=st.lists(st.sets(st.tuples(few, few)), max_size=3),
    needles=st.sets(st.tuples(few, few)),
    size=st.sampled_from([2, 1 << 22]),
)
def test_known_ids_are_exactly_those_of_the_files(tmp_path_factory, files, needles, size) -> None:
    root = tmp_path_factory.mktemp("ids")
    parts = []
    for number, ids in enumerate(files):
        id_files.write_ids(root / f"{number}.ids", *halves(list(ids)))
        parts.append(Part(PartKind.IDS, f"{number}.ids", len(ids), 0))
    kept = id_files._SLICE
    id_files._SLICE = size
    try:
        found = id_files.KnownIdFiles(root, parts).among(*halves(list(needles))).to_pylist()
    finally:
        id_files._SLICE = kept
    assert found == [each in set().union(*files) for each in sorted(needles)]


def test_file_of_ids_cut_off_is_an_error(tmp_path) -> None:
    path = tmp_path / "x.ids"
    id_files.write_ids(path, *halves([(1, 2), (3, 4)]))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match="is not a file of record ids, or it is cut off"):
        id_files.IdFile(path)


def query(**changes: object) -> RecordQuery:
    return RecordQuery(**{"period_ids": [1], "since": WINDOW.earliest, "until": WINDOW.latest, **changes})


def test_records_come_newest_first_in_pages_without_gap_or_repeat(desk) -> None:
    rows = [
        row(
            record_id=f"r{number:02}",
            started_at=f"2026-11-15T10:00:{number // 3:02}Z",
            msisdn=f"+39320000000{1 + number % 2}",
        )
        for number in range(20)
    ]
    desk.load(put_rows(desk.folder / "a.csv", rows[:11]))
    desk.load(put_rows(desk.folder / "b.csv", rows[11:]))
    pages, after = [], None
    while True:
        page = desk.store.records(desk.parts, query(limit=4, after=after))
        pages.append([record.record_id for record in page.records])
        after = page.next
        if after is None:
            break
    assert pages == [["r18", "r16", "r14", "r12"], ["r10", "r08", "r06", "r04"], ["r02", "r00"]]


def test_record_is_read_as_it_was_loaded(desk) -> None:
    given_row = row(
        traffic_type="data", other_party="", apn="ibox.tim.it", zone="eu", country="ES", personal="1", volume_bytes="7",
        amount="-1.5", corrects="r0", started_at="2026-11-15T10:00:00.123456+01:00", vat_class="exempt", direction="in",
    )  # fmt: skip
    desk.load(put_rows(desk.folder / "a.csv", [given_row]))
    record = desk.store.records(desk.parts, query(traffic_type="data", personal=True)).records[0]
    assert (record.record_id, record.period_id, record.started_at) == (
        "r1", 1, datetime(2026, 11, 15, 9, 0, 0, 123456, tzinfo=UTC),
    )  # fmt: skip
    assert (record.traffic_type, record.direction, record.other_party, record.apn) == ("data", "in", "", "ibox.tim.it")
    assert (record.duration_s, record.volume_bytes, record.units, record.amount_e5) == (60, 7, 1, -150000)
    assert (record.vat_class, record.zone, record.country, record.personal, record.corrects) == (
        "exempt", "eu", "ES", True, "r0",
    )  # fmt: skip
    assert desk.store.records(desk.parts, query(traffic_type="sms")).records == ()
    assert desk.store.records(desk.parts, query(personal=False)).records == ()


def test_nothing_is_found_without_parts_or_periods(desk) -> None:
    assert desk.store.records([], query()).records == ()
    assert desk.store.totals([], [1], WINDOW.earliest, WINDOW.latest).records == 0
    desk.load(put_rows(desk.folder / "a.csv", [row()]))
    assert desk.store.records(desk.parts, query(period_ids=[])).records == ()
    assert desk.store.records(desk.parts, query(after=RecordKey(WINDOW.earliest, ""))).records == ()


def test_merged_parts_hold_the_same_records_and_ids(desk) -> None:
    for number in range(3):
        desk.load(put_rows(desk.folder / f"{number}.csv", [row(record_id=f"{number}-{each}") for each in range(4)]))
    before = desk.store.records(desk.parts, query()).records
    records, ids = ([part for part in desk.parts if part.kind is kind] for kind in (PartKind.RECORDS, PartKind.IDS))
    merged = [desk.store.merge(records, "m1"), desk.store.merge(ids, "m2")]
    assert [(part.kind, part.rows, part.month) for part in merged] == [
        (PartKind.RECORDS, 12, records[0].month), (PartKind.IDS, 12, None),
    ]  # fmt: skip
    assert desk.store.records(merged, query()).records == before
    desk.parts = merged
    assert desk.load(desk.folder / "1.csv").duplicates == 4


def test_parts_of_different_months_are_not_merged(desk) -> None:
    desk.load(put_rows(desk.folder / "a.csv", [row(), row(record_id="r2", started_at="2026-10-15T10:00:00Z")]))
    with pytest.raises(ValueError, match="parts of 2 kinds or months"):
        desk.store.merge([part for part in desk.parts if part.month], "m")


def test_g16_records_older_than_an_instant_are_dropped_and_the_others_stay(desk) -> None:
    rows = [row(record_id=f"r{day}", started_at=f"2026-11-{day}T10:00:00Z") for day in (12, 13, 14)]
    desk.load(put_rows(desk.folder / "a.csv", rows))
    part = next(part for part in desk.parts if part.month)
    kept = desk.store.without_older(part, datetime(2026, 11, 13, 10, tzinfo=UTC), "x1")
    assert [record.record_id for record in desk.store.records([kept], query()).records] == ["r14", "r13"]
    assert desk.store.without_older(part, datetime(2026, 11, 15, tzinfo=UTC), "x2") is None


def test_g03_files_that_the_database_does_not_list_are_swept_once_they_are_old(desk) -> None:
    desk.load(put_rows(desk.folder / "a.csv", [row()]))
    listed = [part.name for part in desk.parts]
    desk.load(put_rows(desk.folder / "b.csv", [row(record_id="r2")]))
    orphans = sorted(part.name for part in desk.parts if part.name not in listed)
    now = datetime.now(UTC)
    assert desk.store.sweep(listed, now - timedelta(hours=1)) == []
    for path in desk.store.root.rglob("*"):
        os.utime(path, (1, 1))
    assert list(desk.store.sweep(listed, now - timedelta(hours=1))) == orphans
    assert ParquetStore(desk.store.root).records([part for part in desk.parts if part.name in listed], query()).records
