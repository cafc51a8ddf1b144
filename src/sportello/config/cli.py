"""The command `sportello`: its words are Django management commands (`sportello usage load PATH…`)."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def main() -> None:
    """Run one command; without words, say which there are."""
    before_settings(sys.argv[1:])
    from django.core.management import ManagementUtility

    arguments = [word.replace("-", "_") if place == 1 and not word.startswith("-") else word for place, word in enumerate(sys.argv)]
    ManagementUtility(["sportello", *arguments[1:]]).execute()


def before_settings(words: Sequence[str]) -> None:
    """Put into the environment what a command line decides about the settings, for this process and those it starts."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sportello.config.settings")
    if words[:1] == ["demo"]:
        os.environ.setdefault("SPORTELLO_MODE", "demo")
    for place, word in enumerate(words):
        if word == "--listen" and place + 1 < len(words):
            os.environ["SPORTELLO_LISTEN"] = words[place + 1]
        elif word.startswith("--listen="):
            os.environ["SPORTELLO_LISTEN"] = word.removeprefix("--listen=")
