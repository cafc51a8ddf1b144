"""Corners of a load that only a fault of the machine or another process leads to."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction

from sportello.kernel.actor import system_actor
from sportello.kernel.states import StateChanged
from sportello.usage import operations, tasks
from sportello.usage.models import Counter, CustomerMonth, LineMonth, UsageLoad, UsagePart
from sportello.usage.operations import dropped
from sportello.usage.operations.lock import LOCK, one_writer
from sportello.usage.tests.factories import NOW, meanwhile, new_line, row, usage_file, written_by_another

SYSTEM = system_actor(reason="a test of usage")
NUMBER = "+393200000001"


@pytest.fixture
def line(world):
    return new_line(world.a, NUMBER)


def load(path: Path):
    return operations.load_file(actor=SYSTEM, path=path, now=NOW)


def test_rows_call_themselves_by_what_they_are(line) -> None:
    load(usage_file(row(), name="u.csv"))
    assert [str(UsageLoad.objects.get()), str(UsagePart.objects.filter(kind="ids").get()).split("/")[0]] == [
        "u.csv", "ids",
    ]  # fmt: skip
    named = [str(model.objects.for_(SYSTEM).get()) for model in (Counter, LineMonth, CustomerMonth)]
    assert named == [
        f"{line.pk} 2026-11-01 voice national",
        f"{line.pk} 2026-11-01",
        f"{line.organisation_id} 2026-11-01 voice national",
    ]


def test_schedule_looks_for_manifests_before_it_starts_anything(line) -> None:
    assert dropped.manifests_wait() is False
    usage_file(row())
    assert dropped.manifests_wait() is True


@pytest.mark.parametrize("job", [tasks.take_dropped_files, tasks.merge_small_parts])
def test_g04_job_leaves_while_another_process_writes_the_store(line, job, monkeypatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    usage_file(row())
    with written_by_another():
        assert job.func() == 0
    assert UsageLoad.objects.count() == 0


def test_lock_is_free_again_after_a_load_that_failed(line) -> None:
    with pytest.raises(RuntimeError, match="broken"), one_writer(wait=False):
        raise RuntimeError("broken")
    with one_writer(wait=False):
        pass


@pytest.mark.postgresql
def test_lock_stays_with_the_session_whose_transaction_is_lost(line) -> None:
    with one_writer(wait=False):
        transaction.set_rollback(
            True
        )  # no statement goes through until the transaction ends: the session's end frees the lock
    transaction.set_rollback(False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        assert cursor.fetchone() == (True,)


def test_file_that_the_operator_took_away_meanwhile_is_no_error(line) -> None:
    path = usage_file(row())
    with meanwhile('UPDATE "usage_usageload"', path.with_name(f"{path.name}.manifest.json").unlink):
        assert [one.loaded for one in operations.take_dropped(actor=SYSTEM, now=NOW)] == [1]
    folder = Path(settings.SPORTELLO["USAGE_DROP_FOLDER"])
    assert [each.name for each in (folder / "taken").iterdir()] == [path.name]


def test_file_that_comes_again_while_its_row_is_changed_counts_nothing(line, world) -> None:
    path = usage_file(row(), row(record_id="2", msisdn="+393200000007"))
    load(path)
    new_line(world.a, "+393200000007")
    another_counts = meanwhile('FROM "inventory_lineperiod"', lambda: UsageLoad.objects.update(loaded=2))
    with another_counts, pytest.raises(StateChanged):
        load(path)
    assert list(Counter.objects.for_(SYSTEM).values_list("month", "records")) == [(date(2026, 11, 1), 1)]
