"""`sportello audit verify`: walk every audit chain, and what apps registered to be proved beside it, and say where one is broken."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sportello.kernel import audit
from sportello.kernel.models import ChainHead, Event
from sportello.kernel.proofs import BrokenProof, proofs
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
        found = {proof.name: (proof.count(), list(proof.walk())) for proof in proofs()}
        if options["as_json"]:
            self.stdout.write(json.dumps(_as_json(rows, chains, broken, found)))
        for link in [] if options["as_json"] else broken:
            where = f"row {link.sequence}" + (f" (event {link.event_id})" if link.event_id else "")
            self.stdout.write(f"BROKEN chain {link.chain}, {where}: {told(link.reason)}")
        for one in [] if options["as_json"] else [one for _count, several in found.values() for one in several]:
            self.stdout.write(f"BROKEN {one.where}: {told(one.reason)}")
        wrong = [f"{len(broken)} of {chains} chains broken"] if broken else []
        wrong += [f"{len(several)} of {count} {name} broken" for name, (count, several) in found.items() if several]
        if wrong:
            raise CommandError("; ".join(wrong))
        if not options["as_json"]:
            self.stdout.write(f"{rows} rows in {chains} chains: every row proves itself")
            for name, (count, _none) in found.items():
                self.stdout.write(f"{count} {name}: every one proves itself")


def _as_json(
    rows: int, chains: int, broken: list[audit.BrokenLink], found: dict[str, tuple[int, list[BrokenProof]]]
) -> dict[str, Any]:
    others = {
        name: {"count": count, "broken": [vars(one) for one in several]} for name, (count, several) in found.items()
    }
    return {"rows": rows, "chains": chains, "broken": [vars(link) for link in broken], "others": others}
