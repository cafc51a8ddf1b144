"""The employees' bills at the operator's desk."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sportello.dual_billing import operations, queries, rules
from sportello.dual_billing.web.tables import PrivateBillList
from sportello.kernel.access import Section
from sportello.kernel.web import PageRequest, page


@page(section=Section.DUAL_BILLING, methods=("GET", "POST"))
def bills(request: PageRequest) -> HttpResponseBase:
    """List the bills of employees; the operator's alone: to the customer not even their number is known (ABUSE G14)."""
    rules.check_runs_portal(request.actor)
    context = {
        "title": _("Bills of employees"),
        "empty_title": _("No bill of an employee yet"),
        "empty_text": _("They are made on the day after a month ends."),
        "empty_icon": "receipt",
    }
    return PrivateBillList(request, queries.bills(request.actor)).respond("dual_billing/bills.html", context)


@page(section=Section.DUAL_BILLING, methods=("POST",))
def paid(request: PageRequest) -> HttpResponse:
    """Mark the chosen bills as paid."""
    rules.check_runs_portal(request.actor)
    chosen = PrivateBillList(request, queries.bills(request.actor)).chosen(request.POST)
    ids = list(chosen.order_by().values_list("pk", flat=True))
    count = operations.mark_paid(actor=request.actor, bills=ids, now=timezone.now())
    said = ngettext("%(count)d bill marked as paid.", "%(count)d bills marked as paid.", count)
    messages.success(request, said % {"count": count})
    return redirect("dual_billing:bills")
