"""Fields that no form of bills has, field by field (ABUSE C01, C19, D05)."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from sportello.billing.fatturapa.notifications import read_message
from sportello.billing.fatturapa.xml import parse
from sportello.billing.models import Bill, BillArchive, BillLine, Dispute, Payment
from sportello.billing.tests.factories import SYSTEM, load, needs_schemas
from sportello.billing.tests.test_payments import message
from sportello.billing.tests.test_web import asked, bill, of_b  # noqa: F401 - the fixture is used by name
from sportello.kernel.testing.mass_assignment import hostile_fields, taken_from

pytestmark = [needs_schemas, pytest.mark.django_db]


def test_c19_the_year_of_a_message_is_four_ascii_digits_or_unknown():
    years = ("2026", "", "9" * 5000, "٢٠٢٦", "99999", "²")
    roots = [parse(message("NotificaEsito", f"<AnnoFattura>{year}</AnnoFattura>")).getroot() for year in years]
    assert [read_message(root).year for root in roots] == [2026, None, None, None, None, None]


def test_d05_disputing_reads_the_reason_alone(bill, signed_in):  # noqa: F811
    ada = signed_in("ada")
    first, second = BillLine.objects.for_(SYSTEM).filter(bill=bill).order_by("position")
    reason = {"reason": "We never had this line."}
    of_bill, of_line = hostile_fields(bill, but=()), hostile_fields(first, but=())
    posted = of_bill.posted | of_line.posted | reason
    assert ada.post(reverse("billing:dispute", args=[bill.pk, first.pk]), posted).status_code == 302
    hostile = hostile_fields(Dispute.objects.for_(SYSTEM).get(), but=reason)
    assert ada.post(reverse("billing:dispute", args=[bill.pk, second.pk]), hostile.posted | reason).status_code == 302
    assert (taken_from(bill, of_bill), taken_from(first, of_line)) == ([], [])
    assert [taken_from(row, hostile) for row in Dispute.objects.for_(SYSTEM)] == [[], []]


def test_d05_a_payment_takes_reference_amount_day_and_note_alone(bill, signed_in):  # noqa: F811
    olga = signed_in("olga")
    given = {"reference": "P1", "amount": "20.00", "paid_date": timezone.localdate().isoformat(), "note": "n"}
    of_bill = hostile_fields(bill, but=())
    assert olga.post(reverse("billing:pay", args=[bill.pk]), of_bill.posted | given).status_code == 302
    hostile = hostile_fields(Payment.objects.for_(SYSTEM).get(), but=given)
    again = hostile.posted | given | {"reference": "P2"}
    assert olga.post(reverse("billing:pay", args=[bill.pk]), again).status_code == 302
    assert [taken_from(row, hostile) for row in Payment.objects.for_(SYSTEM)] == [[], []]
    back = reverse("billing:reverse_payment", args=[bill.pk, Payment.objects.for_(SYSTEM).earliest("pk").pk])
    assert olga.post(back, hostile.posted | given | {"reference": "R1", "amount": "7"}).status_code == 302
    assert [taken_from(row, hostile) for row in Payment.objects.for_(SYSTEM)] == [[], [], []]
    assert [row.amount for row in Payment.objects.for_(SYSTEM).order_by("pk")] == [20, 20, -20]
    assert olga.post(reverse("billing:send", args=[bill.pk]), of_bill.posted).status_code == 302
    assert [name for name in taken_from(bill, of_bill) if name != "state"] == []


def test_d05_an_archive_takes_its_days_alone(bill, signed_in):  # noqa: F811
    ada = signed_in("ada")
    assert asked(ada).status_code == 302
    row = BillArchive.objects.for_(SYSTEM).get()
    hostile = hostile_fields(row, but=("first", "last"))
    ada.post(reverse("billing:archives"), hostile.posted | {"first": "2026-02-01", "last": "2026-12-31"})
    assert [taken_from(one, hostile) for one in BillArchive.objects.for_(SYSTEM)] == [[]] * BillArchive.objects.for_(
        SYSTEM
    ).count()
    assert Bill.objects.for_(SYSTEM).get(pk=bill.pk).state == bill.state


def test_c01_the_operators_pages_of_files_and_payments_are_closed_to_customers_and_know_no_strangers_rows(
    bill,  # noqa: F811
    world,
    signed_in,
):
    olga, today = signed_in("olga"), timezone.localdate().isoformat()
    olga.post(reverse("billing:pay", args=[bill.pk]), {"reference": "P1", "amount": "20", "paid_date": today})
    payment, other = Payment.objects.for_(SYSTEM).get(), load(of_b(), name="b.xml").bills[0]
    files = {("file", bill.file_id), ("file_content", bill.file_id)}
    there = files | {
        ("import_payments", "nothing"),
        ("pay", bill.pk),
        ("send", bill.pk),
        ("reverse_payment", bill.pk, payment.pk),
    }
    nowhere = {
        ("file", 999_999), ("file_content", 999_999), ("import_payments", "nothing"), ("pay", 999_999), ("send", 999_999),
        ("reverse_payment", 999_999, payment.pk), ("reverse_payment", other.pk, payment.pk), ("reverse_payment", bill.pk, 999_999),
    }  # fmt: skip
    given = {"reference": "R1", "note": "bounced", "paid_date": today, "amount": "1"}
    for who in ("ada", "cy", "pia", "bo"):
        browser = signed_in(who)
        assert {browser.post(address(*one), given).status_code for one in there - {("file_content", bill.file_id)}} == {
            403
        }, who
        assert browser.get(address("file_content", bill.file_id)).status_code == 403
    assert {one: olga.post(address(*one), given).status_code for one in nowhere if one[0] != "file_content"} == {
        one: 404 for one in nowhere if one[0] != "file_content"
    }
    assert olga.get(address("file_content", 999_999)).status_code == 404
    assert (Payment.objects.for_(SYSTEM).count(), Bill.objects.for_(SYSTEM).get(pk=bill.pk).state) == (1, bill.state)


def address(name: str, *words: object) -> str:
    return reverse(f"billing:{name}", args=words)
