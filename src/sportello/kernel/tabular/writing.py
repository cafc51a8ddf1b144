"""The one writer of tables that leave the portal: text never becomes a formula, numbers and days stay what they are."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, BinaryIO

from django.utils.translation import gettext as _

from sportello.kernel.tabular.guarding import guard
from sportello.kernel.tabular.table import TableRefused

if TYPE_CHECKING:
    import xlsxwriter

Cell = str | int | Decimal | date | datetime | bool | None

XLSX_ROWS = 1_048_576
XLSX_TEXT = 32_767
EXACT_DIGITS = 15


CENTS = 2


def decimals(number: Decimal) -> int:
    """Return with how many decimals every export writes an amount: two, and more only where they say something."""
    return max(CENTS, -int(number.normalize().as_tuple().exponent))


def amount_text(number: Decimal) -> str:
    """Write an amount as files for systems do, in every language: `1234.50`, `-0.01234`, a point and no groups; a zero has no sign."""
    return format(number or abs(number), f".{decimals(number)}f")


def _csv_text(cell: Cell, zone: tzinfo) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, Decimal):
        return amount_text(cell)
    if isinstance(cell, datetime):
        return cell.astimezone(zone).isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return guard(cell) if isinstance(cell, str) else str(cell)


def write_csv(
    target: BinaryIO,
    headings: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    zone: tzinfo = UTC,
) -> int:
    """Write a CSV row by row and return how many rows: UTF-8 with byte-order mark, RFC 4180, instants in the zone.

    It reads the same in every language, as the files that the portal takes (product/03, "The usage file"): see `amount_text`.
    Text that would run as a formula is guarded (ABUSE.md F06).
    """
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
    count = 0
    try:
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow([guard(heading) for heading in headings])
        for count, row in enumerate(rows, start=1):  # noqa: B007  it is returned
            writer.writerow([_csv_text(cell, zone) for cell in row])
    finally:
        text.detach()
    return count


class _SheetWriter:
    """Put cells into one sheet of a workbook by their kind."""

    def __init__(self, workbook: "xlsxwriter.Workbook", title: str, zone: tzinfo) -> None:
        self._sheet = workbook.add_worksheet(title)
        self._zone = zone
        self.heading = workbook.add_format({"bold": True, "quote_prefix": True})
        self._text = workbook.add_format({"quote_prefix": True})
        self._day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        self._instant = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._amount = workbook.add_format(
            {"num_format": "#,##0.00###"}
        )  # shown with the separators of the reader's spreadsheet

    def write(self, line: int, column: int, cell: Cell) -> None:
        if isinstance(cell, bool):
            self._sheet.write_number(line, column, int(cell))
        elif isinstance(cell, datetime):
            self._sheet.write_datetime(line, column, cell.astimezone(self._zone).replace(tzinfo=None), self._instant)
        elif isinstance(cell, date):
            self._sheet.write_datetime(line, column, cell, self._day)
        elif isinstance(cell, int | Decimal):
            self._write_number(line, column, cell)
        elif cell is not None:
            self.write_text(line, column, cell, self._text)

    def _write_number(self, line: int, column: int, number: int | Decimal) -> None:
        # A workbook keeps 15 digits; what has more stays whole as text.
        if len(Decimal(number).normalize().as_tuple().digits) > EXACT_DIGITS:
            self.write_text(
                line, column, amount_text(number) if isinstance(number, Decimal) else str(number), self._text
            )
        else:
            self._sheet.write_number(line, column, number, self._amount if isinstance(number, Decimal) else None)

    def write_text(self, line: int, column: int, text: str, look: object) -> None:
        shown = text if len(text) <= XLSX_TEXT else text[: XLSX_TEXT - 1] + "…"
        self._sheet.write_string(line, column, shown, look)


def write_xlsx(
    target: BinaryIO,
    headings: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    title: str = "Sportello",
    zone: tzinfo = UTC,
) -> int:
    """Write a workbook of one sheet row by row and return how many rows; instants in the zone's local time.

    Raises `TableRefused` when a sheet cannot hold them all (1,048,575 below the headings).
    """
    import xlsxwriter  # a fifth of a second that only a download of this kind needs

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    count = 0
    with xlsxwriter.Workbook(target, options) as workbook:
        sheet = _SheetWriter(workbook, title, zone)
        for column, heading in enumerate(headings):
            sheet.write_text(0, column, heading, sheet.heading)
        for count, row in enumerate(rows, start=1):
            if count >= XLSX_ROWS:
                raise TableRefused(_("A sheet holds at most 1,048,575 rows: choose CSV."))
            for column, cell in enumerate(row):
                sheet.write(count, column, cell)
    return count
