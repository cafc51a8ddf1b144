"""What the operator and the customer read of bills in their own words: reasons, numbers, seats, the example of payments, the archive."""

import base64
import io
import re
import zipfile
import zlib
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from sportello.accounts.models import Person
from sportello.billing import tasks
from sportello.billing.archive import pdf_of
from sportello.billing.models import Bill, BillArchive, BillFile
from sportello.billing.operations import record_payment
from sportello.billing.operations.archives import file_of
from sportello.billing.tests.factories import (
    NOW,
    SYSTEM,
    VAT_A,
    customers,
    document,
    line,
    load,
    needs_schemas,
    xml,
)
from sportello.kernel.testing import arrange
from sportello.parties.models import Organisation

pytestmark = [needs_schemas, pytest.mark.django_db]
IBAN = "IT60X0542811101000000123456"


@pytest.fixture(autouse=True)
def _language_of_the_tests():
    """Leave the language of requests here: the next test begins in English."""
    with translation.override("en"):
        yield


@pytest.fixture
def desk(world, signed_in) -> Client:
    customers(world)
    return signed_in("olga")


def in_italian(browser: Client, address: str) -> str:
    reader = browser.get(address).wsgi_request.actor.person_id
    with arrange():
        Person.objects.across_tenants(reason="a test").filter(pk=reader).update(language="it")
    return browser.get(address).content.decode()


def page_of(outcome) -> str:
    return reverse("billing:file", args=[outcome.file.pk])


def test_reasons_are_in_the_readers_language_with_the_readers_numbers_and_days(desk) -> None:
    wrong = load(xml(line("1234.56")).replace(b"<Imposta>271.60", b"<Imposta>300.00"), name="sum.xml")
    assert [one.rule for one in wrong.file.reasons][:1] == ["SdI 00421"]
    shown = in_italian(desk, page_of(wrong))
    assert ("1.234,56" in shown, "1234.56" in shown) == (True, False)
    waits = load(xml(office_code="ZZZZZZ", number="2026/3"), name="waits.xml")
    shown = desk.get(page_of(waits)).content.decode()
    assert [one in shown for one in ("1 apr 2026", "122,00", "2026-04-01", "122.00", ">TD01<", ">customer<")] == [
        True, True, False, False, False, False,
    ]  # fmt: skip


def test_reasons_on_the_list_and_in_its_export_name_the_line_of_the_xml(desk) -> None:
    wrong = load(xml(line()).replace(b"<Imposta>22.00", b"<Imposta>23.00"), name="sum.xml")
    reason = wrong.file.reasons[0]
    assert (reason.line > 1, reason.whole) == (True, f"XML line {reason.line}: {reason.words}")
    address = reverse("billing:files")
    assert f"XML line {reason.line}: VAT of 22.00% on 100.00 is 22.00" in desk.get(address).content.decode()
    load(xml(office_code="ZZZZZZ", number="2026/3"), name="waits.xml")
    waiting = BillFile.objects.for_(SYSTEM).get(name="waits.xml").reasons[0]
    assert (waiting.rule, waiting.whole) == ("Customer", waiting.words)


def test_file_whose_number_is_taken_names_the_other_file_and_so_does_the_refused_assignment(desk) -> None:
    load(xml(line("10.00")), name="first.xml")
    second = load(xml(line("11.00")), name="second.xml")
    assert "that of the file first.xml" in desk.get(page_of(second)).content.decode()
    refused = desk.post(page_of(second), {"customer": "A", "why": "it is theirs"})
    assert (refused.status_code, "that of the file first.xml" in refused.context["form"].errors["beside"][0]) == (
        422, True,
    )  # fmt: skip


def test_customer_of_a_file_is_found_by_name_number_or_code(desk, world) -> None:
    waits = load(xml(office_code="ZZZZZZ"), name="waits.xml")
    offered = desk.get(page_of(waits)).context["found"]
    assert [one.code for one in offered] == ["A"]  # whose VAT number the file names
    found = [
        re.findall(r'value="(\w+)"', desk.get(page_of(waits), {"customer": text}, HTTP_HX_REQUEST="true").content.decode())
        for text in ("alfa", VAT_A[:6], f"IT{VAT_A}", "a", "nobody")
    ]  # fmt: skip
    every = sorted(one.code for one in Organisation.objects.for_(SYSTEM).filter(kind="customer"))
    assert (found[:3], sorted(found[3]), found[4]) == ([["A"]] * 3, every, [])
    for text, said in (("nobody", "No customer has"), ("e", "Several customers may be meant")):
        answer = desk.post(page_of(waits), {"customer": text, "why": "x"})
        assert (answer.status_code, said in answer.context["form"].errors["customer"][0]) == (422, True)
    assert desk.post(page_of(waits), {"customer": "comune di alfa", "why": "the office moved"}).status_code == 302
    assert Bill.objects.for_(SYSTEM).get().organisation_id == world.a.pk


def test_example_of_payments_is_of_an_open_bill_and_loads_as_it_is(desk) -> None:
    address = reverse("billing:import_payments")
    assert "CRO-2026-000123" in desk.get(address, {"example": "1"}).content.decode()  # there is no bill yet
    paid = load(xml(line("10.00"), number="2026/2", issue_date=date(2026, 4, 2))).bills[0]
    load(xml(line("1000.00")))
    facts = {"paid_date": date(2026, 4, 9), "note": "", "now": NOW}
    record_payment(actor=SYSTEM, bill=paid, reference="CRO-2026-000123", amount=paid.payable, **facts)
    example = desk.get(address, {"example": "1"}).content
    assert b"CRO-2026-000124,2026/1,1220.00," in example
    assert "1234.56" in desk.get(address).content.decode()
    preview = desk.post(address, {"file": SimpleUploadedFile("p.csv", example)}, follow=True)
    desk.post(preview.redirect_chain[-1][0], {"seen": preview.context["report"].digest})
    assert Bill.objects.for_(SYSTEM).get(number="2026/1").paid == Decimal(1220)


def test_more_than_is_open_is_refused_in_the_readers_numbers(desk) -> None:
    bill = load(xml(line("1000.00"))).bills[0]
    address = reverse("billing:pay", args=[bill.pk])
    in_italian(desk, address)
    given = {"reference": "P1", "amount": "2000,00", "paid_date": "2026-04-09"}
    assert "1.220,00\N{NO-BREAK SPACE}€" in str(desk.post(address, given).context["form"].errors["amount"])


def test_page_and_pdf_of_a_bill_show_seats_and_account_and_amounts_of_two_decimals(desk) -> None:
    abroad = replace(document().supplier, address="Calle Mayor 3", postcode="28001", city="Madrid", country="ES")
    lines = (line("21.645"), line("0.00865"))
    bill = load(xml(*lines, iban=IBAN, supplier=abroad)).bills[0]
    page = desk.get(reverse("billing:bill", args=[bill.pk])).content.decode()
    with translation.override("it"):
        words = words_of(pdf_of(bill))
    for seat in ("Via Roma 1, 00100 Roma RM", "Calle Mayor 3, Madrid, ES"):
        assert (seat in page, seat in words) == (True, True)
    assert (IBAN in page, IBAN in words) == (True, True)
    assert [one in words for one in ("21,65", "0,01", "21,645", "0,00865")] == [True, True, False, False]


def test_seat_that_nobody_knows_is_not_written(desk) -> None:
    unknown = replace(document().supplier, address="", postcode="", city="")
    bill = load(xml(supplier=unknown)).bills[0]
    facts = dict(desk.get(reverse("billing:bill", args=[bill.pk])).context["header"])
    assert facts["Supplier"] == "Operatore di prova · IT12345678903"


def test_list_and_pdfs_of_an_archive_are_in_the_language_of_its_person(desk, ada, signed_in) -> None:
    load(xml(line()))
    browser = signed_in("ada")
    in_italian(browser, reverse("billing:archives"))
    browser.post(reverse("billing:archives"), {"first": "2026-01-01", "last": "2026-12-31"})
    row = BillArchive.objects.for_(ada).get()
    tasks.make_archive.func(row.pk)
    with zipfile.ZipFile(io.BytesIO(file_of(row).read_bytes())) as archive:
        heads = archive.read("bills.csv").decode("utf-8-sig").splitlines()[0]
        drawn = words_of(archive.read("A/2026-04/TD01-2026-1/2026-1.pdf"))
    assert heads.startswith("Numero,Data,Documento,Cliente,Contratto,Imponibile,IVA,Totale,Da pagare,Pagato,Scadenza,")
    assert ("(Imponibile)" in drawn, "(Taxable)" in drawn) == (True, False)


def words_of(pdf: bytes) -> str:
    """Return the drawn text of a PDF of reportlab, whose streams are Flate in ASCII85."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    drawn = b"".join(zlib.decompress(base64.a85decode(one.strip().removesuffix(b"~>"))) for one in streams)
    return drawn.decode("latin-1")
