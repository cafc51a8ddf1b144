"""Words of the addresses of traffic that no page wrote, and fields that no form has (ABUSE C19, D05, D12)."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from sportello.kernel.actor import system_actor
from sportello.kernel.models import Event
from sportello.kernel.refusals import InvalidInput
from sportello.kernel.testing import arrange
from sportello.kernel.testing.mass_assignment import hostile_fields, taken_from
from sportello.usage.analysis.address import read_month
from sportello.usage.models import DocumentationRequest, ReportSchedule, TrafficExport, UnusualRule
from sportello.usage.tests.test_web_exports import ASK, everything_is_large, lines  # noqa: F401 - fixtures, by name
from sportello.usage.tests.test_web_reports import PLAN, made

SYSTEM = system_actor(reason="a test of usage")
UNUSUAL = "/traffic/unusual/"


def test_c19_a_month_is_read_off_ascii_digits_alone():
    assert read_month("2026-03").isoformat() == "2026-03-01"
    for text in ("٢٠٢٦-٠٣", "2026-3", "2026-13", "2026-W10", "9" * 5000, "2026-03-01"):
        with pytest.raises(InvalidInput):
            read_month(text)


@pytest.mark.django_db
def test_c19_unusual_lines_of_what_is_no_customer_are_the_readers_own(world, signed_in):
    browser = signed_in("olga")
    other = chr(0x0660 + world.b.pk)  # the number of customer B in other digits: taken for a number, it would open B's
    for text in ("9" * 5000, "9" * 30, "²", other):
        answer = browser.get(UNUSUAL, {"customer": text})
        shown = answer.context["organisation"].pk if answer.status_code == 200 else None
        assert (answer.status_code in {200, 404}, shown in {world.operator.pk, None}) == (True, True), text[:9]
    assert browser.get(UNUSUAL, {"customer": world.b.pk}).context["organisation"] == world.b


@pytest.mark.django_db
def test_d05_each_field_that_the_forms_of_reports_do_not_have_is_not_read(signed_in):
    ada = signed_in("ada")
    hostile = hostile_fields(made(ada), but={*PLAN})
    assert taken_from(made(ada, **hostile.posted), hostile) == []
    row = made(ada)
    hostile = hostile_fields(row, but={*PLAN})
    assert (
        ada.post(reverse("usage:edit_report", args=[row.pk]), {**PLAN, **hostile.posted, "name": "Mine"}).status_code
        == 302
    )
    assert (taken_from(row, hostile), ReportSchedule.objects.for_(SYSTEM).get(pk=row.pk).name) == ([], "Mine")


@pytest.mark.django_db
def test_d05_each_field_that_the_form_of_the_rule_does_not_have_is_not_read(signed_in):
    ada, rule = signed_in("ada"), {"factor": "2.5", "at_least": "11"}
    ada.post(UNUSUAL, rule)
    hostile = hostile_fields(UnusualRule.objects.for_(SYSTEM).get(), but=rule)
    assert ada.post(UNUSUAL, {**hostile.posted, **rule, "factor": "3.5"}).status_code == 302
    row = UnusualRule.objects.for_(SYSTEM).get()
    assert (taken_from(row, hostile), str(row.factor)) == ([], "3.5")


@pytest.mark.django_db
def test_d05_each_field_that_the_forms_of_documentation_and_exports_do_not_have_is_not_read(
    lines,  # noqa: F811
    signed_in,
    everything_is_large,  # noqa: F811
):
    ada, today = signed_in("ada"), str(timezone.localdate())
    address = reverse("usage:ask_documentation", args=[lines["a"].pk])
    words = {"since": today, "until": today, "purpose": "contested", "reason": "Charges of a bill are contested"}
    export = {"content": "analysis", "form": "csv", "by": "line", "from": "2026-11", "person": "", "line": ""}
    for model, where, given, own in (
        (DocumentationRequest, address, words, "clear_numbers"),
        (TrafficExport, ASK, export, "asked"),
    ):
        rows = model.objects.for_(SYSTEM)
        assert ada.post(where, given).status_code == 302
        hostile = hostile_fields(rows.latest("pk"), but={own, "content", "form", "since", "until", "purpose", "reason"})
        with arrange():
            rows.all().delete()  # one at a time is prepared
        assert ada.post(where, {**hostile.posted, **given}).status_code == 302
        assert [taken_from(row, hostile) for row in rows.all()] == [[]]


@pytest.mark.django_db
def test_d12_staff_reads_no_personal_traffic_and_no_documentation_without_a_reason_that_the_customer_sees(
    lines,  # noqa: F811
    signed_in,
):
    """What an employee pays is closed to staff, reason or not; whole records of a line need one, which the customer reads."""
    olga, bos = signed_in("olga"), lines["bo"]
    records = olga.get(reverse("usage:records", args=[bos.pk]), {"month": "2026-11"}).content.decode()
    assert ("11.11" in records, "22.22" in records) == (True, False)
    today = str(timezone.localdate())
    words = {"since": today, "until": today, "purpose": "authority"}
    address = reverse("usage:ask_documentation", args=[bos.pk])
    for reason in ("", "   ", "x"):
        assert olga.post(address, {**words, "reason": reason}).status_code == 422
    assert DocumentationRequest.objects.for_(SYSTEM).count() == 0
    assert olga.post(address, {**words, "reason": "Request 77/2026 of the court of Rome"}).status_code == 302
    told = Event.append_only.get(kind="usage.documentation_asked")
    assert (told.organisation_id, told.payload["reason"]) == (
        bos.organisation_id,
        "Request 77/2026 of the court of Rome",
    )
    entry = signed_in("ada").get(reverse("accounts:audit_entry", args=[told.pk]))
    assert "Request 77/2026 of the court of Rome" in entry.content.decode()
