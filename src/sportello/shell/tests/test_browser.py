"""The frame in a real Chromium: accessibility in every theme and width, and what the one script does."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from sportello.inventory.tests.factories import make_line

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("browser"), pytest.mark.django_db(transaction=True)]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
COMPONENTS, HOME, SEARCH, ACCESS, HELP = "/components/", "/", "/search/?q=39351", "/access/", "/help/"
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # The browser's driver keeps an event loop in this thread; rows are arranged here while it rests.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def session(browser: Browser, world, signed_in: Callable[[str], Client]) -> str:
    make_line(world.a, "+393510000012", person=world.memberships["ada"].person)
    return signed_in("olga").cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def open_page(browser: Browser, session: str, live_server: Any) -> Iterator[Open]:
    """Open a page as Olga in a window of her own; a script error or a resource that the policy refused fails the test."""
    faults: list[str] = []
    windows: list[BrowserContext] = []

    def open_(path: str, **window: Any) -> Page:
        windows.append(browser.new_context(**({"locale": "en-GB", "reduced_motion": "reduce"} | window)))
        windows[-1].add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page = windows[-1].new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda note: faults.append(note.text) if "Content Security" in note.text else None)
        answer = page.goto(f"{live_server.url}{path}")
        assert answer is not None
        assert answer.status == 200
        return page

    yield open_
    for window in windows:
        window.close()
    assert faults == []


def violations(page: Page) -> list[tuple[str, list[Any]]]:
    found = Axe().run(page).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]


@pytest.mark.parametrize(
    "window",
    [
        {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
        {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
        {"viewport": {"width": 320, "height": 640}, "color_scheme": "light"},
    ],
    ids=["wide", "dark", "narrow"],
)
def test_no_page_of_the_shell_violates_accessibility_or_runs_over_its_edge(open_page: Open, window) -> None:
    for path in (COMPONENTS, HOME, SEARCH, ACCESS, HELP):
        page = open_page(path, **window)
        assert (path, violations(page)) == (path, [])
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
        page.context.close()


def test_the_chosen_theme_is_there_before_the_first_paint_and_stays(open_page: Open) -> None:
    page = open_page(HOME, color_scheme="light")
    page.locator(".theme-toggle summary").click()
    page.get_by_role("button", name="Dark").click()
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    page.reload(wait_until="commit")
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"


def test_without_a_choice_the_theme_follows_the_device(open_page: Open) -> None:
    page = open_page(HOME, color_scheme="dark")
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    page.emulate_media(color_scheme="light")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_the_palette_finds_and_opens_by_keyboard_alone(open_page: Open) -> None:
    page = open_page(HOME)
    page.keyboard.press("Control+k")
    page.keyboard.type("351 000 0012")
    hit = page.locator("#palette .hit").first
    expect(hit).to_have_attribute("aria-selected", "true")
    assert violations(page) == []
    page.keyboard.press("Enter")
    page.wait_for_url("**/inventory/lines/*/")


def test_escape_closes_the_palette_at_once(open_page: Open) -> None:
    page = open_page(HOME)
    page.keyboard.press("/")
    page.keyboard.type("abc")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()


def test_a_second_click_sends_nothing(open_page: Open) -> None:
    page = open_page(COMPONENTS)
    sent: list[str] = []

    def hold(route: Route) -> None:
        if route.request.method == "POST":
            sent.append(route.request.url)
            return
        route.continue_()

    page.route("**/components/", hold)
    form = page.locator("form:has([name=fresh-name])")
    form.evaluate(
        "form => { form.noValidate = true; form.requestSubmit(); form.requestSubmit(); form.requestSubmit(); }"
    )
    page.wait_for_timeout(300)
    assert len(sent) == 1


def test_choosing_all_rows_shows_how_many(open_page: Open) -> None:
    page = open_page(COMPONENTS)
    bar = page.locator(".bulk")
    expect(bar).to_be_hidden()
    page.locator("[data-all-rows]").check()
    expect(bar.locator("[data-chosen]")).to_have_text("4")
    page.locator("[data-row]").first.uncheck()
    expect(bar.locator("[data-chosen]")).to_have_text("3")
    assert page.locator("[data-all-rows]").evaluate("box => box.indeterminate")


def test_a_dialog_asks_first_and_can_be_left(open_page: Open) -> None:
    page = open_page(COMPONENTS)
    page.get_by_role("button", name="Open a dialog").click()
    dialog = page.get_by_role("dialog", name="Deactivate this line?")
    expect(dialog).to_be_visible()
    assert violations(page) == []
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()


def test_errors_are_brought_before_the_reader(open_page: Open) -> None:
    page = open_page(COMPONENTS)
    expect(page.locator("[data-error-summary]")).to_be_focused()


def test_without_javascript_search_navigation_and_language_work(open_page: Open) -> None:
    page = open_page(HOME, java_script_enabled=False, viewport={"width": 375, "height": 700})
    page.get_by_role("button", name="Open the navigation").click()
    page.get_by_role("link", name="Customers", exact=True).first.click()
    page.wait_for_url("**/organisations/")
    page.goto(page.url.replace("/organisations/", "/search/"))
    page.locator("#page-q").fill("351 000 0012")
    page.locator(".search-page button").click()
    assert page.locator(".hit-list .hit").count() == 1
    page.locator("details.menu summary").first.click()
    page.locator("button[lang=es]").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
