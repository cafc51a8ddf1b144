"""The employee's own page: signing, private traffic and bills; nobody else opens it, whoever they act as."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.accounts import queries as accounts
from sportello.accounts.models import Session
from sportello.dual_billing import operations, queries, rules
from sportello.dual_billing.models import Enrolment
from sportello.dual_billing.states import EnrolmentState
from sportello.dual_billing.web.forms import CodeForm
from sportello.dual_billing.web.panels import facts_for_person, steps_of
from sportello.kernel.access import Section
from sportello.kernel.refusals import TooOften, WrongState
from sportello.kernel.refused import record_refusal
from sportello.kernel.ui import formats
from sportello.kernel.web import PageRequest, page
from sportello.usage.states import TrafficType


@page(section=Section.OWN_ACCOUNT)
def own(request: PageRequest) -> HttpResponse:
    """Show what is asked of the person, and what their private traffic cost."""
    rows = queries.own_enrolments(request.actor)
    context = {
        "title": _("My private traffic"),
        "panels": [_panel(request, row) for row in rows],
        "bills": queries.own_bills(request.actor),
        "opens_traffic": request.actor.may(Section.TRAFFIC_BILLING),
        "opens_thresholds": request.actor.may(Section.THRESHOLDS),
    }
    return render(request, "dual_billing/own.html", context)


def _panel(request: PageRequest, row: Enrolment) -> dict[str, Any]:
    months = queries.own_months(request.actor, row) if row.active_from else []
    return {
        "row": row,
        "number": formats.phone(row.line.number),
        "asked": row.state == EnrolmentState.ASKED,
        "key": str(row.pk),
        "steps": steps_of(row),
        "facts": facts_for_person(row),
        "kinds": list(TrafficType.labels),
        "months": [(one, [one.amounts.get(kind, Decimal(0)) for kind in TrafficType.values]) for one in months],
    }


@page(section=Section.OWN_ACCOUNT, methods=("POST",))
def ask_code(request: PageRequest, pk: int) -> HttpResponse:
    """Send the code that signs the terms."""
    row = queries.own_enrolment(request.actor, pk)
    try:
        sent = operations.send_signing_code(
            actor=request.actor, enrolment=row, session=_session(request), now=accounts.database_now()
        )
    except (TooOften, WrongState) as refused:
        messages.error(request, str(refused))
        return redirect("dual_billing:own")
    if not sent:
        messages.error(request, _("The code could not be sent. Try again later."))
        return redirect("dual_billing:own")
    return redirect("dual_billing:sign", pk)


@page(section=Section.OWN_ACCOUNT, methods=("GET", "POST"))
def sign(request: PageRequest, pk: int) -> HttpResponse:
    """Take the code under the terms."""
    row = queries.own_enrolment(request.actor, pk)
    rules.check_can_accept(row)
    form = CodeForm(request.POST or None)
    if request.method != "POST":
        return _sign_page(request, row, form)
    try:
        rules.check_shown(row, request.POST.get("shown", ""))
        signed = form.is_valid() and _signed(request, row, form)
    except rules.TermsChanged as changed:  # the code that was sent is void too: it was for the former terms
        record_refusal(
            actor=request.actor, method="POST", path=request.path, status=changed.status, name=type(changed).__name__
        )
        return _sign_page(request, queries.own_enrolment(request.actor, pk), CodeForm(), changed=changed)
    if not signed:
        return _sign_page(request, row, form)
    messages.success(
        request, _("You accepted dual billing. What you mark as private is yours to pay, and only you see it.")
    )
    return redirect("dual_billing:own")


def _signed(request: PageRequest, row: Enrolment, form: CodeForm) -> bool:
    """Sign with the typed code; a wrong one stands at its field. Raises `TermsChanged`."""
    answer = operations.accept_enrolment(
        actor=request.actor, enrolment=row, session=_session(request), typed="".join(form.cleaned_data["code"].split()),
        shown=request.POST.get("shown", ""), now=accounts.database_now(),
    )  # fmt: skip
    if not answer.accepted:
        form.add_error("code", str(answer.outcome.label))
    return answer.accepted


def _sign_page(
    request: PageRequest, row: Enrolment, form: CodeForm, *, changed: rules.TermsChanged | None = None
) -> HttpResponse:
    context = {
        "title": _("Accept dual billing"),
        "breadcrumbs": [(_("My private traffic"), reverse("dual_billing:own")), (_("Accept"), "")],
        "row": row,
        "number": formats.phone(row.line.number),
        "facts": facts_for_person(row),
        "form": form,
        "shown": rules.digest_of_terms(row),
        "changed": changed,
    }
    status = changed.status if changed else 422 if form.errors else 200
    return render(request, "dual_billing/sign.html", context, status=status)


@page(section=Section.OWN_ACCOUNT, methods=("POST",))
def decline(request: PageRequest, pk: int) -> HttpResponse:
    """Decline."""
    row = queries.own_enrolment(request.actor, pk)
    operations.decline_enrolment(actor=request.actor, enrolment=row, now=timezone.now())
    messages.success(request, _("You declined. Nothing is billed to you."))
    return redirect("dual_billing:own")


@page(section=Section.OWN_ACCOUNT)
def bill(request: PageRequest, pk: int) -> HttpResponse:
    """Show one of the person's bills."""
    row = queries.bill(request.actor, pk)
    context = {
        "title": _("Bill %(number)s") % {"number": row.number},
        "breadcrumbs": [(_("My private traffic"), reverse("dual_billing:own")), (row.number, "")],
        "bill": row,
        "lines": queries.bill_lines(request.actor, row),
        "facts": [
            (_("Line"), formats.phone(row.enrolment.line.number)),
            (_("Month"), formats.month(row.month)),
            (_("Issued"), formats.instant(row.issued_at)),
            (_("Due"), formats.day(row.due_date)),
            (_("Net"), formats.money(row.net)),
            (_("VAT"), formats.money(row.vat)),
            (_("Total"), formats.money(row.total)),
        ],
    }
    return render(request, "dual_billing/bill.html", context)


def _session(request: PageRequest) -> Session:
    session: Session = request.signed_in.session  # type: ignore[attr-defined]
    return session
