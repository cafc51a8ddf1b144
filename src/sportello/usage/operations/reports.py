"""Scheduled reports: made, changed, suspended; run each month with the rights that their person has then (ABUSE C03)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from sportello.accounts.queries import background_actor
from sportello.kernel.access import Access, Section
from sportello.kernel.actor import Actor
from sportello.kernel.calendar import local_day, previous_month
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput, NotPermitted
from sportello.kernel.states import advance, change_if
from sportello.parties.models import Organisation
from sportello.usage.events import ReportRun, ReportScheduled
from sportello.usage.models import ReportSchedule, TrafficExport
from sportello.usage.operations.exports import one_at_a_time
from sportello.usage.states import REPORT_TRANSITIONS, ExportContent, ExportForm, ReportContent, ReportState

LAST_DAY: Final = 28
"""Days that every month has."""

TOP: Final = 50
WORDS: Final = {
    ReportContent.COST_CENTRES: {"by": "cost_centre"},
    ReportContent.LINES: {"by": "line"},
    ReportContent.SPENDERS: {"by": "person", "top": str(TOP)},
}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is reported of each month, as what, and on which day of the month after."""

    name: str
    content: ReportContent
    form: ExportForm
    day: int


@operation(section=Section.TRAFFIC_BILLING)
def create_report(*, actor: Actor, plan: Plan, now: datetime) -> ReportSchedule:
    """Schedule a report for the acting person; the first is that of the month which is not over yet.

    Raises `InvalidInput`, and `NotPermitted` for those who do not see the customer's traffic.
    """
    _check(actor, plan)
    row = ReportSchedule.objects.create(
        organisation_id=actor.organisation_id or 0,
        person_id=actor.person_id or 0,
        membership_id=actor.membership_id or 0,
        created_at=now,
        last_month=_last_month(actor, now),
        name=plan.name.strip(),
        content=plan.content,
        form=plan.form,
        day=plan.day,
    )
    _tell(row)
    return row


@operation(section=Section.TRAFFIC_BILLING)
def change_report(*, actor: Actor, report: ReportSchedule, plan: Plan) -> None:
    """Change an own report. Raises `InvalidInput` and `NotPermitted`."""
    _check(actor, plan)
    if report.person_id != actor.person_id:
        raise NotPermitted
    for name, value in vars(plan).items():
        setattr(report, name, value)
    report.save(update_fields=list(vars(plan)))
    _tell(report)


@operation(section=Section.TRAFFIC_BILLING)
def move_report(*, actor: Actor, report: ReportSchedule, state: ReportState, now: datetime) -> None:
    """Suspend, take up again or end a report: one's own, or, but for taking it up, anybody's of the customer. Raises `NotPermitted`."""
    if actor.access(Section.TRAFFIC_BILLING) is not Access.FULL:
        raise NotPermitted
    also: dict[str, Any] = {"note": ""}
    if state is ReportState.ACTIVE:
        if report.person_id != actor.person_id:
            raise NotPermitted
        also |= {"membership_id": actor.membership_id, "last_month": previous_month(_today(report.organisation, now))}
    advance(report, state, transitions=REPORT_TRANSITIONS, **also)
    _tell(report)


def run_due_reports(*, actor: Actor, now: datetime) -> int:
    """Run the reports whose day has come; return how many were made. `actor` is the system."""
    rows = ReportSchedule.objects.for_(actor).filter(state=ReportState.ACTIVE).select_related("organisation", "person")
    return sum(
        run_report(actor=actor, report=row, month=month, now=now) for row in rows if (month := due_month(row, now))
    )


def due_month(report: ReportSchedule, now: datetime) -> date | None:
    """Return the month that is to be reported now, by the customer's calendar; None before its day, and once it was."""
    today = _today(report.organisation, now)
    month = previous_month(today)
    if today.day < report.day or (report.last_month is not None and report.last_month >= month):
        return None
    return month


@operation(section=None, why="the system runs what a person scheduled, with that person's rights")
def run_report(*, actor: Actor, report: ReportSchedule, month: date, now: datetime) -> bool:  # noqa: ARG001
    """Have a month's report prepared, whose link then goes out by mail; or suspend it where its person lost the right. Idempotent."""
    person = background_actor(
        person_id=report.person_id, membership_id=report.membership_id, section=Section.TRAFFIC_BILLING
    )
    if person is None or person.access(Section.TRAFFIC_BILLING) is not Access.FULL:
        note = str(_("Its person does not see the traffic of the customer any more."))
        advance(report, ReportState.SUSPENDED, transitions=REPORT_TRANSITIONS, note=note)
        _tell(report)
        return False
    seen = {"state": ReportState.ACTIVE, "last_month": report.last_month}
    if not change_if(report, seen, last_month=month, last_run_at=now):
        return False
    _prepare(report, month, now, membership_id=report.membership_id)
    return True


@operation(section=Section.TRAFFIC_BILLING)
def run_report_now(*, actor: Actor, report: ReportSchedule, now: datetime) -> date:
    """Have an own report of the last month that is over prepared at once; return the month. What is planned stays planned.

    Raises `NotPermitted`, and `ExportUnderWay` while another export of the person is prepared (ABUSE F12).
    """
    if actor.access(Section.TRAFFIC_BILLING) is not Access.FULL or report.person_id != actor.person_id:
        raise NotPermitted
    one_at_a_time(actor)
    month = previous_month(_today(report.organisation, now))
    report.last_run_at = now
    report.save(update_fields=["last_run_at"])
    _prepare(report, month, now, membership_id=actor.membership_id or 0)
    return month


def _prepare(report: ReportSchedule, month: date, now: datetime, *, membership_id: int) -> None:
    """Ask for the export of a month's report, whose link goes out by mail when it is ready."""
    months = {"from": f"{month:%Y-%m}", "to": f"{month:%Y-%m}"}
    export = TrafficExport.objects.create(
        organisation_id=report.organisation_id,
        person_id=report.person_id,
        membership_id=membership_id,
        asked_at=now,
        content=ExportContent.ANALYSIS,
        form=report.form,
        asked={**WORDS[ReportContent(report.content)], **months, "report": report.name},
    )
    publish(ReportRun(**_about(report), month=f"{month:%Y-%m}", export_id=export.pk))


def _today(organisation: Organisation, now: datetime) -> date:
    return local_day(now, ZoneInfo(organisation.time_zone))


def _last_month(actor: Actor, now: datetime) -> date:
    return previous_month(_today(Organisation.objects.for_(actor).get_or_refuse(pk=actor.organisation_id), now))


def _check(actor: Actor, plan: Plan) -> None:
    if actor.access(Section.TRAFFIC_BILLING) is not Access.FULL:
        raise NotPermitted
    if not plan.name.strip():
        raise InvalidInput(_("Give the report a name."), field="name")
    if not 1 <= plan.day <= LAST_DAY:
        raise InvalidInput(_("A day from 1 to 28, which every month has."), field="day")


def _tell(report: ReportSchedule) -> None:
    publish(ReportScheduled(**_about(report), state=report.state, note=report.note))


def _about(report: ReportSchedule) -> dict[str, Any]:
    about = {"organisation_id": report.organisation_id, "subject_type": "report_schedule", "subject_id": report.pk}
    return {**about, "name": report.name}
