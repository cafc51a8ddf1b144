"""The three forms of one table say the same, hold no formula, and cut nothing off silently (ABUSE F06, F12, H09)."""

from __future__ import annotations

import base64
import io
import re
import zlib
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from sportello.usage.exports import sheets
from sportello.usage.exports.pdf import WIDTH, Reading, clock, column_widths
from sportello.usage.exports.sheets import Sheet, TooManyRows, write
from sportello.usage.states import ExportForm

ROME = ZoneInfo("Europe/Rome")


def sheet(*rows) -> Sheet:
    return Sheet(
        name="t", title="Totals & more", headings=["Who", "EUR"], rows=iter(rows), facts=["November 2026"],
    )  # fmt: skip


def written(form: ExportForm, *rows) -> bytes:
    target = io.BytesIO()
    assert write(sheet(*rows), target, form, zone=ROME) == len(rows)
    return target.getvalue()


def pdf_text(content: bytes) -> str:
    """Return the texts that the pages of a PDF show, one a line."""
    shown = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        page = zlib.decompress(base64.a85decode(b"<~" + stream.strip(), adobe=True))
        shown += [_unescaped(text) for text in re.findall(rb"\((.*?)(?<!\\)\) Tj", page)]
    return "\n".join(shown)


def test_h09_three_forms_say_the_same() -> None:
    rows = [["=cmd|x", Decimal("-1.50")], ["Bo", Decimal("1234.56789")]]
    csv = written(ExportForm.CSV, *rows).decode("utf-8-sig")
    assert csv == "Who,EUR\r\n'=cmd|x,-1.50\r\nBo,1234.56789\r\n"
    book = openpyxl.load_workbook(io.BytesIO(written(ExportForm.XLSX, *rows))).active
    assert [[cell.value for cell in row] for row in book.iter_rows()] == [
        ["Who", "EUR"],
        ["=cmd|x", -1.5],
        ["Bo", 1234.56789],
    ]
    assert (book["A2"].data_type, book["A2"].quotePrefix) == ("s", True)
    shown = pdf_text(written(ExportForm.PDF, *rows)).split("\n")
    assert [one for one in shown if one] == [
        "page 1", "Totals & more", "November 2026", "Who", "EUR", "=cmd|x", "-1.50", "Bo", "1,234.56789",
    ]  # fmt: skip


def test_pdf_writes_each_kind_of_cell_for_the_reader() -> None:
    row = [
        None,
        True,
        False,
        12345,
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        date(2026, 10, 25),
        "x" * 80,
        Decimal(3),
    ]
    shown = pdf_text(written(ExportForm.PDF, row)).split("\n")
    assert [one for one in shown if one][5:] == [
        "yes",
        "no",
        "12,345",
        "2026-10-25 02:30:00",
        "2026-10-25",
        "x" * 59 + "…",
        "3.00",
    ]


def test_pdf_wraps_what_the_page_does_not_hold() -> None:
    row = [f"{place}" * 60 for place in range(8)] + [Decimal("1.5")]
    widths = column_widths([[*row[:-1], "1.50"]])
    assert (round(sum(widths), 3), len({round(width, 3) for width in widths[:-1]})) == (round(WIDTH, 3), 1)
    shown = pdf_text(written(ExportForm.PDF, row)).replace("\n", "")
    assert [shown.count(str(place)) >= 60 for place in range(8)] == [True] * 8


def test_pdf_is_written_for_people_with_a_last_row_of_sums_across_the_whole_page() -> None:
    reading = {1: Reading(heading="Voice", write=lambda row: clock(row[1]))}
    made = Sheet(
        name="t", title="T", headings=["Line", "Voice (seconds)", "EUR"], summed=[1, 2], read_as=reading,
        rows=iter([["+393510000012", 3909, Decimal("1.5")], ["+393510000013", 51, None]]),
    )  # fmt: skip
    target = io.BytesIO()
    assert write(made, target, ExportForm.PDF, zone=ROME) == 2
    assert [one.replace("\u00a0", " ") for one in pdf_text(target.getvalue()).split("\n") if one][2:] == [
        "Line", "Voice", "EUR", "+39 351 000 0012", "1:05:09", "1.50", "+39 351 000 0013", "0:00:51",
        "Total of these rows", "1:06:00", "1.50",
    ]  # fmt: skip
    assert round(sum(column_widths([["a", "b"], ["c", "d"]])), 3) == round(WIDTH, 3)


def test_pdf_repeats_its_headings_on_every_page() -> None:
    shown = pdf_text(written(ExportForm.PDF, *[[f"row {n}", Decimal(n)] for n in range(100)]))
    assert (shown.count("Who"), shown.count("page 3")) == (3, 1)


def _unescaped(text: bytes) -> str:
    text = re.sub(rb"\\([0-7]{3})", lambda octal: bytes([int(octal[1], 8)]), text)
    return re.sub(rb"\\(.)", rb"\1", text).decode("cp1252")


@pytest.mark.parametrize("form", list(ExportForm))
def test_f12_too_many_rows_are_refused_and_not_cut(form, monkeypatch) -> None:
    monkeypatch.setitem(sheets.MOST_ROWS, form, 2)
    assert written(form, ["a", 1], ["b", 2])
    with pytest.raises(TooManyRows):
        written(form, ["a", 1], ["b", 2], ["c", 3])
