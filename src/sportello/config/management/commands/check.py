"""`sportello check`: what is well and what is not; `--deploy` and the rest of Django's own checks stay."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.check import Command as DjangoCheck
from django.utils import timezone

from sportello.config.health import Wellness, look


class Command(DjangoCheck):
    """Run Django's checks, then look at database, queue, disk, clock and channels."""

    help = "Check the settings, then say what is well and what is not. Exit 1 when something is bad."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--json` and `--settings-only`."""
        super().add_arguments(parser)
        parser.add_argument("--json", action="store_true", dest="as_json")
        parser.add_argument(
            "--settings-only", action="store_true", help="only the settings, without looking at the database"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the findings."""
        if not options["as_json"]:
            super().handle(*args, **options)
        if options["settings_only"] or options.get("list_tags"):
            return
        found = look(now=timezone.now())
        if options["as_json"]:
            self.stdout.write(
                json.dumps([{"name": str(one.name), "state": one.wellness, "sentence": one.sentence} for one in found])
            )
        else:
            for one in found:
                self.stdout.write(f"{one.wellness.upper():5} {one.name}: {one.sentence}")
        if any(one.wellness is Wellness.BAD for one in found):
            msg = "something is bad"
            raise CommandError(msg)
