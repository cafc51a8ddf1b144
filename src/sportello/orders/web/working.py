"""What the customer and the operator do with one order; each POST does one thing and goes back to its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sportello.kernel.access import Section
from sportello.kernel.refusals import InvalidInput
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals
from sportello.orders import operations, queries
from sportello.orders.models import Order
from sportello.orders.web.panels import order_context, result_forms
from sportello.orders.web.work_forms import HandForm, NoteForm, chosen_places

Doing = Callable[[PageRequest, Order], HttpResponse]


@page(section=Section.CHANGES, methods=("POST",))
def act(request: PageRequest, pk: int) -> HttpResponse:
    """Do one thing with an order."""
    order = queries.order_of(request.actor, pk)
    doing = DOINGS.get(request.POST.get("do", ""))
    if doing is None:
        raise InvalidInput
    return doing(request, order)


def _with_note(
    name: str, label: Any, work: Callable[[PageRequest, Order, str], object], *, required: bool = True
) -> Doing:
    def do(request: PageRequest, order: Order) -> HttpResponse:
        form = NoteForm(request.POST, label=label, required=required, auto_id=f"{name}-%s")
        if form.is_valid():
            with form_refusals(form):
                work(request, order, form.cleaned_data["note"])
                messages.success(request, _("Done."))
                return redirect("orders:order", order.pk)
        context = order_context(request, order, **{name: form})
        return render(request, "orders/order.html", context, status=422)

    return do


def _plain(work: Callable[[PageRequest, Order], object]) -> Doing:
    def do(request: PageRequest, order: Order) -> HttpResponse:
        work(request, order)
        messages.success(request, _("Done."))
        return redirect("orders:order", order.pk)

    return do


def _hand(request: PageRequest, order: Order) -> HttpResponse:
    people = queries.people_to_work()
    form = HandForm(request.POST, people=people, auto_id="hand-%s")
    if form.is_valid():
        with form_refusals(form):
            to = next((one for one in people if str(one.pk) == form.cleaned_data["to"]), None)
            note = form.cleaned_data["note"]
            operations.hand_over(actor=request.actor, order=order, to=to, note=note, now=timezone.now())
            messages.success(request, _("Done."))
            return redirect("orders:order", order.pk)
    return render(request, "orders/order.html", order_context(request, order, hand=form), status=422)


def _complete(request: PageRequest, order: Order) -> HttpResponse:
    """Complete the chosen items; what the work brought is asked for each of them."""
    places = _places(request)
    forms = result_forms(request, order, request.POST)
    if forms and places is None:
        messages.error(request, _("Tick what is done."))
        return redirect("orders:order", order.pk)
    asked = [one for one in forms if places is None or one.item.place in places]
    if sum(not one.is_valid() for one in asked) == 0:  # every form is asked: each shows its own errors
        results = {one.item.place: one.result() for one in asked}
        try:
            operations.complete_items(
                actor=request.actor, order=order, results=results, items=places, note=request.POST.get("note", ""),
                now=timezone.now(),
            )  # fmt: skip
        except InvalidInput as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Completed: the inventory is changed."))
            return redirect("orders:order", order.pk)
    return render(request, "orders/order.html", order_context(request, order, results=forms), status=422)


def _places(request: PageRequest) -> list[int] | None:
    places = chosen_places(request.POST.getlist("items"))
    if places is None and "some" in request.POST:  # all were there to be ticked, and none is
        raise InvalidInput
    return places


def _now(request: PageRequest) -> dict[str, Any]:
    return {"actor": request.actor, "now": timezone.now()}


def _answer(request: PageRequest, order: Order, note: str) -> object:
    return operations.answer_question(order=order, answer=note, **_now(request))


def _refuse(request: PageRequest, order: Order, note: str) -> object:
    return operations.refuse_approval(order=order, reason=note, **_now(request))


def _cancel(request: PageRequest, order: Order, note: str) -> object:
    return operations.cancel_items(order=order, reason=note, items=_places(request), **_now(request))


def _ask(request: PageRequest, order: Order, note: str) -> object:
    return operations.ask_customer(order=order, question=note, items=_places(request), **_now(request))


def _third(request: PageRequest, order: Order, note: str) -> object:
    return operations.wait_for_third(order=order, note=note, items=_places(request), **_now(request))


def _reject(request: PageRequest, order: Order, note: str) -> object:
    return operations.reject_items(order=order, reason=note, items=_places(request), **_now(request))


def _note(request: PageRequest, order: Order, note: str) -> object:
    return operations.add_note(order=order, note=note, **_now(request))


DOINGS: Final[dict[str, Doing]] = {
    "answer": _with_note("answer", gettext_lazy("Your answer"), _answer),
    "approve": _plain(lambda request, order: operations.approve_order(order=order, **_now(request))),
    "refuse": _with_note("refuse", gettext_lazy("Reason"), _refuse),
    "cancel": _with_note("cancel", gettext_lazy("Reason"), _cancel, required=False),
    "take": _plain(lambda request, order: operations.take_order(order=order, **_now(request))),
    "start": _plain(lambda request, order: operations.start_work(order=order, **_now(request))),
    "hand": _hand,
    "ask": _with_note("ask", gettext_lazy("Question to the customer"), _ask),
    "third": _with_note("third", gettext_lazy("For what it waits"), _third),
    "reject": _with_note("reject", gettext_lazy("Reason, which the customer reads"), _reject),
    "note": _with_note("note", gettext_lazy("Internal note"), _note),
    "complete": _complete,
}
