"""`sportello billing load PATH…`: take bills (FatturaPA) and messages of SdI."""

from __future__ import annotations

import argparse
import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from sportello.billing.models import Bill
from sportello.billing.operations import Outcome, load_file
from sportello.billing.operations.dropped import content_of
from sportello.billing.states import Source
from sportello.kernel.actor import Via, system_actor
from sportello.kernel.sentences import in_english

HELP: Final = """Load bills: FatturaPA 1.2 (FPA12, FPR12) and simplified (FSM10), as XML or signed (.p7m, DER or PEM), plain or in base64;
and the messages of SdI about them (RC, NS, MC, NE, DT, AT ...). A folder stands for the files in it.

Each file is checked against the official schema (folder SPORTELLO_FATTURAPA_SCHEMAS) and for its sums to the cent. A refused file is kept
aside with the rule, the line and the element; one whose customer is unknown or in doubt waits for the operator (page Bill files).
The same file, or the same bill, twice changes nothing; the files stay where they are."""
EXIT_CODES: Final = (
    "exit codes: 0 every file was taken, also when it held nothing new or waits for the operator; "
    "1 a file was refused; 2 wrong words"
)


class Command(BaseCommand):
    """Take bills and messages of SdI."""

    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> Any:
        """Keep the lines of the help as they are, and end it with the exit codes."""
        layout = argparse.RawDescriptionHelpFormatter
        return super().create_parser(prog_name, subcommand, formatter_class=layout, epilog=EXIT_CODES, **options)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the word `load`, the files and `--json`."""
        parser.add_argument("action", choices=["load"])
        parser.add_argument(
            "paths", nargs="+", type=Path, metavar="PATH", help="an .xml or .p7m file, or a folder of them"
        )
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print one JSON document and nothing else"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Take the files one after the other; exit 1 when one was refused."""
        done = []
        for path in files_of(options["paths"]):
            actor = system_actor(reason=f"bills of {path.name}"[:200], via=Via.COMMAND)
            outcome = load_file(
                actor=actor, name=path.name, content=content_of(path), source=Source.COMMAND, now=timezone.now()
            )
            done.append((path, outcome))
            if not options["as_json"]:
                self._say(path, outcome)
        refused = any(outcome.refused for _path, outcome in done)
        if options["as_json"]:
            facts = {"taken": not refused, "files": [facts_of(path, outcome) for path, outcome in done]}
            self.stdout.write(json.dumps(facts, ensure_ascii=False, indent=1))
        if refused:
            raise SystemExit(1)

    def _say(self, path: Path, outcome: Outcome) -> None:
        if outcome.refused:
            self.stderr.write("\n".join([f"{path}: REFUSED", *(f"  {_problem(one)}" for one in outcome.file.problems)]))
            return
        words = "; ".join(_document(one) for one in outcome.file.summary) or outcome.file.kind
        self.stdout.write(f"{path}: {outcome.word} ({words})")
        for one in outcome.file.problems:
            self.stdout.write(f"  {_problem(one)}")


def files_of(paths: list[Path]) -> Iterator[Path]:
    """Give the files of the paths, a folder's by name. Raises `CommandError` for what is not there."""
    for path in paths:
        if path.is_dir():
            yield from sorted(one for one in path.iterdir() if one.is_file() and not one.name.startswith("."))
        elif path.is_file():
            yield path
        else:
            msg = f"{path} is not there"
            raise CommandError(msg)


def facts_of(path: Path, outcome: Outcome) -> dict[str, Any]:
    """Return what became of a file, for `--json`; amounts are text. `documents` is what it says, `bills` what was stored of it."""
    return {
        "path": str(path),
        "outcome": outcome.word,
        "taken": not outcome.refused,
        "sha256": outcome.file.sha256,
        "kind": outcome.file.kind,
        "documents": outcome.file.summary,
        "bills": [_bill(bill) for bill in outcome.bills],
        "problems": [{**one, "reason": in_english(one["reason"])} for one in outcome.file.problems],
        "notes": list(map(in_english, outcome.file.notes)),
    }


def _bill(bill: Bill) -> dict[str, Any]:
    return {
        "id": bill.pk,
        "number": bill.number,
        "date": bill.issue_date.isoformat(),
        "type": bill.document_type,
        "customer": bill.organisation.code,
        "total": f"{bill.total:.2f}",
        "payable": f"{bill.payable:.2f}",
        "state": bill.state,
        "payment": bill.payment_state,
    }


def _document(one: dict[str, Any]) -> str:
    return f"{one['type']} {one['number']} of {one['date']}, {one['total']} EUR, {one['lines']} lines"


def _problem(one: dict[str, Any]) -> str:
    where = f"line {one['line']}, " if one["line"] else ""
    return f"{where}{one['element'] or 'file'}: {in_english(one['reason'])} [{one['rule']}]"
