"""Scheduled reports: each month by the customer's calendar, a link and no figures, with the rights of the moment (ABUSE C03)."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from sportello.accounts.models import Membership
from sportello.inventory.models import LinePeriod
from sportello.kernel.access import Profile
from sportello.kernel.actor import system_actor
from sportello.kernel.calendar import previous_month
from sportello.kernel.jobs import worker
from sportello.kernel.models import Event
from sportello.kernel.testing import arrange
from sportello.kernel.testing.cast import new_member
from sportello.messaging.models import Message
from sportello.parties.models import Organisation
from sportello.usage import operations, prepared, tasks
from sportello.usage.analysis.tests.factories import OCTOBER, Used, count
from sportello.usage.models import ReportSchedule, TrafficExport
from sportello.usage.operations.reports import due_month
from sportello.usage.states import ReportState
from sportello.usage.tests.factories import new_line

SYSTEM = system_actor(reason="a test of usage")
PLAN = {"name": "My months", "content": "cost_centres", "form": "csv", "day": "3"}
THIRD = datetime(2026, 11, 3, 12, tzinfo=UTC)


@pytest.fixture
def used(world):
    """October's traffic of Bo at customer A."""
    line = new_line(world.a, "+393200000001", person=world.memberships["bo"].person)
    count(Used(period=LinePeriod.objects.for_(SYSTEM).get(line=line), amount="12.5", month=OCTOBER))


def made(browser, **given) -> ReportSchedule:
    answer = browser.post(reverse("usage:new_report"), {**PLAN, **given})
    assert answer.status_code == 302, answer.content
    row = ReportSchedule.objects.for_(SYSTEM).select_related("organisation", "person").latest("pk")
    with arrange():
        ReportSchedule.objects.for_(SYSTEM).filter(pk=row.pk).update(last_month=date(2026, 9, 1))
    row.refresh_from_db()
    return row


def run(now: datetime = THIRD) -> int:
    return operations.run_due_reports(actor=SYSTEM, now=now)


def test_first_report_is_that_of_the_month_under_way_where_the_customer_is(ada, world) -> None:
    after_midnight = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)  # the first of November in Rome
    plan = operations.reports.Plan(name="Mine", content="lines", form="csv", day=3)
    report = operations.create_report(actor=ada, plan=plan, now=after_midnight)
    assert report.last_month == date(2026, 10, 1)
    operations.move_report(actor=ada, report=report, state=ReportState.SUSPENDED, now=after_midnight)
    operations.move_report(actor=ada, report=report, state=ReportState.ACTIVE, now=after_midnight)
    report.refresh_from_db()
    assert (report.last_month, due_month(report, datetime(2026, 12, 3, tzinfo=UTC))) == (
        date(2026, 10, 1),
        date(2026, 11, 1),
    )


@pytest.mark.parametrize(
    ("content", "first"),
    [
        ("cost_centres", "Without a cost centre"),
        ("lines", "+393200000001"),
        ("spenders", "Bo Prova"),
    ],
)
def test_report_is_made_and_its_person_told_by_a_link(used, signed_in, content, first) -> None:
    ada = signed_in("ada")
    made(ada, content=content)
    assert (run(), run()) == (1, 0)
    worker.run_due()
    export = TrafficExport.objects.for_(SYSTEM).get()
    assert (export.state, (export.expires_at - export.finished_at).days) == ("ready", 7)
    with prepared.path_of(export.file_token).open(encoding="utf-8-sig") as file:
        assert [(row[0], row[6]) for row in csv.reader(file)][1:] == [(first, "12.50")]
    mail = Message.objects.for_(SYSTEM).get(template="traffic_report")
    assert (mail.person_id, mail.context) == (
        export.person_id, {"name": "My months", "month": "2026-10", "link": "/traffic/exports/"},
    )  # fmt: skip
    assert "12.5" not in mail.text
    assert "My months" in ada.get("/traffic/reports/").content.decode()
    assert Event.append_only.filter(kind="usage.report_run").count() == 1


def test_report_is_run_now_by_its_owner_for_the_last_month_that_is_over(used, signed_in) -> None:
    ada = signed_in("ada")
    report = made(ada)
    assert "Run now" in ada.get("/traffic/reports/").content.decode()
    address, month = reverse("usage:run_report", args=[report.pk]), previous_month(timezone.localdate())
    assert [ada.post(address).status_code for _again in range(2)] == [302, 409]  # the first is still being prepared
    export = TrafficExport.objects.for_(SYSTEM).get()
    asked = {"by": "cost_centre", "from": f"{month:%Y-%m}", "to": f"{month:%Y-%m}", "report": "My months"}
    assert (export.asked, export.membership_id, export.form) == (asked, report.membership_id, "csv")
    worker.run_due()
    export.refresh_from_db()
    assert export.state == "ready"
    assert Message.objects.for_(SYSTEM).get(template="traffic_report").context["month"] == f"{month:%Y-%m}"
    last_month = report.last_month
    report.refresh_from_db()
    assert (report.last_month, report.last_run_at is None) == (last_month, False)  # what is planned stays planned
    assert ada.post(address).status_code == 302


def test_c01_report_is_run_now_by_nobody_else(used, signed_in, world, ada) -> None:
    from sportello.kernel.refusals import NotPermitted

    with arrange():
        world.memberships["eva"] = new_member(world.a, "Eva", Profile.EBILL_REFERENT)
    report = made(signed_in("ada"))
    address = reverse("usage:run_report", args=[report.pk])
    assert [signed_in(who).post(address).status_code for who in ("eva", "bo", "cy")] == [404, 403, 404]
    assert "Run now" not in signed_in("eva").get("/traffic/reports/").content.decode()
    with pytest.raises(NotPermitted):
        operations.run_report_now(actor=world.actor("eva"), report=report, now=THIRD)
    assert TrafficExport.objects.for_(SYSTEM).count() == 0


@pytest.mark.parametrize("lost", ["ended", "employee"])
def test_c03_report_of_one_who_lost_the_right_is_suspended_and_says_so(used, signed_in, world, lost) -> None:
    report = made(signed_in("ada"))
    held = Membership.objects.for_(SYSTEM).filter(pk=world.memberships["ada"].pk)
    with arrange():
        held.update(**({"ended_at": THIRD} if lost == "ended" else {"profile": Profile.EMPLOYEE}))
    assert run() == 0
    worker.run_due()
    report.refresh_from_db()
    assert (report.state, report.note) == ("suspended", "Its person does not see the traffic of the customer any more.")
    assert (
        TrafficExport.objects.for_(SYSTEM).count(),
        Message.objects.for_(SYSTEM).filter(template="traffic_report").count(),
    ) == (0, 0)
    with arrange():
        world.memberships["eva"] = new_member(world.a, "Eva", Profile.EBILL_REFERENT)
    assert "does not see the traffic" in signed_in("eva").get("/traffic/reports/").content.decode()


def test_c03_right_lost_between_run_and_writing_tells_nobody(used, signed_in, world) -> None:
    made(signed_in("ada"))
    run()
    with arrange():
        Membership.objects.for_(SYSTEM).filter(pk=world.memberships["ada"].pk).update(ended_at=THIRD)
    worker.run_due()
    assert TrafficExport.objects.for_(SYSTEM).get().state == "failed"
    assert Message.objects.for_(SYSTEM).filter(template="traffic_report").count() == 0


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        ("Europe/Rome", datetime(2026, 11, 2, 22, 59, tzinfo=UTC), None),
        ("Europe/Rome", datetime(2026, 11, 2, 23, 0, tzinfo=UTC), OCTOBER),
        ("Atlantic/Canary", datetime(2026, 11, 2, 23, 59, tzinfo=UTC), None),
        ("Atlantic/Canary", datetime(2026, 11, 3, 0, 0, tzinfo=UTC), OCTOBER),
        ("Europe/Rome", datetime(2026, 4, 2, 22, 0, tzinfo=UTC), None),  # September is reported already
        ("Europe/Rome", datetime(2027, 1, 5, tzinfo=UTC), date(2026, 12, 1)),
    ],
)
def test_report_is_due_on_its_day_where_the_customer_is(zone, now, expected) -> None:
    organisation = Organisation(time_zone=zone)
    report = ReportSchedule(organisation=organisation, day=3, last_month=date(2026, 9, 1))
    assert due_month(report, now) == expected


def test_two_workers_run_a_report_once(used, signed_in) -> None:
    from sportello.usage.operations.reports import run_report

    report = made(signed_in("ada"))
    stale = ReportSchedule.objects.for_(SYSTEM).get(pk=report.pk)
    runs = [run_report(actor=SYSTEM, report=row, month=OCTOBER, now=THIRD) for row in (report, stale)]
    assert (runs, TrafficExport.objects.for_(SYSTEM).count()) == ([True, False], 1)


def test_new_report_waits_for_the_month_that_is_not_over(used, signed_in) -> None:
    signed_in("ada").post(reverse("usage:new_report"), PLAN)
    assert (tasks.run_due_reports.func(), TrafficExport.objects.for_(SYSTEM).count()) == (0, 0)


def test_report_is_changed_suspended_taken_up_and_ended(used, signed_in) -> None:
    ada = signed_in("ada")
    report = made(ada)
    page = reverse("usage:edit_report", args=[report.pk])
    assert 'value="My months"' in ada.get(page).content.decode()
    ada.post(page, {**PLAN, "name": "Lines", "content": "lines", "day": "28"})
    report.refresh_from_db()
    assert (report.name, report.content, report.day) == ("Lines", "lines", 28)
    move = reverse("usage:move_report", args=[report.pk])
    states = []
    for wanted in ("suspended", "active", "closed"):
        assert ada.post(move, {"state": wanted}).status_code == 302
        report.refresh_from_db()
        states.append(report.state)
    assert states == ["suspended", "active", "closed"]
    assert (ada.post(move, {"state": "active"}).status_code, ada.get(page).status_code) == (404, 404)
    assert "No report is scheduled" in ada.get("/traffic/reports/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"day": "31"}, "every month has"), ({"name": " "}, "required"), ({"content": "x"}, "valid choice")],
)
def test_wrong_plans_are_refused_at_the_field(used, signed_in, wrong, said) -> None:
    answer = signed_in("ada").post(reverse("usage:new_report"), {**PLAN, **wrong})
    assert (answer.status_code, said in answer.content.decode()) == (422, True)


def test_plan_without_a_name_is_refused_below_the_form_too(used, ada) -> None:
    from sportello.kernel.refusals import InvalidInput
    from sportello.usage.operations.reports import Plan
    from sportello.usage.states import ExportForm, ReportContent

    plan = Plan(name=" ", content=ReportContent.LINES, form=ExportForm.CSV, day=3)
    with pytest.raises(InvalidInput):
        operations.create_report(actor=ada, plan=plan, now=THIRD)


def test_reports_of_others_are_suspended_but_neither_changed_nor_taken_up(used, signed_in, world) -> None:
    with arrange():
        world.memberships["eva"] = new_member(world.a, "Eva", Profile.EBILL_REFERENT)
    report = made(signed_in("ada"))
    eva, move = signed_in("eva"), reverse("usage:move_report", args=[report.pk])
    assert eva.get(reverse("usage:edit_report", args=[report.pk])).status_code == 404
    assert [eva.post(move, {"state": one}).status_code for one in ("suspended", "active", "nonsense")] == [
        302,
        403,
        422,
    ]
    assert signed_in("cy").post(move, {"state": "suspended"}).status_code == 404


def test_employee_schedules_nothing(used, signed_in, bo, world, ada) -> None:
    from sportello.kernel.refusals import NotPermitted
    from sportello.usage.operations.reports import Plan
    from sportello.usage.states import ExportForm, ReportContent, ReportState

    browser = signed_in("bo")
    assert [browser.get(reverse(name)).status_code for name in ("usage:reports", "usage:new_report")] == [403, 403]
    plan = Plan(name="x", content=ReportContent.LINES, form=ExportForm.CSV, day=3)
    report = operations.create_report(actor=ada, plan=plan, now=THIRD)
    for write in (
        lambda: operations.create_report(actor=bo, plan=plan, now=THIRD),
        lambda: operations.move_report(actor=bo, report=report, state=ReportState.SUSPENDED, now=THIRD),
        lambda: operations.change_report(actor=world.actor("cy"), report=report, plan=plan),
    ):
        with pytest.raises(NotPermitted):
            write()
