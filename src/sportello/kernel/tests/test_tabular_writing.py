"""The one writer of tables that leave the portal."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.utils import translation

from sportello.kernel.tabular import (
    TableRefused,
    write_csv,
    write_xlsx,
)
from sportello.kernel.tabular import writing as writing_module
from sportello.kernel.tabular.guarding import guard, unguard
from sportello.kernel.tests.tables import ROME

DANGERS = [
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "'=1",
    "plain",
    "-",
    "1=1",
    "\N{FULLWIDTH EQUALS SIGN}1",
]
INSTANT = datetime(2026, 7, 1, 10, 30, tzinfo=UTC)


def test_f06_csv_guards_texts_and_leaves_numbers_and_days() -> None:
    target = io.BytesIO()
    written = [[text] for text in DANGERS] + [[Decimal("-12.50")], [-3], [True], [None], [date(2026, 7, 1)], [INSTANT]]
    assert write_csv(target, ["=heading"], written, zone=ROME) == len(written)
    lines = [
        row[0] if row else "" for row in csv.reader(io.StringIO(target.getvalue().decode("utf-8-sig"), newline=""))
    ]
    assert lines == [
        "'=heading", "'=cmd|' /C calc'!A0", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "'\r=1", "''=1", "plain", "'-", "1=1",
        "'\N{FULLWIDTH EQUALS SIGN}1",
        "-12.50", "-3", "1", "", "2026-07-01", "2026-07-01T12:30:00+02:00",
    ]  # fmt: skip


def test_f06_phone_number_stays_a_number_for_other_programs_and_nothing_more_than_it() -> None:
    numbers = ["+393510000012", "+12025550123", "+1234567"]
    assert [guard(text) for text in numbers] == numbers
    formulas = [
        "+39351000001+1",
        "+393510000012\n",
        "+39 351 0000012",
        "+12",
        "+0393510000012",
        "-393510000012",
        "+1234567890123456",
        "+A1234567",
    ]
    assert [guard(text) for text in formulas] == [f"'{text}" for text in formulas]
    assert [unguard(guard(text)) for text in (*numbers, "'+393510000012")] == [*numbers, "'+393510000012"]


AMOUNTS = {
    "12.50000": "12.50", "12.5": "12.50", "7": "7.00", "1E+3": "1000.00", "-0.01234": "-0.01234", "0.00": "0.00", "-0.00000": "0.00",
    "1234567.89000": "1234567.89", "0.10010": "0.1001",
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "it", "es"])
def test_amounts_read_alike_in_every_language_with_two_decimals_or_what_they_need(language: str) -> None:
    target = io.BytesIO()
    with translation.override(language):
        write_csv(target, ["a", "b"], [["x;y", Decimal(text)] for text in AMOUNTS])
    lines = target.getvalue().decode("utf-8-sig").splitlines()
    assert lines == ["a,b", *(f"x;y,{text}" for text in AMOUNTS.values())]


def test_amounts_of_a_workbook_are_numbers_shown_with_two_decimals_or_what_they_need() -> None:
    target = io.BytesIO()
    write_xlsx(target, ["a", "b"], [[Decimal("12.50000"), 3], [Decimal("1234567890123.12345"), 3]])
    sheet = openpyxl.load_workbook(target).active
    assert [(cell.value, cell.number_format) for cell in sheet[2]] == [(12.5, "#,##0.00###"), (3, "General")]
    assert sheet["A3"].value == "1234567890123.12345"  # more digits than a workbook keeps


def test_f06_xlsx_keeps_texts_texts_numbers_numbers_and_days_days() -> None:
    target = io.BytesIO()
    row = [*DANGERS, Decimal("-12.50"), -3, 8939000000000000001, True, None, date(2026, 7, 1), INSTANT]
    assert write_xlsx(target, [f"=h{n}" for n in range(len(row))], [row], zone=ROME) == 1
    sheet = openpyxl.load_workbook(target).active
    cells = [(cell.value, cell.data_type) for cell in sheet[2]]
    texts = [(text.replace("\r", "_x000D_"), "s") for text in DANGERS]
    assert [(value.replace("\r", "_x000D_"), kind) for value, kind in cells[: len(DANGERS)]] == texts
    assert cells[len(DANGERS) :] == [
        (-12.5, "n"), (-3, "n"), ("8939000000000000001", "s"), (1, "n"), (None, "n"),
        (datetime(2026, 7, 1), "d"), (datetime(2026, 7, 1, 12, 30), "d"),  # noqa: DTZ001
    ]  # fmt: skip
    assert [cell.quotePrefix for cell in sheet[2][: len(DANGERS)]] == [True] * len(DANGERS)


def test_xlsx_cuts_what_a_cell_cannot_hold_visibly_and_refuses_rows_beyond_the_sheet(monkeypatch: Any) -> None:
    target = io.BytesIO()
    write_xlsx(target, ["a"], [["x" * 40_000]])
    text = openpyxl.load_workbook(target).active["A2"].value
    assert (len(text), text[-1]) == (32_767, "…")
    monkeypatch.setattr(writing_module, "XLSX_ROWS", 3)
    assert write_xlsx(io.BytesIO(), ["a"], [["1"], ["2"]]) == 2
    with pytest.raises(TableRefused, match="choose CSV"):
        write_xlsx(io.BytesIO(), ["a"], [["1"], ["2"], ["3"]])
