"""The pages of sites, cost centres, contacts and brands."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sportello.kernel.access import Section
from sportello.kernel.refusals import NotFound, WrongState
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals
from sportello.parties import operations, queries
from sportello.parties.models import Organisation
from sportello.parties.parts import PART_KINDS, PartKind
from sportello.parties.web.forms import part_form
from sportello.parties.web.views import BOTH, crumbs, found


@page(section=Section.ADMINISTRATION, methods=BOTH)
def new_part(request: PageRequest, pk: int, word: str) -> HttpResponse:
    """Add a site, cost centre, contact or brand."""
    organisation, kind = found(request.actor, pk), _kind(word)
    form = part_form(kind, request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            values = form.cleaned_data
            row = operations.add_part(actor=request.actor, organisation=organisation, kind=kind, values=values)
            messages.success(request, _("%(part)s was added: %(name)s") % {"part": kind.label, "name": row})
            return redirect("parties:organisation", pk=pk)
    return _page(request, organisation, form, title=_("New: %(part)s") % {"part": kind.label})


@page(section=Section.ADMINISTRATION, methods=BOTH)
def edit_part(request: PageRequest, pk: int, word: str, part_pk: int) -> HttpResponse:
    """Change a site, cost centre, contact or brand."""
    kind = _kind(word)
    row = queries.part(request.actor, kind, organisation_id=pk, pk=part_pk)
    form = part_form(kind, request.POST or None, initial={name: getattr(row, name) for name in kind.fields})
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            operations.change_part(actor=request.actor, row=row, values=form.cleaned_data)
            messages.success(request, _("%(part)s was changed: %(name)s") % {"part": kind.label, "name": row})
            return redirect("parties:organisation", pk=pk)
    remove_url = reverse("parties:remove_part", args=[pk, word, part_pk])
    return _page(request, row.organisation, form, title=str(row), remove_url=remove_url)


@page(section=Section.ADMINISTRATION, methods=("POST",))
def remove(request: PageRequest, pk: int, word: str, part_pk: int) -> HttpResponse:
    """Remove a part that nothing refers to."""
    kind = _kind(word)
    row = queries.part(request.actor, kind, organisation_id=pk, pk=part_pk)
    name = str(row)
    try:
        operations.remove_part(actor=request.actor, row=row)
    except WrongState as refusal:
        messages.error(request, str(refusal))
        return redirect("parties:edit_part", pk=pk, word=word, part_pk=part_pk)
    messages.success(request, _("%(part)s was removed: %(name)s") % {"part": kind.label, "name": name})
    return redirect("parties:organisation", pk=pk)


def _kind(word: str) -> PartKind:
    if word not in PART_KINDS:
        raise NotFound
    return PART_KINDS[word]


def _page(
    request: PageRequest, organisation: Organisation, form: forms.Form, *, title: str, remove_url: str = ""
) -> HttpResponse:
    context = {
        "title": title,
        "form": form,
        "breadcrumbs": crumbs(request.actor, organisation, then=title),
        "back": reverse("parties:organisation", args=[organisation.pk]),
        "label": _("Save"),
        "remove_url": remove_url,
    }
    return render(request, "parties/form.html", context, status=422 if form.errors else 200)
