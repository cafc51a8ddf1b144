"""`sportello audit verify`: walk every audit chain and say where one is broken."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sportello.kernel import audit
from sportello.kernel.models import ChainHead, Event
from sportello.kernel.sentences import told


class Command(BaseCommand):
    """Prove that no row of the audit trail was changed, removed or put in between."""

    requires_system_checks = ()
    help = "Prove that no row of the audit trail was changed, removed or put in between."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the word `verify` and `--json`."""
        parser.add_argument("action", choices=["verify"])
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the result; exit 1 when a chain is broken."""
        broken = list(audit.verify())
        rows, chains = Event.append_only.count(), ChainHead.objects.count()
        if options["as_json"]:
            self.stdout.write(json.dumps({"rows": rows, "chains": chains, "broken": [vars(link) for link in broken]}))
        for link in [] if options["as_json"] else broken:
            where = f"row {link.sequence}" + (f" (event {link.event_id})" if link.event_id else "")
            self.stdout.write(f"BROKEN chain {link.chain}, {where}: {told(link.reason)}")
        if broken:
            msg = f"{len(broken)} of {chains} chains broken"
            raise CommandError(msg)
        if not options["as_json"]:
            self.stdout.write(f"{rows} rows in {chains} chains: every row proves itself")
