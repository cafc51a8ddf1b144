"""The pages of bills: who sees which, documents, the operator's desk, archives, disputes."""

import base64
import csv
import io
import re
import zipfile
import zlib
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sportello.billing import tasks
from sportello.billing.archive import write_archive
from sportello.billing.models import Bill, BillArchive, BillFile, BillLine, Dispute, Payment
from sportello.billing.operations import dispute_line
from sportello.billing.operations.archives import file_of
from sportello.billing.tests.factories import (
    NOW,
    NUMBER,
    OFFICE_B,
    SYSTEM,
    VAT_B,
    customers,
    document,
    held_line,
    line,
    load,
    needs_schemas,
    xml,
)
from sportello.billing.web import views
from sportello.kernel.access import Profile
from sportello.kernel.models import Event
from sportello.kernel.refusals import NotPermitted, WrongState
from sportello.kernel.testing import arrange
from sportello.kernel.testing.cast import new_member

pytestmark = [needs_schemas, pytest.mark.django_db]


@pytest.fixture
def bill(world):
    customers(world)
    held_line(world)
    lines = (line("100.00", number=NUMBER, centre="CC1"), line("20.00", charge="TRAFFICO", centre="CC2"))
    return load(xml(*lines, split=True, agreement="AG9", cig="ABC1234567")).bills[0]


def of_b(**changes) -> bytes:
    from dataclasses import replace

    who = replace(document().customer, name="Beta S.r.l.", vat_number=VAT_B)
    return xml(customer=who, public=False, office_code=OFFICE_B, number="2026/B1", **changes)


def pages(bill) -> list[str]:
    names = ("bill", "print", "lines", "pdf", "original", "reconciliation")
    return [reverse(f"billing:{name}", args=[bill.pk]) for name in names]


def test_administrator_and_ebill_referent_see_the_bills_of_their_customer(bill, world, signed_in):
    with arrange():
        world.memberships["ebe"] = new_member(world.a, "Ebe", Profile.EBILL_REFERENT)
    load(of_b(), name="b.xml")
    for who in ("ada", "ebe"):
        page = signed_in(who).get(reverse("billing:index"))
        assert [row.number for row in page.context["listing"].rows] == ["2026/1"]
        assert [signed_in(who).get(address).status_code for address in pages(bill)] == [200] * 6


def test_h01_bills_of_another_customer_are_not_there_in_any_form(bill, signed_in):
    other = load(of_b(), name="b.xml").bills[0]
    line_pk = BillLine.objects.for_(SYSTEM).filter(bill=other).first().pk
    addresses = [
        *pages(other),
        reverse("billing:dispute", args=[other.pk, line_pk]),
        reverse("billing:dispute", args=[bill.pk, line_pk]),
    ]
    browser = signed_in("ada")
    assert [browser.get(address).status_code for address in addresses] == [404] * 8
    assert [
        browser.post(
            reverse("billing:dispute", args=[bill.pk, line_pk]), {"reason": "it is not mine at all"}
        ).status_code
    ] == [404]
    assert Dispute.objects.for_(SYSTEM).count() == 0


def test_h01_employee_sees_own_costs_and_no_bill(bill, signed_in):
    browser = signed_in("bo")
    assert [browser.get(address).status_code for address in pages(bill)] == [404] * 6
    assert browser.get(reverse("billing:index")).headers["Location"] == reverse("billing:own")
    page = browser.get(reverse("billing:own"))
    assert [(row.number, row.amount) for row in page.context["listing"].rows] == [(NUMBER, Decimal(100))]
    assert browser.get(reverse("billing:archives")).status_code == 403


def test_h01_links_of_mails_open_nothing_without_signing_in_and_file_names_nothing_at_all(bill, signed_in):
    stranger = Client()
    answers = [stranger.get(address) for address in pages(bill)]
    assert [answer.headers["Location"].partition("?")[0] for answer in answers] == ["/sign-in/"] * 6
    named = [f"/bills/{name}{bill.file.name}/" for name in ("", "files/", "archives/", f"{bill.pk}/")]
    assert [signed_in(who).get(address).status_code for who in ("ada", "cy") for address in named] == [404] * 8


def test_h05_customers_open_no_page_of_the_desk(bill, signed_in):
    desk = [reverse(f"billing:{name}") for name in ("files", "load", "run", "import_payments")]
    desk += [reverse("billing:file", args=[bill.file_id]), reverse("billing:pay", args=[bill.pk])]
    for who in ("ada", "bo", "pia"):
        assert [signed_in(who).get(address).status_code for address in desk] == [403] * 6
        assert signed_in(who).post(reverse("billing:pay", args=[bill.pk]), {"amount": "1"}).status_code == 403


def test_partner_and_agent_see_no_bills(bill, signed_in):
    assert signed_in("pia").get(reverse("billing:index")).status_code == 403


def test_original_comes_byte_for_byte_and_each_download_is_on_record(bill, signed_in):
    browser = signed_in("ada")
    answer = browser.get(reverse("billing:original", args=[bill.pk]))
    content = bytes(BillFile.objects.for_(SYSTEM).get(pk=bill.file_id).content)
    assert (answer.content, answer.headers["Content-Type"]) == (content, "application/xml")
    answer = browser.get(reverse("billing:pdf", args=[bill.pk]))
    assert (answer.content[:5], answer.headers["Content-Disposition"]) == (
        b"%PDF-",
        'attachment; filename="2026-1.pdf"',
    )
    told = Event.append_only.filter(kind="billing.downloaded").order_by("pk")
    assert [row.payload["what"] for row in told] == ["original", "pdf"]


def test_pdf_of_the_same_bill_is_the_same_and_holds_its_words(bill):
    from sportello.billing.archive import pdf_of

    assert pdf_of(bill) == pdf_of(Bill.objects.for_(SYSTEM).get(pk=bill.pk))


@pytest.mark.parametrize("number", [1, 3])
def test_list_of_bills_takes_the_same_queries_for_one_and_three(world, signed_in, django_assert_num_queries, number):
    customers(world)
    for place in range(number):
        load(xml(number=f"2026/{place}"), name=f"{place}.xml")
    browser = signed_in("ada")
    browser.get(reverse("billing:index"))
    with django_assert_num_queries(QUERIES_OF_THE_LIST):
        assert len(browser.get(reverse("billing:index")).context["listing"].rows) == number


QUERIES_OF_THE_LIST = 5


def test_lines_are_filtered_by_cost_centre_line_and_charge_and_exported(bill, signed_in):
    browser, address = signed_in("ada"), reverse("billing:lines", args=[bill.pk])
    found = [
        [row.position for row in browser.get(address, query).context["listing"].rows]
        for query in ({}, {"centre": "CC2"}, {"q": NUMBER}, {"charge": "fee"}, {"centre": "nobody's"})
    ]
    assert found == [[1, 2], [2], [1], [1], []]
    text = b"".join(browser.get(address, {"export": "csv"}).streaming_content).decode("utf-8-sig")
    assert [row.split(";")[-1] for row in text.splitlines()[1:]] == ["100,00000", "20,00000"] or text.count("\n") == 3


def test_filters_of_the_list_find_by_state_payment_and_cig(bill, signed_in):
    browser, address = signed_in("ada"), reverse("billing:index")
    found = [
        len(browser.get(address, query).context["listing"].rows)
        for query in (
            {"q": "ABC1234567"},
            {"payment": "due"},
            {"payment": "paid"},
            {"state": "issued"},
            {"issued_from": "2026-04-02"},
        )
    ]
    assert found == [1, 1, 0, 1, 0]


# --- the desk -------------------------------------------------------------------------------------------------------


def test_operator_loads_files_by_hand_and_reads_what_became_of_each(world, signed_in):
    customers(world)
    browser = signed_in("olga")
    files = [
        SimpleUploadedFile("good.xml", xml()),
        SimpleUploadedFile("bad.xml", xml().replace(b"<Imposta>22.00", b"<Imposta>23.00")),
        SimpleUploadedFile("doubt.xml", xml(office_code="ZZZZZZ", number="2026/3")),
    ]
    page = browser.post(reverse("billing:load"), {"documents": files})
    assert [one.word for one in page.context["outcomes"]] == ["loaded", "refused", "waiting"]
    shown = browser.get(reverse("billing:files"), {"state": "waiting"}).context["listing"].rows
    assert [row.name for row in shown] == ["doubt.xml"]
    waiting = shown[0]
    address = reverse("billing:file", args=[waiting.pk])
    assert browser.post(address, {"customer": "NOBODY", "why": "x"}).status_code == 422
    assert browser.post(address, {"customer": "B", "why": "x"}).status_code == 422
    assert browser.post(address, {"customer": "A", "why": "the office moved"}).status_code == 302
    assert browser.post(address, {"customer": "A", "why": "again"}).status_code == 422
    assert list(Bill.objects.for_(SYSTEM).order_by("pk").values_list("number", flat=True)) == ["2026/1", "2026/3"]
    assert browser.get(reverse("billing:file_content", args=[waiting.pk])).content == xml(
        office_code="ZZZZZZ", number="2026/3"
    )


def test_operator_enters_and_takes_back_a_payment(bill, signed_in):
    browser = signed_in("olga")
    address = reverse("billing:pay", args=[bill.pk])
    today = timezone.localdate().isoformat()
    assert browser.post(address, {"reference": "P1", "amount": "999.00", "paid_date": today}).status_code == 422
    assert browser.post(address, {"reference": "P1", "amount": "120.00", "paid_date": today}).status_code == 302
    payment = Payment.objects.for_(SYSTEM).get()
    back = reverse("billing:reverse_payment", args=[bill.pk, payment.pk])
    assert browser.post(back, {"reference": "R1", "note": "bounced", "paid_date": today}).status_code == 302
    assert browser.post(back, {"reference": "R2", "note": "bounced", "paid_date": today}).status_code == 422
    row = Bill.objects.for_(SYSTEM).get(pk=bill.pk)
    assert (row.paid, Payment.objects.for_(SYSTEM).count()) == (Decimal(0), 2)
    assert browser.post(reverse("billing:send", args=[bill.pk])).status_code == 302
    assert browser.post(reverse("billing:send", args=[bill.pk])).status_code == 409


def test_payments_are_loaded_from_a_file_with_a_preview(bill, signed_in):
    browser = signed_in("olga")
    text = b"reference,bill,amount,paid_on\nA1,2026/1,50.00,2026-04-09\n"
    preview = browser.post(reverse("billing:import_payments"), {"file": SimpleUploadedFile("p.csv", text)}, follow=True)
    report = preview.context["report"]
    browser.post(preview.redirect_chain[-1][0], {"seen": report.digest})
    assert Bill.objects.for_(SYSTEM).get(pk=bill.pk).paid == Decimal(50)


# --- disputes -------------------------------------------------------------------------------------------------------


def test_a_line_is_disputed_once_with_a_reason_and_tickets_hear_of_it(bill, ada, bo, signed_in):
    row = BillLine.objects.for_(SYSTEM).filter(bill=bill).select_related("bill").order_by("position").first()
    address = reverse("billing:dispute", args=[bill.pk, row.pk])
    browser = signed_in("ada")
    assert browser.post(address, {"reason": "no"}).status_code == 422
    assert browser.post(address, {"reason": "We never had this line."}).status_code == 302
    assert browser.post(address, {"reason": "We never had this line."}).status_code == 422
    told = Event.append_only.get(kind="billing.line_disputed")
    assert (told.organisation_id, told.payload["line_id"], told.payload["number"]) == (
        bill.organisation_id,
        row.pk,
        "2026/1",
    )
    assert "We never had this line." in browser.get(reverse("billing:bill", args=[bill.pk])).content.decode()
    with pytest.raises(NotPermitted):
        dispute_line(actor=bo, line=row, reason="I do not agree at all", now=NOW)


# --- what is taken out -------------------------------------------------------------------------------------------------------


def asked(browser):
    return browser.post(reverse("billing:archives"), {"first": "2026-01-01", "last": "2026-12-31"})


def test_print_says_how_many_lines_of_how_many_it_has(bill, signed_in):
    browser = signed_in("ada")
    address = reverse("billing:print", args=[bill.pk])
    page = browser.get(address).content.decode()
    assert ("data-print" in page, "the PDF has all of them" in page) == (True, False)
    facts = {"organisation": bill.organisation, "bill": bill, "unit_price": "1", "amount": 1, "vat_rate": "22.00"}
    with arrange():
        BillLine.objects.bulk_create([BillLine(position=place, **facts) for place in range(3, views.MOST_PRINTED + 2)])
    page = browser.get(address).content.decode()
    assert "The first 3,000 of 3,001 lines are here; the PDF has all of them." in page


def test_b06_what_a_viewer_takes_out_is_on_record_in_the_viewers_name(bill, world, ada, signed_in):
    asked(signed_in("ada"))
    row = BillArchive.objects.for_(ada).get()
    tasks.make_archive.func(row.pk)
    olga, held = signed_in("olga"), world.memberships["ada"]
    assert olga.post(f"/people/{held.person_id}/view-as/{held.pk}/", {"reason": "ticket 4711"}).status_code == 302
    for name in ("pdf", "original"):
        assert olga.get(reverse(f"billing:{name}", args=[bill.pk])).status_code == 200
    assert olga.get(reverse("billing:archive", args=[row.token])).status_code == 403
    viewer = world.memberships["olga"].person_id
    taken = Event.append_only.filter(kind="billing.downloaded").order_by("id")
    assert [(one.payload["what"], one.person_id, one.viewer_id) for one in taken] == [
        ("pdf", held.person_id, viewer), ("original", held.person_id, viewer),
    ]  # fmt: skip


def test_refused_bills_cannot_be_disputed(bill, ada):
    row = BillLine.objects.for_(SYSTEM).filter(bill=bill).select_related("bill").first()
    row.bill.state = "refused"
    with pytest.raises(WrongState):
        dispute_line(actor=ada, line=row, reason="something is wrong here", now=NOW)


def test_h09_totals_are_the_same_on_screen_in_csv_xlsx_pdf_and_the_archive(bill, ada, signed_in):
    from openpyxl import load_workbook

    from sportello.billing import queries
    from sportello.billing.archive import pdf_of

    browser, address = signed_in("ada"), reverse("billing:lines", args=[bill.pk])
    screen = sum(row.amount for row in browser.get(address).context["listing"].rows)
    text = b"".join(browser.get(address, {"export": "csv"}).streaming_content).decode("utf-8-sig")
    amounts = _csv_amounts(text)
    book = load_workbook(io.BytesIO(b"".join(browser.get(address, {"export": "xlsx"}).streaming_content)))
    cells = [row[-1] for row in book.active.iter_rows(min_row=2, values_only=True)]
    path = file_of(BillArchive(token="h09"))
    write_archive(path, queries.bills(ada))
    with zipfile.ZipFile(path) as archive:
        listed = archive.read("bills.csv").decode("utf-8-sig")
    assert (screen, sum(amounts), sum(Decimal(str(cell)) for cell in cells), bill.taxable) == (Decimal(120),) * 4
    assert "120.00" in listed or "120,00" in listed
    words = _words_of(pdf_of(bill))
    assert ("120.00" in words, "146.40" in words) == (True, True)


def _csv_amounts(text: str) -> list[Decimal]:
    rows = list(csv.reader(io.StringIO(text), delimiter=";" if ";" in text.splitlines()[0] else ","))
    return [Decimal(row[-1].replace(",", ".")) for row in rows[1:]]


def _words_of(pdf: bytes) -> str:
    """Return the drawn text of a PDF of reportlab, whose streams are Flate in ASCII85."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    drawn = b"".join(zlib.decompress(base64.a85decode(one.strip().removesuffix(b"~>"))) for one in streams)
    return drawn.decode("latin-1")
