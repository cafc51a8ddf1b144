"""`sportello usage load PATH…`: take the operator's usage files."""

from __future__ import annotations

import argparse
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand
from django.utils import timezone

from sportello.kernel.actor import Via, system_actor
from sportello.usage.operations import Taken, load_file
from sportello.usage.pipeline.columns import COLUMNS

HELP: Final = f"""Load usage files, version 1: CSV (UTF-8, plain or .gz) or Parquet, with the columns
  {", ".join(COLUMNS[:8])},
  {", ".join(COLUMNS[8:])}

Beside NAME lies NAME.manifest.json: {{"records": 1000, "amount": "123.45678", "sha256": "..."}} of the file as it lies there; a file that
disagrees with it is refused whole. Wrong rows go to a reject file with their line and every reason, the others are loaded.
Each record counts once, whatever is loaded twice. The files stay where they are."""
EXIT_CODES: Final = (
    "exit codes: 0 every file was taken, also when it held nothing new; "
    "1 a file was refused (the others were taken); 2 wrong words"
)


class Command(BaseCommand):
    """Take the operator's usage files."""

    requires_system_checks = ()
    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> Any:
        """Keep the lines of the help as they are, and end it with the exit codes."""
        layout = argparse.RawDescriptionHelpFormatter
        return super().create_parser(prog_name, subcommand, formatter_class=layout, epilog=EXIT_CODES, **options)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the word `load`, the files and `--json`."""
        parser.add_argument("action", choices=["load"])
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a .csv, .csv.gz or .parquet file")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print one JSON document and nothing else"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Take the files one after the other; exit 1 when one was refused."""
        done = []
        for path in options["paths"]:
            actor = system_actor(reason=f"usage load {path.name}"[:200], via=Via.COMMAND)
            taken = load_file(actor=actor, path=path, now=timezone.now())
            done.append((path, taken))
            if not options["as_json"]:
                self._say(path, taken)
        refused = any(taken.refused for _path, taken in done)
        if options["as_json"]:
            facts = {"taken": not refused, "files": [facts_of(path, taken) for path, taken in done]}
            self.stdout.write(json.dumps(facts, ensure_ascii=False, indent=1))
        if refused:
            raise SystemExit(1)

    def _say(self, path: Path, taken: Taken) -> None:
        if taken.refused:
            self.stderr.write("\n".join([f"{path}: REFUSED", *(f"  {reason}" for reason in taken.reasons)]))
            return
        rejects = f", reject file {taken.reject_file}" if taken.reject_file else ""
        self.stdout.write(
            f"{path}: loaded {taken.loaded}, duplicates {taken.duplicates}, rejected {taken.rejected}, "
            f"{seconds(taken)} s{rejects}"
        )
        for note in taken.load.notes:
            self.stdout.write(f"{path}: {note}")


def facts_of(path: Path, taken: Taken) -> dict[str, Any]:
    """Return what became of a file, for `--json`."""
    return {
        "path": str(path),
        "taken": not taken.refused,
        "loaded": taken.loaded,
        "duplicates": taken.duplicates,
        "rejected": taken.rejected,
        "seconds": taken.milliseconds / 1000,
        "reject_file": taken.reject_file or None,
        "reasons": list(taken.reasons),
        "notes": list(taken.load.notes),
    }


def seconds(taken: Taken) -> str:
    """Write how long a load took."""
    return f"{taken.milliseconds // 1000}.{taken.milliseconds % 1000:03}"
