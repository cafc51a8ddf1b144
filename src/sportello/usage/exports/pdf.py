"""A table as a PDF: A4 across, its title and facts above, the headings on every page, page numbers below."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any, BinaryIO, Final
from xml.sax.saxutils import escape

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

from sportello.kernel.tabular.guarding import PHONE
from sportello.kernel.tabular.writing import Cell, decimals
from sportello.kernel.ui import formats

TITLE: Final = ParagraphStyle("title", fontName="Helvetica-Bold", fontSize=14, leading=18)
FACT: Final = ParagraphStyle("fact", fontName="Helvetica", fontSize=9, leading=12, textColor=colors.HexColor("#475467"))
SIZE: Final = 7
LONGEST: Final = 60
PADDING: Final = 4
TOLERANCE: Final = 1
MARGIN: Final = 12 * mm
WIDTH: Final = landscape(A4)[0] - 2 * MARGIN - 2 * 6
"""What a page holds across, inside its margins and the frame's own padding of six points."""

TEXT: Final = ParagraphStyle("text", fontName="Helvetica", fontSize=SIZE, leading=SIZE + 1, wordWrap="CJK")
HEADING: Final = ParagraphStyle("heading", parent=TEXT, fontName="Helvetica-Bold")
LOOK: Final[list[Any]] = [
    ("FONT", (0, 0), (-1, 0), "Helvetica-Bold", SIZE),
    ("FONT", (0, 1), (-1, -1), "Helvetica", SIZE),
    ("LINEBELOW", (0, 0), (-1, 0), 1, colors.HexColor("#344054")),
    ("LINEBELOW", (0, 1), (-1, -1), mm / 10, colors.HexColor("#d0d5dd")),
    ("LEFTPADDING", (0, 0), (-1, -1), PADDING),
    ("RIGHTPADDING", (0, 0), (-1, -1), PADDING),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
]

TOTAL_LOOK: Final[list[Any]] = [
    ("FONT", (0, -1), (-1, -1), "Helvetica-Bold", SIZE),
    ("LINEABOVE", (0, -1), (-1, -1), 1, colors.HexColor("#344054")),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a column is written for people: under which heading (the table's own when empty), and each cell from its whole row."""

    write: Callable[[Sequence[Cell]], str]
    heading: str | Promise = ""


def write_pdf(
    target: BinaryIO,
    above: tuple[str, Sequence[str], Sequence[str]],
    rows: Iterable[Sequence[Cell]],
    *,
    zone: tzinfo,
    read_as: Mapping[int, Reading] | None = None,
    summed: Sequence[int] = (),
) -> int:
    """Write the table under its title, facts and headings (`above`) and return how many rows.

    Numbers stand to the right, written as the pages write them; the columns `summed` have their sums in a last row.
    """
    title, facts, headings = above
    readings = read_as or {}
    cells, numeric, sums = [_headings(headings, readings)], set[int](), _Sums(summed)
    for row in rows:
        numeric |= {place for place, cell in enumerate(row) if _is_number(cell)}
        sums.add(row)
        cells.append(_line(row, readings, zone))
    count, look = len(cells) - 1, LOOK + [("ALIGN", (place, 0), (place, -1), "RIGHT") for place in sorted(numeric)]
    if count > 1 and summed:
        cells.append(_line(sums.row(len(headings)), readings, zone))
        look += TOTAL_LOOK
    widths = column_widths(cells)
    table = LongTable(_wrapped(cells, widths), colWidths=widths, repeatRows=1, style=TableStyle(look), hAlign="LEFT")
    head: list[Any] = [Paragraph(escape(title), TITLE), *(Paragraph(escape(fact), FACT) for fact in facts)]
    page = SimpleDocTemplate(
        target,
        pagesize=landscape(A4),
        title=title,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=12 * mm,
        bottomMargin=14 * mm,
    )
    page.build([*head, Spacer(1, 4 * mm), table], onFirstPage=_number, onLaterPages=_number)
    return count


class _Sums:
    """The sums of some columns, added up while the rows are written."""

    def __init__(self, places: Sequence[int]) -> None:
        self._sums: dict[int, int | Decimal] = dict.fromkeys(places, 0)

    def add(self, row: Sequence[Cell]) -> None:
        for place in self._sums:
            cell = row[place]
            if isinstance(cell, int | Decimal):
                self._sums[place] += cell

    def row(self, columns: int) -> list[Cell]:
        """Return the last row: what it is, and the sums in their columns."""
        cells: list[Cell] = [self._sums.get(place) for place in range(columns)]
        cells[0] = _("Total of these rows")
        return cells


def _headings(headings: Sequence[str], readings: Mapping[int, Reading]) -> list[str]:
    return [
        str(readings[place].heading or heading) if place in readings else heading
        for place, heading in enumerate(headings)
    ]


def _line(row: Sequence[Cell], readings: Mapping[int, Reading], zone: tzinfo) -> list[str]:
    return [
        readings[place].write(row) if place in readings and cell is not None else shown(cell, zone)
        for place, cell in enumerate(row)
    ]


def clock(seconds: int) -> str:
    """Write a duration as a clock does: `1:05:09`."""
    minutes, rest = divmod(abs(seconds), 60)
    return f"{formats.MINUS if seconds < 0 else ''}{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def column_widths(cells: Sequence[Sequence[str]]) -> Sequence[Any]:
    """Return how wide each column is: the widest alike narrower where the page would not hold them all, else all of it is used."""
    columns = max(len(row) for row in cells)
    natural = [
        max(stringWidth(row[place], "Helvetica-Bold", SIZE) for row in cells if place < len(row)) + 2 * PADDING
        for place in range(columns)
    ]
    room, left = WIDTH, columns
    for width in sorted(natural):
        if width > room / left:
            return [min(one, room / left) for one in natural]
        room, left = room - width, left - 1
    return [width + room / columns for width in natural]


def _wrapped(cells: Sequence[Sequence[str]], widths: Sequence[Any]) -> list[list[Any]]:
    """Let texts that are wider than their column go on in the next line, anywhere: record ids have no spaces."""
    return [
        [_cell(text, widths[place], HEADING if number == 0 else TEXT) for place, text in enumerate(row)]
        for number, row in enumerate(cells)
    ]


def _cell(text: str, width: Any, style: ParagraphStyle) -> Any:
    fits = stringWidth(text, "Helvetica-Bold", SIZE) + 2 * PADDING <= width + TOLERANCE
    return text if fits else Paragraph(escape(text), style)


def shown(cell: Cell, zone: tzinfo) -> str:
    """Write a cell for the reader; a long text is cut to what a column holds."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return _("yes") if cell else _("no")
    if isinstance(cell, Decimal):
        return formats.number(cell, decimals(cell))
    if isinstance(cell, int):
        return formats.number(cell)
    if isinstance(cell, datetime):
        return f"{cell.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    text = cell.isoformat() if isinstance(cell, date) else formats.phone(cell) if PHONE.fullmatch(cell) else cell
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, int | Decimal) and not isinstance(cell, bool)


def _number(canvas: Any, _document: Any) -> None:
    canvas.setFont("Helvetica", SIZE)
    canvas.drawRightString(
        landscape(A4)[0] - 12 * mm, 8 * mm, _("page %(number)s") % {"number": canvas.getPageNumber()}
    )
