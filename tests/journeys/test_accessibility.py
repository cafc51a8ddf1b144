"""Every page that a profile can open, found by walking its links: no violation in light, dark and on a phone, nothing over the edge."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import Resolver404, resolve
from playwright.sync_api import Page, expect

from sportello.kernel.access import MATRIX, Access, Profile
from tests.architecture.test_pages import pages
from tests.journeys.conftest import Arrive, Visitor
from tests.journeys.exports import READERS, Amounts

pytestmark = pytest.mark.timeout(1200)  # the operator's pages are many: minutes on a quiet machine, more on a busy one

PEOPLE = {
    "olga.operator": Profile.OPERATOR_ADMIN,
    "otto.agent": Profile.OPERATOR_AGENT,
    "cora.compliance": Profile.COMPLIANCE_OFFICER,
    "mina.manager": Profile.CLIENT_MANAGER,
    "pia.partner": Profile.PARTNER_ADMIN,
    "pino.agent": Profile.PARTNER_AGENT,
    "ada.administrator": Profile.ADMINISTRATOR,
    "ebe.ebill": Profile.EBILL_REFERENT,
    "dina.dual": Profile.DUAL_BILLING_REFERENT,
    "tito.traffic": Profile.TRAFFIC_MANAGER,
    "flora.fleet": Profile.FLEET_CONTACT,
    "bo.employee": Profile.EMPLOYEE,
}
FILES = {
    "accounts:authenticator_picture", "accounts:recovery_codes_file", "usage:rejects",
    "messaging:simulator_mail", "messaging:original", "usage:export_file", "usage:documentation_file", "billing:pdf", "billing:original", "billing:file_content", "billing:archive",
    "tickets:file", "tickets:by_link_file", "tickets:request_file", "dual_billing:consent", "orders:document",
}  # fmt: skip
"""Addresses that answer with a file or a picture; the mail is looked at inside the simulator's page."""
NOT_BY_LINK = {
    "accounts:authenticator_needed", "accounts:authenticator_scan", "accounts:email_code", "accounts:kept_form",
    "accounts:mobile_code", "usage:open_numbers", "usage:edit_report", "thresholds:bulk", "accounts:authenticator_remove",
    "thresholds:notices_new", "parties:own_organisation", "tickets:entries", "tickets:request_entries", "dual_billing:sign",
}  # fmt: skip
"""Steps that only a form before them opens, what is there once somebody made it, a part of a page, and an address that leads on."""
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}
ALL_BUT_COLOURS = {"rules": {"color-contrast": {"enabled": False}}, "resultTypes": ["violations"]}
"""On a phone things stand elsewhere, in the colours that were scanned before; to weigh these takes most of a scan's time."""
SHAPE = """() => {
  const found = new Set(), walk = (one, path) => {
    const here = path + '>' + one.tagName + '.' + [...one.classList].sort().join('.') + [...one.attributes].map(a => a.name).sort();
    found.add(here);
    if (one.tagName !== 'svg') { [...one.children].forEach(child => walk(child, here.slice(-400))); }
  };
  walk(document.body, '');
  return [...found];
}"""
"""The kinds of elements of a page, each with what is around it: what was scanned once is not scanned again for the next profile."""


@dataclass
class Scans:
    """What was scanned by all profiles together."""

    shapes: dict[str, set[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    walked: set[Profile] = field(default_factory=set)
    amounts: Amounts = field(default_factory=Amounts)


@pytest.fixture(scope="module")
def scans() -> Scans:
    return Scans()


def name_of(address: str) -> str:
    """Return the name of the page that an address leads to, or nothing."""
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return ""


def violations(page: Page, how: str, **options: Any) -> list[str]:
    """Scan what is on screen."""
    found = Axe().run(page, options=options or {"resultTypes": ["violations"]}).response["violations"]
    where = urlsplit(page.url).path
    return [f"{where} {how}: {one['id']} {[node['target'] for node in one['nodes']][:4]}" for one in found]


def faults(page: Page, scans: Scans) -> list[str]:
    """Scan a page in light, in dark (there, colours are all that changes), and on a phone; look for what runs over the edge."""
    wide(page)
    known = scans.shapes.setdefault(name_of(page.url) or page.title(), set())
    shape = set(page.evaluate(SHAPE))
    new = not shape <= known
    known |= shape
    found = []
    if new:
        found += violations(page, "light")
        page.emulate_media(color_scheme="dark")
        found += violations(page, "dark", **COLOURS)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 375, "height": 800})
        found += violations(page, "phone", **ALL_BUT_COLOURS)
    page.set_viewport_size({"width": 320, "height": 800})
    broad = page.evaluate("document.scrollingElement.scrollWidth")
    return found + ([f"{page.url} is {broad} pixels broad on a phone of 320"] if broad > 320 else [])


def wide(page: Page) -> None:
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1400, "height": 900})


def walk(visitor: Visitor) -> Iterator[str]:
    """Open the pages that links lead to, each name once, and yield the name while it is on screen."""
    seen, waiting = {"shell:home"}, ["/"]
    while waiting:
        visitor.goto(waiting.pop(0))
        yield name_of(visitor.page.url)
        links = visitor.page.eval_on_selector_all("a[href]:not([download])", "all => all.map(one => one.href)")
        for link in links:
            name, parts = name_of(link), urlsplit(link)
            if link.startswith(visitor.portal.address) and name and name not in seen | FILES and "export=" not in parts.query:
                seen.add(name)
                waiting.append(f"{parts.path}?{parts.query or 'size=25'}")


@pytest.mark.parametrize("username", PEOPLE)
def test_every_page_of_a_profile(arrive: Arrive, scans: Scans, username: str) -> None:
    visitor, found = arrive(username), []
    if username == "tito.traffic":
        visitor.goto("/act-as/")
        found += faults(visitor.page, scans)
        scans.names.add(name_of(visitor.page.url))
        wide(visitor.page)
        visitor.act_as(PEOPLE[username])
    for name in walk(visitor):
        found += faults(visitor.page, scans)
        scans.names.add(name)
        if username in READERS:
            scans.amounts.look(visitor)
    assert found == [], "\n".join(found)
    scans.walked.add(PEOPLE[username])


def test_no_page_was_left_out(scans: Scans) -> None:
    if scans.walked != set(Profile):
        pytest.skip("not every profile walked")
    to_open = {
        address.name for address in pages()
        if "GET" in address.mark.methods and any(MATRIX[profile].get(address.mark.section, Access.NONE) is not Access.NONE for profile in Profile)
    }  # fmt: skip
    assert to_open - scans.names - FILES - NOT_BY_LINK == set()


def test_amounts_of_every_export_read_alike(scans: Scans) -> None:
    if scans.walked != set(Profile):
        pytest.skip("not every profile walked")
    assert scans.amounts.wrong[:10] == []
    assert scans.amounts.never_seen() == set()


def test_the_pages_before_the_door(visitor: Visitor, scans: Scans) -> None:
    page, found = visitor.page, []
    for path in ("/sign-in/", "/sign-in/?as=bo.employee", "/password/forgotten/", "/password/forgotten/sent/", "/simulator/"):
        visitor.goto(path)
        found += faults(page, scans)
    for path in ("/nowhere/", "/invitation/no-such-link/", "/password/reset/no-such-link/"):
        page.goto(f"{visitor.portal.address}{path}")
        found += faults(page, scans)
    visitor.goto("/sign-in/")
    visitor.press("Continue")
    expect(page.locator("[data-error-summary]")).to_be_visible()
    found += faults(page, scans)
    visitor.goto("/sign-in/?as=bo.employee")
    wide(page)
    visitor.press("Continue")
    page.get_by_label("Code").fill("12")
    visitor.press("Sign in")
    found += faults(page, scans)
    assert found == [], "\n".join(found)


def test_the_pages_that_a_link_of_a_mail_opens(visitor: Visitor, scans: Scans) -> None:
    visitor.goto("/password/forgotten/")
    visitor.page.get_by_label(re.compile("Username|E-mail")).first.fill("cy.administrator")
    visitor.page.locator("main button[type=submit]").first.click()
    assert visitor.where == "/password/forgotten/sent/"
    link = visitor.mail_link("cy.administrator@", "/password/reset/")
    visitor.page.goto(link)
    assert faults(visitor.page, scans) == []


def test_the_steps_of_the_own_account(arrive: Arrive, scans: Scans) -> None:
    """The pages between the forms: adding an authenticator app, and what a wrong form looks like."""
    cy, found = arrive("cy.administrator"), []
    cy.goto("/account/authenticator/add/")
    cy.page.locator("main input[name=name]").fill("My phone")
    if (again := cy.page.locator("main input[type=password]")).count():  # asked for, unless it was just given
        again.fill(cy.portal.logins["cy.administrator"]["password"])
    cy.page.locator("main button[type=submit]").first.click()
    assert name_of(cy.page.url) == "accounts:authenticator_scan"
    found += faults(cy.page, scans)
    for path in ("/people/new/", "/account/password/"):
        cy.goto(path)
        wide(cy.page)
        cy.page.locator("main form[method=post] button[type=submit]").first.click()
        expect(cy.page.locator("[data-error-summary]")).to_be_visible()
        found += faults(cy.page, scans)
    assert found == [], "\n".join(found)


def test_the_pages_of_refusals_and_of_viewing_as(arrive: Arrive, scans: Scans) -> None:
    bo, found = arrive("bo.employee"), []
    for path, status in (("/inventory/", 403), ("/traffic/lines/999999/", 404), ("/nowhere/", 404)):
        assert bo.page.goto(f"{bo.portal.address}{path}").status == status
        found += faults(bo.page, scans)
    olga = arrive()
    olga.sign_in("olga.operator")
    olga.goto("/people/?q=ada.administrator")
    olga.page.locator("#listing tbody a").first.click()
    olga.page.get_by_role("link", name=re.compile("^View as")).first.click()
    found += faults(olga.page, scans)
    olga.page.get_by_label("Reason").fill("Looking at the banner")
    wide(olga.page)
    olga.press("View as")
    for path in ("/", "/thresholds/"):
        olga.goto(path)
        found += faults(olga.page, scans)
    olga.goto("/")
    olga.press("Stop viewing")
    assert found == [], "\n".join(found)


def test_the_preview_of_an_import_and_a_bulk_action(arrive: Arrive, scans: Scans, tmp_path) -> None:
    ada, found, file = arrive("ada.administrator"), [], tmp_path / "people.csv"
    file.write_text("customer_code,person_code,given_name,family_name\nC00001,axe-1,Anna,Axe\nC00001,,,\n")
    ada.goto("/people/import/")
    ada.page.get_by_label("File").set_input_files(os.fspath(file))
    ada.press("Check the file")
    found += faults(ada.page, scans)
    ada.press("Throw the file away")
    wide(ada.page)
    ada.goto("/inventory/?status=active")
    ada.page.locator("input[data-row]").first.check()
    found += faults(ada.page, scans)
    wide(ada.page)
    ada.page.locator(".bulk").get_by_role("button", name="Assign").click()
    found += faults(ada.page, scans)
    assert found == [], "\n".join(found)


def test_menus_dialogs_and_the_palette_open(arrive: Arrive, scans: Scans) -> None:
    ada = arrive("ada.administrator")
    ada.goto("/inventory/")
    found = []
    for words in ("Your menu", "Light or dark", "Views"):
        ada.page.locator("summary", has_text=words).click()
        found += violations(ada.page, words)
        ada.page.keyboard.press("Escape")
    ada.page.keyboard.press("Control+k")
    ada.page.keyboard.type("bruno")
    expect(ada.page.locator("#palette .hit").first).to_be_visible()
    found += violations(ada.page, "palette")
    ada.page.keyboard.press("Escape")
    ada.goto("/people/?q=bo.employee")
    ada.page.locator("#listing tbody a").first.click()
    ada.page.locator("summary", has_text="More").click()
    ada.press("Deactivate")
    found += violations(ada.page, "dialog")
    assert found == [], "\n".join(found)
