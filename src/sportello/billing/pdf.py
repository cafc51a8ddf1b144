"""The PDF of a bill, made from its data: readable, printable in black and white, with page numbers. It says that the XML is the document.

The words follow the reader's language; what the document itself says stays as it is.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from xml.sax.saxutils import escape

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    KeepTogether,
    LongTable,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from sportello.billing.models import Bill, BillLine, BillVat
from sportello.billing.types import ZERO
from sportello.kernel.phones import display
from sportello.kernel.ui import formats

INK, FAINT, RULE, SHADE = (
    colors.HexColor("#1a2433"),
    colors.HexColor("#5b6776"),
    colors.HexColor("#c9d1da"),
    colors.HexColor("#f2f5f8"),
)
_TEXT: Final = ParagraphStyle("text", fontName="Helvetica", fontSize=8.5, leading=11, textColor=INK)
_SMALL: Final = ParagraphStyle("small", parent=_TEXT, fontSize=7.5, leading=9.5, textColor=FAINT)
_BOLD: Final = ParagraphStyle("bold", parent=_TEXT, fontName="Helvetica-Bold")
_RIGHT: Final = ParagraphStyle("right", parent=_TEXT, alignment=TA_RIGHT)
_RIGHT_BOLD: Final = ParagraphStyle("right-bold", parent=_BOLD, alignment=TA_RIGHT)
_TITLE: Final = ParagraphStyle("title", parent=_BOLD, fontSize=17, leading=21)
_HEAD: Final = ParagraphStyle("head", parent=_BOLD, fontSize=10.5, leading=14, spaceBefore=10, spaceAfter=4)
_MARGIN: Final = 18 * mm
_WIDTH: Final = A4[0] - 2 * _MARGIN
DESCRIPTION: Final = 0.47


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is drawn: a bill with its lines and its VAT, and the seats of supplier and customer as the document names them."""

    bill: Bill
    lines: Sequence[BillLine]
    vat: Sequence[BillVat]
    seats: tuple[str, str] = ("", "")


def draw(page: Page) -> bytes:
    """Return the PDF; the same data give the same bytes."""
    out = io.BytesIO()
    title = f"{page.bill.kind} {page.bill.number}"
    template = BaseDocTemplate(
        out,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=22 * mm,
        title=title,
        author=page.bill.supplier_name,
        invariant=1,
    )
    frame = Frame(template.leftMargin, template.bottomMargin, template.width, template.height, 0, 0, 0, 0)
    template.addPageTemplates([PageTemplate(frames=[frame])])
    template.build(_story(page), canvasmaker=_numbered(title))
    return out.getvalue()


def _story(page: Page) -> list[Any]:
    story = [_heading(page.bill), Spacer(1, 6 * mm), _parties(page), Spacer(1, 5 * mm), _facts(page.bill)]
    story += [Paragraph(_("Totals"), _HEAD), _totals(page.bill)]
    story.append(KeepTogether([Paragraph(_("VAT"), _HEAD), _vat(page)]))
    if page.bill.instalments:
        story.append(KeepTogether([Paragraph(_("Payment"), _HEAD), _instalments(page.bill)]))
    story += [Paragraph(pgettext("of a bill", "Lines"), _HEAD), *_lines(page)]
    return story


def _p(text: object, style: ParagraphStyle = _TEXT) -> Paragraph:
    return Paragraph(escape(_known(text)), style)


def _known(text: object) -> str:
    """Return a text in the letters of the built-in fonts, those of Western Europe; others are question marks, not gaps."""
    plain = str(text).replace(formats.NARROW, " ").replace(formats.MINUS, "-")
    return plain.encode("cp1252", "replace").decode("cp1252")


def _heading(bill: Bill) -> Table:
    left = [
        _p(bill.kind, _TITLE),
        _p(_("No. %(number)s of %(date)s") % {"number": bill.number, "date": formats.day(bill.issue_date)}, _BOLD),
    ]
    right = [
        _p(_("To pay"), _RIGHT),
        _p(formats.money(bill.payable), ParagraphStyle("sum", parent=_RIGHT_BOLD, fontSize=17, leading=21)),
    ]
    if bill.due_date and bill.payable > ZERO:
        right.append(_p(_("by %(day)s") % {"day": formats.day(bill.due_date)}, _RIGHT))
    table = Table([[left, right]], colWidths=[_WIDTH * 0.62, _WIDTH * 0.38])
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LINEBELOW", (0, 0), (-1, 0), 1.2, INK), *_FLUSH]))
    return table


_FLUSH: Final = [
    ("LEFTPADDING", (0, 0), (0, -1), 0),
    ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
]


def _parties(page: Page) -> Table:
    bill, (supplier, customer) = page.bill, page.seats
    cells = [
        _party(_("Supplier"), bill.supplier_name, supplier, bill.supplier_identity),
        _party(_("Customer"), bill.recipient_name, customer, bill.recipient_identity),
    ]
    table = Table([cells], colWidths=[_WIDTH / 2] * 2)
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *_FLUSH]))
    return table


def _party(label: str, name: str, seat: str, identity: str) -> list[Paragraph]:
    said = [_p(label, _SMALL), _p(name or "\N{EN DASH}", _BOLD)]
    if seat:
        said.append(_p(seat))
    return [*said, _p(_("VAT number or tax code: %(id)s") % {"id": identity})]


def _facts(bill: Bill) -> Table:
    period = f"{formats.day(bill.period_from)} \N{EN DASH} {formats.day(bill.period_to)}" if bill.period_from else ""
    found = [
        (_("Period"), period),
        (_("Agreement"), str(bill.agreement) if bill.agreement else ""),
        (_("Office code"), bill.office_code),
        (_("CIG"), bill.cig),
        (_("CUP"), bill.cup),
        (_("Order"), bill.order_document),
        (_("Corrects"), bill.corrects),
        (_("SdI identifier"), bill.sdi_id),
    ]
    cells = [[_p(label, _SMALL), _p(value)] for label, value in found if value]
    pairs = [[*cells[at], *(cells[at + 1] if at + 1 < len(cells) else ["", ""])] for at in range(0, len(cells), 2)]
    table = Table(pairs, colWidths=[_WIDTH * part for part in (0.15, 0.35, 0.15, 0.35)])
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("BACKGROUND", (0, 0), (-1, -1), SHADE)]))
    return table


def _totals(bill: Bill) -> Table:
    rows: list[tuple[str, Decimal]] = [(_("Taxable"), bill.taxable), (_("VAT"), bill.vat)]
    rows += [
        (label, amount) for label, amount in ((_("Rounding"), bill.rounding), (_("Stamp duty"), bill.stamp)) if amount
    ]
    rows.append((_("Total of the document"), bill.total))
    if bill.split_payment and bill.split_vat:
        rows.append((_("VAT paid to the Treasury by the customer (split payment)"), -bill.split_vat))
    if bill.withheld:
        rows.append((_("Withheld tax"), -bill.withheld))
    cells = [[_p(label), _p(formats.money(amount), _RIGHT)] for label, amount in rows]
    label = _("In the customer's favour") if bill.sign < 0 else _("To pay")
    cells.append([_p(label, _BOLD), _p(formats.money(abs(bill.payable)), _RIGHT_BOLD)])
    table = Table(cells, colWidths=[_WIDTH * 0.7, _WIDTH * 0.3])
    table.setStyle(TableStyle([("LINEABOVE", (0, -1), (-1, -1), 0.8, INK), *_FLUSH]))
    return table


def _vat(page: Page) -> Table:
    words = {"S": _("split payment"), "D": _("deferred"), "I": _("immediate")}
    cells = [[_p(_("Rate"), _SMALL), _p(_("Note"), _SMALL), _p(_("Taxable"), _SMALL_RIGHT), _p(_("VAT"), _SMALL_RIGHT)]]
    cells += [
        [
            _p(str(one)),
            _p(
                " · ".join(
                    filter(
                        None, ["" if one.law and one.exigibility == "S" else words.get(one.exigibility, ""), one.law]
                    )
                )
            ),
            _p(formats.money(one.taxable), _RIGHT),
            _p(formats.money(one.vat), _RIGHT),
        ]
        for one in page.vat
    ]
    return _ruled(cells, (0.17, 0.43, 0.2, 0.2))


_SMALL_RIGHT: Final = ParagraphStyle("small-right", parent=_SMALL, alignment=TA_RIGHT)


def _instalments(bill: Bill) -> Table:
    cells = [[_p(_("Due"), _SMALL), _p(_("Payment"), _SMALL), _p(_("Amount"), _SMALL_RIGHT)]]
    cells += [
        [
            _p(formats.day(date.fromisoformat(day) if day else bill.due_date)),
            _p(" · ".join(filter(None, [method, iban]))),
            _p(formats.money(amount), _RIGHT),
        ]
        for day, method, iban, amount in bill.asked
    ]
    return _ruled(cells, (0.2, 0.55, 0.25))


def _lines(page: Page) -> list[Any]:
    """Draw the lines by cost centre, each with its sum; without any cost centre in one table."""
    groups: dict[str, list[BillLine]] = defaultdict(list)
    for line in page.lines:
        groups[line.cost_centre_code].append(line)
    if len(groups) <= 1:
        return [_line_table(page.lines)]
    drawn: list[Any] = []
    for code in sorted(groups, key=lambda one: (not one, one)):
        amount = sum((line.amount for line in groups[code]), start=ZERO)
        title = _("Cost centre %(code)s") % {"code": code} if code else _("Without a cost centre")
        drawn += [_p(f"{title} · {formats.money(amount)}", _HEAD), _line_table(groups[code])]
    return drawn


def _line_table(lines: Sequence[BillLine]) -> Table:
    heads = (_("No."), _("Description"), _("Line"), _("VAT"), _("Amount"))
    cells: list[list[Any]] = [[_known(head) for head in heads]]
    cells += [
        [
            str(line.position),
            _described(line.description),
            _known(display(line.number)),
            line.vat_words,
            _known(formats.money(line.amount)),
        ]
        for line in lines
    ]
    return _ruled(cells, (0.07, DESCRIPTION, 0.2, 0.1, 0.16), *_PLAIN_CELLS)


def _described(text: str) -> Paragraph | str:
    """Return a description as plain text where it fits: a paragraph takes ten times as long, and bills have thousands of lines."""
    known = _known(text)
    fits = stringWidth(known, "Helvetica", _TEXT.fontSize) < _WIDTH * DESCRIPTION - 12  # the cell's own padding
    return known if fits else _p(text)


_PLAIN_CELLS: Final = (
    ("FONT", (0, 0), (-1, -1), "Helvetica", 8.5, 11),
    ("TEXTCOLOR", (0, 0), (-1, -1), INK),
    ("FONTSIZE", (0, 0), (-1, 0), 7.5),
    ("FONTSIZE", (2, 1), (3, -1), 7.5),
    ("TEXTCOLOR", (0, 0), (-1, 0), FAINT),
    ("TEXTCOLOR", (0, 0), (0, -1), FAINT),
    ("TEXTCOLOR", (2, 0), (3, -1), FAINT),
    ("ALIGN", (3, 0), (-1, -1), "RIGHT"),
)


def _ruled(cells: list[list[Any]], widths: Sequence[float], *also: Any) -> Table:
    table = LongTable(cells, colWidths=[_WIDTH * width for width in widths], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, INK),
                ("LINEBELOW", (0, 1), (-1, -1), 0.3, RULE),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                *_FLUSH[:2],
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
                *also,
            ]
        )
    )
    return table


def _numbered(title: str) -> type[Canvas]:
    """Return a canvas that writes «page of pages» at the foot of each page, which are known only at the end."""
    foot = _("Made from the electronic document (FatturaPA XML), which is the bill in law.")

    class Numbered(Canvas):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self._kept: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - its name in reportlab
            self._kept.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined]

        def save(self) -> None:
            for place, state in enumerate(self._kept, start=1):
                self.__dict__.update(state)
                self._foot(place, len(self._kept))
                super().showPage()
            super().save()

        def _foot(self, place: int, pages: int) -> None:
            self.setFont("Helvetica", 7)
            self.setFillColor(FAINT)
            self.drawString(_MARGIN, 12 * mm, foot)
            self.drawRightString(A4[0] - _MARGIN, 12 * mm, f"{title} · {place}/{pages}")

    return Numbered
