"""Files from the drop folder and the command: taken, put away, answered."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from sportello.kernel.actor import system_actor
from sportello.usage import operations, queries
from sportello.usage.models import UsageLoad
from sportello.usage.tests.factories import NOW, new_line, row, usage_file

ADA_NUMBER, CY_NUMBER = "+393200000001", "+34600000002"
SYSTEM = system_actor(reason="a test of usage")


@pytest.fixture
def lines(world):
    return new_line(world.a, ADA_NUMBER), new_line(world.b, CY_NUMBER)


def files_in(folder: str) -> list[str]:
    return sorted(
        path.name for path in (Path(settings.SPORTELLO["USAGE_DROP_FOLDER"]) / folder).glob("*") if path.is_file()
    )


def test_dropped_files_are_put_away_with_their_answer(lines) -> None:
    usage_file(row(), name="good.csv")
    usage_file(row(record_id="2"), name="bad.csv", records=7)
    usage_file(row(record_id="3"), name="waits.csv").with_name("waits.csv.manifest.json").unlink()
    (Path(settings.SPORTELLO["USAGE_DROP_FOLDER"]) / "lonely.csv.manifest.json").write_text("{}")
    taken = operations.take_dropped(actor=SYSTEM, now=NOW)
    assert sorted((one.load.file_name, one.refused) for one in taken) == [("bad.csv", True), ("good.csv", False)]
    assert files_in("") == ["lonely.csv.manifest.json", "waits.csv"]
    assert files_in("taken") == ["good.csv", "good.csv.manifest.json"]
    assert files_in("refused") == ["bad.csv", "bad.csv.manifest.json", "bad.csv.reasons.txt"]
    reasons = Path(settings.SPORTELLO["USAGE_DROP_FOLDER"]) / "refused" / "bad.csv.reasons.txt"
    assert reasons.read_text() == "record count differs: the manifest says 7, the file has 1\n"


def test_second_file_of_a_name_keeps_the_first(lines) -> None:
    usage_file(row(), name="u.csv")
    operations.take_dropped(actor=SYSTEM, now=NOW)
    usage_file(row(record_id="2"), name="u.csv")
    second = operations.take_dropped(actor=SYSTEM, now=NOW)[0].load.pk
    assert files_in("taken") == [f"{second}-u.csv", f"{second}-u.csv.manifest.json", "u.csv", "u.csv.manifest.json"]


def test_g02_file_still_being_copied_waits_and_is_refused_when_it_stays_so(lines) -> None:
    path = usage_file(row())
    whole = path.read_bytes()
    path.write_bytes(whole[:40])
    touched = path.stat().st_mtime
    just_now = NOW.fromtimestamp(touched, tz=NOW.tzinfo)
    assert operations.take_dropped(actor=SYSTEM, now=just_now) == []
    path.write_bytes(whole)
    os.utime(path, (touched, touched))
    later = just_now + timedelta(seconds=60)
    assert [one.refused for one in operations.take_dropped(actor=SYSTEM, now=later)] == [False]


def test_g02_file_that_never_becomes_whole_is_refused(lines) -> None:
    path = usage_file(row())
    path.write_bytes(path.read_bytes()[:40])
    later = NOW.fromtimestamp(path.stat().st_mtime, tz=NOW.tzinfo) + timedelta(seconds=11)
    assert [one.refused for one in operations.take_dropped(actor=SYSTEM, now=later)] == [True]


def test_command_prints_each_file_and_ends_with_1_when_one_was_refused(lines, capsys, monkeypatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    good, bad = usage_file(row(), row(record_id="2", units="x")), usage_file(row(record_id="3"), amount="9")
    with pytest.raises(SystemExit) as ended:
        call_command("usage", "load", str(good), str(bad))
    shown = capsys.readouterr()
    assert ended.value.code == 1
    assert shown.out.startswith(f"{good}: loaded 1, duplicates 0, rejected 1, ")
    assert f" s, reject file {UsageLoad.objects.get(state='loaded').reject_file}\n" in shown.out
    assert shown.err == f"{bad}: REFUSED\n  sum of amounts differs: the manifest says 9.00000, the file has 0.12345\n"


def test_command_as_json_says_nothing_new_and_ends_with_0(lines, capsys, monkeypatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    path = usage_file(row())
    call_command("usage", "load", str(path))
    capsys.readouterr()
    call_command("usage", "load", str(path), "--json")
    said = json.loads(capsys.readouterr().out)
    assert said.pop("files")[0] | {"seconds": ""} == {
        "path": str(path), "taken": True, "loaded": 0, "duplicates": 1, "rejected": 0, "seconds": "", "reject_file": None,
        "reasons": [], "notes": [f"everything was known: {path.name} had the same content"],
    }  # fmt: skip
    assert said == {"taken": True}


def test_command_prints_the_notes_of_a_file(lines, capsys, monkeypatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    path = usage_file(row(corrects="lost"))
    call_command("usage", "load", str(path))
    assert capsys.readouterr().out.splitlines()[1] == (
        f"{path}: corrections count, but 1 records that they correct are unknown so far: lost"
    )


def test_command_says_that_there_is_no_file_and_keeps_no_row(db, capsys, tmp_path) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("usage", "load", "/nowhere/u.csv", str(tmp_path))
    assert ended.value.code == 1
    assert capsys.readouterr().err == (
        "/nowhere/u.csv: REFUSED\n  no such file\n"
        f"{tmp_path}: REFUSED\n  a folder without usage files (.csv, .csv.gz, .parquet)\n"
    )
    with pytest.raises(SystemExit):
        call_command("usage", "load", "/nowhere/u.csv", "--json")
    assert json.loads(capsys.readouterr().out)["files"][0]["reasons"] == ["no such file"]
    assert UsageLoad.objects.count() == 0


def test_command_takes_all_usage_files_of_a_folder(lines, capsys, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    folder = tmp_path / "many"
    for name in ("b.CSV", "a.csv.gz"):
        usage_file(row(record_id=name), name=name, folder=folder)
    (folder / "notes.txt").write_text("no usage file")
    call_command("usage", "load", str(folder))
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == [
        str(folder / "a.csv.gz"), str(folder / "b.CSV"),
    ]  # fmt: skip


def test_files_that_wait_for_their_other_half_are_told_after_a_minute(lines) -> None:
    folder = Path(settings.SPORTELLO["USAGE_DROP_FOLDER"])
    whole, alone = usage_file(row(), name="whole.csv"), usage_file(row(), name="alone.csv")
    alone.with_name("alone.csv.manifest.json").unlink()
    (folder / "lonely.csv.manifest.json").write_text("{}")
    (folder / ".on-its-way.csv").write_text("")
    os.utime(alone, (1, 1))
    now = datetime.now(UTC)
    assert queries.waiting_files(now) == []
    found = queries.waiting_files(now + timedelta(seconds=61))
    assert [(one.name, one.waits_for) for one in found] == [
        ("alone.csv", "alone.csv.manifest.json"), ("lonely.csv.manifest.json", "lonely.csv"),
    ]  # fmt: skip
    assert all(now - timedelta(minutes=1) < one.since <= now for one in found)
    assert whole.is_file()
    assert queries.waiting_files(now + timedelta(days=1)) == found
