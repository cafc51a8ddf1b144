"""XLSX: the first visible sheet, read as a stream; formulas are refused: what they show depends on who opens them."""

import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from sportello.kernel.tabular.archive import check_archive
from sportello.kernel.tabular.table import Limits, Row, RowError, Table, TableRefused, bounded, column_names, make_row

VISIBLE = "visible"
FORMULA = "f"
FAULT = "e"
NUMBER = "n"
# A spreadsheet keeps 15 digits of a number: an ICCID typed into a number cell has lost its last four (IEEE 754).
EXACT_DIGITS = 15
BLANK_LINES_AT_MOST = 100_000
# What the reader raises on files that are archives but no workbooks; it documents none of it.
READER_FAULTS = (
    AttributeError,
    BadZipFile,
    EOFError,
    IndexError,
    InvalidFileException,
    KeyError,
    NotImplementedError,
    OverflowError,
    ParseError,
    TypeError,
    ValueError,
    zlib.error,
)


def _number_text(number: float | Decimal) -> str:
    text = format(Decimal(str(number)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def cell_text(value: Any) -> str:
    """Return the canonical text of a typed cell (`Row` says which); a duration as `1 day, 2:30:00`."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int | float | Decimal):
        return _number_text(value)
    if isinstance(value, datetime) and value.tzinfo is None and value.time() == time(0):
        return value.date().isoformat()  # a day in a spreadsheet is an instant at midnight
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _digits(number: float) -> int:
    return len(_number_text(number).replace(".", "").lstrip("-0"))


def _fault(cell: Any) -> str | None:
    if cell.data_type == FORMULA:
        return _("is a formula: enter its value instead")
    if cell.data_type == FAULT:
        return _("shows an error (%(value)s)") % {"value": cell.value}
    return _number_fault(cell.value) if cell.data_type == NUMBER and isinstance(cell.value, int | float) else None


def _number_fault(number: float) -> str | None:
    if not isfinite(number):
        return _("is not a number")
    if _digits(number) > EXACT_DIGITS:
        return _("is a number of more than 15 digits, which spreadsheets round: format the cell as text")
    return None


def _row(line: int, cells: Sequence[Any], columns: tuple[str, ...], limits: Limits) -> Row:
    errors, texts = [], []
    for position, cell in enumerate(cells):
        fault = None if cell.value is None else _fault(cell)
        if fault is not None:
            column = columns[position] if position < len(columns) else ""
            errors.append(RowError(line, column, fault))
        texts.append("" if fault else cell_text(cell.value))
    while len(texts) > len(columns) and not texts[-1]:
        texts.pop()
    texts += [""] * (len(columns) - len(texts))
    return make_row(line, columns, texts, errors, limits)


@contextmanager
def _reader_faults() -> Iterator[None]:
    try:
        yield
    except READER_FAULTS as error:
        raise TableRefused(gettext_lazy("The file is not a readable XLSX workbook.")) from error


def _rows(lines: Iterator[Sequence[Any]], columns: tuple[str, ...], limits: Limits) -> Iterator[Row]:
    blank = 0
    for line, cells in enumerate(_faultless(lines), start=2):
        if len(cells) > limits.columns * 2:
            raise TableRefused(_("Line %(line)d has too many cells.") % {"line": line}, line=line)
        row = _row(line, cells, columns, limits)
        blank = 0 if row.errors or any(row.values.values()) else blank + 1
        if blank > BLANK_LINES_AT_MOST:
            raise TableRefused(_("Too many blank lines before line %(line)d.") % {"line": line}, line=line)
        yield row


def _faultless(lines: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    with _reader_faults():
        yield from lines


def _notices(workbook: Any, chosen: Any) -> list[str]:
    hidden = [sheet.title for sheet in workbook.worksheets if sheet.sheet_state != VISIBLE]
    others = [sheet.title for sheet in workbook.worksheets if sheet.sheet_state == VISIBLE and sheet is not chosen]
    notices = []
    if hidden:
        notices.append(_("Hidden sheets were not read: %(sheets)s.") % {"sheets": ", ".join(hidden)})
    if others:
        notices.append(_("Only the first sheet was read, not these: %(sheets)s.") % {"sheets": ", ".join(others)})
    return notices


def _first_visible(workbook: Any) -> Any:
    for sheet in workbook.worksheets:
        if sheet.sheet_state == VISIBLE:
            return sheet
    raise TableRefused(gettext_lazy("The workbook has no visible sheet."))


def _header(cells: Sequence[Any]) -> list[str]:
    for cell in cells:
        if cell.data_type == FORMULA:
            raise TableRefused(gettext_lazy("The name of a column is a formula."), line=1)
    return [cell_text(cell.value) for cell in cells]


def open_xlsx(file: BinaryIO, limits: Limits) -> Table:
    """Open a workbook, measured before it is unpacked. Raises `TableRefused`."""
    check_archive(file, limits)
    with _reader_faults():
        workbook = load_workbook(file, read_only=True, data_only=False, keep_links=False)
    sheet = _first_visible(workbook)
    sheet.reset_dimensions()  # what a sheet declares is not to be trusted: one cell may claim a million columns
    lines = _faultless(iter(sheet.iter_rows()))
    columns = column_names(_header(next(lines, ())), limits)
    rows = bounded(_rows(lines, columns, limits), limits)
    return Table(columns, rows, list(_notices(workbook, sheet)), (workbook,))
