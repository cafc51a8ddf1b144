"""The operator's set-up of tickets: types with their forms, groups, service levels, saved answers, wholesalers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.kernel.access import Section
from sportello.kernel.refusals import InvalidInput, NotFound, NotPermitted
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals
from sportello.parties import queries as parties
from sportello.tickets import operations, queries, rules
from sportello.tickets.models import SavedAnswer, TicketGroup, TicketType
from sportello.tickets.web.desk_forms import (
    AnswerForm,
    FeedbackWishForm,
    GroupForm,
    LevelsForm,
    NewTypeForm,
    QuestionForms,
    TypeForm,
    questions_of,
)

BOTH = ("GET", "POST")


@page(section=Section.TICKETS)
def types(request: PageRequest) -> HttpResponse:
    """List the types of tickets."""
    check_sets_up(request)
    rows = [(row, queries.newest_form(row)) for row in queries.types_of()]
    context = {"title": _("Types of tickets"), "breadcrumbs": crumbs((_("Types"), "")), "rows": rows}
    return render(request, "tickets/types.html", context)


@page(section=Section.TICKETS, methods=BOTH)
def new_type(request: PageRequest) -> HttpResponse:
    """Make a type; its questions come after."""
    check_sets_up(request)
    form = NewTypeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            given = form.cleaned_data
            row = operations.make_type(
                actor=request.actor,
                code=given["code"].strip().upper(),
                prefix=given["code_prefix"].strip().upper(),
                names=form.names(),
                now=timezone.now(),
            )
            messages.success(request, _("The type was made: now say what it asks for."))
            return redirect("tickets:type", pk=row.pk)
    context = {
        "title": _("New type of tickets"),
        "breadcrumbs": crumbs((_("Types"), reverse("tickets:types")), (_("New"), "")),
        "form": form,
    }
    return render(request, "tickets/new_type.html", context, status=422 if form.errors else 200)


@page(section=Section.TICKETS, methods=BOTH)
def edit_type(request: PageRequest, pk: int) -> HttpResponse:
    """Edit a type and what it asks for; other questions make a new version."""
    check_sets_up(request)
    row = TicketType.objects.filter(pk=pk).first()
    if row is None:
        raise NotFound
    newest = queries.newest_form(row)
    names = {f"name_{language}": row.names.get(language, "") for language in ("it", "es", "en")}
    form = TypeForm(request.POST or None, initial={**names, "active": row.active, "position": row.position})
    questions = QuestionForms(request.POST or None, initial=questions_of(newest.questions), prefix="q")
    if request.method == "POST" and form.is_valid() and questions.is_valid():
        with form_refusals(form):
            version = _save_type(request, row, form, questions)
            messages.success(
                request, _("Saved. New tickets use version %(version)s of the form.") % {"version": version}
            )
            return redirect("tickets:type", pk=pk)
    wrong = bool(form.errors) or (questions.is_bound and not questions.is_valid())
    context = {
        "title": str(row),
        "lead": _("Codes begin with TCK%(prefix)s · version %(version)s of the form")
        % {"prefix": row.prefix, "version": newest.version},
        "breadcrumbs": crumbs((_("Types"), reverse("tickets:types")), (str(row), "")),
        "form": form,
        "questions": questions,
    }
    return render(request, "tickets/type.html", context, status=422 if wrong else 200)


def _save_type(request: PageRequest, row: TicketType, form: TypeForm, questions: Any) -> int:
    kept = [one for one in questions.ordered_forms if not one.is_blank]
    saved = operations.edit_type(
        actor=request.actor,
        kind=row,
        names=form.names(),
        active=form.cleaned_data["active"],
        position=form.cleaned_data["position"],
        questions=[one.question() for one in kept],
        now=timezone.now(),
    )
    return saved.version


@page(section=Section.TICKETS, methods=BOTH)
def desk(request: PageRequest) -> HttpResponse:
    """Show and change groups, service levels, saved answers, and which partners are wholesalers."""
    check_sets_up(request)
    found = _forms(request)
    which = request.POST.get("what", "")
    form = found["bound"]
    if request.method == "POST":
        if which == "wholesale":
            _set_wholesale(request)
            return redirect("tickets:desk")
        if form is None:
            raise InvalidInput
        if form.is_valid():
            with form_refusals(form):
                _save(request, form)
                messages.success(request, _("Saved."))
                return redirect("tickets:desk")
    partners, wholesalers = parties.partners(request.actor).order_by("legal_name"), queries.wholesalers()
    context = {
        "title": _("Set-up of tickets"),
        "breadcrumbs": crumbs((_("Set-up"), "")),
        "partners": [(row, row.pk in wholesalers) for row in partners],
        **found,
    }
    return render(request, "tickets/desk.html", context, status=422 if form is not None and form.errors else 200)


def _forms(request: PageRequest) -> dict[str, Any]:
    """Return the forms of the page, the one that was sent bound; each row has its own, and one is for a new row."""
    which, row_pk, sent = request.POST.get("what", ""), request.POST.get("row", ""), request.POST or None
    people = queries.people_to_assign()

    def given(what: str, pk: int | None) -> Any:
        return sent if which == what and row_pk == str(pk or "") else None

    group_forms: list[tuple[TicketGroup | None, GroupForm]] = [
        (row, GroupForm(given("group", row.pk), people=people, initial=_of_group(row), auto_id=f"group-{row.pk}-%s"))
        for row in queries.groups()
    ]
    group_forms.append((None, GroupForm(given("group", None), people=people, auto_id="group-new-%s")))
    answer_forms: list[tuple[SavedAnswer | None, AnswerForm]] = [
        (
            row,
            AnswerForm(
                given("answer", row.pk), initial={"title": row.title, "text": row.text}, auto_id=f"answer-{row.pk}-%s"
            ),
        )
        for row in queries.answers_saved()
    ]
    answer_forms.append((None, AnswerForm(given("answer", None), auto_id="answer-new-%s")))
    levels = LevelsForm(given("levels", None), types=queries.types_of(), initial=_of_levels(), auto_id="levels-%s")
    wish = queries.feedback_wish()
    feedback = FeedbackWishForm(
        given("feedback", None), initial={"asks": wish.asks, "days": wish.days}, auto_id="feedback-%s"
    )
    every: list[Any] = [*(form for _row, form in (*group_forms, *answer_forms)), levels, feedback]
    return {
        "group_forms": group_forms,
        "answer_forms": answer_forms,
        "levels": levels,
        "feedback": feedback,
        "levels_set": queries.levels(),
        "bound": next((form for form in every if form.is_bound), None),
    }


def _save(request: PageRequest, form: forms.Form) -> None:
    row_pk = request.POST.get("row", "")
    if isinstance(form, GroupForm):
        group = _row(TicketGroup, row_pk)
        chosen = set(form.cleaned_data["people"])
        people = [one for one in queries.people_to_assign() if str(one.pk) in chosen]
        operations.set_group(actor=request.actor, group=group, name=form.cleaned_data["name"], people=people)
    elif isinstance(form, AnswerForm):
        answer = _row(SavedAnswer, row_pk)
        operations.set_answer(actor=request.actor, answer=answer, **form.cleaned_data)
    elif isinstance(form, FeedbackWishForm):
        operations.set_feedback_wish(actor=request.actor, **form.cleaned_data)
    elif isinstance(form, LevelsForm):
        kind = _row(TicketType, form.cleaned_data["kind"])
        operations.set_levels(actor=request.actor, kind=kind, minutes=form.minutes())


def _set_wholesale(request: PageRequest) -> None:
    wanted, known = request.POST.getlist("wholesale"), queries.wholesalers()
    for row in parties.partners(request.actor):
        is_now = str(row.pk) in wanted
        if is_now != (row.pk in known):
            operations.set_wholesale(actor=request.actor, partner=row, wholesale=is_now)
    messages.success(request, _("Saved."))


def _row(model: Any, pk: str) -> Any:
    if not pk:
        return None
    found = model.objects.filter(pk=int(pk)).first() if pk.isascii() and pk.isdigit() and len(pk) < 19 else None  # noqa: PLR2004
    if found is None:
        raise NotFound
    return found


def _of_group(row: TicketGroup) -> dict[str, Any]:
    return {"name": row.name, "people": [str(one.pk) for one in queries.people_of(row)]}


def _of_levels() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for row in queries.levels():
        if row.type_id is None:
            found[f"answer_{row.priority}"] = Decimal(row.answer_minutes) / 60
            found[f"resolution_{row.priority}"] = Decimal(row.resolution_minutes) / 60
    return found


def check_sets_up(request: PageRequest) -> None:
    """Refuse everybody but those of the operator who run the portal."""
    rules.check_can_work(request.actor)
    if not request.actor.may(Section.OPERATIONS):
        raise NotPermitted


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the way from the list of tickets to a page of the set-up."""
    return [(_("Tickets"), reverse("tickets:index")), *more]
