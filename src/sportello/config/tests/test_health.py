"""What the page of the portal's state and `sportello check` say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sportello.config.health import Wellness, look

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
