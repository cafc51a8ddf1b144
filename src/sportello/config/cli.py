"""The command `sportello`: its words are Django management commands (`sportello usage load PATH…`)."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run one command; without words, say which there are."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sportello.config.settings")
    if sys.argv[1:2] == ["demo"]:  # the demo's settings differ before Django reads them
        os.environ.setdefault("SPORTELLO_MODE", "demo")
    from django.core.management import ManagementUtility

    arguments = [word.replace("-", "_") if place == 1 else word for place, word in enumerate(sys.argv)]
    ManagementUtility(["sportello", *arguments[1:]]).execute()
