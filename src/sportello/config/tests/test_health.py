"""What the page of the portal's state and `sportello check` say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sportello.config.health import Wellness, look
from sportello.config.management.commands.demo import missing

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_a_missing_schema_of_bills_is_said_with_what_to_set(settings, tmp_path):
    settings.SPORTELLO = {**settings.SPORTELLO, "FATTURAPA_SCHEMAS": tmp_path}
    found = {str(one.name): (one.wellness, one.sentence) for one in look(now=NOW)}
    assert found["Bills"] == (
        Wellness.WARN,
        "No schema: bills are refused until SPORTELLO_FATTURAPA_SCHEMAS names the folder of the official files.",
    )
    (tmp_path / "Schema.xsd").write_text("<schema/>")
    assert {str(one.name): one.wellness for one in look(now=NOW)}["Bills"] is Wellness.GOOD


def test_the_demo_says_what_is_missing_on_this_machine_and_nothing_else(settings, tmp_path):
    settings.SPORTELLO = {**settings.SPORTELLO, "FATTURAPA_SCHEMAS": tmp_path / "not there"}
    assert [line.strip() for line in missing().splitlines()] == [
        "Missing: the official FatturaPA schemas (XSD files), so bills handed in are refused. All else works.",
        "To try them: put the files into a folder and start with SPORTELLO_FATTURAPA_SCHEMAS=<that folder>.",
    ]
    (tmp_path / "not there").mkdir()
    (tmp_path / "not there" / "Schema.xsd").write_text("<schema/>")
    assert missing() == ""
