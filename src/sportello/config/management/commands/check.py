"""`sportello check`: what is well and what is not; `--deploy` and the rest of Django's own checks stay."""

from __future__ import annotations

import json
from typing import Any

from django.core.checks.registry import registry
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.check import Command as DjangoCheck
from django.utils import timezone

from sportello.config.health import Wellness, look

PAGES = "urls"
"""The checks that import every page, a second's work, and cannot differ between installations: `--settings-only` makes them."""


class Command(DjangoCheck):
    """Run Django's checks, then look at database, queue, disk, clock and channels."""

    help = "Check the settings, then say what is well and what is not. Exit 1 when something is bad."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--json` and `--settings-only`."""
        super().add_arguments(parser)
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON list and nothing else")
        parser.add_argument(
            "--settings-only", action="store_true", help="only the settings and pages, without looking at the database"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the findings."""
        whole = options["settings_only"] or options.get("list_tags")
        if whole or not options["as_json"]:
            options["tags"] = options["tags"] or (None if whole else sorted(registry.tags_available() - {PAGES}))
            super().handle(*args, **options)
        if whole:
            return
        found = look(now=timezone.now())
        if options["as_json"]:
            self.stdout.write(json.dumps([one.facts() for one in found], ensure_ascii=False, indent=1))
        else:
            for one in found:
                self.stdout.write(f"{one.wellness.upper():5} {one.name}: {one.sentence}")
        bad = [str(one.name) for one in found if one.wellness is Wellness.BAD]
        if bad:
            raise CommandError(f"not well: {', '.join(bad)}")
