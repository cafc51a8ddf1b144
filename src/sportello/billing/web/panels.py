"""What the pages of bills draw: facts, tabs, charts, what happened."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sportello.billing import queries
from sportello.billing.dispute_pages import DisputePage, pages_of_disputes
from sportello.billing.models import Bill, BillVat, Dispute, Payment, SdiNotification
from sportello.billing.queries.bills import OwnMonth
from sportello.billing.states import ChargeKind
from sportello.billing.types import ZERO
from sportello.kernel.actor import Actor
from sportello.kernel.models import Event
from sportello.kernel.ui import formats, telling
from sportello.kernel.ui.charts import BarChart, Donut, RankChart, Series
from sportello.kernel.ui.types import Tab, TimelineEntry

TOP = 8
Facts = list[tuple[str, object]]


def tabs(bill: Bill, active: str) -> list[Tab]:
    """Return the parts of a bill."""
    found = (("bill", _("Bill")), ("lines", pgettext("of a bill", "Lines")), ("reconciliation", _("Reconciliation")))
    return [
        Tab(label=label, url=reverse(f"billing:{name}", args=[bill.pk]), active=name == active) for name, label in found
    ]


def crumbs(bill: Bill, title: str = "") -> list[tuple[object, str]]:
    """Return the way to a bill, and to a page below it."""
    way: list[tuple[object, str]] = [(_("Bills"), reverse("billing:index"))]
    return (
        [*way, (bill.number, reverse("billing:bill", args=[bill.pk])), (title, "")]
        if title
        else [*way, (bill.number, "")]
    )


def header(actor: Actor, bill: Bill) -> Facts:
    """Return what the head of a bill says."""
    supplier, customer = queries.parties_of(actor, bill)
    recipient = bill.recipient_name or bill.organisation.legal_name
    period = f"{formats.day(bill.period_from)} \N{EN DASH} {formats.day(bill.period_to)}" if bill.period_from else ""
    return [
        (_("Document"), f"{bill.kind} ({bill.document_type})"),
        (_("Date"), formats.day(bill.issue_date)),
        (_("Period"), period),
        (_("Agreement"), str(bill.agreement) if bill.agreement else ""),
        (_("Supplier"), _joined(bill.supplier_name, supplier.address, bill.supplier_identity)),
        (_("Customer"), _joined(recipient, customer.address, bill.recipient_identity)),
        (_("Office code"), bill.office_code),
        *((label, value) for label, value in _found(bill) if value),
    ]


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def _found(bill: Bill) -> Facts:
    return [
        (_("CIG"), bill.cig),
        (_("CUP"), bill.cup),
        (_("Order"), bill.order_document),
        (_("Corrects"), bill.corrects),
        (_("Number"), _("Another bill of the supplier has the same one.") if bill.beside else ""),
        (_("SdI identifier"), bill.sdi_id),
    ]


def totals(bill: Bill) -> Facts:
    """Return how the bill comes to what is to be paid."""
    rows: Facts = [(_("Taxable"), formats.money(bill.taxable)), (_("VAT"), formats.money(bill.vat))]
    rows += [
        (label, formats.money(amount))
        for label, amount in ((_("Rounding"), bill.rounding), (_("Stamp duty"), bill.stamp))
        if amount
    ]
    rows.append((_("Total of the document"), formats.money(bill.total)))
    if bill.split_payment:
        rows.append((_("VAT to the Treasury (split payment)"), formats.money(-bill.split_vat)))
    if bill.withheld:
        rows.append((_("Withheld tax"), formats.money(-bill.withheld)))
    if bill.sign < 0:
        return [*rows, (_("In your favour"), formats.money(-bill.payable))]
    rows.append((_("To pay"), formats.money(bill.payable)))
    if bill.paid:
        rows += [(_("Paid"), formats.money(bill.paid)), (_("Still to pay"), formats.money(bill.payable - bill.paid))]
    return rows


def parts(actor: Actor, bill: Bill) -> dict[str, Any]:
    """Return the rows that hang on a bill."""
    payments = Payment.objects.for_(actor).filter(bill=bill).select_related("reverses")
    return {
        "vat": BillVat.objects.for_(actor).filter(bill=bill).order_by("pk"),
        "payments": list(payments.order_by("-paid_date", "-pk")),
        "reversed": {one.reverses_id for one in payments if one.reverses_id},
        "messages_of_sdi": SdiNotification.objects.for_(actor).filter(bill=bill).order_by("-pk"),
    }


def disputes(actor: Actor, bill: Bill) -> list[tuple[Dispute, DisputePage | None]]:
    """Return the disputed lines of a bill, the newest first, each with the page on which it is answered."""
    rows = list(Dispute.objects.for_(actor).filter(bill=bill).select_related("line", "person").order_by("-pk"))
    pages = pages_of_disputes(actor, bill.pk) if rows else {}
    return [(row, pages.get(row.line_id)) for row in rows]


def trail(bill: Bill) -> list[TimelineEntry]:
    """Return what happened to a bill, the newest first."""
    rows = Event.append_only.filter(subject_type="bill", subject_id=str(bill.pk)).order_by("-at", "-pk")[:30]
    return [
        TimelineEntry(at=row.at, title=telling.sentence(row.kind, row.payload), icon="receipt", tone="info")
        for row in rows
    ]


def centres_chart(actor: Actor, bill: Bill) -> RankChart | None:
    """Plot what the cost centres of a bill cost; None where there is but one."""
    found = [(code or _("none"), amount) for code, amount in queries.cost_centres_billed(actor, bill) if amount > 0]
    if len(found) < 2:  # noqa: PLR2004 - one bar says nothing
        return None
    return RankChart(
        title=_("By cost centre"),
        description=_("What the lines of each cost centre add up to, net of VAT."),
        items=found[:TOP],
        write=formats.money,
        category_title=_("Cost centre"),
    )


def charges_chart(actor: Actor, bill: Bill) -> Donut | None:
    """Plot the shares of the kinds of charges."""
    found = [(label, amount) for label, amount in queries.sums_by_charge(actor, bill) if amount > 0]
    if not found:
        return None
    return Donut(
        title=_("What it is for"),
        description=_("The share of each kind of charge in the lines, net of VAT."),
        write=formats.money,
        parts=found,
        centre=formats.money(sum((amount for _label, amount in found), start=ZERO)),
        category_title=_("Charge"),
    )


def own_chart(months: list[OwnMonth]) -> BarChart | None:
    """Plot an employee's billed months."""
    if not months:
        return None
    return BarChart(
        title=_("My costs by month"),
        description=_("What the bills say of my lines, net of VAT, by kind of charge."),
        write=formats.money,
        categories=[date_format(one.month, "M y") for one in months],
        series=[
            Series(label=str(kind.label), values=[one.amounts.get(kind.value, ZERO) for one in months])
            for kind in ChargeKind
            if any(one.amounts.get(kind.value) for one in months)
        ],
        category_title=_("Month"),
        stacked=True,
    )
