"""The lists of bills, their lines, and the files that came in."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from sportello.billing import queries
from sportello.billing.models import Bill, BillFile, BillLine
from sportello.billing.states import (
    OPEN,
    VOID,
    BillState,
    ChargeKind,
    DocumentType,
    FileKind,
    FileState,
    PaymentState,
    Source,
)
from sportello.kernel.ui import formats
from sportello.kernel.ui.filters import Choice, Days, Search, YesNo
from sportello.kernel.ui.listing import Column, Kind, Listing
from sportello.kernel.ui.templatetags.ui import state
from sportello.kernel.ui.types import Tone
from sportello.kernel.web import PageRequest

STATE_TONES: dict[str, Tone] = {
    BillState.ISSUED: "info",
    BillState.SENT: "info",
    BillState.DELIVERED: "info",
    BillState.UNDELIVERED: "warn",
    BillState.DISCARDED: "bad",
    BillState.ACCEPTED: "good",
    BillState.REFUSED: "bad",
    BillState.ELAPSED: "good",
}
PAYMENT_TONES: dict[str, Tone] = {
    PaymentState.DUE: "info",
    PaymentState.PARTLY_PAID: "warn",
    PaymentState.OVERDUE: "bad",
    PaymentState.PAID: "good",
    PaymentState.NOTHING_DUE: "off",
}

NOT_PAID = "open"
"""A choice beside the states: whatever of a bill is still to be paid."""


def state_pill(row: Bill) -> SafeString:
    """Draw where a bill stands."""
    return state(row.state, row.get_state_display(), STATE_TONES[row.state])


def payment_pill(row: Bill) -> SafeString:
    """Draw what is paid of a bill."""
    return state(row.payment_state, row.get_payment_state_display(), PAYMENT_TONES[row.payment_state])


def signed(row: Bill) -> Decimal:
    """Return the total of a bill, below zero for a credit note."""
    return row.total * row.sign


def _period(row: Bill) -> str:
    if row.period_from is None or row.period_to is None:
        return ""
    whole = row.period_from.day == 1 and (row.period_from.year, row.period_from.month) == (
        row.period_to.year,
        row.period_to.month,
    )
    return (
        formats.month(row.period_from)
        if whole
        else f"{formats.day(row.period_from)} \N{EN DASH} {formats.day(row.period_to)}"
    )


def _number_cell(row: Bill) -> object:
    """Draw the number; what is no plain invoice says what it is."""
    link = format_html('<a href="{}">{}</a>', reverse("billing:bill", args=[row.pk]), row.number)
    plain = row.document_type == DocumentType.TD01
    return link if plain else format_html('{} <span class="text-secondary">{}</span>', link, row.kind)


def _by_payment(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(payment_state__in=OPEN if value == NOT_PAID else [value])


class BillList(Listing[Bill]):
    """Bills of one customer, the newest first."""

    name = "billing.bills"
    columns: ClassVar[Sequence[Column[Any]]] = (
        Column[Bill]("number", _("Number"), cell=_number_cell),
        Column[Bill]("issue_date", _("Date"), sort="issue_date", kind=Kind.DAY),
        Column[Bill]("document", _("Document"), value=lambda row: row.kind, shown=False),
        Column[Bill]("period", _("Period"), value=_period),
        Column[Bill]("agreement", _("Agreement"), value=lambda row: row.agreement.code if row.agreement else ""),
        Column[Bill]("total", _("Total"), value=signed, kind=Kind.MONEY),
        Column[Bill]("payable", _("To pay"), sort="payable", kind=Kind.MONEY),
        Column[Bill]("paid", _("Paid"), kind=Kind.MONEY, shown=False),
        Column[Bill]("due_date", _("Due"), sort="due_date", kind=Kind.DAY),
        Column[Bill]("state", _("State"), value=lambda row: row.get_state_display(), cell=state_pill),
        Column[Bill]("payment", _("Payment"), value=lambda row: row.get_payment_state_display(), cell=payment_pill),
    )
    filters = (
        Search(
            ("number__icontains", "agreement__code__istartswith", "cig__iexact"), label=_("Number, agreement or CIG")
        ),
        Choice("payment", _("Payment"), [(NOT_PAID, _("Not paid in full")), *PaymentState.choices], apply=_by_payment),
        Choice("state", _("State"), BillState.choices),
        Choice("document", _("Document"), DocumentType.choices, field="document_type"),
        Days("issued", _("Date"), field="issue_date", day=True),
    )
    default_sort = "-issue_date"


class CustomersBillList(BillList):
    """Bills of several customers."""

    name = "billing.customers_bills"
    columns: ClassVar[Sequence[Column[Any]]] = (
        *BillList.columns[:2],
        Column[Bill]("organisation", _("Customer"), value=lambda row: row.organisation.legal_name),
        *BillList.columns[2:],
    )
    filters = (
        Search(
            ("number__icontains", "organisation__legal_name__icontains", "organisation__code__iexact", "cig__iexact"),
            label=_("Number, customer or CIG"),
        ),
        *BillList.filters[1:],
    )


def _line_cell(row: BillLine) -> object:
    if row.line_id is None:
        return formats.phone(row.number) if row.number else ""
    month = f"?month={row.period_from:%Y-%m}" if row.period_from else ""
    return format_html(
        '<a href="{}{}">{}</a>', reverse("usage:line", args=[row.line_id]), month, formats.phone(row.number)
    )


def _dispute_cell(row: BillLine) -> object:
    if hasattr(row, "dispute"):
        return state("disputed", _("Disputed"), "warn")
    if row.bill.state in VOID:
        return ""
    address = reverse("billing:dispute", args=[row.bill_id, row.pk])
    return format_html(
        '<a href="{}">{}<span class="visually-hidden"> {}</span></a>', address, _("Dispute"), row.position
    )


class BillLineList(Listing[BillLine]):
    """The lines of a bill, in its order."""

    name = "billing.lines"
    columns: ClassVar[Sequence[Column[Any]]] = (
        Column[BillLine]("position", _("No."), sort="position", kind=Kind.NUMBER),
        Column[BillLine]("description", _("Description")),
        Column[BillLine]("number", _("Line"), cell=_line_cell),
        Column[BillLine]("person", _("Person"), value=lambda row: row.person.name if row.person else ""),
        Column[BillLine]("cost_centre_code", _("Cost centre")),
        Column[BillLine]("charge", _("Charge"), value=lambda row: row.get_charge_display()),
        Column[BillLine]("vat_rate", _("VAT"), value=lambda row: row.vat_words),
        Column[BillLine]("amount", _("Amount"), sort="amount", kind=Kind.MONEY),
        Column[BillLine]("dispute", _("Dispute"), cell=_dispute_cell, exported=False),
    )
    default_sort = "position"

    def __init__(self, request: PageRequest, rows: QuerySet[BillLine], bill: Bill) -> None:
        """Take the request, the lines, and the bill whose cost centres can be chosen."""
        super().__init__(request, rows)
        self.filters = (
            Search(
                ("number__contains", "description__icontains", "person__family_name__istartswith"),
                label=_("Line, person or words"),
            ),
            Choice("centre", _("Cost centre"), lambda: _centres(request, bill), apply=_of_centre),
            Choice("charge", _("Charge"), ChargeKind.choices),
        )


NO_CENTRE = "-"


def _centres(request: PageRequest, bill: Bill) -> list[tuple[str, Any]]:
    found = sorted(code for code, _sum in queries.cost_centres_billed(request.actor, bill))
    return [(code or NO_CENTRE, code or _("none")) for code in found]


def _of_centre(rows: QuerySet[Any], code: str) -> QuerySet[Any]:
    return rows.filter(cost_centre_code="" if code == NO_CENTRE else code)


class OwnLineList(Listing[BillLine]):
    """What an employee's own lines were billed."""

    name = "billing.own"
    columns: ClassVar[Sequence[Column[Any]]] = (
        Column[BillLine](
            "period_from",
            _("Month"),
            sort="period_from",
            value=lambda row: formats.month(row.period_from) if row.period_from else "",
        ),
        Column[BillLine]("number", _("Line"), kind=Kind.PHONE),
        Column[BillLine]("description", _("Description")),
        Column[BillLine]("charge", _("Charge"), value=lambda row: row.get_charge_display()),
        Column[BillLine]("amount", _("Amount"), value=lambda row: row.amount * row.bill.sign, kind=Kind.MONEY),
    )
    filters = (
        Choice("charge", _("Charge"), ChargeKind.choices),
        Days("billed", _("Period"), field="period_from", day=True),
    )
    default_sort = "-period_from"


def _file_cell(row: BillFile) -> SafeString:
    """Draw the name, and the first reason why the file waits or was refused."""
    link = format_html('<a class="text-break" href="{}">{}</a>', reverse("billing:file", args=[row.pk]), row.name)
    why = next((one.whole for one in row.reasons), "")
    return format_html('{}<span class="d-block text-secondary">{}</span>', link, why[:160]) if why else link


class FileList(Listing[BillFile]):
    """Files of bills and messages of SdI, the newest first."""

    name = "billing.files"
    columns: ClassVar[Sequence[Column[Any]]] = (
        Column[BillFile]("name", _("File"), cell=_file_cell),
        Column[BillFile](
            "state",
            _("State"),
            value=lambda row: row.get_state_display(),
            cell=lambda row: state(row.state, row.get_state_display()),
        ),
        Column[BillFile]("kind", _("Kind"), value=lambda row: row.get_kind_display()),
        Column[BillFile]("received_at", _("Came in"), sort="received_at", kind=Kind.INSTANT),
        Column[BillFile](
            "organisation", _("Customer"), value=lambda row: row.organisation.legal_name if row.organisation else ""
        ),
        Column[BillFile]("source", _("By"), value=lambda row: row.get_source_display(), shown=False),
        Column[BillFile]("why", _("Why"), value=lambda row: "; ".join(one.whole for one in row.reasons), shown=False),
    )
    filters = (
        Search(("name__icontains",), label=_("File")),
        Choice("state", _("State"), FileState.choices),
        Choice("kind", _("Kind"), FileKind.choices),
        Choice("source", _("By"), Source.choices),
        Days("came", _("Came in"), field="received_at"),
        YesNo("signed", _("Signed"), Q(signed=True)),
    )
    default_sort = "-received_at"
