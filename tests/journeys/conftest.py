"""A person in a real Chromium, on the real portal: `sportello demo` as a process group with its demo base, on SQLite."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from sportello.kernel.access import Profile
from tests.postgres import free_port

START_WITHIN = 240.0
WINDOW = {
    "locale": "en-GB",
    "timezone_id": "Europe/Rome",
    "viewport": {"width": 1280, "height": 900},
    "reduced_motion": "reduce",
}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the journeys: they are walked apart from the suite."""
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker(pytest.mark.journey)


@dataclass
class Portal:
    """The running demo."""

    address: str
    folder: Path
    process: subprocess.Popen[bytes] | None = None
    states: dict[str, Any] = field(default_factory=dict)

    @property
    def drop(self) -> Path:
        return self.folder / "drop"

    @property
    def logins(self) -> dict[str, dict[str, str]]:
        return {login["username"]: login for login in json.loads((self.folder / "demo-logins.json").read_text())}

    def command(self, *words: str) -> str:
        """Run one `sportello` command on this portal's data; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "sportello", *words], env=self.environment(), capture_output=True, text=True, check=True, timeout=120
        )
        return done.stdout

    def environment(self) -> dict[str, str]:
        return demo_environment(self.folder, self.address)


def demo_environment(folder: Path, address: str) -> dict[str, str]:
    """Return an environment in which the commands work on the demo in `folder`, whatever the test run's own database is."""
    mine = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}}
    return mine | {
        "SPORTELLO_MODE": "demo",
        "SPORTELLO_DATA_FOLDER": str(folder),
        "SPORTELLO_PUBLIC_URL": address,
        "SPORTELLO_LOG_LEVEL": "WARNING",
        "SPORTELLO_CODE_RESEND_SECONDS": "0",
        "SPORTELLO_CODE_SENDS": "500",
    }


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Start the demo, wait for it, and end it as a person does: by Ctrl-C. JOURNEYS_AT=<address>=<data folder> takes one that runs."""
    if running := os.environ.get("JOURNEYS_AT"):
        address, _, folder_of_it = running.partition("=")
        yield Portal(address=address, folder=Path(folder_of_it))
        return
    folder = tmp_path_factory.mktemp("demo")
    listen = f"127.0.0.1:{free_port()}"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "sportello", "demo", "--listen", listen],
            env=demo_environment(folder, f"http://{listen}"),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    running = Portal(address=f"http://{listen}", folder=folder, process=process)
    _wait(running)
    yield running
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(timeout=40) == 0, (folder / "log").read_text()[-2000:]


def _wait(portal: Portal) -> None:
    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{portal.address}/health/ready", timeout=2).read()  # noqa: S310 - our own address
            return  # noqa: TRY300 - it is up
        except OSError:
            if portal.process and portal.process.poll() is not None:
                break
            time.sleep(0.3)
    pytest.fail("the demo did not start:\n" + (portal.folder / "log").read_text()[-4000:])


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; nothing is downloaded."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert path, "no Chromium on this machine: tests/machine.py installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """One person with a browser window of their own."""

    portal: Portal
    context: BrowserContext
    page: Page

    def goto(self, path: str) -> None:
        """Open a page of the portal; anything but a good answer fails."""
        answer = self.page.goto(f"{self.portal.address}{path}")
        assert answer is not None
        assert answer.status < 400, f"{path}: {answer.status}"

    def status(self, path: str) -> int:
        """Return the status of an address typed by hand, without leaving the page."""
        return self.context.request.get(f"{self.portal.address}{path}", max_redirects=1).status

    @property
    def where(self) -> str:
        """Return the path on screen."""
        return urlsplit(self.page.url).path

    def press(self, name: str) -> None:
        """Press a button or link by its words."""
        named = re.compile(rf"^\s*{re.escape(name)}\b")
        self.page.get_by_role("button", name=named).or_(self.page.get_by_role("link", name=named)).first.click()

    def sign_in(self, username: str) -> None:
        """Sign in as one of the demo's named logins, as a newcomer does: one click, then the code of the simulator."""
        login = self.portal.logins[username]
        self.goto("/sign-in/")
        self.page.locator(f'.demo-list a[href*="as={username}"]').click()
        self.press("Continue")
        self.page.get_by_label("Code").fill(self.code(login["name"]))
        self.press("Sign in")
        self.page.wait_for_url(lambda url: "/sign-in/" not in url)

    def act_as(self, profile: Profile) -> None:
        """Choose a profile on the page that asks a person who holds several."""
        held = self.page.locator(".held li").filter(has_text=str(profile.label)).first
        held.get_by_role("button").or_(held.get_by_role("link")).click()

    def code(self, name: str, *, other_than: str = "") -> str:
        """Read the newest one-time code on somebody's phone in the simulator, as a person would in another tab."""
        with self.simulator() as tab:
            for _wait_for_worker in range(120):
                phone = tab.get_by_role("navigation", name="Phones").get_by_role("link").filter(has_text=name)
                if phone.count():
                    phone.first.click()
                    found = tab.locator(".sim-code .code").first
                    code = re.sub(r"\D", "", found.inner_text()) if found.count() else ""
                    if code and code != other_than and tab.locator(".sim-text").first.locator(".sim-code").count():
                        return code
                time.sleep(0.25)
                tab.reload()
        raise AssertionError(f"no code on the phone of {name}")

    def texts(self, name: str) -> list[str]:
        """Return the texts on somebody's phone, the newest first."""
        with self.simulator() as tab:
            phone = tab.get_by_role("navigation", name="Phones").get_by_role("link").filter(has_text=name)
            if not phone.count():
                return []
            phone.first.click()
            return tab.locator(".sim-bubble").all_inner_texts()

    def mails(self, to: str) -> list[str]:
        """Return the subjects of the mails to an address, the newest first."""
        with self.simulator() as tab:
            found = tab.get_by_role("navigation", name="Mailbox").get_by_role("link").filter(has_text=to)
            return [words.splitlines()[0] for words in found.all_inner_texts()]

    def mail_link(self, to: str, path: str) -> str:
        """Wait for a mail to an address and return the link in the newest that leads below a path."""
        wait_until(lambda: bool(self.mails(to)), what=f"a mail to {to}")
        with self.simulator() as tab:
            tab.get_by_role("navigation", name="Mailbox").get_by_role("link").filter(has_text=to).first.click()
            return tab.locator(".sim-links a").filter(has_text=path).first.get_attribute("href") or ""

    @contextlib.contextmanager
    def simulator(self) -> Iterator[Page]:
        """Open the phones and the mailbox in another tab."""
        tab = self.context.new_page()
        try:
            tab.goto(f"{self.portal.address}/simulator/")
            yield tab
        finally:
            tab.close()


Arrive = Callable[..., Visitor]


@pytest.fixture
def arrive(portal: Portal, chromium: Browser) -> Iterator[Arrive]:
    """Open windows: `arrive()` for a stranger, `arrive("bo.employee")` for somebody who signed in before; window options go to Chromium.

    An error of a script, or a resource that the content policy refused, fails the test.
    """
    faults: list[str] = []
    windows: list[BrowserContext] = []

    def open_(username: str = "", *, language: str = "en", **window: Any) -> Visitor:
        state = _signed_in_state(portal, chromium, username) if username else None
        windows.append(chromium.new_context(**WINDOW | window, storage_state=state))
        if language:
            windows[-1].add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": portal.address}])
        windows[-1].set_default_timeout(20_000)
        page = windows[-1].new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda note: faults.append(note.text) if "Content Security Policy" in note.text else None)
        return Visitor(portal, windows[-1], page)

    yield open_
    for window in windows:
        window.close()
    assert faults == []


@pytest.fixture
def visitor(arrive: Arrive) -> Visitor:
    """Return somebody who has not signed in."""
    return arrive()


def _signed_in_state(portal: Portal, chromium: Browser, username: str) -> Any:
    """Sign somebody in once for all journeys that begin after the door."""
    if username not in portal.states:
        window = chromium.new_context(**WINDOW)
        window.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": "en", "url": portal.address}])
        Visitor(portal, window, window.new_page()).sign_in(username)
        portal.states[username] = window.storage_state()
        window.close()
    return portal.states[username]


def wait_until(holds: Callable[[], bool], *, seconds: float = 30.0, what: str) -> None:
    """Wait for what the background does."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.3)
