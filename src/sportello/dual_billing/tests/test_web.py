"""The pages of dual billing, for each profile (the matrix; ABUSE C01, C07, D01, G14, H06)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sportello.dual_billing.models import ConsentDocument, Enrolment, PrivateBill
from sportello.dual_billing.states import EnrolmentState
from sportello.dual_billing.tests.factories import IBAN, NOW, TAX_CODE, enrolled
from sportello.kernel.access import Profile
from sportello.kernel.actor import system_actor
from sportello.kernel.testing import arrange
from sportello.kernel.testing.cast import new_member
from sportello.usage import operations
from sportello.usage.tests.factories import new_line, row, usage_file

SYSTEM = system_actor(reason="a test of dual billing")
NUMBER, CYS = "+393200000001", "+34600000002"
CODE = "135790"


@pytest.fixture
def line(world):
    with arrange():
        world.memberships["dina"] = new_member(world.a, "Dina", Profile.DUAL_BILLING_REFERENT, "+393510000009")
        world.memberships["ebi"] = new_member(world.a, "Ebi", Profile.EBILL_REFERENT, "+393510000008")
    return new_line(world.a, NUMBER, person=world.memberships["bo"].person)


def form(**changes) -> dict[str, str]:
    values = {
        "number": NUMBER, "tax_code": TAX_CODE, "email": "bo@home.example", "address": "Via Roma 1", "postcode": "00184",
        "city": "Roma", "payment_method": "bank_transfer", "iban": IBAN, "start_date": f"{timezone.localdate():%Y-%m-%d}",
    }  # fmt: skip
    return values | changes


def text(answer) -> str:
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def at(name: str, *args: object) -> str:
    return reverse(f"dual_billing:{name}", args=args)


def a_bill(row: Enrolment) -> PrivateBill:
    with arrange():
        return PrivateBill.objects.create(
            organisation_id=row.organisation_id, person_id=row.person_id, enrolment=row, month=date(2026, 10, 1),
            issued_at=timezone.now(), due_date=date(2026, 12, 1), net=Decimal(10), vat=Decimal("2.20"), total=Decimal("12.20"),
        )  # fmt: skip


def test_d01_matrix_of_dual_billing(line, signed_in):
    row = enrolled(line)
    pages = (at("index"), at("new"), at("import"), at("enrolment", row.pk), at("line", line.pk), at("change", row.pk))
    for name, status in {"ada": 200, "dina": 200, "olga": 200, "bo": 403, "ebi": 403, "pia": 403}.items():
        browser = signed_in(name)
        assert {browser.get(address).status_code for address in pages} == {status}, name
    assert [signed_in(name).get(at("bills")).status_code for name in ("ada", "dina", "olga", "bo")] == [
        403,
        403,
        200,
        403,
    ]
    assert [signed_in(name).get(at("correct", row.pk)).status_code for name in ("ada", "olga")] == [403, 200]


def test_c01_what_is_anothers_is_not_found(line, signed_in, world):
    row = enrolled(line, state=EnrolmentState.ASKED)
    bill = a_bill(row)
    stranger, colleague = signed_in("cy"), signed_in("ada")
    administration = [("enrolment", "get"), ("change", "get"), ("change", "post"), ("end", "post"), ("consent", "get")]
    own = [("ask_code", "post"), ("sign", "get"), ("sign", "post"), ("decline", "post")]
    for name, method in administration + own:
        assert getattr(stranger, method)(at(name, row.pk)).status_code == 404, name
    assert stranger.get(at("line", line.pk)).status_code == 404
    for name, method in own:  # an administrator neither signs nor declines for an employee
        assert getattr(colleague, method)(at(name, row.pk)).status_code == 404, name
    assert [signed_in(name).get(at("bill", bill.pk)).status_code for name in ("ada", "cy", "dina", "bo")] == [
        404,
        404,
        404,
        200,
    ]
    assert Enrolment.objects.for_(SYSTEM).get().state == "asked"


def test_h06_account_and_tax_code_are_shown_to_the_employee_alone(line, signed_in):
    row = enrolled(line)
    for name in ("ada", "dina", "olga"):
        shown = "".join(
            text(signed_in(name).get(address))
            for address in (at("enrolment", row.pk), at("change", row.pk), at("index"))
        )
        assert (IBAN in shown, TAX_CODE in shown, "3456" in shown) == (False, False, True), name
        table = b"".join(signed_in(name).get(at("index"), {"export": "csv"})).decode()
        assert (IBAN in table, TAX_CODE in table, "Bo Prova" in table) == (False, False, True)
    shown = text(signed_in("bo").get(at("own")))
    assert (IBAN in shown, TAX_CODE in shown) == (True, True)


def test_h06_a_strangers_line_reads_like_none_at_all(line, signed_in, world):
    new_line(world.b, CYS, person=world.memberships["cy"].person)
    browser = signed_in("dina")
    answers = [browser.post(at("new"), form(number=number)) for number in (CYS, "+393209999999", "no number")]
    assert [answer.status_code for answer in answers] == [422] * 3
    assert len({str(answer.context["form"].errors["number"]) for answer in answers}) == 1
    assert Enrolment.objects.for_(SYSTEM).count() == 0


def test_referent_asks_with_consent_and_employee_signs_in_the_browser(line, signed_in, monkeypatch):
    monkeypatch.setattr("sportello.accounts.rules.new_code", lambda: CODE)
    wrong = signed_in("dina").post(at("new"), form(iban="IT60X0542811101000000123457", tax_code="X"))
    assert (wrong.status_code, sorted(wrong.context["form"].errors)) == (422, ["tax_code"])
    consent = SimpleUploadedFile("../consent.pdf", b"%PDF-1.7 signed")
    assert signed_in("dina").post(at("new"), form() | {"consent": consent}).status_code == 302
    row = Enrolment.objects.for_(SYSTEM).get()
    taken = signed_in("ada").get(at("consent", row.pk))
    assert (taken.content, taken["Content-Disposition"].split(";")[0], taken["X-Content-Type-Options"]) == (
        b"%PDF-1.7 signed", "attachment", "nosniff",
    )  # fmt: skip
    assert ConsentDocument.objects.for_(SYSTEM).get().name == "consent.pdf"
    bo = signed_in("bo")
    assert "Read the terms and accept" in text(bo.get(at("own")))
    assert bo.post(at("ask_code", row.pk)).url == at("sign", row.pk)
    shown = {"shown": bo.get(at("sign", row.pk)).context["shown"]}
    assert bo.post(at("sign", row.pk), shown | {"code": CODE}).status_code == 422  # the terms were not accepted
    assert bo.post(at("sign", row.pk), shown | {"code": "000000", "agreed": "on"}).status_code == 422
    assert bo.post(at("sign", row.pk), shown | {"code": CODE, "agreed": "on"}).status_code == 302
    assert (Enrolment.objects.for_(SYSTEM).get().state, "Active" in text(bo.get(at("own")))) == ("active", True)
    assert bo.get(at("sign", row.pk)).status_code == 409


def test_changing_keeps_what_is_left_empty_and_ending_ends(line, signed_in):
    row = enrolled(line)
    entered = form(tax_code="", iban="", city="Milano") | {"messages": "on"}
    assert signed_in("ada").post(at("change", row.pk), entered).status_code == 302
    kept = Enrolment.objects.for_(SYSTEM).get()
    assert (kept.iban, kept.tax_code, kept.city, kept.messages) == (
        IBAN,
        TAX_CODE,
        "Milano",
        False,
    )  # signed without it
    assert signed_in("dina").post(at("end", row.pk)).status_code == 302
    assert Enrolment.objects.for_(SYSTEM).get().state == "ended"
    assert signed_in("dina").post(at("end", row.pk)).status_code == 409


def hand_in(browser, *rows: str) -> tuple[object, str]:
    header = "number,tax_code,address,postcode,city,email,payment_method,iban,start_date"
    file = SimpleUploadedFile("employees.csv", "\n".join([header, *rows]).encode())
    answer = browser.post(at("import"), {"file": file})
    return browser.get(answer.url), answer.url


def test_c07_f07_file_with_wrong_rows_says_each_and_writes_nothing(line, signed_in, world):
    new_line(world.b, CYS, person=world.memberships["cy"].person)
    day = f"{timezone.localdate():%Y-%m-%d}"
    good = f"{NUMBER},{TAX_CODE},Via Roma 1,00184,Roma,bo@home.example,bank_transfer,{IBAN},{day}"
    browser = signed_in("dina")
    preview, _address = hand_in(
        browser, good, good, good.replace(NUMBER, CYS), good.replace(NUMBER, "+393209999999"),
    )  # fmt: skip
    shown = text(preview)
    assert (shown.count("unknown line"), "is there twice" in shown, IBAN in shown, TAX_CODE in shown) == (
        2,
        True,
        False,
        False,
    )
    assert Enrolment.objects.for_(SYSTEM).count() == 0
    preview, address = hand_in(browser, good)
    seen = re.findall(r'name="seen" value="(\w+)"', preview.content.decode())[0]
    assert browser.post(address, {"do": "confirm", "seen": seen}).status_code == 302
    assert Enrolment.objects.for_(SYSTEM).get().iban == IBAN
    browser.post(at("end", Enrolment.objects.for_(SYSTEM).get().pk))
    wrong, _address = hand_in(browser, good.replace(IBAN, "IT60X"), good.replace(day, "2020-01-01"))
    assert ("The IBAN is wrong" in text(wrong), "is there twice" in text(wrong)) == (True, True)


def test_operator_corrects_the_time_and_marks_bills_as_paid(line, signed_in):
    row = enrolled(line, begins=timezone.now() - timedelta(days=9))
    day = timezone.localdate() - timedelta(days=3)
    olga = signed_in("olga")
    assert olga.post(at("correct", row.pk), {"active_from": f"{day:%Y-%m-%d}", "reason": ""}).status_code == 422
    assert (
        olga.post(at("correct", row.pk), {"active_from": f"{day:%Y-%m-%d}", "reason": "a day too early"}).status_code
        == 302
    )
    assert timezone.localdate(Enrolment.objects.for_(SYSTEM).get().active_from) == day
    bill = a_bill(row)
    assert "12.20" in text(olga.get(at("bills")))
    assert olga.post(at("paid"), {"ids": [bill.pk]}).status_code == 302
    assert PrivateBill.objects.for_(SYSTEM).get().state == "paid"
    assert (
        "12.20" in text(signed_in("bo").get(at("own"))),
        "12.20" in text(signed_in("bo").get(at("bill", bill.pk))),
    ) == (True, True)
    assert "12.20" not in text(signed_in("ada").get(at("own")))


def test_g14_private_months_stand_on_the_own_page_alone(line, signed_in):
    enrolled(line)
    used = row(msisdn=NUMBER, amount="7.77", personal="1")
    operations.load_file(actor=SYSTEM, path=usage_file(used), now=NOW)
    shown = {name: text(signed_in(name).get(at("own"))) for name in ("bo", "ada", "dina")}
    assert {name: "7.77" in page for name, page in shown.items()} == {"bo": True, "ada": False, "dina": False}
    for name in ("ada", "dina"):
        browser = signed_in(name)
        pages = (at("index"), at("line", line.pk), at("enrolment", Enrolment.objects.for_(SYSTEM).get().pk))
        assert "7.77" not in "".join(text(browser.get(address)) for address in pages)


def test_list_takes_one_count_of_queries_for_one_row_and_for_three(line, world, signed_in):
    enrolled(line)
    browser = signed_in("ada")
    browser.get(at("index"))
    with CaptureQueriesContext(connection) as one:
        browser.get(at("index"))
    for place in (2, 3):
        enrolled(new_line(world.a, f"+39320000000{place}", person=world.memberships["ada"].person))
    with CaptureQueriesContext(connection) as three:
        browser.get(at("index"))
    assert len(three) == len(one) < 15
