"""A demo base that was broken off half-way is made anew; an installation is never touched."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from django.conf import settings

from sportello.config.demo_base import half_made
from sportello.config.demo_base.half_made import AGAIN, BUSY, BY_HAND, MARK, clear_half_made, in_the_making
from sportello.config.demo_base.storing import DemoBaseMade
from sportello.kernel.operations import publish
from sportello.kernel.refusals import WrongState
from sportello.kernel.testing import arrange


@pytest.fixture
def folder(monkeypatch, tmp_path) -> Path:
    for name, below in {"DATA_FOLDER": "", "USAGE_FOLDER": "usage"}.items():
        monkeypatch.setitem(settings.SPORTELLO, name, tmp_path / below)
    return tmp_path


def break_off() -> None:
    with pytest.raises(KeyboardInterrupt), in_the_making():
        raise KeyboardInterrupt


def make_on_record() -> None:
    with arrange():
        publish(DemoBaseMade(organisation_id=None, scale="small", seed=1, rows={}))


def test_base_that_was_finished_leaves_no_mark(db, folder):
    with in_the_making():
        assert (folder / MARK).exists()
        with pytest.raises(WrongState, match="Another process is making the demo base"):
            clear_half_made()
    assert (list(folder.iterdir()), clear_half_made()) == ([], "")


def test_half_made_base_outside_the_folder_is_named_and_left(db, folder):
    break_off()
    make_on_record()
    with pytest.raises(WrongState) as refused:
        clear_half_made()
    assert (str(refused.value), (folder / MARK).exists()) == (BY_HAND % folder, True)
    assert BUSY != BY_HAND


def test_half_made_base_in_the_folder_is_removed_with_its_usage_alone(db, folder, monkeypatch):
    database = folder / "sportello.sqlite3"
    sqlite3.connect(database).close()
    database.touch()
    for name in ("usage", "files", "demo-usage-x", "drop", "secrets"):
        (folder / name).mkdir()
    break_off()
    make_on_record()
    monkeypatch.setattr(half_made, "_database", lambda: database)
    monkeypatch.setattr(half_made, "_lies_in_folder", lambda: True)
    monkeypatch.setattr(half_made.connections, "close_all", lambda: None)
    assert clear_half_made() == AGAIN % folder
    assert {path.name for path in folder.iterdir()} == {"drop", "secrets"}


def test_installation_is_never_touched_whatever_is_marked(world, folder):
    with in_the_making():
        assert not (folder / MARK).exists()  # there are organisations: nothing is made here
    (folder / MARK).touch()
    (folder / "usage").mkdir()
    assert (clear_half_made(), {path.name for path in folder.iterdir()}) == ("", {"usage"})
