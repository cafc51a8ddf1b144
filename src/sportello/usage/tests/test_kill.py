"""A load killed by -9 at any point, then run again, leaves the totals of an undisturbed run (ABUSE G03)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

import sportello
from sportello.usage.tests.factories import new_line, row, usage_file

POINTS = {
    "after the row that says it was taken up": ("sportello.usage.operations.loading", "begin_load", True),
    "while reading": ("sportello.usage.pipeline.read.blocks", "Piece.block", False),
    "after its ids were written": ("sportello.usage.pipeline.store.parquet", "FolderWriter.add_ids", True),
    "after its records were written": ("sportello.usage.pipeline.store.parquet", "FolderWriter.add_records", True),
    "after the reject file": ("sportello.usage.pipeline.rejects", "RejectFile.finish", True),
    "before the transaction": ("sportello.usage.operations.loading", "take_load", False),
    "in it, after the parts": ("sportello.usage.operations.loading", "list_parts", True),
    "in it, after the counters": ("sportello.usage.operations.loading", "add_counters", True),
    "in it, after the thresholds": ("sportello.usage.operations.loading", "tell_listeners", True),
    "in it, after the audit trail": ("sportello.kernel.audit", "append", True),
    "after the transaction": ("sportello.usage.operations.loading", "take_load", True),
    "before the file was put away": ("sportello.usage.operations.dropped", "_put_away", False),
}


def drop(folder: Path) -> None:
    rows = [row(record_id=f"r{number}", amount=f"0.{number:05}") for number in range(40)]
    rows += [
        row(record_id=f"s{number}", msisdn="+34600000002", started_at="2026-10-02T10:00:00Z") for number in range(5)
    ]
    usage_file(
        *rows, row(record_id="bad", country="ZZ"), row(record_id="r3", amount="0.00003"), name="u.csv", folder=folder
    )


def done(*tasks: dict[str, object], **environment: str) -> list:
    """Do tasks one after the other, each in a process of its own; return the answers, or the signals that killed them."""
    run = subprocess.run(
        [sys.executable, "-m", "sportello.usage.tests.loading_process", json.dumps(tasks, default=str)],
        check=False,
        capture_output=True,
        env={
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "PYTHONPATH": str(Path(sportello.__file__).parents[1]),
            "DJANGO_SETTINGS_MODULE": "sportello.config.settings",
            "SPORTELLO_MODE": "test",
            **environment,
        },
        timeout=600,
    )
    assert run.returncode == 0, run.stderr.decode()
    return json.loads(run.stdout)


def put_migrated(folder: Path) -> None:
    """Put the tests' own database there, where it is SQLite too: to make its tables anew takes longer than all the loads."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        (folder / "sportello.sqlite3").write_bytes(connection.connection.serialize())


def test_g03_load_killed_at_any_point_then_run_again_counts_each_record_once(db, tmp_path) -> None:
    new = tmp_path / "new"
    drop(new / "drop")
    put_migrated(new)
    folders = {name: tmp_path / f"{place}" for place, name in enumerate([*POINTS, "undisturbed"])}
    _made, *answered = done(
        {"folder": new, "do": ["make"], "copies": list(folders.values())},
        *({"folder": folders[name], "do": ["load"], "die_at": point} for name, point in POINTS.items()),
        *({"folder": folder, "do": ["load", "totals"]} for folder in folders.values()),
    )
    assert dict(zip(POINTS, answered, strict=False)) == dict.fromkeys(POINTS, signal.SIGKILL)
    answers = dict(zip(folders, answered[len(POINTS) :], strict=True))
    undisturbed = answers["undisturbed"]
    assert answers == dict.fromkeys(folders, undisturbed)
    assert undisturbed["store"] == [45, sum(range(40)) + 5 * 12345]
    assert undisturbed["loads"] == [["u.csv", "loaded", 45, 1, 1]]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("point", ["before the transaction", "in it, after the counters", "after the transaction"])
def test_g03_load_killed_on_postgresql_then_run_again_counts_each_record_once(world, tmp_path, point) -> None:
    new_line(world.a, "+393200000001")
    new_line(world.b, "+34600000002")
    drop(tmp_path / "drop")
    url = os.environ["DATABASE_URL"].rsplit("/", 1)[0] + "/" + connection.settings_dict["NAME"]
    tasks = (
        {"folder": tmp_path, "do": ["load"], "die_at": POINTS[point]},
        {"folder": tmp_path, "do": ["load", "totals"]},
    )
    signal_number, found = done(*tasks, DATABASE_URL=url)
    assert signal_number == signal.SIGKILL
    assert found["store"] == [45, sum(range(40)) + 5 * 12345]
    assert found["loads"] == [["u.csv", "loaded", 45, 1, 1]]
    assert [each[:3] for each in found["Counter"]] == [
        ["+34600000002", "2026-10-01", "5"],
        ["+393200000001", "2026-11-01", "40"],
    ]
