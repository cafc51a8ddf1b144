"""What the texts say is so: every setting stands in its table, every app's README names the events that the app publishes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.test_events import events

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "sportello"
READ = re.compile(r"""\benv\.(?:text|number|switch|words|kept_secret)\(\s*["'](\w+)["']""")


def settings_read() -> set[str]:
    """Return the names of all variables that the settings and the commands read."""
    files = (path for path in (SOURCE / "config").rglob("*.py") if "tests" not in path.parts)
    return {f"SPORTELLO_{name}" for path in files for name in READ.findall(path.read_text(encoding="utf-8"))}


def test_every_setting_stands_in_the_table_of_settings_and_none_besides():
    rows = [line for line in (ROOT / "docs/how-to/configure.md").read_text(encoding="utf-8").splitlines() if line[:3] == "| `"]
    told = {name for row in rows for name in re.findall(r"`(SPORTELLO_\w+)`", row.split(" | ")[0])}
    read = settings_read()
    assert "SPORTELLO_OPERATOR_NAME" in read
    assert (sorted(read - told), sorted(told - read)) == ([], [])


def named_in(text: str) -> set[str]:
    """Return the kinds of event that a README names: `usage.loaded`, and after it `.known` of the same area."""
    found, area = set(), ""
    for word in re.findall(r"`([a-z_]*\.[a-z_]+)`", text):
        area = word.partition(".")[0] or area
        found.add(word if not word.startswith(".") else area + word)
    return found


def test_names_of_events_are_read_with_their_area():
    assert named_in("`otp.sent`, `.wrong`; `mobile.verified`, `.unbound`") == {
        "otp.sent", "otp.wrong", "mobile.verified", "mobile.unbound",
    }  # fmt: skip


APPS = sorted({event.__module__.split(".")[1] for event in events()} - {"kernel", "config"})
"""Apps with a README of their own; the kernel publishes for others, and the composition root only makes the demo base."""


@pytest.mark.parametrize("app", APPS)
def test_readme_of_an_app_names_every_event_that_it_publishes(app):
    text = (SOURCE / app / "README.md").read_text(encoding="utf-8")
    own = {event.kind for event in events() if event.__module__.split(".")[1] == app and not event.__subclasses__()}
    assert sorted(own - named_in(text)) == []
