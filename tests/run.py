"""Everything that `make test` runs, in order: checks of the code, the suite on SQLite, on PostgreSQL, coverage, journeys.

`make test ARGS="--only sqlite"` runs one step; `--fast` leaves out journeys. The closing lines are pytest's.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from machine import postgresql_bin
from postgres import Cluster
from samples import missing

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
COVERED = {"kernel": 99, "accounts": 99, "usage": 99}
"""Packages whose branches are measured, with the share below which the run fails. The aim is 100, and the report names each gap; the
last per cent is left to the branches that a race takes in one run and not in the next."""


def tool(*command: str, env: dict[str, str] | None = None) -> int:
    """Run one command at the project's root; return its exit code."""
    return subprocess.run(
        [str(BIN / command[0]), *command[1:]], cwd=ROOT, env=os.environ | (env or {}), check=False
    ).returncode


def checks() -> int:
    """Run the checks of the code, all of them, and return how many failed."""
    commands = [
        ("ruff", "check", "src", "tests", "bench", "conftest.py"),
        ("mypy",),
        ("lint-imports",),
        ("djlint", "src", "--lint", "--quiet"),
        ("python", "-m", "sportello", "makemigrations", "--check", "--dry-run"),
    ]
    failed = 0
    for command in commands:
        env = {"SPORTELLO_MODE": "test"} if command[0] == "python" else None
        code = tool(*command, env=env)
        failed += bool(code)
        say(f"{' '.join(command)}: {'failed' if code else 'ok'}")
    return failed


def suite(name: str, *arguments: str, env: dict[str, str] | None = None) -> int:
    """Run pytest over both cores, with coverage data of its own."""
    workers = str(os.cpu_count() or 2)
    measured = [f"--cov=src/sportello/{package}" for package in COVERED]  # what is not measured runs sooner
    return tool(
        "python", "-m", "pytest", "-n", workers, "--dist", "loadgroup", "-q", "-m", "not journey", *measured, "--cov-branch", "--cov-report=", "--durations", "40", *arguments,
        env={"COVERAGE_FILE": str(ROOT / f".coverage.{name}")} | (env or {}),
    )  # fmt: skip


def on_sqlite() -> int:
    """Run the suite on SQLite."""
    return suite("sqlite")


def on_postgresql() -> int:
    """Run the suite on a PostgreSQL cluster of its own."""
    folder = postgresql_bin()
    if folder is None:
        say("no PostgreSQL on this machine: run tests/machine.py")
        return 1
    with Cluster(folder) as cluster:
        return suite("postgresql", env={"DATABASE_URL": cluster.url})


def journeys() -> int:
    """Walk the demo in a browser, in processes of their own: the browser's library holds an event loop that other tests need free."""
    two = ("-n", "2", "--dist", "loadfile")  # the walk of all pages beside the other journeys, each worker with a portal
    return tool("python", "-m", "pytest", "tests/journeys", "-m", "journey", "-q", *two, "--durations", "10")


def coverage() -> int:
    """Put both halves together; fail where a fully covered package has a gap."""
    tool("coverage", "combine", "--quiet", "--keep", ".coverage.sqlite", ".coverage.postgresql")
    failed = 0
    for package, least in COVERED.items():
        failed += bool(
            tool(
                "coverage",
                "report",
                "--include",
                f"src/sportello/{package}/*",
                f"--fail-under={least}",
                "--skip-covered",
                "--show-missing",
            )
        )
    return failed


def say(text: str) -> None:
    """Print a line of the run's own."""
    sys.stdout.write(f"== {text}\n")
    sys.stdout.flush()


def main() -> None:
    """Run the steps asked for (all), and exit 1 when one failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["checks", "sqlite", "postgresql", "journeys"])
    parser.add_argument("--fast", action="store_true")
    options = parser.parse_args()
    steps: dict[str, Callable[[], int]] = {"checks": checks, "sqlite": on_sqlite, "postgresql": on_postgresql}
    if not options.only:
        steps["coverage"] = coverage
    if not options.fast:
        steps["journeys"] = journeys
    failed = []
    for name, step in steps.items():
        if options.only in (None, name):
            started = time.monotonic()
            if step():
                failed.append(name)
            say(f"{name}: {'FAILED' if name in failed else 'ok'} in {time.monotonic() - started:.0f} s")
    for lost in missing():
        say(f"NOT CHECKED: {lost}")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
