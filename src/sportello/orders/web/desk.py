"""The operator's desk: the queue, many orders at once, and the set-up of types and queues."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sportello.kernel.access import Section
from sportello.kernel.refusals import InvalidInput, NotFound, WrongState
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals
from sportello.orders import operations, queries, rules
from sportello.orders.models import OrderQueue, OrderType
from sportello.orders.states import Check, Effect
from sportello.orders.web.desk_forms import NewTypeForm, QuestionForms, QueueForm, TypeForm, questions_of
from sportello.orders.web.tables import DeskList

BOTH = ("GET", "POST")
MOST_CHOSEN = 500


@page(section=Section.CHANGES, methods=BOTH)
def desk(request: PageRequest) -> HttpResponseBase:
    """List the orders to work on, the most urgent first."""
    rules.check_works(request.actor)
    context = {
        "title": _("Orders to work on"),
        "breadcrumbs": _crumbs((_("To work on"), "")),
        "sets_up": request.actor.may(Section.OPERATIONS),
        "empty_title": _("Nothing to work on"),
        "empty_icon": "circle-check",
    }
    return DeskList(request, queries.to_work_on(request.actor)).respond("orders/desk.html", context)


@page(section=Section.CHANGES, methods=("POST",))
def take_many(request: PageRequest) -> HttpResponse:
    """Take the chosen orders in hand; those that another has by now stay theirs."""
    rules.check_works(request.actor)
    taken, lost = 0, []
    for row in _chosen(request):
        try:
            operations.take_order(actor=request.actor, order=row, now=timezone.now())
            taken += 1
        except WrongState as refusal:
            lost.append(f"{row.code}: {refusal}")
    said = ngettext("%(count)d order is in your hands.", "%(count)d orders are in your hands.", taken)
    messages.success(request, said % {"count": taken})
    for one in lost[:5]:
        messages.warning(request, one)
    return redirect("orders:desk")


@page(section=Section.CHANGES, methods=("POST",))
def complete_many(request: PageRequest) -> HttpResponse:
    """Complete the chosen orders, all or none."""
    rules.check_works(request.actor)
    ids = [row.pk for row in _chosen(request)]
    try:
        count = operations.complete_orders(actor=request.actor, order_ids=ids, now=timezone.now())
    except (InvalidInput, WrongState) as refusal:
        messages.error(request, _("Nothing was completed. %(why)s") % {"why": refusal})
        return redirect("orders:desk")
    said = ngettext("%(count)d item completed.", "%(count)d items completed.", count)
    messages.success(request, said % {"count": count})
    return redirect("orders:desk")


def _chosen(request: PageRequest) -> list[Any]:
    rows = DeskList(request, queries.to_work_on(request.actor)).chosen(request.POST).order_by("pk")
    return list(rows[:MOST_CHOSEN])


@page(section=Section.OPERATIONS)
def types(request: PageRequest) -> HttpResponse:
    """List the types of orders, and the queues that work on them."""
    context = {
        "title": _("Types of orders"),
        "breadcrumbs": _crumbs((_("Types"), "")),
        "rows": queries.newest_forms(),
        "queues": queries.queues(),
    }
    return render(request, "orders/types.html", context)


@page(section=Section.OPERATIONS, methods=BOTH)
def new_type(request: PageRequest) -> HttpResponse:
    """Make a type; its questions come after."""
    form = NewTypeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            given = form.cleaned_data
            row = operations.make_type(
                actor=request.actor, code=given["code"].strip().upper(), names=form.names(), effect=Effect(given["effect"]),
                queue=OrderQueue.objects.get(code=given["queue"]), now=timezone.now(),
            )  # fmt: skip
            messages.success(request, _("The type was made, not in use yet: now say what it asks for."))
            return redirect("orders:type", row.pk)
    crumbs = _crumbs((_("Types"), reverse("orders:types")), (_("New"), ""))
    context = {"title": _("New type of orders"), "breadcrumbs": crumbs, "form": form, "back": reverse("orders:types")}
    return render(request, "orders/simple_form.html", context, status=422 if form.errors else 200)


@page(section=Section.OPERATIONS, methods=BOTH)
def edit_type(request: PageRequest, pk: int) -> HttpResponse:
    """Edit a type; what it asks, checks or changes makes a new version."""
    row = OrderType.objects.filter(pk=pk).first()
    if row is None:
        raise NotFound
    newest = queries.newest_form(row)
    form = TypeForm(request.POST or None, known=newest)
    questions = QuestionForms(request.POST or None, initial=questions_of(newest.questions), prefix="q")
    if request.method == "POST" and form.is_valid() and questions.is_valid():
        with form_refusals(form):
            version = _save_type(request, row, form, questions)
            said = _("Saved. New orders use version %(version)s of the type.") % {"version": version}
            messages.success(request, said)
            return redirect("orders:type", pk)
    wrong = bool(form.errors) or (questions.is_bound and not questions.is_valid())
    context = {
        "title": str(row),
        "lead": _("%(code)s · version %(version)s") % {"code": row.code, "version": newest.version},
        "breadcrumbs": _crumbs((_("Types"), reverse("orders:types")), (str(row), "")),
        "form": form,
        "questions": questions,
        "needed": [(key, kind.label) for key, kind in rules.SPECS[Effect(newest.effect)].asked.items()],
    }
    return render(request, "orders/type.html", context, status=422 if wrong else 200)


def _save_type(request: PageRequest, row: OrderType, form: TypeForm, questions: Any) -> int:
    given = form.cleaned_data
    kept = [one for one in questions.ordered_forms if not one.is_blank]
    saved = operations.edit_type(
        actor=request.actor, kind=row, names=form.names(), active=given["active"], position=given["position"],
        effect=Effect(given["effect"]), questions=[one.question() for one in kept], checks=[Check(one) for one in given["checks"]],
        asked_by=given["asked_by"], queue=OrderQueue.objects.get(code=given["queue"]), expected_days=given["expected_days"],
        now=timezone.now(),
    )  # fmt: skip
    return saved.version


@page(section=Section.OPERATIONS, methods=BOTH)
def queue(request: PageRequest, pk: int = 0) -> HttpResponse:
    """Write a queue; 0 is a new one."""
    row = OrderQueue.objects.filter(pk=pk).first()
    if pk and row is None:
        raise NotFound
    form = QueueForm(request.POST or None, known=row)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            code, position = form.cleaned_data["code"].strip().upper(), form.cleaned_data["position"]
            operations.set_queue(actor=request.actor, queue=row, code=code, names=form.names(), position=position)
            messages.success(request, _("Saved."))
            return redirect("orders:types")
    title = str(row) if row else _("New queue")
    crumbs = _crumbs((_("Types"), reverse("orders:types")), (title, ""))
    context = {"title": title, "breadcrumbs": crumbs, "form": form, "back": reverse("orders:types")}
    return render(request, "orders/simple_form.html", context, status=422 if form.errors else 200)


def _crumbs(*further: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_("Orders"), reverse("orders:index")), *further]
