"""Browsers as people call them."""

from __future__ import annotations

import re

BROWSERS = (
    ("Edge", re.compile(r"\bEdg(e|A|iOS)?/")),
    ("Opera", re.compile(r"\bOPR/")),
    ("Samsung Internet", re.compile(r"\bSamsungBrowser/")),
    ("Firefox", re.compile(r"\b(Firefox|FxiOS)/")),
    ("Chrome", re.compile(r"\b(Chrome|CriOS|Chromium)/")),
    ("Safari", re.compile(r"\bVersion/.*Safari/")),
)
SYSTEMS = (
    ("iPhone", re.compile(r"iPhone")),
    ("iPad", re.compile(r"iPad")),
    ("Android", re.compile(r"Android")),
    ("Windows", re.compile(r"Windows")),
    ("macOS", re.compile(r"Mac OS X|Macintosh")),
    ("ChromeOS", re.compile(r"\bCrOS\b")),
    ("Linux", re.compile(r"Linux")),
)


def browser_name(header: str) -> str:
    """Return a `User-Agent` as `Firefox · Linux`; what is not recognised as its first words, "" for nothing."""
    found = [next((name for name, pattern in table if pattern.search(header)), "") for table in (BROWSERS, SYSTEMS)]
    return " · ".join(part for part in found if part) or header[:40]


def is_phone(header: str) -> bool:
    """Tell whether a `User-Agent` is a phone's or tablet's."""
    return bool(re.search(r"Mobi|Android|iPhone|iPad", header))
