"""Late records and corrections: in their own month, marked as added later, for ever (ABUSE G07)."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from sportello.kernel.actor import system_actor
from sportello.usage import operations, queries
from sportello.usage.models import UsagePart
from sportello.usage.tests.factories import NOW, new_line, row, usage_file
from sportello.usage.types import is_over

SYSTEM = system_actor(reason="a test of usage")
BOS = "+393200000001"
LATER = datetime(2026, 12, 10, 12, tzinfo=UTC)
NOVEMBER = date(2026, 11, 1)


@pytest.fixture
def line(world):
    """Bo's line: a call loaded in November, and a later one with a correction loaded in December."""
    found = new_line(world.a, BOS, person=world.memberships["bo"].person)
    load(row(record_id="1", msisdn=BOS, amount="10"), now=NOW)
    load(
        row(record_id="2", msisdn=BOS, amount="5", started_at="2026-11-16T09:00:00Z"),
        row(record_id="3", msisdn=BOS, amount="-10", started_at="2026-11-15T10:00:00Z", corrects="1"),
        row(record_id="4", msisdn=BOS, amount="1", started_at="2026-12-09T09:00:00Z"),
    )
    return found


def load(*rows: dict[str, str], now: datetime = LATER) -> None:
    assert not operations.load_file(actor=SYSTEM, path=usage_file(*rows), now=now).reasons


def late(ada, line, month: date = NOVEMBER) -> dict[str, bool]:
    return {one.record_id: one.late for one in queries.records(ada, line, month).records}


def test_g07_late_records_stand_in_their_own_month_and_say_so(line, ada, signed_in) -> None:
    assert late(ada, line) == {"1": False, "2": True, "3": True}
    assert late(ada, line, date(2026, 12, 1)) == {"4": False}
    assert queries.line_totals(ada, line, NOVEMBER)[0].amount == 5
    shown = signed_in("ada").get(reverse("usage:records", args=[line.pk]), {"month": "2026-11"}).content.decode()
    assert (shown.count("added later"), shown.count("correction")) == (2, 1)
    asked = {"content": "records", "form": "csv", "from": "2026-11", "line": line.pk}
    taken = b"".join(signed_in("ada").post("/traffic/exports/ask/", asked).streaming_content).decode("utf-8-sig")
    assert [(one["Record"], one["Corrects"], one["Added later"]) for one in csv.DictReader(io.StringIO(taken))] == [
        ("2", "", "1"), ("3", "1", "1"), ("1", "", "0"),
    ]  # fmt: skip


def test_late_records_stay_marked_when_parts_are_merged_and_old_ones_forgotten(line, ada) -> None:
    for number in range(4):
        load(row(record_id=f"more{number}", msisdn=BOS, started_at="2026-11-17T09:00:00Z"))
    assert operations.merge_small_parts(actor=SYSTEM, now=LATER) >= 4
    found = late(ada, line)
    assert (found.pop("1"), set(found.values())) == (False, {True})
    operations.forget_old_records(actor=SYSTEM, now=datetime(2027, 5, 15, 9, 30, tzinfo=UTC))
    assert late(ada, line) == {f"more{number}": True for number in range(4)} | {"2": True, "3": True}


def test_first_file_of_a_month_is_not_late_whenever_it_comes(world, ada) -> None:
    line = new_line(world.a, BOS)
    load(row(record_id="1", msisdn=BOS, started_at="2026-09-15T09:00:00Z"))
    assert late(ada, line, date(2026, 9, 1)) == {"1": False}
    assert not UsagePart.objects.filter(late=True).exists()


@pytest.mark.parametrize(("day", "expected"), [(3, False), (4, True)])
def test_month_is_over_some_days_after_its_end(day, expected) -> None:
    assert is_over(NOVEMBER, datetime(2026, 12, day, tzinfo=UTC)) == expected
