"""Fields that no form of dual billing has, field by field; files of other customers; what waits of a file (ABUSE C01, D05, F10)."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from sportello.dual_billing.models import Enrolment
from sportello.dual_billing.states import EnrolmentState
from sportello.dual_billing.tests.factories import IBAN, TAX_CODE, enrolled
from sportello.dual_billing.tests.test_web import (  # noqa: F401 - the fixture is used by name
    CODE,
    NUMBER,
    SYSTEM,
    at,
    form,
    line,
)
from sportello.dual_billing.web.forms import DataForm
from sportello.kernel.models import Upload
from sportello.kernel.testing.mass_assignment import hostile_fields, taken_from
from sportello.usage.tests.factories import new_line

ENTERED = {name for name in DataForm.base_fields if name != "consent"}


def test_d05_each_field_that_the_forms_do_not_have_is_not_read_when_asking_and_changing(line, signed_in, world):  # noqa: F811
    dina = signed_in("dina")
    assert dina.post(at("new"), form()).status_code == 302
    row = Enrolment.objects.for_(SYSTEM).get()
    hostile = hostile_fields(row, but=ENTERED)
    assert {"state", "person_id", "organisation_id", "line_id", "accepted_at", "terms_version", "active_from"} <= {
        *hostile.stored
    }
    assert dina.post(at("change", row.pk), form(city="Milano") | hostile.posted).status_code == 302
    assert (taken_from(row, hostile), Enrolment.objects.for_(SYSTEM).get().city) == ([], "Milano")
    other = new_line(world.a, "+393200000002", person=line.person)
    assert dina.post(at("new"), hostile.posted | form(number=other.number)).status_code == 302
    assert taken_from(Enrolment.objects.for_(SYSTEM).get(line=other), hostile) == []


def test_d05_what_was_signed_is_not_changed_by_fields_that_the_page_shows_switched_off(line, signed_in):  # noqa: F811
    row = enrolled(line)
    signed = {"messages": "on", "roaming": "on", "data_apn": "on", "start_date": "2027-01-01"}
    assert signed_in("dina").post(at("change", row.pk), form(city="Milano") | signed).status_code == 302
    now = Enrolment.objects.for_(SYSTEM).get()
    assert (now.city, now.messages, now.roaming, now.data_apn, now.start_date) == (
        "Milano",
        False,
        False,
        False,
        row.start_date,
    )


def test_d05_signing_and_correcting_read_their_own_fields_alone(line, signed_in, monkeypatch):  # noqa: F811
    monkeypatch.setattr("sportello.accounts.rules.new_code", lambda: CODE)
    dina, bo = signed_in("dina"), signed_in("bo")
    dina.post(at("new"), form())
    row = Enrolment.objects.for_(SYSTEM).get()
    bo.post(at("ask_code", row.pk))
    shown = bo.get(at("sign", row.pk)).context["shown"]
    hostile = hostile_fields(row, but=())
    assert (
        bo.post(at("sign", row.pk), hostile.posted | {"code": CODE, "agreed": "on", "shown": shown}).status_code == 302
    )
    row.refresh_from_db()
    assert (row.state, taken_from(row, hostile)) == ("active", [])
    hostile = hostile_fields(row, but=("active_from", "active_to"))
    today = f"{timezone.localdate():%Y-%m-%d}"
    corrected = hostile.posted | {"active_from": today, "reason": "a wrong day"}
    assert signed_in("olga").post(at("correct", row.pk), corrected).status_code == 302
    assert taken_from(row, hostile) == []


def test_c01_correcting_and_files_are_not_there_for_another_customer(line, signed_in):  # noqa: F811
    row = enrolled(line)
    day = f"{timezone.localdate():%Y-%m-%d}"
    columns = "number,tax_code,address,postcode,city,email,payment_method,iban,start_date"
    file = f"{columns}\n{NUMBER},{TAX_CODE},Via Roma 1,00184,Roma,bo@home.example,bank_transfer,{IBAN},{day}\n"
    answer = signed_in("ada").post(at("import"), {"file": SimpleUploadedFile("e.csv", file.encode())})
    assert answer.status_code == 302
    token = Upload.objects.get().token
    for who in (
        "cy",
        "dina",
    ):  # another customer's administrator, and a colleague with the same right: the file is one person's
        browser = signed_in(who)
        assert browser.get(at("import", token)).status_code == 404
        assert browser.post(at("import", token), {"seen": Upload.objects.get().digest}).status_code == 404
        assert browser.post(at("import", token), {"discard": "1"}).status_code == 404
    assert (Upload.objects.count(), signed_in("ada").get(at("import", token)).status_code) == (1, 200)
    corrected = {"active_from": day, "reason": "not mine at all"}
    for who, statuses in {
        "cy": {403},
        "bo": {403},
        "olga": {302},
    }.items():  # the operator's alone, before anything is looked up
        assert {signed_in(who).post(at("correct", row.pk), corrected).status_code} == statuses, who
    assert signed_in("cy").post(at("correct", 999_999), corrected).status_code == 403
    assert Enrolment.objects.for_(SYSTEM).get().state == EnrolmentState.ACTIVE
