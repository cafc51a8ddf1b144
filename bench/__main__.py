"""`python -m bench`: load 1 and 10 million usage rows beside the floor, then open pages at that size; JSON and a table."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
from pathlib import Path
from typing import Any

from bench import installation
from bench.saying import say

AIMS = (
    "aims: load within 3 x the floor, above 250,000 rows/s, below 3,000 MB and flat beyond; "
    "a line's month below 100 ms; any list below 100 ms and 15 queries; beside a load below 150 ms; "
    "a small batch's SMS within 2 s; 40 agents below 300 ms; the web's memory flat"
)


def main() -> None:
    """Make what is missing, measure, print, write `bench.json` into the folder."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__, epilog=AIMS)
    parser.add_argument(
        "--folder", type=Path, default=Path("var/bench"), help="where base, files and results lie (5 GB)"
    )
    parser.add_argument("--scale", choices=["small", "reference"], default="reference")
    parser.add_argument(
        "--millions", type=int, nargs="+", default=[1, 10], help="rows of the files to load, in millions"
    )
    parser.add_argument(
        "--watching", action="store_true", help="also load 1 million rows without and with 300,000 thresholds on"
    )
    parser.add_argument("--fresh", action="store_true", help="make base and files anew")
    parser.add_argument("--pages-only", action="store_true", help="open pages on what was loaded before")
    parser.add_argument("--mails-only", action="store_true", help="only take mails into tickets, by one worker")
    options = parser.parse_args()
    folder = options.folder.resolve()
    if options.fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    installation.configure(folder)
    facts = installation.made_base(folder, options.scale)
    say(f"base: {facts['lines']} lines, {facts['people']} people ({facts['scale']}, seed {installation.SEED})")
    results: dict[str, Any] = {"machine": machine(), "base": facts, "load": [], "pages": []}
    if options.mails_only:
        measure_mails(results)
        return
    if not options.pages_only:
        results["load"] = measure_loads(folder, facts, options.millions)
    if options.watching:
        from bench.watching import measured_watching

        results["watching"] = measured_watching(folder, facts)
        table(
            results["watching"],
            ("what", "rows", "seconds", "ratio_to_floor", "ratio_to_unwatched", "crossings", "bars", "peak_mb"),
        )
    from bench.pages import measured_pages, measured_store

    results["pages"] = [measured_store(facts, "as the loads left it")]
    results["merge"] = measure_merge(folder)
    results["pages"] += [measured_store(facts, "merged"), *measured_pages(facts)]
    table(results["pages"], ("what", "p50_ms", "p95_ms", "queries", "status"))
    if not options.pages_only:
        from bench.pages import pages_to_open
        from bench.portal import measured_portal

        results["portal"] = measured_portal(folder, facts, pages_to_open(facts))
        table(results["portal"], ("what", "times", "p50_ms", "p95_ms", "mb"))
    (folder / "bench.json").write_text(json.dumps(results, indent=1))
    say(f"{AIMS}\nwritten to {folder / 'bench.json'}")


def measure_loads(folder: Path, facts: dict[str, str], millions: list[int]) -> list[dict[str, Any]]:
    """Measure each file's first load, the last one again, and a small batch on top of all."""
    from bench import loading

    empty_store(folder)
    found = []
    path = folder
    for seed, count in enumerate(millions, start=11):
        path = installation.usage_file(folder, facts, count * 1_000_000, seed=seed)
        found.append(loading.measured_load(folder, path, f"{count} M rows"))
        say(json.dumps(found[-1]))
    found[-1]["pyarrow_floor_seconds"] = loading.other_floor(folder, path)
    again = again_under_another_name(path)
    found.append(loading.measured_load(folder, again, "the last again, all known"))
    again.unlink()
    found.append(loading.measured_load(folder, loading.small_batch(folder, path), "a batch of 1,000 on top"))
    table(
        found,
        (
            *("what", "rows", "seconds", "rows_per_second", "floor_seconds", "ratio_to_floor"),
            *("held_floor_seconds", "ratio_to_held", "cpu_seconds", "peak_mb"),
        ),
    )
    return found


def measure_mails(results: dict[str, Any]) -> None:
    """Measure the taking of mails and print it."""
    from bench.mails import measured_mails

    results["mails"] = [measured_mails()]
    columns = ("what", "mails", "entries", "seconds", "mails_per_second", "cpu_ms", "p50_ms", "p95_ms")
    table(results["mails"], columns)


def measure_merge(folder: Path) -> dict[str, Any]:
    """Measure the merge of what the loads left, which an installation does within ten minutes; pages are read after it."""
    from bench.processes import run

    done = run(folder, "bench.merging")
    found = {**json.loads(done.out), "seconds": round(done.seconds, 1), "peak_mb": done.peak_mb}
    say(f"merge of the store's parts: {json.dumps(found)}")
    return found


def again_under_another_name(path: Path) -> Path:
    """Return the same records as other content (a line break less at the end), so that all of them are looked up one by one."""
    from sportello.config.demo_base.traffic import write_manifest
    from sportello.usage.pipeline.read import read_manifest
    from sportello.usage.types import euros

    known = read_manifest(path)
    again = path.with_name(f"again-{path.name}")
    shutil.copyfile(path, again)
    with again.open("r+b") as file:
        file.truncate(path.stat().st_size - 1)
    write_manifest(again, records=known.records, amount=euros(known.amount_e5))
    return again


def empty_store(folder: Path) -> None:
    """Forget what an earlier run loaded."""
    from django.db import connection

    from sportello.usage.models import Counter, CustomerMonth, LineMonth, PeriodMonth, UsageLoad, UsagePart

    with connection.cursor() as cursor:
        for model in (UsagePart, UsageLoad, Counter, LineMonth, PeriodMonth, CustomerMonth):
            cursor.execute(f'DELETE FROM "{model._meta.db_table}"')  # noqa: S608, SLF001 - our own tables
    shutil.rmtree(folder / "usage", ignore_errors=True)


def machine() -> dict[str, Any]:
    """Say on what this was measured."""
    load = os.getloadavg()[0]
    from django.db import connection

    return {
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
        "load_average": round(load, 1),
        "database": connection.vendor,
    }


def table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    """Print rows under their columns."""
    lines = [columns, *([str(row.get(name, "")) for name in columns] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    say(
        "\n"
        + "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
        + "\n"
    )


if __name__ == "__main__":
    main()
