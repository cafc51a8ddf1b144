"""Running one word of the command line: in English, each failure in one sentence with its exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management import ManagementUtility, get_commands
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError
from django.utils import translation

from sportello import __version__
from sportello.config.cli import INTERRUPTED, REFUSED, WRONG_WORDS, stop, unknown


class Words(ManagementUtility):
    """Django's dispatcher, with this portal's version, language and exit codes."""

    def fetch_command(self, subcommand: str) -> BaseCommand:
        """Return the command of a word; an unknown one ends with code 2."""
        if self.settings_exception:
            raise self.settings_exception
        if subcommand not in (known := get_commands()):
            stop(unknown(subcommand, list(known)))
        translation.activate("en")
        command = super().fetch_command(subcommand)
        make = command.create_parser

        def create_parser(program: str, name: str, **options: Any) -> CommandParser:
            return make(program, name.replace("_", "-"), **options)  # help shows the word as it is typed

        setattr(command, "create_parser", create_parser)  # noqa: B010 - on this one command
        return command


def execute(words: Sequence[str]) -> int:
    """Run one word and return the exit code; with `--traceback`, a failure shows where it happened."""
    if words[0] == "--version":
        sys.stdout.write(f"{__version__}\n")
        return 0
    try:
        Words(["sportello", *words]).execute()
    except KeyboardInterrupt:
        return _said("stopped", INTERRUPTED)
    except ImproperlyConfigured as wrong:
        return _said(str(wrong), WRONG_WORDS)
    except DatabaseError as failed:
        if "--traceback" in words:
            raise
        return _said(_about_database(failed), REFUSED)
    return 0


def _about_database(failed: DatabaseError) -> str:
    reason = " ".join(str(failed).split())
    if "no such table" in reason or "does not exist" in reason:
        return f"the database has not the tables of this version ({reason}): run `sportello migrate`."
    return f"the database does not answer: {reason}"


def _said(sentence: str, code: int) -> int:
    sys.stderr.write(f"sportello: {sentence}\n")
    return code
