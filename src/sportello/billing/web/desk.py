"""Bills at the operator's desk: files that came in, loading, assigning, payments, sending, the bill run."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.billing import operations, queries
from sportello.billing.archive import safe
from sportello.billing.fatturapa.envelope import MOST_BYTES
from sportello.billing.models import Bill, BillFile, Payment
from sportello.billing.states import FileState, Source
from sportello.billing.web import panels
from sportello.billing.web.forms import AssignForm, BillFilesForm, PaymentForm, ReversalForm, RunForm
from sportello.billing.web.imports import PaymentImport
from sportello.billing.web.tables import FileList
from sportello.kernel.access import Section
from sportello.kernel.money import CENT
from sportello.kernel.refusals import InvalidInput, NotFound
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals

MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII)


@page(section=Section.OPERATIONS, methods=("GET", "POST"))
def files(request: PageRequest) -> HttpResponseBase:
    """List the files that came in; those that wait or were refused are one filter away."""
    rows = queries.files(request.actor)
    context = {
        "title": _("Bill files"),
        "waiting": rows.filter(state=FileState.WAITING).count(),
        "refused": rows.filter(state=FileState.REFUSED).count(),
        "empty_title": _("No file has come in yet"),
        "empty_text": _("Hand files in here, drop them into the folder, or use the command “sportello billing load”."),
        "empty_icon": "file-invoice",
        "empty_action": _("Load bills"),
        "empty_url": reverse("billing:load"),
    }
    return FileList(request, rows).respond("billing/files.html", context)


@page(section=Section.OPERATIONS, methods=("GET", "POST"))
def load(request: PageRequest) -> HttpResponse:
    """Load files by hand and say what became of each."""
    form = BillFilesForm(request.POST or None, request.FILES or None)
    outcomes = []
    if request.method == "POST" and form.is_valid():
        outcomes = [_loaded(request, file) for file in form.cleaned_data["documents"]]
    context = {
        "title": _("Load bills"),
        "breadcrumbs": [(_("Bill files"), reverse("billing:files")), (_("Load"), "")],
        "form": form,
        "outcomes": outcomes,
    }
    return render(request, "billing/load.html", context, status=422 if form.errors else 200)


@page(section=Section.OPERATIONS, methods=("GET", "POST"))
def file(request: PageRequest, pk: int) -> HttpResponse:
    """Show what became of a file; say whose it is when it waits."""
    rows = BillFile.objects.for_(request.actor).select_related("organisation", "assigned_by")
    row = rows.get_or_refuse(pk=pk)
    if request.POST.get("do") == "again":
        return _judge_again(request, row)
    if request.htmx and "customer" in request.GET:
        found = queries.customers_like(request.actor, request.GET["customer"])
        return render(request, "billing/customers_found.html", {"found": found})
    number_taken = any(one["rule"] == operations.NUMBER_TAKEN for one in row.problems)
    form = AssignForm(request.POST or None, number_taken=number_taken)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            customer = queries.customer_meant(request.actor, form.cleaned_data["customer"])
            asked = {"why": form.cleaned_data["why"], "beside": form.cleaned_data["beside"]}
            mine = rows.get_or_refuse(pk=pk)  # a copy: what is refused leaves the one on screen as it is
            operations.assign_file(actor=request.actor, file=mine, customer=customer, now=timezone.now(), **asked)
            messages.success(
                request, _("The bills of the file now belong to %(name)s.") % {"name": customer.legal_name}
            )
            return redirect("billing:file", pk=pk)
    context = {
        "title": row.name,
        "breadcrumbs": [(_("Bill files"), reverse("billing:files")), (row.name, "")],
        "file": row,
        "form": form,
        "found": queries.customers_like(request.actor, next((one["identity"] for one in row.summary), "")),
        "waits": row.state == FileState.WAITING,
        "number_taken": number_taken,
        "judged_again": row.state != FileState.LOADED and row.content,
        "bills": Bill.objects.for_(request.actor).filter(file=row).select_related("organisation").order_by("position"),
        "messages_of_sdi": row.notifications.for_(request.actor).select_related("bill"),
    }
    return render(request, "billing/file.html", context, status=422 if form.errors else 200)


@page(section=Section.OPERATIONS)
def file_content(request: PageRequest, pk: int) -> HttpResponse:
    """Hand out a file as it came."""
    row = BillFile.objects.for_(request.actor).get_or_refuse(pk=pk)
    if not row.content:
        raise NotFound
    headers = {"Content-Disposition": f'attachment; filename="{safe(row.name)}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(bytes(row.content), content_type="application/octet-stream", headers=headers)


@page(section=Section.OPERATIONS, methods=("POST",))
def send(request: PageRequest, pk: int) -> HttpResponse:
    """Say that a bill was handed to SdI."""
    operations.mark_sent(actor=request.actor, bill=queries.bill_of(request.actor, pk), now=timezone.now())
    messages.success(request, _("The bill is marked as sent."))
    return redirect("billing:bill", pk=pk)


@page(section=Section.OPERATIONS, methods=("GET", "POST"))
def pay(request: PageRequest, pk: int) -> HttpResponse:
    """Enter a payment of a bill."""
    row = queries.bill_of(request.actor, pk)
    opened = (row.payable - row.paid).quantize(CENT)
    form = PaymentForm(request.POST or None, initial={"amount": opened, "paid_date": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            operations.record_payment(actor=request.actor, bill=row, now=timezone.now(), **form.cleaned_data)
            messages.success(request, _("The payment is entered."))
            return redirect("billing:bill", pk=pk)
    return _form(request, row, form, _("Enter a payment"))


@page(section=Section.OPERATIONS, methods=("GET", "POST"))
def reverse_payment(request: PageRequest, pk: int, payment_pk: int) -> HttpResponse:
    """Take a payment of a bill back."""
    row = queries.bill_of(request.actor, pk)
    payment = Payment.objects.for_(request.actor).filter(bill=row).select_related("bill").get_or_refuse(pk=payment_pk)
    form = ReversalForm(
        request.POST or None, initial={"paid_date": timezone.localdate(), "reference": f"{payment.reference}-R"[:60]}
    )
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            operations.reverse_payment(actor=request.actor, payment=payment, now=timezone.now(), **form.cleaned_data)
            messages.success(request, _("The payment is taken back."))
            return redirect("billing:bill", pk=pk)
    return _form(request, row, form, _("Take the payment %(reference)s back") % {"reference": payment.reference})


@page(section=Section.OPERATIONS, methods=("GET", "POST"))
def import_payments(request: PageRequest, token: str = "") -> HttpResponse:
    """Load payments from a file: upload, preview, confirmation."""
    return PaymentImport(request).respond(token)


@page(section=Section.OPERATIONS, methods=("GET", "POST"))
def run(request: PageRequest) -> HttpResponse:
    """Make the bills of a month."""
    form = RunForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            month = MONTH.fullmatch(form.cleaned_data["month"].strip())
            if month is None:
                raise InvalidInput(_("Write the month like 2026-03."), field="month")
            first = date(int(month[1]), int(month[2]), 1)
            operations.ask_for_run(actor=request.actor, month=first, now=timezone.now())
            messages.success(request, _("The bills are being made in the background; they appear one after the other."))
            return redirect("billing:index")
    context = {
        "title": _("Bill run"),
        "breadcrumbs": [(_("Bill files"), reverse("billing:files")), (_("Bill run"), "")],
        "form": form,
        "prices": queries.prices(),
        "ended": queries.ended_runs(),
    }
    return render(request, "billing/run.html", context, status=422 if form.errors else 200)


def _form(request: PageRequest, row: Bill, form: Any, title: str) -> HttpResponse:
    context = {"title": title, "breadcrumbs": panels.crumbs(row, title), "bill": row, "form": form}
    return render(request, "billing/payment.html", context, status=422 if form.errors else 200)


def _judge_again(request: PageRequest, row: BillFile) -> HttpResponse:
    """Judge a file that waits or was refused once more: the customer or the schema may have been put right."""
    operations.load_file(
        actor=request.actor, name=row.name, content=bytes(row.content), source=Source(row.source), now=timezone.now()
    )
    messages.info(request, _("The file was judged again."))
    return redirect("billing:file", pk=row.pk)


def _loaded(request: PageRequest, file: UploadedFile[Any]) -> operations.Outcome:
    content = file.read(MOST_BYTES + 1)  # of one that is too large just enough to be refused for it
    return operations.load_file(
        actor=request.actor, name=file.name or "", content=content, source=Source.PAGE, now=timezone.now()
    )
