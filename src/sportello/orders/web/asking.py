"""Asking for something: what, for which lines, the questions of the type, a page to check, and sending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sportello.kernel.access import Reach, Section
from sportello.kernel.crypto import new_token
from sportello.kernel.refusals import InvalidInput, NotFound
from sportello.kernel.ui.types import Steps
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals
from sportello.orders import operations, queries
from sportello.orders.models import Order, OrderForm
from sportello.orders.operations.drafting import MOST_ROWS
from sportello.orders.queries.judging import About
from sportello.orders.states import Subject
from sportello.orders.types import AskedRow, HandedIn, Request
from sportello.orders.web.forms import PREFIX, AnswersForm, CustomerForm, initial_of
from sportello.orders.web.tables import OrderLineList
from sportello.parties import queries as parties
from sportello.parties.models import Organisation

BOTH = ("GET", "POST")


@page(section=Section.CHANGES)
def new(request: PageRequest) -> HttpResponse:
    """Show what can be asked for, and what was begun and not sent."""
    forms = queries.open_forms(request.actor)
    context = {
        "title": _("New order"),
        "lead": _("Choose what to ask for. Nothing is sent before you have checked it."),
        "breadcrumbs": _crumbs((_("New"), "")),
        "types": [(form.type, _start(form), form.expected_days) for form in forms],
        "drafts": queries.drafts(request.actor)[:20],
        "steps": _steps(1),
    }
    return render(request, "orders/new.html", context)


def _start(form: OrderForm) -> str:
    if queries.subject_of(form) is Subject.LINE:
        return f"{reverse('orders:lines')}?{urlencode({'type': form.type.code})}"
    return reverse("orders:ask", args=[form.type.code])


@page(section=Section.CHANGES, methods=BOTH)
def lines(request: PageRequest) -> HttpResponseBase:
    """List the lines to order for; the type narrows them to those that stand as it needs."""
    context = {
        "title": _("For which lines?"),
        "lead": _("Choose lines one by one, or all that the filters leave. For many, hand in a file."),
        "breadcrumbs": _crumbs((_("New"), reverse("orders:new")), (_("Lines"), "")),
        "steps": _steps(2),
        "type_code": request.GET.get("type", ""),
        "empty_title": _("No line yet"),
        "empty_icon": "device-mobile",
    }
    return OrderLineList(request).respond("orders/lines.html", context)


@page(section=Section.CHANGES, methods=("POST",))
def choose(request: PageRequest) -> HttpResponse:
    """Begin an order for the chosen lines."""
    code = request.POST.get("type") or QueryDict(request.POST.get("filters", "")).get("type", "")
    if not code:
        messages.warning(request, _("Choose first what to order: it is the first of the filters."))
        return redirect("orders:lines")
    form = queries.form_to_ask(request.actor, code)
    chosen = OrderLineList(request).chosen(request.POST).order_by("number", "pk")
    rows = list(chosen.select_related("organisation")[: MOST_ROWS + 1])
    refusal = _why_not(rows)
    if refusal:
        messages.warning(request, refusal)
        return redirect(f"{reverse('orders:lines')}?{urlencode({'type': code})}")
    asked = Request(rows=[AskedRow(line_id=row.pk) for row in rows])
    draft = operations.draft_order(
        actor=request.actor,
        customer=rows[0].organisation,
        form=form,
        request=asked,
        key=new_token(),
        now=timezone.now(),
    )
    return redirect("orders:form", draft.pk)


def _why_not(rows: list[Any]) -> str:
    if not rows:
        return _("No line was chosen.")
    if len(rows) > MOST_ROWS:
        return _("These are too many lines for one order: narrow the list.")
    if len({row.organisation_id for row in rows}) > 1:
        return _("The chosen lines belong to several customers: choose those of one.")
    return ""


@page(section=Section.CHANGES, methods=BOTH)
def ask(request: PageRequest, code: str) -> HttpResponse:
    """Ask for something that is about no line that is there: new lines, or the organisation itself."""
    asked = queries.form_to_ask(request.actor, code)
    if queries.subject_of(asked) is Subject.LINE:
        return redirect(_start(asked))
    customer = _customer(request)
    if customer is None:
        return _ask_customer(request, asked)
    about = About(form=asked, organisation=customer)
    form = _answers_form(request, about, initial={})
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            draft = _begun(request, about, form)
            return redirect("orders:check", draft.pk)
    return _answers_page(request, about, form, back=reverse("orders:new"))


def _begun(request: PageRequest, about: About, form: AnswersForm) -> Order:
    files = form.documents()
    _check_shared(request, about, form, files)
    asked = Request(rows=[AskedRow()] * form.count(), answers=form.answers())
    return operations.draft_order(
        actor=request.actor, customer=about.organisation, form=about.form, request=asked, key=form.cleaned_data["key"],
        files=files, now=timezone.now(),
    )  # fmt: skip


def _customer(request: PageRequest) -> Organisation | None:
    """Return for whom it is asked: the own organisation, or the one that the address names."""
    actor = request.actor
    if actor.reach is Reach.CUSTOMER:
        return Organisation.objects.for_(actor).get_or_refuse(pk=actor.organisation_id)
    code = request.GET.get("customer", "").strip()
    return parties.by_code(actor, [code]).get(code) if code else None


def _ask_customer(request: PageRequest, asked: OrderForm) -> HttpResponse:
    code = request.GET.get("customer")
    form = CustomerForm(request.GET if code is not None else None)
    if code is not None and form.is_valid():
        form.add_error("customer", _("No such customer."))
    context = {
        "title": str(asked.type),
        "lead": _("For which customer?"),
        "breadcrumbs": _crumbs((_("New"), reverse("orders:new")), (str(asked.type), "")),
        "form": form,
        "steps": _steps(2),
    }
    return render(request, "orders/customer.html", context, status=422 if form.errors else 200)


@page(section=Section.CHANGES, methods=BOTH)
def form(request: PageRequest, pk: int) -> HttpResponse:
    """Answer the questions of the type, for all items of a draft."""
    draft = queries.draft_of(request.actor, pk)
    about, asked = queries.about_draft(request.actor, draft), operations.request_of(draft)
    initial = initial_of(dict(asked.answers), len(asked.rows))
    answers = _answers_form(request, about, initial=initial | {"key": "draft"})
    if request.method == "POST" and answers.is_valid():
        with form_refusals(answers):
            files = answers.documents()
            _check_shared(request, about, answers, files)
            rows = [AskedRow()] * answers.count() if "quantity" in answers.fields else asked.rows
            changed = replace(asked, rows=rows, answers=answers.answers())
            operations.change_draft(actor=request.actor, draft=draft, request=changed, files=files, now=timezone.now())
            return redirect("orders:check", pk)
    return _answers_page(request, about, answers, back=reverse("orders:new"), count=len(asked.rows))


def _answers_form(request: PageRequest, about: About, *, initial: dict[str, Any]) -> AnswersForm:
    return AnswersForm(
        request.POST or None, request.FILES or None, asked=about.form, lookups=queries.Lookups(request.actor, about.organisation),
        kept=dict(about.files), initial=initial,
    )  # fmt: skip


def _check_shared(request: PageRequest, about: About, form: AnswersForm, files: Mapping[str, HandedIn]) -> None:
    known = replace(about, files={**about.files, **{key: one.name for key, one in files.items()}})
    try:
        queries.check_shared(request.actor, known, form.answers())
    except InvalidInput as wrong:
        raise InvalidInput(wrong.sentence, field=f"{PREFIX}{wrong.field}" if wrong.field else None) from wrong


def _answers_page(request: PageRequest, about: About, form: AnswersForm, *, back: str, count: int = 0) -> HttpResponse:
    context = {
        "title": str(about.form.type),
        "lead": about.organisation.legal_name,
        "breadcrumbs": _crumbs((_("New"), reverse("orders:new")), (str(about.form.type), "")),
        "form": form,
        "back": back,
        "count": count,
        "steps": _steps(3),
    }
    return render(request, "orders/form.html", context, status=422 if form.errors else 200)


@page(section=Section.CHANGES, methods=("POST",))
def discard(request: PageRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    operations.discard_draft(actor=request.actor, draft=queries.draft_of(request.actor, pk), now=timezone.now())
    messages.info(request, _("Thrown away. Nothing was sent."))
    return redirect("orders:new")


@page(section=Section.CHANGES, methods=("POST",))
def leave_out(request: PageRequest, pk: int) -> HttpResponse:
    """Take the rows that cannot be asked for out of a draft."""
    draft = queries.draft_of(request.actor, pk)
    about = queries.about_draft(request.actor, draft)
    judged = queries.judge(request.actor, about, operations.request_of(draft), now=timezone.now())
    if not judged.faults:
        raise NotFound
    if not judged.items:
        messages.warning(request, _("Nothing would be left to ask for."))
        return redirect("orders:check", pk)
    places = [fault.place for fault in judged.faults]
    operations.leave_out(actor=request.actor, draft=draft, places=places, now=timezone.now())
    return redirect("orders:check", pk)


def _steps(current: int) -> Steps:
    labels = [_("What"), _("For whom"), _("Questions"), _("Check"), pgettext("an order", "Sent")]
    return Steps(labels=labels, current=current)


def _crumbs(*further: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_("Orders"), reverse("orders:index")), *further]
