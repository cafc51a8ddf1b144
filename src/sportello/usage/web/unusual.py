"""Lines whose month costs far more than is usual to them, and the rule that says so."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sportello.kernel.access import Reach, Section
from sportello.kernel.calendar import first_of_month
from sportello.kernel.finding import row_id
from sportello.kernel.ui import formats
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals
from sportello.parties.models import Organisation
from sportello.usage import operations
from sportello.usage.analysis import queries
from sportello.usage.analysis.address import read_month
from sportello.usage.analysis.unusual import MONTHS, Rule, Unusual, passed, rule_of, unusual_lines
from sportello.usage.web.parts import check_company, part_tabs

MOST = 200


class RuleForm(forms.Form):
    """From when on a month is unusual."""

    factor = forms.DecimalField(label=gettext_lazy("Times the usual"), max_digits=4, decimal_places=1, localize=True)
    at_least = forms.DecimalField(
        label=gettext_lazy("EUR above it at least"), max_digits=9, decimal_places=2, localize=True
    )


@page(section=Section.TRAFFIC_BILLING, methods=("GET", "POST"))
def unusual(request: PageRequest) -> HttpResponse:
    """List the unusual lines of a month; a POST sets the customer's rule."""
    check_company(request.actor)
    organisation = _organisation(request)
    rule = rule_of(request.actor, organisation.pk)
    form = RuleForm(request.POST or None, initial=vars_of(rule))
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            operations.set_unusual_rule(actor=request.actor, organisation=organisation, rule=Rule(**form.cleaned_data))
            messages.success(request, _("From now on this counts as unusual."))
            return redirect(request.get_full_path())
    now = timezone.now()
    month = read_month(request.GET.get("month", "")) or queries.latest_month(request.actor, organisation.pk)
    month = month or first_of_month(timezone.localdate())
    share = passed(month, ZoneInfo(organisation.time_zone), now)
    found = unusual_lines(request.actor, organisation.pk, month, share=share, rule=rule)
    context = {
        "title": _("Unusual lines of %(month)s") % {"month": formats.month(month)},
        "tabs": part_tabs(request.actor, "usage:unusual"),
        "organisation": organisation,
        "several": request.actor.reach is Reach.ALL,
        "month": month,
        "rule": rule_text(rule, share),
        "rows": [_row(one) for one in found[:MOST]],
        "more": max(len(found) - MOST, 0),
        "form": form if request.actor.may(Section.ADMINISTRATION) else None,
        "words": [("by", "line"), ("from", f"{month:%Y-%m}"), ("customer", organisation.pk)],
    }
    return render(request, "usage/unusual.html", context, status=422 if form.errors else 200)


def vars_of(rule: Rule) -> dict[str, Decimal]:
    """Return what the form starts from."""
    return {"factor": rule.factor.quantize(Decimal("0.1")), "at_least": rule.at_least.quantize(Decimal("0.01"))}


def rule_text(rule: Rule, share: Decimal) -> str:
    """Say by which rule a line is listed."""
    told = _(
        "A line is listed when its month costs more than %(factor)s times its usual, and at least %(amount)s more. Its usual is the "
        "middle of its months with traffic among the %(months)s before (three at least)."
    ) % {"factor": formats.number(rule.factor, 1), "amount": formats.money(rule.at_least), "months": MONTHS}
    if share == 1:
        return told
    pace = _("The month is not over: %(share)s of the usual counts so far.") % {"share": formats.percent(share * 100)}
    return f"{told} {pace}"


def _row(one: Unusual) -> dict[str, Any]:
    return {
        "line": one.line,
        "now": formats.money(one.now),
        "usual": formats.money(one.usual),
        "difference": f"+{formats.money(one.difference)}",
        "times": "" if one.times is None else f"{formats.number(one.times, 1)}\N{MULTIPLICATION SIGN}",
    }


def _organisation(request: PageRequest) -> Organisation:
    """Return whose lines: the reader's own customer, or the one that the address names."""
    wanted = row_id(request.GET.get("customer", "")) or request.actor.organisation_id
    return Organisation.objects.for_(request.actor).get_or_refuse(pk=wanted)
