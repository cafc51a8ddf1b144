"""Each record counts once, at the right place, whatever the files it comes in (ABUSE G01, G03, G08, G11, G12)."""

import shutil
from collections import Counter
from datetime import UTC, datetime

import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sportello.usage.pipeline.store import RecordQuery
from sportello.usage.pipeline.tests.reference import WINDOW, Book, Desk, Period, put_rows, row
from sportello.usage.types import COUNTER_KEYS, COUNTER_SUMS, Window

ROME, CANARY = "Europe/Rome", "Atlantic/Canary"
BOOK = Book((Period(1, "+393200000001"), Period(2, "+34600000002", organisation_id=2, time_zone=CANARY)))


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path, BOOK)


def loaded(result) -> tuple[int, int, int]:
    return result.loaded, result.duplicates, result.rejected


def test_g01_same_file_again_counts_nothing(desk) -> None:
    path = put_rows(desk.folder / "u.csv", [row(record_id=f"r{number}") for number in range(20)])
    assert loaded(desk.load(path)) == (20, 0, 0)
    before = Counter(desk.counters)
    assert loaded(desk.load(path)) == (0, 20, 0)
    assert desk.counters == before


def test_g01_overlapping_files_and_repeats_within_one_count_once(desk) -> None:
    first = [row(record_id=f"r{number}") for number in range(10)]
    second = [row(record_id=f"r{number % 15}") for number in range(5, 25)]
    assert loaded(desk.load(put_rows(desk.folder / "a.csv", first))) == (10, 0, 0)
    assert loaded(desk.load(put_rows(desk.folder / "b.csv", second), piece_bytes=400, group_rows=3)) == (5, 15, 0)


def test_same_id_of_another_source_is_another_record(desk) -> None:
    desk.load(put_rows(desk.folder / "a.csv", [row()]))
    assert loaded(desk.load(desk.folder / "a.csv", source="mvno's")) == (1, 0, 0)
    assert loaded(desk.load(desk.folder / "a.csv", source="mvno's")) == (0, 1, 0)


def test_rejected_row_leaves_its_id_free(desk) -> None:
    rows = [row(country="ZZ"), row(msisdn="+393200000009"), row(amount="7"), row(amount="8")]
    result = desk.load(put_rows(desk.folder / "a.csv", rows))
    assert loaded(result) == (1, 0, 3)
    assert sum(result.counters["amount_e5"].to_pylist()) == 700000


def test_known_row_stays_a_duplicate_when_its_number_is_gone(desk) -> None:
    path = put_rows(desk.folder / "a.csv", [row()])
    desk.load(path)
    desk.book = Book(())
    assert loaded(desk.load(path)) == (0, 1, 0)


def test_row_rejected_for_its_number_is_loaded_once_inventory_knows_it(desk) -> None:
    path = put_rows(desk.folder / "a.csv", [row(), row(record_id="r2", msisdn="+393200000003")])
    assert loaded(desk.load(path)) == (1, 0, 1)
    desk.book = Book((*BOOK.held, Period(3, "+393200000003")))
    assert loaded(desk.load(path)) == (1, 1, 0)


def test_g12_record_belongs_to_the_holder_of_that_instant(tmp_path) -> None:
    handed_over = datetime(2026, 11, 10, 11, tzinfo=UTC)
    held = (
        Period(1, "+393200000001", active_to=handed_over, organisation_id=1),
        Period(2, "+393200000001", active_from=handed_over, organisation_id=2),
    )
    rows = [
        row(record_id="last of A", started_at="2026-11-10T11:59:59.999999+01:00"),
        row(record_id="first of B", started_at="2026-11-10T12:00:00+01:00"),
    ]
    result = Desk(tmp_path, Book(held)).load(put_rows(tmp_path / "u.csv", rows))
    keys = [(each["organisation_id"], each["period_id"], each["records"]) for each in result.counters.to_pylist()]
    assert keys == [(1, 1, 1), (2, 2, 1)]


def test_two_holders_at_once_give_the_record_to_the_later_one(tmp_path) -> None:
    held = (Period(1, "+393200000001"), Period(2, "+393200000001", active_from=datetime(2026, 11, 1, tzinfo=UTC)))
    result = Desk(tmp_path, Book(held)).load(put_rows(tmp_path / "u.csv", [row()]))
    assert result.counters["period_id"].to_pylist() == [2]


MIDNIGHTS = [
    ("2026-10-31T22:59:59.999999Z", 10, 10),
    ("2026-10-31T23:00:00Z", 11, 10),
    ("2026-10-31T23:59:59Z", 11, 10),
    ("2026-11-01T00:00:00Z", 11, 11),
    ("2026-10-25T00:30:00Z", 10, 10),
    ("2026-10-25T02:30:00+02:00", 10, 10),
    ("2026-10-25T02:30:00+01:00", 10, 10),
    ("2026-06-30T21:59:59Z", 6, 6),
    ("2026-06-30T22:00:00Z", 7, 6),
    ("2026-06-30T23:00:00Z", 7, 7),
]


@pytest.mark.parametrize(("instant", "in_rome", "in_canary"), MIDNIGHTS)
def test_g08_month_turns_at_local_midnight_of_the_customer(desk, instant, in_rome, in_canary) -> None:
    rows = [row(started_at=instant), row(record_id="r2", started_at=instant, msisdn="+34600000002")]
    result = desk.load(put_rows(desk.folder / "u.csv", rows))
    assert [each["month"].month for each in result.counters.to_pylist()] == [in_rome, in_canary]


@pytest.mark.parametrize(
    ("month_end", "hours"),
    [("2026-10-31T23:00:00Z", 31 * 24 + 1), ("2027-03-31T22:00:00Z", 31 * 24 - 1)],
)
def test_g08_months_of_23_and_25_hour_days_count_each_hour_once(tmp_path, month_end, hours) -> None:
    end = datetime.fromisoformat(month_end)
    window = Window.at(end, late_months=2)
    first = int(end.timestamp()) - (hours + 3) * 3600
    rows = [
        row(record_id=f"{hour}", started_at=f"{datetime.fromtimestamp(first + hour * 3600, UTC):%Y-%m-%dT%H:%M:%SZ}")
        for hour in range(hours + 6)
    ]
    result = Desk(tmp_path, BOOK, window).load(put_rows(tmp_path / "u.csv", rows))
    counts = [each["records"] for each in result.counters.to_pylist()]
    assert counts == [3, hours, 3]


@st.composite
def good_rows(draw: st.DrawFn) -> list[dict[str, str]]:
    size = draw(st.integers(1, 24))
    return [
        row(
            record_id=f"r{number}",
            msisdn=draw(st.sampled_from(["+393200000001", "+34600000002"])),
            started_at=draw(st.sampled_from([instant for instant, _, _ in MIDNIGHTS])),
            traffic_type=draw(st.sampled_from(["voice", "sms"])),
            direction=draw(st.sampled_from(["in", "out"])),
            duration_s=str(draw(st.integers(0, 10**9 - 1))),
            volume_bytes=str(draw(st.integers(0, 10**14 - 1))),
            amount=f"{draw(st.integers(0, 10**6 - 1))}.{draw(st.integers(0, 99999)):05}",
            zone=draw(st.sampled_from(["national", "eu", "extra_eu"])),
            personal=draw(st.sampled_from(["0", "1"])),
        )
        for number in range(size)
    ]


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return Desk(folder, BOOK)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=good_rows(), data=st.data())
def test_splitting_reordering_and_repeating_files_gives_the_same_counters(tmp_path, rows, data) -> None:
    whole = fresh(tmp_path / "whole")
    whole.load(put_rows(whole.folder / "u.csv", rows))
    shuffled = data.draw(st.permutations(rows + rows[: len(rows) // 2]))
    cut = data.draw(st.integers(0, len(shuffled)))
    pieces = fresh(tmp_path / "pieces")
    for number, part in enumerate((shuffled[:cut], shuffled[cut:], shuffled[:cut])):
        pieces.load(put_rows(pieces.folder / f"u{number}.csv", part))
    assert pieces.counters == whole.counters


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=good_rows())
def test_g11_sum_of_parts_is_the_total_for_every_grouping(tmp_path, rows) -> None:
    desk = fresh(tmp_path / "desk")
    counters = desk.load(put_rows(desk.folder / "u.csv", rows)).counters
    total = {name: pc.sum(counters[name]).as_py() for name in COUNTER_SUMS}
    assert total == {
        "records": len(rows),
        "records_in": sum(each["direction"] == "in" for each in rows),
        "duration_s": sum(int(each["duration_s"]) for each in rows),
        "duration_in_s": sum(int(each["duration_s"]) for each in rows if each["direction"] == "in"),
        "volume_bytes": sum(int(each["volume_bytes"]) for each in rows),
        "units": len(rows),
        "amount_e5": sum(int(each["amount"].replace(".", "")) for each in rows),
    }
    for key in COUNTER_KEYS:
        grouped = counters.group_by(key).aggregate([(name, "sum") for name in COUNTER_SUMS])
        assert {name: pc.sum(grouped[f"{name}_sum"]).as_py() for name in COUNTER_SUMS} == total
    stored = desk.store.totals(desk.parts, [1, 2], WINDOW.earliest, WINDOW.latest)
    assert (stored.records, stored.amount_e5) == (total["records"], total["amount_e5"])


def test_late_records_of_many_months_become_one_part_each(desk) -> None:
    rows = [
        row(record_id=f"{month}-{number}", started_at=f"2026-{month:02}-15T10:00:00Z")
        for number in range(4)
        for month in (9, 10, 11)
    ]
    result = desk.load(put_rows(desk.folder / "u.csv", rows), piece_bytes=500, group_rows=2)
    months = [(part.month.month, part.rows) for part in result.parts if part.month]
    assert months == [(9, 4), (10, 4), (11, 4)]
    query = RecordQuery([1], WINDOW.earliest, WINDOW.latest)
    assert len(desk.store.records(desk.parts, query).records) == 12
