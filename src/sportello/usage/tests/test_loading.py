"""A usage file from the folder to the counters, each record once (ABUSE G01, G02, G04, G12, G13)."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from sportello.inventory.models import LinePeriod
from sportello.kernel.actor import system_actor
from sportello.kernel.models import Event
from sportello.kernel.sentences import in_english
from sportello.kernel.testing import arrange, in_threads
from sportello.usage import operations, queries, tasks
from sportello.usage import types as usage_types
from sportello.usage.models import Counter, CustomerMonth, LineMonth, UsageLoad, UsagePart
from sportello.usage.operations.lock import StoreBusy
from sportello.usage.states import LoadState
from sportello.usage.tests.factories import LONG_AGO, NOW, new_line, row, usage_file, written_by_another
from sportello.usage.types import listen_to_counters

SYSTEM = system_actor(reason="a test of usage")
ADA_NUMBER, CY_NUMBER = "+393200000001", "+34600000002"
NOVEMBER = date(2026, 11, 1)


@pytest.fixture
def lines(world):
    person = world.memberships["ada"].person
    return new_line(world.a, ADA_NUMBER, person=person, dual=True), new_line(world.b, CY_NUMBER)


def load(path: Path, **options):
    return operations.load_file(actor=SYSTEM, path=path, now=NOW, **options)


def counts(taken) -> tuple[int, int, int]:
    return taken.loaded, taken.duplicates, taken.rejected


def counters() -> list[tuple]:
    rows = Counter.objects.for_(SYSTEM).order_by("line_id", "month", "traffic_type", "zone", "personal")
    return list(rows.values_list("line__number", "month", "traffic_type", "zone", "personal", "records", "amount"))


def test_load_writes_counters_sums_parts_and_its_row(lines, world) -> None:
    path = usage_file(
        row(record_id="1", amount="1.00001", duration_s="61"),
        row(record_id="2", amount="2", direction="in", other_party="", zone="eu", country="ES"),
        row(record_id="3", amount="0.5", personal="1"),
        row(record_id="4", msisdn=CY_NUMBER, traffic_type="data", other_party="", volume_bytes="1024", amount="0.1"),
        row(record_id="5", country="ZZ"),
    )
    taken = load(path)
    assert counts(taken) == (4, 0, 1)
    assert counters() == [
        (ADA_NUMBER, NOVEMBER, "voice", "eu", False, 1, Decimal("2.00000")),
        (ADA_NUMBER, NOVEMBER, "voice", "national", False, 1, Decimal("1.00001")),
        (ADA_NUMBER, NOVEMBER, "voice", "national", True, 1, Decimal("0.50000")),
        (CY_NUMBER, NOVEMBER, "data", "national", False, 1, Decimal("0.10000")),
    ]
    months = LineMonth.objects.for_(SYSTEM).order_by("line_id")
    assert list(months.values_list("organisation", "records", "voice_s", "data_bytes", "roaming_amount", "amount")) == [
        (world.a.pk, 2, 121, 0, Decimal("2.00000"), Decimal("3.00001")),
        (world.b.pk, 1, 0, 1024, Decimal(0), Decimal("0.10000")),
    ]
    customers = CustomerMonth.objects.for_(SYSTEM).filter(organisation=world.a).order_by("zone")
    assert list(customers.values_list("zone", "records", "records_in", "duration_s", "duration_in_s", "units")) == [
        ("eu", 1, 1, 60, 60, 1),
        ("national", 1, 0, 61, 0, 1),
    ]
    kept = UsageLoad.objects.get()
    assert (kept.state, kept.rows, kept.loaded, kept.duplicates, kept.rejected) == (LoadState.LOADED, 5, 4, 0, 1)
    assert "country: 'ZZ'" in Path(kept.reject_file).read_text()
    assert sorted(UsagePart.objects.values_list("kind", "rows")) == [("ids", 4), ("records", 4)]
    kinds = Event.objects.across_tenants(reason="a test").order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["usage.load_started", "usage.loaded"]


def test_second_file_adds_to_the_counters(lines) -> None:
    load(usage_file(row(record_id="1", amount="1")))
    load(usage_file(row(record_id="2", amount="-0.25", corrects="1"), row(record_id="3", amount="0")))
    assert counters() == [(ADA_NUMBER, NOVEMBER, "voice", "national", False, 3, Decimal("0.75000"))]


def test_g01_same_content_again_counts_nothing_under_any_name(lines) -> None:
    first = usage_file(row())
    load(first)
    before = counters()
    assert counts(load(first)) == (0, 1, 0)
    assert counts(load(usage_file(row(), name="other.csv"))) == (0, 1, 0)
    assert counts(load(usage_file(row(), row(record_id="new", amount="0"), name="more.csv"))) == (1, 1, 0)
    assert [(line[-2], line[-1]) for line in counters()] == [(2, before[0][-1])]
    rows = UsageLoad.objects.order_by("pk").values_list("file_name", "state", "rows", "loaded", "duplicates", "notes")
    known = [f"everything was known: {first.name} had the same content"]
    assert list(rows) == [
        (first.name, LoadState.LOADED, 1, 1, 0, []),
        (first.name, LoadState.KNOWN, 1, 0, 1, known),
        ("other.csv", LoadState.KNOWN, 1, 0, 1, known),
        ("more.csv", LoadState.LOADED, 2, 1, 1, []),
    ]
    told = Event.objects.across_tenants(reason="a test").filter(kind="usage.known").order_by("pk")
    assert [event.payload["file_name"] for event in told] == [first.name, "other.csv"]


def test_same_content_comes_again_after_its_number_was_entered(lines, world) -> None:
    path = usage_file(row(), row(record_id="2", msisdn="+393200000007"))
    assert counts(load(path)) == (1, 0, 1)
    new_line(world.a, "+393200000007")
    assert counts(load(path)) == (1, 1, 0)
    kept = UsageLoad.objects.get()
    assert (kept.rows, kept.loaded, kept.duplicates, kept.rejected, kept.reject_file) == (2, 2, 0, 0, "")
    assert kept.notes == ["the same file came again: 1 records more were loaded"]


def test_g01_known_id_with_other_content_is_reported_and_changes_no_sum(lines) -> None:
    load(usage_file(row(amount="1")))
    before = counters()
    taken = load(usage_file(row(amount="2"), row(record_id="2", amount="0")))
    assert counts(taken) == (1, 0, 1)
    assert [each.reasons for each in queries.first_rejects(taken.load)] == [
        "record_id: this record was loaded before with other content"
    ]
    assert counters()[0][-1] == before[0][-1]


def test_g01_known_id_of_another_number_is_reported_when_inventory_has_learnt_more(lines, world) -> None:
    path = usage_file(row(), row(record_id="2", msisdn=CY_NUMBER))
    load(path)
    with arrange():
        old = LinePeriod.objects.for_(SYSTEM).filter(line=lines[0])
        old.update(active_to=NOW - timedelta(days=30))
        LinePeriod.objects.create(
            line=lines[0], organisation=world.a, number=ADA_NUMBER, status=lines[0].status,
            active_from=NOW - timedelta(days=30),
        )  # fmt: skip
    same, other = row(units="01"), row(record_id="2", msisdn=ADA_NUMBER)
    assert counts(load(usage_file(same, other))) == (0, 1, 1)


def test_correction_of_an_unknown_record_is_loaded_and_said(lines) -> None:
    taken = load(usage_file(row(record_id="c", amount="-1", corrects="lost")))
    assert counts(taken) == (1, 0, 0)
    assert list(map(in_english, taken.load.notes)) == [
        "corrections count, but 1 records that they correct are unknown so far: lost"
    ]


def test_load_says_when_it_began_and_when_it_ended(lines, monkeypatch) -> None:
    from sportello.usage.operations import loading

    passed = iter([0, 0, 7_000_000, 2_500_000_000, 2_600_000_000])
    monkeypatch.setattr(loading.time, "monotonic_ns", lambda: next(passed, 3_000_000_000))
    taken = load(usage_file(row()))
    kept = UsageLoad.objects.get()
    begun = NOW + timedelta(milliseconds=0)
    assert (kept.started_at, kept.finished_at) == (begun, NOW + timedelta(milliseconds=2_493))
    assert taken.milliseconds == 2_600


def test_attempt_that_died_begins_anew_when_its_file_comes_again(lines) -> None:
    from sportello.usage.operations import loading

    path = usage_file(row())
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    loading.begin_load(actor=SYSTEM, file_name=path.name, sha256=sha256, now=NOW - timedelta(hours=5))
    load(path)
    kept = UsageLoad.objects.get()
    assert NOW <= kept.started_at <= kept.finished_at < NOW + timedelta(hours=1)


def test_g02_refused_file_keeps_its_own_digest_and_not_that_of_the_manifest(lines) -> None:
    cut, gone, unsaid, miscounted = (usage_file(row(record_id=f"{number}")) for number in range(4))
    cut.write_bytes(cut.read_bytes()[:-5])
    gone.unlink()
    unsaid.with_name(f"{unsaid.name}.manifest.json").write_text("{")
    usage_file(row(record_id="3"), name=miscounted.name, records=9)
    for path in (cut, gone, unsaid, miscounted):
        load(path)
    digests = dict(UsageLoad.objects.values_list("file_name", "sha256"))
    cuts, miscounteds = (hashlib.sha256(path.read_bytes()).hexdigest() for path in (cut, miscounted))
    assert digests == {cut.name: cuts, gone.name: "", unsaid.name: "", miscounted.name: miscounteds}


def test_g02_refused_file_leaves_its_reasons_and_nothing_else(lines) -> None:
    path = usage_file(row(), records=2)
    taken = load(path)
    assert taken.refused
    assert list(map(in_english, taken.reasons)) == ["record count differs: the manifest says 2, the file has 1"]
    kept = UsageLoad.objects.get()
    assert (kept.state, kept.reasons) == (LoadState.REFUSED, taken.reasons)
    assert NOW <= kept.started_at <= kept.finished_at
    assert (counters(), UsagePart.objects.count(), list(queries.store().root.rglob("*.parquet"))) == ([], 0, [])
    assert counts(load(usage_file(row(), name=path.name))) == (1, 0, 0)


def test_file_whose_content_is_known_but_damaged_now_is_refused(lines) -> None:
    path = usage_file(row())
    load(path)
    path.write_bytes(path.read_bytes() + b"\n")
    assert load(path).refused


def test_g12_record_goes_to_the_customer_that_held_the_number(world) -> None:
    moved = NOW - timedelta(days=5)
    old = new_line(world.a, ADA_NUMBER, active_to=moved)
    new_line(world.b, ADA_NUMBER, active_from=moved)
    at = f"{moved - timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
    load(usage_file(row(started_at=at)))
    assert list(Counter.objects.for_(SYSTEM).values_list("organisation_id", "line_id")) == [(world.a.pk, old.pk)]


def test_g12_record_hangs_on_the_period_of_its_instant(world) -> None:
    line = new_line(world.a, ADA_NUMBER)
    change = NOW - timedelta(days=5)
    with arrange():
        period = LinePeriod.objects.for_(SYSTEM).get(line=line)
        LinePeriod.objects.for_(SYSTEM).filter(pk=period.pk).update(active_to=change)
        later = LinePeriod.objects.create(
            line=line, organisation=world.a, number=line.number, status=line.status, active_from=change
        )
    times = [change - timedelta(microseconds=1), change]
    load(usage_file(*(row(record_id=f"{at}", started_at=at.isoformat()) for at in times)))
    assert list(Counter.objects.for_(SYSTEM).order_by("period_id").values_list("period_id", "records")) == [
        (period.pk, 1),
        (later.pk, 1),
    ]


def test_listeners_hear_of_changed_lines_inside_the_transaction(lines, monkeypatch) -> None:
    monkeypatch.setattr(usage_types, "_listeners", [])
    heard = []

    def listener(*, load_id, line_ids, months, now):
        heard.append((load_id, sorted(line_ids), months, now, Counter.objects.for_(SYSTEM).count()))

    listen_to_counters(listener)
    listen_to_counters(listener)
    path = usage_file(row(), row(record_id="2", msisdn=CY_NUMBER, started_at="2026-10-02T10:00:00Z"))
    taken = load(path)
    at = UsageLoad.objects.get().finished_at
    assert heard == [(taken.load.pk, sorted(line.pk for line in lines), [date(2026, 10, 1), NOVEMBER], at, 2)]
    load(path)
    assert len(heard) == 1


def test_listener_that_fails_takes_the_whole_load_with_it(lines, monkeypatch) -> None:
    def broken(**_facts):
        raise RuntimeError("no thresholds today")

    monkeypatch.setattr(usage_types, "_listeners", [broken])
    path = usage_file(row())
    with pytest.raises(RuntimeError, match="no thresholds today"):
        load(path)
    assert (counters(), UsagePart.objects.count(), UsageLoad.objects.get().state) == ([], 0, LoadState.LOADING)
    monkeypatch.setattr(usage_types, "_listeners", [])
    assert counts(load(path)) == (1, 0, 0)
    assert UsageLoad.objects.get().state == LoadState.LOADED


def test_g04_load_that_may_not_wait_leaves_while_another_runs(lines, tmp_path) -> None:
    with written_by_another(), pytest.raises(StoreBusy):
        load(usage_file(row()), wait=False)
    assert tasks.take_dropped_files.func() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_g04_one_file_taken_by_four_workers_counts_once(world) -> None:
    new_line(world.a, ADA_NUMBER)
    path = usage_file(*(row(record_id=f"r{number}") for number in range(50)))
    results = in_threads(4, lambda _: load(path))
    assert sorted(counts(taken) for taken in results) == [(0, 50, 0), (0, 50, 0), (0, 50, 0), (50, 0, 0)]
    assert [line[-2] for line in counters()] == [50]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_g04_overlapping_files_at_once_count_each_record_once(world) -> None:
    new_line(world.a, ADA_NUMBER)
    paths = [usage_file(*(row(record_id=f"r{n}") for n in range(part * 10, part * 10 + 30))) for part in range(4)]
    results = in_threads(4, lambda place: load(paths[place]))
    assert sum(taken.loaded for taken in results) == 60
    assert [line[-2] for line in counters()] == [60]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_g04_control_without_the_lock_overlapping_loads_find_the_store_changed(world, monkeypatch) -> None:
    """The naive way, without the lock and without looking again, counts records twice."""
    from contextlib import nullcontext

    from sportello.usage.operations import loading

    new_line(world.a, ADA_NUMBER)
    monkeypatch.setattr(loading, "one_writer", lambda **_: nullcontext())
    monkeypatch.setattr(loading.queries, "parts_listed", list)
    paths = [
        usage_file(*(row(record_id=f"r{n}") for n in range(20)), row(record_id=f"own {part}")) for part in range(4)
    ]
    in_threads(4, lambda place: load(paths[place]))
    assert sum(line[-2] for line in counters()) == 84


def test_store_changed_under_a_load_runs_it_again(lines, monkeypatch) -> None:
    from sportello.usage.operations import loading

    other = usage_file(row(record_id="1"), row(record_id="2"))
    real, begun = loading._run, []

    def run_while_another_slips_in(*args):
        result = real(*args)
        if not begun:
            begun.append(1)
            load(other, wait=True)
        return result

    monkeypatch.setattr(loading, "one_writer", _open_door)
    monkeypatch.setattr(loading, "_run", run_while_another_slips_in)
    assert counts(load(usage_file(row(record_id="2"), row(record_id="3")))) == (1, 1, 0)
    assert [line[-2] for line in counters()] == [3]


def _open_door(**_options):
    from contextlib import nullcontext

    return nullcontext()


def test_period_that_ended_before_the_window_is_not_asked_for(world) -> None:
    from sportello.usage.operations.holders import InventoryPeriods
    from sportello.usage.types import Window

    new_line(world.a, ADA_NUMBER, active_to=LONG_AGO + timedelta(days=1))
    line = new_line(world.a, CY_NUMBER, active_from=NOW.replace(microsecond=123456))
    book = InventoryPeriods(SYSTEM, Window.at(NOW))
    period = LinePeriod.objects.for_(SYSTEM).get(line=line)
    assert book.periods(None).to_pylist() == [
        {
            "period_id": period.pk, "line_id": line.pk, "organisation_id": world.a.pk, "number": CY_NUMBER,
            "active_from": 1795176000123456 - 0, "active_to": None, "time_zone": "Europe/Rome",
        }
    ]  # fmt: skip
    assert book.periods(["+3900000000"]).num_rows == 0
    assert book.periods([CY_NUMBER, ADA_NUMBER]).num_rows == 1
