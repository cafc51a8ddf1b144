"""`sportello tickets import PATH`: take over the tickets of another program."""

from __future__ import annotations

import argparse
import json
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from sportello.kernel.actor import Actor, Via, system_actor
from sportello.kernel.tabular import TableRefused
from sportello.parties.models import Organisation
from sportello.parties.states import OrganisationKind
from sportello.tickets.models import TicketImport
from sportello.tickets.operations import importing
from sportello.tickets.states import OldBase

HELP: Final = """Take over the tickets of another program, with their history and dates: a table with a row an entry (csv), the JSON
of Zammad (zammad: tickets, articles, users, organizations), or the list that osTicket exports (osticket).

Customers are found by code, name, or the address of one of their people; --customer takes what is not found. Each ticket and entry is known
by its mark in the old base: the same file again adds only what is new, and a run that broke off goes on. Nobody is mailed, and nothing is
visible to end customers. With --check nothing is written."""
EXIT_CODES: Final = (
    "exit codes: 0 all was taken (or could be); 1 the file is refused, or tickets of it are wrong; 2 wrong words"
)
MOST_SAID: Final = 50


class Command(BaseCommand):
    """Take over an old base of tickets."""

    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> Any:
        """Keep the lines of the help as they are, and end it with the exit codes."""
        layout = argparse.RawDescriptionHelpFormatter
        return super().create_parser(prog_name, subcommand, formatter_class=layout, epilog=EXIT_CODES, **options)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the word `import`, the file, and how it is read."""
        parser.add_argument("action", choices=["import"])
        parser.add_argument("path", type=Path, metavar="PATH", help="the file")
        parser.add_argument("--source", choices=OldBase.values, required=True, help="where it comes from")
        parser.add_argument("--customer", default="", metavar="CODE", help="the customer of what cannot be assigned")
        parser.add_argument("--check", action="store_true", help="say what would be written, and write nothing")
        parser.add_argument(
            "--leave-out-wrong", action="store_true", help="take the right tickets although others are wrong"
        )
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print one JSON document and nothing else"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Look at the file, and write it unless that was not asked for; exit 1 when something is wrong."""
        path: Path = options["path"]
        if not path.is_file():
            msg = f"{path} is not there"
            raise CommandError(msg)
        actor = system_actor(reason=f"old tickets of {path.name}"[:200], via=Via.COMMAND)
        source, fallback = OldBase(options["source"]), _fallback(actor, options["customer"])
        try:
            row, olds = importing.look_at(actor=actor, path=path, source=source, fallback=fallback, now=timezone.now())
        except TableRefused as refused:
            where = f", line {refused.line}" if refused.line else ""
            msg = f"{path}{where}: {refused}"
            raise CommandError(msg) from refused
        wrong = row.counts["wrong"]
        written: Counter[str] = Counter()
        if not options["check"] and (not wrong or options["leave_out_wrong"]):
            lots = importing.write_all(actor=actor, olds=olds, source=source, fallback=fallback, now=timezone.now())
            for lot in lots:
                written.update(lot)
        self._say(path, row, written, as_json=options["as_json"])
        if wrong and not options["leave_out_wrong"]:
            raise SystemExit(1)

    def _say(self, path: Path, row: TicketImport, written: Counter[str], *, as_json: bool) -> None:
        if as_json:
            faults = [
                {"line": line, "ticket": mark, "column": column, "reason": why}
                for line, mark, column, why in row.faults
            ]
            facts = {"path": str(path), "found": row.counts, "written": dict(written), "wrong": faults}
            self.stdout.write(json.dumps(facts, ensure_ascii=False, indent=1))
            return
        self.stdout.write(f"{path}: " + ", ".join(f"{count} {what}" for what, count in row.counts.items()))
        for line, mark, column, why in row.faults[:MOST_SAID]:
            self.stderr.write(f"  line {line}, ticket {mark or '?'}, {column or 'the whole'}: {why}")
        if len(row.faults) > MOST_SAID:
            self.stderr.write(f"  … and {len(row.faults) - MOST_SAID} more")
        if written:
            self.stdout.write("written: " + ", ".join(f"{count} {what}" for what, count in written.items()))
        else:
            self.stdout.write("nothing was written")


def _fallback(actor: Actor, code: str) -> Organisation | None:
    if not code:
        return None
    found = Organisation.objects.for_(actor).filter(kind=OrganisationKind.CUSTOMER, code__iexact=code).first()
    if found is None:
        msg = f"there is no customer with the code {code}"
        raise CommandError(msg)
    return found
