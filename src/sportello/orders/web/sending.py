"""The page to check what is asked for, the code by SMS, and sending."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sportello.kernel.access import Section
from sportello.kernel.refusals import InvalidInput, NotFound, WrongState
from sportello.kernel.ui.types import Steps
from sportello.kernel.web import PageRequest, page
from sportello.orders import operations, queries, rules
from sportello.orders.models import Order
from sportello.orders.queries.judging import Judged
from sportello.orders.states import State
from sportello.orders.types import in_words
from sportello.orders.web.forms import CodeForm

SHOWN = 50
"""Items named on the page; the others are counted."""
MOST_CODES = 20


@page(section=Section.CHANGES, methods=("GET", "POST"))
def check(request: PageRequest, pk: int) -> HttpResponse:
    """Show what would be sent; a POST sends it as it was seen."""
    order = queries.begun_of(request.actor, pk)
    if order.code is not None:
        return redirect("orders:order", pk)
    if order.state != State.DRAFT:
        raise NotFound
    refusal = ""
    if request.method == "POST":
        try:
            sent = operations.submit_order(
                actor=request.actor, draft=order, seen=request.POST.get("seen", ""), warned="warned" in request.POST,
                now=timezone.now(),
            )  # fmt: skip
        except WrongState as wrong:
            refusal = str(wrong)
        else:
            messages.success(request, _("Sent. The order has the code %(code)s.") % {"code": sent.code})
            return redirect("orders:order", pk)
    return render(request, "orders/check.html", _checked(request, order, refusal), status=409 if refusal else 200)


def _checked(request: PageRequest, draft: Order, refusal: str) -> dict[str, Any]:
    now = timezone.now()
    judged = queries.judge(
        request.actor, queries.about_draft(request.actor, draft), operations.request_of(draft), now=now
    )
    hanging = operations.warnings_of(request.actor, draft.form, judged.items)
    days = draft.form.expected_days
    return {
        "title": _("Check the order"),
        "lead": f"{draft.type} · {draft.organisation.legal_name}",
        "breadcrumbs": [(_("Orders"), reverse("orders:index")), (_("New"), reverse("orders:new")), (_("Check"), "")],
        "steps": Steps(labels=[_("What"), _("For whom"), _("Questions"), _("Check"), pgettext("an order", "Sent")], current=4),
        "order": draft,
        "refusal": refusal,
        "why_not": _why_not(judged),
        "facts": _facts(draft, judged),
        "items": [item for item in judged.items if item.number][:SHOWN],
        "item_count": draft.item_count,
        "more": max(0, len([item for item in judged.items if item.number]) - SHOWN),
        "faults": judged.faults[:SHOWN],
        "fault_count": len(judged.faults),
        "some_left": bool(judged.items),
        "codes": [(number, CodeForm(initial={"number": number}, auto_id=f"code-{place}-%s"))
                  for place, number in enumerate(judged.unproven[:MOST_CODES])],
        "hanging": [(item.number, hanging[item.line.pk]) for item in judged.items if item.line and item.line.pk in hanging],
        "expected": rules.expected_on(queries.calendar(), submitted_at=now, days=days),
        "approval": queries.needs_approval(draft.organisation_id),
    }  # fmt: skip


def _why_not(judged: Judged) -> str:
    if judged.faults:
        return _("Some of it cannot be asked for as it stands.")
    return _("Prove the number with the code that is sent to it by SMS.") if judged.unproven else ""


def _facts(draft: Order, judged: Judged) -> list[tuple[str, str]]:
    answers = judged.shared or (judged.items[0].answers if judged.items else {})
    said = [(in_words(one.label), answers[one.key].shown) for one in draft.form.questions if one.key in answers]
    return [(_("Items"), str(draft.item_count)), *said]


@page(section=Section.CHANGES, methods=("POST",))
def prove(request: PageRequest, pk: int) -> HttpResponse:
    """Send a code to a number of a draft, or take the code that was typed."""
    draft = queries.draft_of(request.actor, pk)
    number, now = request.POST.get("number", ""), timezone.now()
    if "send" in request.POST:
        queued = operations.send_number_code(actor=request.actor, draft=draft, number=number, now=now)
        if queued:
            messages.info(request, _("A code is on its way to the number."))
        else:
            messages.warning(request, _("No code can be sent to this number."))
        return redirect("orders:check", pk)
    try:
        right = operations.confirm_number(
            actor=request.actor, draft=draft, number=number, typed=request.POST.get("code", ""), now=now
        )
    except InvalidInput as wrong:
        messages.warning(request, str(wrong))
        return redirect("orders:check", pk)
    if right:
        messages.success(request, _("The number is proved."))
    else:
        messages.warning(request, _("This is not the newest code, or it has expired. Have another one sent."))
    return redirect("orders:check", pk)
