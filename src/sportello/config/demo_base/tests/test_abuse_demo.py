"""The demo shows every code to everybody: it keeps away from what it did not make (ABUSE A20, L08)."""

from __future__ import annotations

import io

import pytest
from django.conf import settings
from django.core.management import CommandError
from django.core.management.base import BaseCommand
from django.test import Client

from sportello.config.demo_base.logins import FILE_NAME
from sportello.config.management.commands.run import prepare


@pytest.fixture
def demo(monkeypatch, tmp_path):
    monkeypatch.setattr(settings, "DEMO", True)
    monkeypatch.setattr(settings, "DATA_FOLDER", tmp_path)
    return tmp_path


def prepared() -> str:
    command = BaseCommand(stdout=io.StringIO())
    prepare(command)
    return command.stdout.getvalue()


def test_l08_demo_refuses_the_database_of_an_installation(world, demo):
    with pytest.raises(CommandError, match="holds an installation, not a demo base"):
        prepared()


def test_l08_demo_goes_on_with_its_own_base(world, demo):
    (demo / FILE_NAME).write_text("[]")
    assert prepared() == f"data folder: {demo}\n"


def test_l08_demo_takes_an_empty_database(db, demo):
    assert prepared() == f"data folder: {demo}\n"


@pytest.mark.parametrize("path", ["/simulator/", "/simulator/?phone=%2B393510000001", "/simulator/mail/1/"])
def test_a20_simulator_is_not_there_outside_a_demo(db, path):
    assert settings.SPORTELLO["DEMO"] is False
    assert Client().get(path).status_code == 404
