"""`sportello usage load PATH…`: take the operator's usage files."""

from __future__ import annotations

import argparse
import json
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand
from django.utils import timezone

from sportello.kernel.actor import Via, system_actor
from sportello.kernel.sentences import in_english
from sportello.usage.operations import Taken, load_file
from sportello.usage.pipeline.columns import COLUMNS
from sportello.usage.pipeline.read import is_usage_name

HELP: Final = f"""Load usage files, version 1: CSV (UTF-8, plain or .gz) or Parquet, with the columns
  {", ".join(COLUMNS[:8])},
  {", ".join(COLUMNS[8:])}

Beside NAME lies NAME.manifest.json: {{"records": 1000, "amount": "123.45678", "sha256": "..."}} of the file as it lies there; a file that
disagrees with it is refused whole. Wrong rows go to a reject file with their line and every reason, the others are loaded.
Each record counts once, whatever is loaded twice. The files stay where they are. Of a folder, all usage files are taken.

Every column, its words and how to make the manifest: docs/how-to/usage-file.md.
`sportello demo-usage-file` writes a right file to look at."""
EXIT_CODES: Final = (
    "exit codes: 0 every file was taken, also when it held nothing new; "
    "1 a file was refused or is not there (the others were taken); 2 wrong words"
)


NOTHING: Final[dict[str, Any]] = {
    "path": "", "taken": False, "loaded": 0, "duplicates": 0, "rejected": 0, "seconds": 0, "reject_file": None,
    "reasons": [], "notes": [],
}  # fmt: skip
"""What is said of a path at which there is no file."""


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
        parser.add_argument(
            "paths", nargs="+", type=Path, metavar="PATH", help="a .csv, .csv.gz or .parquet file, or a folder of such"
        )
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print one JSON document and nothing else"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Take the files one after the other; exit 1 when one was refused."""
        facts = [self._take(path, quiet=options["as_json"]) for path in in_folders(options["paths"])]
        taken = all(each["taken"] for each in facts)
        if options["as_json"]:
            self.stdout.write(json.dumps({"taken": taken, "files": facts}, ensure_ascii=False, indent=1))
        if not taken:
            raise SystemExit(1)

    def _take(self, path: Path, *, quiet: bool) -> dict[str, Any]:
        if wrong := problem(path):
            facts = {**NOTHING, "path": str(path), "reasons": [wrong]}
        else:
            actor = system_actor(reason=f"usage load {path.name}"[:200], via=Via.COMMAND)
            facts = facts_of(path, load_file(actor=actor, path=path, now=timezone.now()))
        if not quiet:
            self._say(facts)
        return facts

    def _say(self, facts: dict[str, Any]) -> None:
        path = facts["path"]
        if not facts["taken"]:
            self.stderr.write("\n".join([f"{path}: REFUSED", *(f"  {reason}" for reason in facts["reasons"])]))
            return
        rejects = f", reject file {facts['reject_file']}" if facts["reject_file"] else ""
        self.stdout.write(
            f"{path}: loaded {facts['loaded']}, duplicates {facts['duplicates']}, rejected {facts['rejected']}, "
            f"{facts['seconds']} s{rejects}"
        )
        for note in facts["notes"]:
            self.stdout.write(f"{path}: {note}")


def in_folders(paths: Iterable[Path]) -> Iterator[Path]:
    """Give the files of the command line, and those of its folders by name; a folder without usage files stands for itself."""
    for path in paths:
        inside = sorted(each for each in path.iterdir() if is_usage_name(each.name)) if path.is_dir() else []
        yield from inside or [path]


def problem(path: Path) -> str:
    """Say what keeps a path from being a file at all: such a path leaves no row among the usage files."""
    if not path.exists():
        return "no such file"
    return "a folder without usage files (.csv, .csv.gz, .parquet)" if path.is_dir() else ""


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
        "reasons": list(map(in_english, taken.reasons)),
        "notes": list(map(in_english, taken.load.notes)),
    }
