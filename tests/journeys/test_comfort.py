"""What makes the portal pleasant: finding by keyboard, dark at night, one's own language, no script, a small phone, paper."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive, Visitor

ADA = "ada.administrator"


def test_ctrl_k_finds_a_person_a_line_and_a_page(arrive: Arrive) -> None:
    ada = arrive(ADA)
    ada.goto("/help/")
    keys = ada.page.keyboard
    for typed, address in (("Bo Bru", r"/people/\d+/$"), ("312 000 0006", r"/inventory/lines/\d+/$"), ("Thresholds", r"/thresholds/$")):
        keys.press("Control+k")
        keys.type(typed)
        expect(ada.page.locator("#palette .hit[aria-selected='true']")).to_be_visible()
        keys.press("ArrowDown")
        keys.press("ArrowUp")
        keys.press("Enter")
        ada.page.wait_for_url(re.compile(address))
    keys.press("Control+k")
    expect(ada.page.locator("#palette")).to_be_visible()
    keys.press("Escape")
    expect(ada.page.locator("#palette")).to_be_hidden()


def test_the_palette_finds_nothing_of_others(arrive: Arrive) -> None:
    cy = arrive("cy.administrator")
    cy.goto("/")
    cy.page.keyboard.press("Control+k")
    cy.page.keyboard.type("bo.employee")
    expect(cy.page.locator("#palette-results")).to_contain_text("Nothing")
    expect(cy.page.locator("#palette .hit")).to_have_count(0)


def test_dark_stays_dark(arrive: Arrive) -> None:
    bo = arrive("bo.employee")
    bo.goto("/")
    paper = bo.page.evaluate("getComputedStyle(document.body).backgroundColor")
    bo.page.locator(".theme-toggle summary").click()
    bo.press("Dark")
    night = bo.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert night != paper
    bo.goto("/account/")
    assert bo.page.evaluate("getComputedStyle(document.body).backgroundColor") == night
    bo.page.locator(".theme-toggle summary").click()
    bo.press("Light")
    assert bo.page.evaluate("getComputedStyle(document.body).backgroundColor") == paper


def test_each_language_says_it_in_its_own_words(arrive: Arrive) -> None:
    bo = arrive()
    bo.sign_in("bo.employee")
    bo.goto("/thresholds/")
    told = {}
    for language in ("en", "es", "it"):  # the own one last: what is written to Bo later speaks it
        bo.page.locator("details.menu").filter(has=bo.page.locator("button[name=language]")).locator("summary").click()
        bo.page.locator(f"button[name=language][value={language}]").click()
        expect(bo.page.locator("html")).to_have_attribute("lang", language)
        assert bo.where == "/thresholds/"
        told[language] = bo.page.get_by_role("heading", level=1).inner_text()
    assert told == {"it": "Le mie soglie", "es": "Mis umbrales", "en": "My thresholds"}


def test_numbers_and_days_follow_the_language(arrive: Arrive) -> None:
    shown = {}
    for language in ("it", "en"):
        ada = arrive(ADA, language=language)
        ada.goto("/traffic/")
        shown[language] = ada.page.locator(".stat-value").first.inner_text()
    assert re.fullmatch(r"[\d.]+,\d\d\s€", shown["it"])
    assert re.fullmatch(r"€[\d,]+\.\d\d", shown["en"])


def test_without_javascript_one_signs_in_narrows_a_list_and_sets_a_threshold(arrive: Arrive) -> None:
    tito = arrive(java_script_enabled=False)
    tito.sign_in("ada.administrator")
    tito.goto("/thresholds/")
    tito.page.get_by_label("State").select_option(label="Suspended")
    tito.press("Filter")
    states = tito.page.locator("td[data-label='State']").all_inner_texts()
    assert set(states) == {"Suspended"}
    tito.press("New threshold")
    tito.page.get_by_label("Number or holder of the line").fill("Flora Fontana")
    tito.press("Find")
    tito.page.locator("main tbody a").first.click()
    tito.page.get_by_label("What to watch").select_option(label="Messages, by number")
    tito.page.get_by_label(re.compile("^Limit per")).fill("7777")
    tito.press("Set the threshold")
    expect(tito.page.locator("main")).to_contain_text("7,777")
    card = tito.page.locator("section.card").filter(has_text="7,777")
    card.get_by_role("button", name="Suspend").click()
    expect(tito.page.locator("section.card").filter(has_text="7,777")).to_contain_text("Suspended")
    tito.goto("/")
    tito.page.locator("summary", has_text="Your menu").click()
    tito.press("Sign out")
    assert tito.where == "/sign-in/"


def test_on_a_phone_the_navigation_opens_and_closes(arrive: Arrive) -> None:
    ada = arrive(ADA, viewport={"width": 375, "height": 740}, has_touch=True, is_mobile=True)
    ada.goto("/")
    side = ada.page.get_by_role("complementary", name="Sections")
    expect(side).to_be_hidden()
    ada.page.get_by_role("button", name="Open the navigation").tap()
    expect(side).to_be_visible()
    side.get_by_role("link", name="Lines").tap()
    ada.page.wait_for_url("**/inventory/")
    expect(side).to_be_hidden()
    first = ada.page.locator("#listing tbody tr").first
    expect(first).to_be_visible()
    assert first.bounding_box()["width"] <= 375


@pytest.mark.parametrize("path", ["/", "/inventory/", "/traffic/", "/thresholds/"])
def test_on_paper_there_is_the_content_alone(arrive: Arrive, path: str) -> None:
    ada = arrive(ADA)
    ada.goto(path)
    ada.page.emulate_media(media="print")
    expect(ada.page.locator(".side")).to_be_hidden()
    expect(ada.page.locator(".top")).to_be_hidden()
    expect(ada.page.get_by_role("heading", level=1)).to_be_visible()
    assert ada.page.evaluate("getComputedStyle(document.body).backgroundColor") in {"rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"}
    assert len(ada.page.pdf(format="A4")) > 10_000


def test_a_form_keeps_what_was_typed_and_leads_to_what_is_wrong(arrive: Arrive) -> None:
    ada: Visitor = arrive(ADA)
    ada.goto("/people/new/")
    ada.page.get_by_label("Given name").fill("Zita")
    ada.page.get_by_label("E-mail").fill("not an address")
    ada.press("Save")
    summary = ada.page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    expect(ada.page.get_by_label("Given name")).to_have_value("Zita")
    expect(ada.page.get_by_label("E-mail")).to_have_value("not an address")
    summary.get_by_role("link").filter(has_text="E-mail").click()
    expect(ada.page.get_by_label("E-mail")).to_be_focused()
