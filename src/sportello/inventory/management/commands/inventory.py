"""`sportello inventory load PATH…`: take the operator's files of customers, people and lines."""

from __future__ import annotations

import argparse
import json
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand
from django.utils import timezone

from sportello.accounts import operations as accounts
from sportello.inventory import operations as inventory
from sportello.inventory.loading.read import LINE_COLUMNS
from sportello.kernel.actor import Via, system_actor
from sportello.kernel.imports import ImportReport, RowState
from sportello.kernel.refusals import Refusal
from sportello.kernel.tabular import Limits, Table, TableRefused, read_table
from sportello.parties import operations as parties

LIMITS: Final = Limits(file_bytes=1024 * 1024 * 1024)
HELP: Final = f"""Take files of the inventory, version 1: CSV (UTF-8), XLSX or Parquet, the first line names the columns.

What a file holds is told by its columns:
  customers  customer_code, legal_name, vat_number, tax_code, public_administration, ipa_code, partner_code, province, email
  people     customer_code, person_code, given_name, family_name, email, mobile, cost_centre, profiles
  lines      {", ".join(LINE_COLUMNS)}

Several files are taken in this order: customers, people, lines. A file is taken whole or not at all; each wrong row is
said with its line, column and reason. Loading the same file again changes nothing."""
EXIT_CODES: Final = "exit codes: 0 every file was taken; 1 a file was refused and nothing of it written (others were); 2 wrong words"

Load = Callable[..., ImportReport]


@dataclass(frozen=True)
class FileKind:
    """One of the three files: the column that only it has, and who takes it."""

    name: str
    column: str
    load: Load


KINDS: Final = (
    FileKind("customers", "legal_name", parties.load_customers),
    FileKind("people", "given_name", accounts.load_people),
    FileKind("lines", "agreement_code", inventory.load_lines),
)


@dataclass(frozen=True)
class Outcome:
    """What became of a file: its report, or the sentence that refuses it as a whole."""

    path: str
    kind: str
    report: ImportReport | None = None
    refused: str = ""
    line: int | None = None
    column: str | None = None

    @property
    def taken(self) -> bool:
        """Tell whether all rows of the file are in the inventory now."""
        return self.report is not None and self.report.applied

    def facts(self) -> dict[str, Any]:
        """Return the outcome for `--json`."""
        found: dict[str, Any] = {"path": self.path, "kind": self.kind, "taken": self.taken}
        if self.report is None:
            return found | {"refused": self.refused, "line": self.line, "column": self.column}
        found |= {"rows": len(self.report.rows), "counts": self.report.counts, "notices": list(self.report.notices)}
        found["wrong"] = [
            {"line": row.line, "column": column, "reason": str(reason)}
            for row in self.report.rows
            if row.state == RowState.WRONG
            for column, reason in row.errors
        ]
        return found


class Command(BaseCommand):
    """Take the operator's files of customers, people and lines."""

    requires_system_checks = ()
    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> Any:
        """Keep the lines of the help as they are, and end it with the exit codes."""
        layout = argparse.RawDescriptionHelpFormatter
        return super().create_parser(prog_name, subcommand, formatter_class=layout, epilog=EXIT_CODES, **options)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the word `load`, the files and `--json`."""
        parser.add_argument("action", choices=["load"])
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a .csv, .xlsx or .parquet file")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON document and nothing else")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Take the files; exit 1 when one was refused."""
        outcomes = list(_outcomes(options["paths"], self._say if not options["as_json"] else None))
        if options["as_json"]:
            taken = all(outcome.taken for outcome in outcomes)
            facts = {"taken": taken, "files": [outcome.facts() for outcome in outcomes]}
            self.stdout.write(json.dumps(facts, ensure_ascii=False, indent=1))
        if not all(outcome.taken for outcome in outcomes):
            raise SystemExit(1)

    def _say(self, outcome: Outcome) -> None:
        if outcome.report is None:
            where = f" (line {outcome.line})" if outcome.line else ""
            self.stderr.write(f"{outcome.path}: REFUSED{where}: {outcome.refused}")
            return
        for notice in outcome.report.notices:
            self.stdout.write(f"{outcome.path}: {notice}")
        for row in outcome.report.rows:
            for column, reason in row.errors:
                place = f"line {row.line}, column {column}" if column else f"line {row.line}"
                self.stderr.write(f"{outcome.path}: {place}: {reason}")
        self.stdout.write(f"{outcome.path}: {outcome.kind} {verdict(outcome.report)}")


def verdict(report: ImportReport) -> str:
    """Say in words what became of a file: what was written, or what would have been."""
    states = (RowState.NEW, RowState.CHANGED, RowState.UNCHANGED)
    counts = {state.value: report.counts[state] for state in states}
    if report.applied:
        return "taken: " + ", ".join(f"{count} {state}" for state, count in counts.items())
    said = [(count, f"would have been {state}") for state, count in counts.items() if count]
    said.append((report.wrong, "is wrong" if report.wrong == 1 else "are wrong"))
    (first, what), *others = said
    rows = f"{first} {'row' if first == 1 else 'rows'} {what}"
    return "refused: nothing was written; " + ", ".join([rows, *(f"{count} {what}" for count, what in others)])


def _outcomes(paths: Iterable[Path], say: Callable[[Outcome], None] | None) -> Iterable[Outcome]:
    kinds = [_kind_of(path) for path in paths]
    order = {kind.name: place for place, kind in enumerate(KINDS)}
    for path, kind in sorted(zip(paths, kinds, strict=True), key=lambda pair: order.get(_name(pair[1]), -1)):
        outcome = kind if isinstance(kind, Outcome) else _load(path, kind)
        if say:
            say(outcome)
        yield outcome


def _name(kind: FileKind | Outcome) -> str:
    return kind.name if isinstance(kind, FileKind) else ""


def _kind_of(path: Path) -> FileKind | Outcome:
    try:
        with read_table(path, limits=LIMITS) as table:
            return next((kind for kind in KINDS if kind.column in table.columns), None) or _unknown(path, table)
    except TableRefused as refused:
        return Outcome(str(path), "unknown", refused=str(refused), line=refused.line, column=refused.column)
    except OSError as unreadable:
        return Outcome(str(path), "unknown", refused=unreadable.strerror or str(unreadable))


def _unknown(path: Path, table: Table) -> Outcome:
    columns = ", ".join(table.columns)
    return Outcome(str(path), "unknown", refused=f"not a file of customers, people or lines: its columns are {columns}", line=1)


def _load(path: Path, kind: FileKind) -> Outcome:
    actor = system_actor(reason=f"inventory load {path.name}"[:200], via=Via.COMMAND)
    try:
        with read_table(path, limits=LIMITS) as table:
            report = kind.load(actor=actor, table=table, apply=True, now=timezone.now())
    except TableRefused as refused:
        return Outcome(str(path), kind.name, refused=str(refused), line=refused.line, column=refused.column)
    except (Refusal, OSError) as refused:
        return Outcome(str(path), kind.name, refused=str(refused))
    return Outcome(str(path), kind.name, report=report)
