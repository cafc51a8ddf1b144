"""Dual billing as people live it: the referent asks, the employee reads the terms and signs with a code, nobody else sees the secrets."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Arrive, Visitor
from tests.journeys.test_accessibility import violations

TAX_CODE, IBAN = "RSSMRA85T10A562S", "IT60X0542811101000000123456"
"""Both of nobody: the examples by which their check digits are explained."""


def asked(dina: Visitor, number: str, consent: Path) -> None:
    """End what the line has, and ask anew; the first try forgets a digit of the account."""
    dina.goto("/dual-billing/")
    dina.page.locator("#listing tbody tr").filter(has_text="Flora").first.get_by_role("link").first.click()
    if dina.page.locator("[commandfor='end-it']").count():  # not so where an earlier run was broken off here
        dina.press("End")
        dina.page.locator("dialog[open]").get_by_role("button", name="End dual billing").click()
        expect(dina.page.get_by_text("Dual billing of the line has ended")).to_be_visible()
    dina.goto(f"/dual-billing/new/?number={number}")
    for label, value in {
        "Tax code": TAX_CODE, "E-mail": "flora@casa.example", "Address": "Via dei Tigli 1", "Postcode": "50100",
        "City": "Firenze", "IBAN": IBAN[:-1],
    }.items():  # fmt: skip
        dina.page.get_by_label(re.compile(f"^{label}")).fill(value)
    dina.page.get_by_label("Consent document").set_input_files(consent)
    dina.press("Ask the employee")
    expect(dina.page.get_by_label(re.compile("^IBAN"))).to_have_attribute("aria-invalid", "true")
    expect(dina.page.get_by_label("Tax code")).to_have_value(TAX_CODE)
    dina.page.get_by_label(re.compile("^IBAN")).fill(IBAN)
    dina.page.get_by_label("Consent document").set_input_files(consent)
    dina.press("Ask the employee")
    expect(dina.page.get_by_text("Asked. The employee is told by mail")).to_be_visible()


def scanned(page: Page) -> list[str]:
    """Scan a page that only a form leads to, in light and dark."""
    found = violations(page, "light")
    page.emulate_media(color_scheme="dark")
    found += violations(page, "dark")
    page.emulate_media(color_scheme="light")
    return found


def test_the_referent_asks_and_the_employee_signs_with_a_code(arrive: Arrive, tmp_path: Path) -> None:
    consent = tmp_path / "consent.pdf"
    consent.write_bytes(b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
    dina, flora = arrive("dina.dual"), arrive("flora.fleet")
    flora.goto("/dual-billing/own/")
    number = "".join(flora.page.locator("main .card h2").first.inner_text().split())
    asked(dina, number, consent)
    path = dina.where
    expect(dina.page.get_by_text(IBAN)).to_have_count(0)
    with dina.page.expect_download() as taken:
        dina.press("Take the document")
    assert taken.value.path().read_bytes() == consent.read_bytes()

    flora.goto("/dual-billing/own/")
    flora.press("Read the terms and accept")
    assert flora.where.endswith("/sign/")
    assert scanned(flora.page) == []
    code = flora.code(flora.portal.logins["flora.fleet"]["name"])
    flora.page.get_by_label("Code").fill("000000" if code != "000000" else "111111")
    flora.page.get_by_label("I have read the terms").check()
    flora.press("Accept")
    expect(flora.page.get_by_label("Code")).to_have_attribute("aria-invalid", "true")
    flora.page.get_by_label("Code").fill(code)
    flora.page.get_by_label("I have read the terms").check()
    flora.press("Accept")
    expect(flora.page.get_by_text("You accepted dual billing.")).to_be_visible()

    dina.goto(path)
    expect(
        dina.page.locator("main").get_by_text("Active", exact=True).or_(dina.page.get_by_text("Accepted")).first
    ).to_be_visible()
    bo = arrive("bo.employee")
    assert bo.status(path) in {403, 404}
