"""The day on which bill periods begin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sportello.inventory.models import Agreement
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals
from sportello.thresholds import operations, queries, rules


class CutOffForm(forms.Form):
    """From which day bill periods run."""

    agreement = forms.ChoiceField(label=gettext_lazy("Agreement"), required=False)
    day = forms.IntegerField(label=gettext_lazy("Day of the month"), min_value=1, max_value=28)

    def __init__(self, data: Any, rows: Iterable[Agreement]) -> None:
        """Take what was posted, and the agreements that may be chosen."""
        super().__init__(data)
        choices = [("", _("All agreements")), *((str(row.pk), str(row)) for row in rows)]
        self.fields["agreement"].choices = choices  # type: ignore[attr-defined]


@page(section=Section.THRESHOLDS, methods=("GET", "POST"))
def bill_periods(request: PageRequest) -> HttpResponse:
    """Show and set the day on which bill periods begin."""
    rules.check_can_manage(request.actor)
    customer = queries.customer_acted_in(request.actor)
    rows = Agreement.objects.for_(request.actor).filter(organisation=customer).order_by("code")
    form = CutOffForm(request.POST if request.method == "POST" else None, rows)
    if form.is_valid():
        with form_refusals(form):
            operations.set_cut_off(
                actor=request.actor, organisation=customer, agreement=_agreement(request.actor, form.cleaned_data["agreement"]),
                day=form.cleaned_data["day"], now=timezone.now(),
            )  # fmt: skip
            messages.success(request, _("Kept. Thresholds by bill period run from that day now."))
            return redirect("thresholds:bill_periods")
    days = queries.cut_offs(request.actor, customer.pk)
    context = {
        "title": _("Bill periods"),
        "breadcrumbs": [(_("Profiles"), reverse("thresholds:profiles")), (_("Bill periods"), "")],
        "form": form,
        "usual": days.get(None, 1),
        "agreements": [(row, days[row.pk]) for row in rows if row.pk in days],
    }
    return render(request, "thresholds/bill_periods.html", context, status=422 if form.errors else 200)


def _agreement(actor: Actor, pk: str) -> Agreement | None:
    return Agreement.objects.for_(actor).get_or_refuse(pk=pk) if pk else None
