"""What rows of usage call themselves, on pages of the record and in logs."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from sportello.usage.models import (
    ClearNumbers,
    DocumentationRequest,
    PeriodMonth,
    ReportSchedule,
    TrafficExport,
    UnusualRule,
)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (PeriodMonth(period_id=7, month=date(2026, 11, 1)), "7 2026-11-01"),
        (TrafficExport(content="records", form="csv"), "records csv"),
        (TrafficExport(content="records", form="csv", file_name="records-2026-11.csv"), "records-2026-11.csv"),
        (DocumentationRequest(line_id=7, since=date(2026, 11, 1), until=date(2026, 11, 2)), "7 2026-11-01 2026-11-02"),
        (ReportSchedule(name="My months"), "My months"),
        (UnusualRule(factor=Decimal("2.0"), at_least=Decimal(10)), "2.0 10"),
        (ClearNumbers(person_id=7, until=datetime(2026, 11, 22, 12, tzinfo=UTC)), "7 2026-11-22 12:00"),
    ],
)
def test_rows_say_what_they_are(row, expected) -> None:
    assert str(row) == expected
