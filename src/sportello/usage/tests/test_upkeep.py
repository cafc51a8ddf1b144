"""Merging, forgetting and sweeping: the records that count stay the same (ABUSE G03, G16)."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from sportello.inventory.models import LinePeriod
from sportello.kernel.actor import system_actor
from sportello.kernel.models import Event
from sportello.usage import operations, queries, tasks
from sportello.usage.models import Counter, UsageLoad, UsagePart
from sportello.usage.operations import loading, upkeep
from sportello.usage.states import LoadState
from sportello.usage.tests.factories import NOW, new_line, row, usage_file
from sportello.usage.types import Part, PartKind

SYSTEM = system_actor(reason="a test of usage")


@pytest.fixture
def line(world):
    return new_line(world.a, "+393200000001")


def load(*rows):
    return operations.load_file(actor=SYSTEM, path=usage_file(*rows), now=NOW)


def records() -> int:
    periods = LinePeriod.objects.across_tenants(reason="all records of the test").values_list("pk", flat=True)
    return queries.store().totals(queries.parts_listed(), list(periods), NOW - timedelta(days=400), NOW).records


def test_four_small_parts_become_one_and_the_records_stay(line) -> None:
    for number in range(5):
        load(row(record_id=f"r{number}"))
    assert operations.merge_small_parts(actor=SYSTEM, now=NOW) == 10
    assert sorted((part.kind, part.rows) for part in queries.parts_listed()) == [
        (PartKind.IDS, 5),
        (PartKind.RECORDS, 5),
    ]
    assert records() == 5
    assert load(row(record_id="r3")).duplicates == 1
    assert operations.merge_small_parts(actor=SYSTEM, now=NOW) == 0


def test_parts_of_unlike_size_or_month_are_left() -> None:
    def parts(*rows: int):
        return [Part(PartKind.IDS, f"{number}", count, 0) for number, count in enumerate(rows)]

    assert upkeep.mergeable(parts(1, 2, 50_000)) == []
    assert [[part.rows for part in group] for group in upkeep.mergeable(parts(1, 2, 60_000, 3, 50_000))] == [
        [1, 2, 3, 50_000]
    ]
    assert upkeep.mergeable(parts(*[20_000_000] * 5)) == []


def test_g16_records_past_their_retention_go_and_counters_and_ids_stay(line) -> None:
    load(
        row(record_id="old", started_at="2026-05-21T10:00:00Z"),
        row(record_id="same month, later", started_at="2026-05-28T10:00:00Z"),
        row(record_id="new"),
    )
    later = NOW + timedelta(days=2)
    assert operations.forget_old_records(actor=SYSTEM, now=later) == 1
    assert records() == 2
    assert sum(Counter.objects.for_(SYSTEM).values_list("records", flat=True)) == 3
    assert operations.forget_old_records(actor=SYSTEM, now=later) == 0
    assert operations.forget_old_records(actor=SYSTEM, now=NOW + timedelta(days=12)) == 1
    assert records() == 1
    again = load(row(record_id="old"))
    assert [one.reasons for one in queries.first_rejects(again.load)] == [
        "record_id: this record was loaded before with other content"
    ]
    forgotten = Event.objects.across_tenants(reason="a test").filter(kind="usage.forgotten").order_by("pk")
    assert [event.payload["records"] for event in forgotten] == [1, 1]


def test_sweep_removes_orphans_and_retired_files_once_they_are_old(line) -> None:
    for number in range(4):
        load(row(record_id=f"r{number}"))
    operations.merge_small_parts(actor=SYSTEM, now=NOW)
    folder = Path(settings.SPORTELLO["USAGE_FOLDER"])
    orphan = folder / "records" / "2026-11" / "of-a-load-that-died.parquet"
    orphan.write_text("x")
    for path in folder.rglob("*"):
        os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    assert operations.sweep_store(actor=SYSTEM, now=NOW + timedelta(minutes=59)) == []
    swept = operations.sweep_store(actor=SYSTEM, now=NOW + timedelta(hours=2))
    assert len(swept) == 9
    assert not orphan.exists()
    assert UsagePart.objects.count() == 2
    assert records() == 4


def test_sweep_ends_a_load_that_died(line) -> None:
    dead = loading.begin_load(actor=SYSTEM, file_name="u.csv", sha256="a" * 64, now=NOW)
    operations.sweep_store(actor=SYSTEM, now=NOW + timedelta(hours=2))
    dead.refresh_from_db()
    assert (dead.state, dead.reasons) == (
        LoadState.REFUSED,
        ["the load was broken off before its end; nothing of it counts: load the file again"],
    )


def test_jobs_do_their_operations(line, monkeypatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    for number in range(4):
        load(row(record_id=f"r{number}"))
    usage_file(row(record_id="new"), folder=Path(settings.SPORTELLO["USAGE_DROP_FOLDER"]), name="new.csv")
    for path in Path(settings.SPORTELLO["USAGE_DROP_FOLDER"]).glob("usage-*"):
        path.unlink()
    done = [
        task.func()
        for task in (tasks.take_dropped_files, tasks.merge_small_parts, tasks.forget_old_records, tasks.sweep_store)
    ]
    assert done == [1, 10, 0, 0]
    assert UsageLoad.objects.filter(state=LoadState.LOADED).count() == 5
