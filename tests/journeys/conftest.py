"""A person in a real Chromium, on the real portal: `sportello demo` as a process group with its demo base, on SQLite."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.postgres import free_port

START_WITHIN = 180.0
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep all journeys in one worker: they share one portal."""
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.xdist_group("journeys"))


@dataclass
class Portal:
    """The running demo."""

    address: str
    folder: Path
    process: subprocess.Popen[bytes]

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
    """Start the demo, wait for it, and end it as a person does: by Ctrl-C."""
    folder = tmp_path_factory.mktemp("demo")
    listen = f"127.0.0.1:{free_port()}"
    log = (folder / "log").open("wb")
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
            urllib.request.urlopen(f"{portal.address}/health/ready", timeout=2).read()
            return
        except OSError:
            if portal.process.poll() is not None:
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

    def code(self, mobile: str) -> str:
        """Read the newest one-time code on a phone of the simulator, as a person would in another tab."""
        phone = self.context.new_page()
        try:
            for _wait_for_worker in range(60):
                phone.goto(f"{self.portal.address}/simulator/?phone={quote(mobile)}")
                codes = phone.locator(".sim-code .code")
                if codes.count():
                    return re.sub(r"\D", "", codes.first.inner_text())
                time.sleep(0.25)
        finally:
            phone.close()
        raise AssertionError(f"no code on {mobile}")


@pytest.fixture
def visitor(portal: Portal, chromium: Browser) -> Iterator[Visitor]:
    """Return somebody who has not signed in; errors of scripts and refused resources fail the test."""
    context = chromium.new_context(locale="en-GB", timezone_id="Europe/Rome", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda note: faults.append(note.text) if "Content Security Policy" in note.text else None)
    yield Visitor(portal, context, page)
    context.close()
    assert faults == []
