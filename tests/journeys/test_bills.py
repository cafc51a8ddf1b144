"""Bills as people meet them: the accounting office reads, filters, disputes and takes along; an employee sees the own costs; the operator's desk."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from sportello.billing.tests.factories import SAMPLES
from tests.journeys.conftest import Arrive, Visitor
from tests.journeys.test_first_slice import euro


def open_newest(visitor: Visitor) -> None:
    visitor.goto("/bills/")
    visitor.page.locator("#listing tbody tr td[data-label='Number'] a").first.click()
    visitor.page.wait_for_url("**/bills/*/")


def test_the_accounting_office_reads_a_bill_down_to_a_line_and_disputes_it(arrive: Arrive) -> None:
    ebe = arrive("ebe.ebill")
    open_newest(ebe)
    expect(ebe.page.get_by_role("heading", name="What is to be paid")).to_be_visible()
    ebe.page.get_by_role("link", name="Lines", exact=True).last.click()
    ebe.page.wait_for_url("**/lines/")
    ebe.page.get_by_label("Charge").select_option(label="Traffic")
    ebe.page.wait_for_url("**charge=traffic**")
    expect(ebe.page.locator("td[data-label='Charge']").filter(has_not_text="Traffic")).to_have_count(0)
    ebe.page.locator("td[data-label='Dispute'] a").first.click()
    ebe.page.get_by_label("What is wrong?").fill("Nobody used this line in that month.")
    ebe.press("Dispute the line")
    expect(ebe.page.get_by_text("The line is disputed.")).to_be_visible()
    expect(ebe.page.get_by_text("Nobody used this line in that month.").first).to_be_visible()


def test_payments_of_a_bill_are_shown_and_make_up_what_is_still_to_pay(arrive: Arrive) -> None:
    ebe = arrive("ebe.ebill")
    ebe.goto("/bills/?payment=paid")
    expect(ebe.page.locator("td[data-label='Payment']").filter(has_not_text="Paid")).to_have_count(0)
    ebe.page.locator("#listing tbody tr td[data-label='Number'] a").first.click()
    ebe.page.wait_for_url("**/bills/*/")
    paid = ebe.page.get_by_role("region", name="Payments").or_(ebe.page.locator("section.card").filter(has_text="Payments")).first
    amounts = [euro(text) for text in paid.locator("tbody td:last-child").all_inner_texts()]
    tiles = dict(zip(ebe.page.locator(".stat-label").all_inner_texts(), ebe.page.locator(".stat-value").all_inner_texts(), strict=True))
    assert amounts
    assert (sum(amounts), euro(tiles["Still to pay"])) == (euro(tiles["To pay"]), 0)


def test_a_bill_is_taken_along_as_pdf_as_xml_and_the_year_as_an_archive(arrive: Arrive, tmp_path: Path) -> None:
    ada = arrive("ada.administrator")
    open_newest(ada)
    with ada.page.expect_download() as pdf:
        ada.page.get_by_role("link", name="PDF").click()
    pdf.value.save_as(tmp_path / "bill.pdf")
    assert (tmp_path / "bill.pdf").read_bytes()[:5] == b"%PDF-"
    with ada.page.expect_download() as original:
        ada.page.get_by_role("link", name="Original").click()
    original.value.save_as(tmp_path / "bill.xml")
    assert f"<Numero>{ada.page.get_by_role('heading', level=1).inner_text().split()[-1]}<" in (tmp_path / "bill.xml").read_text()
    ada.goto("/bills/archives/")
    ada.press("Make the archive")
    expect(ada.page.get_by_role("link", name="Download").first).to_be_visible(timeout=60_000)  # the page looks again by itself
    with ada.page.expect_download() as archive:
        ada.page.get_by_role("link", name="Download").first.click()
    archive.value.save_as(tmp_path / "bills.zip")
    with zipfile.ZipFile(tmp_path / "bills.zip") as found:
        assert "bills.csv" in found.namelist()
        assert sum(name.endswith(".pdf") for name in found.namelist()) > 1


def test_an_employee_sees_the_own_costs_and_no_bill(arrive: Arrive) -> None:
    bo = arrive("bo.employee")
    bo.goto("/bills/")
    assert bo.where == "/bills/own/"
    expect(bo.page.get_by_role("heading", name="My costs", exact=True)).to_be_visible()
    expect(bo.page.locator("#listing tbody tr").first).to_be_visible()


@pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"the samples are not there: {SAMPLES}")
def test_the_operator_loads_files_and_reads_why_one_is_refused(arrive: Arrive) -> None:
    olga = arrive("olga.operator")
    olga.goto("/bills/files/load/")
    files = [SAMPLES / "invoice-b2g.xml", SAMPLES / "invoice-windows1252.xml"]
    olga.page.get_by_label("Bills or SdI messages").set_input_files(files)
    olga.press("Load")
    expect(olga.page.get_by_text("In <CodiceArticolo> <CodiceValore> is missing.").first).to_be_visible()
    expect(olga.page.get_by_text("No customer has the VAT number or tax code IT13029381004.")).to_be_visible()
    olga.goto("/bills/files/?state=refused")
    expect(olga.page.get_by_role("link", name="invoice-windows1252.xml")).to_be_visible()
