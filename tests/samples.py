"""The official files that tests hold the portal to, in `../shared/data`: where they are missing, tests are skipped, and that is said aloud."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parents[2] / "shared" / "data"
NEEDED: Final = {
    "fatturapa": "bills are not held to the official schemas of FatturaPA",
    "mail": "received mails are not tried on real samples",
    "tmf/TMF702-ResourceActivation-v4.0.0.swagger.json": "the network's contract is not held to TM Forum's document",
}
_ABSENT: Final = re.compile(r"\b(is|are) not (t)?here\b")


def missing(folder: Path = FOLDER) -> list[str]:
    """Return a sentence for each official file or folder that is not there."""
    return [f"{folder / name} is missing: {lost}" for name, lost in NEEDED.items() if not (folder / name).exists()]


def unchecked(reasons: Iterable[str]) -> list[str]:
    """Return, of the reasons of skipped tests, those that say that something is not there, each with its number of tests."""
    absent = Counter(reason.removeprefix("Skipped: ") for reason in reasons if _ABSENT.search(reason))
    return [f"{count} skipped: {reason}" for reason, count in sorted(absent.items())]
