"""Tracking: the list of orders, one order with its history, its documents, the orders of a line, and the customer's options."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.inventory import queries as inventory
from sportello.inventory.line_pages import line_tabs
from sportello.kernel.access import Reach, Section
from sportello.kernel.refusals import NotPermitted
from sportello.kernel.ui import formats
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals
from sportello.orders import operations, queries, rules
from sportello.orders.web.forms import OptionsForm
from sportello.orders.web.panels import order_context
from sportello.orders.web.tables import ItemList, list_for, state_pill
from sportello.parties.models import Organisation

BOTH = ("GET", "POST")


@page(section=Section.ORDER_TRACKING, methods=BOTH)
def index(request: PageRequest) -> HttpResponseBase:
    """List the orders, of all years."""
    counts = queries.counts(request.actor, today=timezone.localdate())
    context = {
        "title": _("Orders"),
        "counts": counts,
        "asks": request.actor.may(Section.CHANGES),
        "works": rules.works(request.actor),
        "one": request.actor.reach is Reach.CUSTOMER,
        "empty_title": _("No order yet"),
        "empty_text": _("What you ask for stands here, with each step and its day."),
        "empty_icon": "clipboard-list",
    }
    return list_for(request).respond("orders/list.html", context)


@page(section=Section.ORDER_TRACKING)
def order(request: PageRequest, pk: int) -> HttpResponse:
    """Show an order: where it stands, its items, its history, and what can be done with it."""
    row = queries.order_of(request.actor, pk)
    return render(request, "orders/order.html", order_context(request, row))


@page(section=Section.ORDER_TRACKING, methods=BOTH)
def items(request: PageRequest, pk: int) -> HttpResponseBase:
    """List all items of an order."""
    row = queries.order_of(request.actor, pk)
    crumbs = [(_("Orders"), reverse("orders:index")), (str(row), reverse("orders:order", args=[pk])), (_("Items"), "")]
    context = {"title": _("Items of %(code)s") % {"code": row.code}, "breadcrumbs": crumbs}
    return ItemList(request, queries.items_of(request.actor, row)).respond("ui/listing_page.html", context)


@page(section=Section.ORDER_TRACKING)
def document(request: PageRequest, pk: int, file_pk: int) -> HttpResponse:
    """Give a document of an order out as a download, never shown inline (ABUSE F02)."""
    row = queries.order_of(request.actor, pk)
    file = operations.take_file(actor=request.actor, order=row, pk=file_pk)
    answer = HttpResponse(bytes(file.content), content_type=file.content_type)
    ending = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}[file.content_type]
    answer["Content-Disposition"] = f'attachment; filename="{row.code}-{file.pk}.{ending}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@page(section=Section.ORDER_TRACKING)
def line(request: PageRequest, line_pk: int) -> HttpResponse:
    """Show what was ever ordered for a line, and what can be."""
    row = inventory.line_of(request.actor, line_pk)
    asks = request.actor.may(Section.CHANGES)
    context = {
        "title": formats.phone(row.number),
        "lead": " · ".join(filter(None, [str(row.person or ""), row.organisation.legal_name])),
        "line": row,
        "tabs": line_tabs(request.actor, row, "orders:line"),
        "items": [(item, state_pill(item)) for item in queries.items_of_line(request.actor, row)],
        "types": [one.type for one in queries.forms_for_line(request.actor, row)] if asks else [],
    }
    return render(request, "orders/line.html", context)


@page(section=Section.CHANGES, methods=BOTH)
def options(request: PageRequest) -> HttpResponse:
    """Show and change what the customer chose about its orders."""
    if request.actor.reach is not Reach.CUSTOMER:
        raise NotPermitted
    customer = Organisation.objects.for_(request.actor).get_or_refuse(pk=request.actor.organisation_id)
    on = queries.needs_approval(customer.pk)
    form = OptionsForm(request.POST if request.method == "POST" else None, initial={"approval": on})
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            operations.set_approval(actor=request.actor, customer=customer, on=form.cleaned_data["approval"])
            messages.success(request, _("Saved."))
            return redirect("orders:options")
    crumbs = [(_("Orders"), reverse("orders:index")), (_("Options"), "")]
    context: dict[str, Any] = {"title": _("Options of orders"), "breadcrumbs": crumbs, "form": form, "on": on}
    return render(request, "orders/options.html", context, status=422 if form.errors else 200)
