"""Scheduled reports: the list, making and changing one, suspending and ending it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sportello.kernel.access import Section
from sportello.kernel.refusals import InvalidInput
from sportello.kernel.ui import formats
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals
from sportello.usage import operations
from sportello.usage.exports.queries import report_schedules
from sportello.usage.models import ReportSchedule
from sportello.usage.operations.reports import Plan
from sportello.usage.states import ExportForm, ReportContent, ReportState
from sportello.usage.web.parts import check_company, part_tabs


class ReportForm(forms.Form):
    """What is reported, as what, and when."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    content = forms.ChoiceField(label=gettext_lazy("What"), choices=ReportContent.choices)
    form = forms.ChoiceField(label=gettext_lazy("As"), choices=ExportForm.choices)
    day = forms.IntegerField(
        label=gettext_lazy("Day of the month"),
        initial=3,
        help_text=gettext_lazy("The report of a month is made on this day of the month after."),
    )

    def plan(self) -> Plan:
        """Return what was filled in."""
        data = self.cleaned_data
        content, form = ReportContent(data["content"]), ExportForm(data["form"])
        return Plan(name=data["name"], content=content, form=form, day=data["day"])


@page(section=Section.TRAFFIC_BILLING)
def reports(request: PageRequest) -> HttpResponse:
    """List the scheduled reports of the customer."""
    check_company(request.actor)
    rows = [
        {"row": row, "mine": row.person_id == request.actor.person_id} for row in report_schedules(request.actor)[:200]
    ]
    context = {
        "title": _("Scheduled reports"),
        "lead": _("Each month you get a mail when your report is ready; the figures stay in the portal."),
        "tabs": part_tabs(request.actor, "usage:reports"),
        "rows": rows,
    }
    return render(request, "usage/reports.html", context)


@page(section=Section.TRAFFIC_BILLING, methods=("GET", "POST"))
def new_report(request: PageRequest) -> HttpResponse:
    """Schedule a report."""
    check_company(request.actor)
    return _edited(request, None)


@page(section=Section.TRAFFIC_BILLING, methods=("GET", "POST"))
def edit_report(request: PageRequest, pk: int) -> HttpResponse:
    """Change an own report."""
    check_company(request.actor)
    return _edited(
        request, report_schedules(request.actor).filter(person_id=request.actor.person_id or 0).get_or_refuse(pk=pk)
    )


@page(section=Section.TRAFFIC_BILLING, methods=("POST",))
def move_report(request: PageRequest, pk: int) -> HttpResponse:
    """Suspend, take up again or end a report."""
    check_company(request.actor)
    row = report_schedules(request.actor).get_or_refuse(pk=pk)
    wanted = request.POST.get("state", "")
    if wanted not in ReportState.values:
        raise InvalidInput
    operations.move_report(actor=request.actor, report=row, state=ReportState(wanted), now=timezone.now())
    messages.success(request, _("The report is now: %(state)s.") % {"state": row.get_state_display()})
    return redirect("usage:reports")


@page(section=Section.TRAFFIC_BILLING, methods=("POST",))
def run_report(request: PageRequest, pk: int) -> HttpResponse:
    """Have an own report of the last month that is over prepared now."""
    check_company(request.actor)
    row = report_schedules(request.actor).filter(person_id=request.actor.person_id or 0).get_or_refuse(pk=pk)
    month = operations.run_report_now(actor=request.actor, report=row, now=timezone.now())
    told = _("The report of %(month)s is being prepared. You get a mail when it is ready.")
    messages.success(request, told % {"month": formats.month(month)})
    return redirect("usage:reports")


def _edited(request: PageRequest, row: ReportSchedule | None) -> HttpResponse:
    initial = None if row is None else {name: getattr(row, name) for name in ("name", "content", "form", "day")}
    form = ReportForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            _save(request, row, form.plan())
            messages.success(request, _("The report is scheduled."))
            return redirect("usage:reports")
    title = _("New report") if row is None else _("Change the report")
    context = {"title": title, "tabs": part_tabs(request.actor, "usage:reports"), "form": form}
    return render(request, "usage/report_form.html", context, status=422 if form.errors else 200)


def _save(request: PageRequest, row: ReportSchedule | None, plan: Plan) -> None:
    if row is None:
        operations.create_report(actor=request.actor, plan=plan, now=timezone.now())
    else:
        operations.change_report(actor=request.actor, report=row, plan=plan)
