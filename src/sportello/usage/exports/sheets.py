"""One table, written as CSV, XLSX or PDF by the same cells, so that no two forms can say different things (ABUSE H09)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import BinaryIO, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sportello.kernel.refusals import InvalidInput
from sportello.kernel.tabular import write_csv, write_xlsx
from sportello.kernel.tabular.writing import Cell
from sportello.usage.exports.pdf import Reading, write_pdf
from sportello.usage.states import ExportForm

TYPES: Final = {
    ExportForm.CSV: "text/csv; charset=utf-8",
    ExportForm.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportForm.PDF: "application/pdf",
}
MOST_ROWS: Final = {ExportForm.CSV: 5_000_000, ExportForm.XLSX: 1_000_000, ExportForm.PDF: 20_000}
"""Rows that a file of each kind holds; nobody reads more on paper, and no workbook opens with more (ABUSE F12)."""


class TooManyRows(InvalidInput):
    """The export would hold more rows than a file of its kind; nothing is cut off silently."""

    default = _("There are too many rows for this kind of file: choose CSV, fewer months, or another filter.")


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A table: `rows` are made while they are written; `facts` (what, whose, which months, the sum) stand above it in a PDF.

    CSV and workbooks hold what programs read: seconds, bytes, every decimal. A PDF is for people: `read_as` says by column how its cells
    are written there, under which heading, and `summed` which columns have a sum in its last row.
    """

    name: str
    title: str
    headings: Sequence[str | Promise]
    rows: Iterator[Sequence[Cell]]
    facts: Sequence[str] = ()
    read_as: Mapping[int, Reading] = field(default_factory=dict)
    summed: Sequence[int] = ()

    @property
    def titles(self) -> list[str]:
        """Return the headings in the active language."""
        return [str(heading) for heading in self.headings]


def write(sheet: Sheet, target: BinaryIO, form: ExportForm, *, zone: tzinfo) -> int:
    """Write the table and return how many rows; instants in `zone`. Raises `TooManyRows`."""
    rows = _at_most(sheet.rows, MOST_ROWS[form])
    if form is ExportForm.PDF:
        above = (sheet.title, sheet.facts, sheet.titles)
        return write_pdf(target, above, rows, zone=zone, read_as=sheet.read_as, summed=sheet.summed)
    writer = write_csv if form is ExportForm.CSV else write_xlsx
    return writer(target, sheet.titles, rows, zone=zone)


def _at_most(rows: Iterator[Sequence[Cell]], most: int) -> Iterator[Sequence[Cell]]:
    for count, row in enumerate(rows, start=1):
        if count > most:
            raise TooManyRows
        yield row
