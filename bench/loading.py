"""Measuring the load: each file beside the floor in the same run, again when all of it is known, and a small batch on top."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from bench.processes import run


def measured_load(folder: Path, path: Path, name: str) -> dict[str, Any]:
    """Load a file between two measurements of the floor, for other work on the machine slows both alike; then the floor with rows held."""
    before = _floor(folder, path)
    done = run(folder, "sportello", "usage", "load", str(path), "--json")
    after, held = _floor(folder, path), _floor(folder, path, "held")
    file = json.loads(done.out)["files"][0]
    seconds = float(file["seconds"])
    floor = (before + after) / 2
    return {
        "what": name,
        "rows": file["loaded"] + file["duplicates"] + file["rejected"],
        "loaded": file["loaded"],
        "seconds": round(seconds, 2),
        "rows_per_second": round((file["loaded"] + file["duplicates"]) / seconds),
        "floor_seconds": round(floor, 2),
        "ratio_to_floor": round(seconds / floor, 2),
        "held_floor_seconds": round(held, 2),
        "ratio_to_held": round(seconds / held, 2),
        "cpu_seconds": round(done.cpu_seconds, 1),
        "peak_mb": done.peak_mb,
        "file_mb": path.stat().st_size // 2**20,
    }


def _floor(folder: Path, path: Path, reader: str = "duckdb") -> float:
    return float(run(folder, "bench.floor", reader, str(path)).out)


def other_floor(folder: Path, path: Path) -> float:
    """Return the seconds of another reader, to show that the floor is not chosen kindly."""
    return round(_floor(folder, path, "pyarrow"), 2)


def small_batch(folder: Path, path: Path, rows: int = 1000) -> Path:
    """Write a batch of the first rows of a file under new ids."""
    target = folder / "files" / f"batch-{rows}-{len(list((folder / 'files').glob('batch-*.csv')))}.csv"
    amount = Decimal(0)
    with path.open(encoding="utf-8", newline="") as source, target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, (reader := csv.DictReader(source)).fieldnames or ())
        writer.writeheader()
        for row in _renamed(reader, rows, target.stem):
            writer.writerow(row)
            amount += Decimal(row["amount"])
    with target.open("rb") as file_:
        digest = hashlib.file_digest(file_, "sha256").hexdigest()
    manifest = {"records": rows, "amount": str(amount), "sha256": digest}
    target.with_name(target.name + ".manifest.json").write_text(json.dumps(manifest))
    return target


def _renamed(reader: Any, rows: int, prefix: str) -> Iterator[dict[str, str]]:
    for number, row in enumerate(islice(reader, rows)):
        yield {**row, "record_id": f"{prefix}-{number}", "corrects": "", "amount": row["amount"].removeprefix("-")}
