"""Bills for those who receive them: the list, a bill, its lines, its documents; an employee's own costs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sportello.billing import operations, queries
from sportello.billing.archive import pdf_of, safe
from sportello.billing.models import Bill, BillFile, Dispute
from sportello.billing.queries.reconciling import months_of
from sportello.billing.states import BillState
from sportello.billing.types import ZERO
from sportello.billing.web import panels
from sportello.billing.web.forms import DisputeForm
from sportello.billing.web.tables import (
    BillLineList,
    BillList,
    CustomersBillList,
    OwnLineList,
    payment_pill,
    state_pill,
)
from sportello.kernel.access import Access, Reach, Section
from sportello.kernel.ui import formats
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals

MOST_DIFFERENCES = 200
MOST_PRINTED = 3_000
"""Lines on the page for the printer: those of the largest bill of a run; of larger ones it says so, and the PDF has all."""


@page(section=Section.TRAFFIC_BILLING, methods=("GET", "POST"))
def index(request: PageRequest) -> HttpResponseBase:
    """List the bills in reach; an employee is led to the own costs."""
    if request.actor.access(Section.TRAFFIC_BILLING) is not Access.FULL:
        return redirect("billing:own")
    listing = CustomersBillList if request.actor.reach in {Reach.ALL, Reach.PARTNER} else BillList
    context = {
        "title": _("Bills"),
        "empty_title": _("No bill yet"),
        "empty_text": _("Bills appear here as soon as the operator has issued them."),
        "empty_icon": "file-invoice",
    }
    return listing(request, queries.bills(request.actor)).respond("billing/index.html", context)


@page(section=Section.TRAFFIC_BILLING, methods=("GET", "POST"))
def own(request: PageRequest) -> HttpResponseBase:
    """Show what the bills say of the reader's own lines."""
    context = {
        "title": _("My costs"),
        "lead": _("What the bills say of the lines that you held for the whole billed time, net of VAT."),
        "chart": panels.own_chart(queries.months_owned(request.actor)),
        "empty_title": _("Nothing billed yet"),
        "empty_text": _("What your lines cost appears here with the next bill."),
        "empty_icon": "receipt",
    }
    return OwnLineList(request, queries.own_lines(request.actor)).respond("billing/own.html", context)


@page(section=Section.TRAFFIC_BILLING)
def bill(request: PageRequest, pk: int) -> HttpResponse:
    """Show a bill: totals, VAT, payments, messages of SdI, disputes, what happened."""
    row = queries.bill_of(request.actor, pk)
    context = {
        **_of_bill(request, row, "bill"),
        "breadcrumbs": panels.crumbs(row),
        "header": panels.header(request.actor, row),
        "totals": panels.totals(row),
        "centres": panels.centres_chart(request.actor, row),
        "charges": panels.charges_chart(request.actor, row),
        "disputes": panels.disputes(request.actor, row),
        "trail": panels.trail(row),
        "can_be_sent": row.state == BillState.ISSUED,
        "credit": -row.payable,
        **panels.parts(request.actor, row),
    }
    return render(request, "billing/bill.html", context)


@page(section=Section.TRAFFIC_BILLING)
def printed(request: PageRequest, pk: int) -> HttpResponse:
    """Show a bill whole on one readable page, for the printer."""
    row = queries.bill_of(request.actor, pk)
    lines = queries.lines_of(request.actor, row)
    context = {
        **_of_bill(request, row, ""),
        "breadcrumbs": panels.crumbs(row, _("Print")),
        "header": panels.header(request.actor, row),
        "totals": panels.totals(row),
        "lines": lines.order_by("position")[:MOST_PRINTED],
        "printed": MOST_PRINTED,
        "all": lines.count(),
        **panels.parts(request.actor, row),
    }
    return render(request, "billing/print.html", context)


@page(section=Section.TRAFFIC_BILLING, methods=("GET", "POST"))
def lines(request: PageRequest, pk: int) -> HttpResponseBase:
    """List the lines of a bill."""
    row = queries.bill_of(request.actor, pk)
    context = {
        **_of_bill(request, row, "lines"),
        "breadcrumbs": panels.crumbs(row, pgettext("of a bill", "Lines")),
        "empty_title": _("This bill has no lines"),
    }
    rows = queries.lines_of(request.actor, row).select_related("bill")
    return BillLineList(request, rows, row).respond("billing/lines.html", context)


@page(section=Section.TRAFFIC_BILLING)
def pdf(request: PageRequest, pk: int) -> HttpResponse:
    """Hand out the PDF of a bill, made from its data."""
    row = queries.bill_of(request.actor, pk)
    content = pdf_of(row)
    operations.record_download(actor=request.actor, bill=row, what="pdf")
    return _file(content, f"{safe(row.number)}.pdf", "application/pdf")


@page(section=Section.TRAFFIC_BILLING)
def original(request: PageRequest, pk: int) -> HttpResponse:
    """Hand out the document as it came, byte for byte."""
    row = queries.bill_of(request.actor, pk)
    file = BillFile.objects.for_(request.actor).get_or_refuse(pk=row.file_id)
    operations.record_download(actor=request.actor, bill=row, what="original")
    kind = "application/pkcs7-mime" if file.signed else "application/xml"
    return _file(bytes(file.content), safe(file.name), kind)


@page(section=Section.TRAFFIC_BILLING)
def reconciliation(request: PageRequest, pk: int) -> HttpResponse:
    """Hold the traffic of a bill against the counters."""
    row = queries.bill_of(request.actor, pk)
    found = queries.reconciliation(request.actor, row)
    apart = [one for one in found if not one.agrees]
    context = {
        **_of_bill(request, row, "reconciliation"),
        "breadcrumbs": panels.crumbs(row, _("Reconciliation")),
        "months": [formats.month(month) for month in months_of(row)],
        "rows": found[:MOST_DIFFERENCES],
        "more": len(found) > MOST_DIFFERENCES,
        "apart": len(apart),
        "all": len(found),
        "here": sum((one.here for one in found), start=ZERO),
        "counted": sum((one.counted for one in found), start=ZERO),
        "difference": sum((one.difference for one in found), start=ZERO),
    }
    return render(request, "billing/reconciliation.html", context)


@page(section=Section.TRAFFIC_BILLING, methods=("GET", "POST"))
def dispute(request: PageRequest, pk: int, line_pk: int) -> HttpResponse:
    """Dispute a line of a bill."""
    row = queries.bill_of(request.actor, pk)
    line = queries.lines_of(request.actor, row).select_related("bill").get_or_refuse(pk=line_pk)
    form = DisputeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            operations.dispute_line(
                actor=request.actor, line=line, reason=form.cleaned_data["reason"], now=timezone.now()
            )
            said = _(
                "The line is disputed. The operator will answer; the code of the request stands here as soon as it is open."
            )
            messages.success(request, said)
            return redirect("billing:bill", pk=row.pk)
    context = {
        **_of_bill(request, row, ""),
        "title": _("Dispute a line"),
        "breadcrumbs": panels.crumbs(row, _("Dispute")),
        "line": line,
        "form": form,
        "disputed": Dispute.objects.for_(request.actor).filter(line=line).first(),
    }
    return render(request, "billing/dispute.html", context, status=422 if form.errors else 200)


def _of_bill(request: PageRequest, row: Bill, active: str) -> dict[str, Any]:
    return {
        "title": f"{row.kind} {row.number}",
        "lead": f"{row.organisation.legal_name} · {formats.day(row.issue_date)}",
        "bill": row,
        "tabs": panels.tabs(row, active),
        "state_pill": state_pill(row),
        "payment_pill": payment_pill(row),
        "open": row.payable - row.paid,
        "runs": request.actor.may(Section.OPERATIONS) and not request.actor.read_only,
    }


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=kind, headers=headers)
