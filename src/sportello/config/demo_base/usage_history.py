"""The usage files of the past months, of the running month, and the two that go wrong."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sportello.config.demo_base.building import Recipe
from sportello.config.demo_base.traffic import ROME, Order, drawn_month, holders, write_manifest
from sportello.config.demo_base.usage_file import HEADER, Wish, line_of, usage_row
from sportello.kernel.calendar import day_bounds, local_month, month_bounds, previous_month

DAYS_A_FILE = 6  # in the months that people watch
WATCHED_MONTHS = 2  # the running one and the one before it


@dataclass(frozen=True)
class UsageFile:
    """A usage file as it lies there, and the instant at which it came in."""

    path: Path
    came_at: datetime


def months_of(now: datetime, count: int) -> list[date]:
    """Return so many local months up to the running one (their first days), the oldest first."""
    months = [local_month(now, ROME)]
    while len(months) < count:
        months.insert(0, previous_month(months[0]))
    return months


def whole_files(recipe: Recipe, months: list[date], folder: Path, *, suffix: str) -> Iterator[UsageFile]:
    """Write one file for each of the months, which came in when the month was over."""
    lines = holders()
    for month in months:
        came_at = month_bounds(month, ROME)[1] + timedelta(hours=4)
        path = folder / f"usage-{month:%Y-%m}{suffix}"
        with drawn_month(_order(recipe, month), lines, folder / "scratch") as drawn:
            drawn.write(path)
        yield UsageFile(path, came_at)


def files_of_days(recipe: Recipe, month: date, folder: Path, *, suffix: str) -> Iterator[UsageFile]:
    """Write a file for every few days of the month up to now, which came in when they were over."""
    begin, end_of_month = month_bounds(month, ROME)
    last = min(end_of_month, recipe.now)
    with drawn_month(_order(recipe, month), holders(), folder / "scratch") as drawn:
        while begin < last:
            local = begin.astimezone(ROME)
            end = min(day_bounds(local.date() + timedelta(days=DAYS_A_FILE), ROME)[0], last)
            path = folder / f"usage-{local:%Y-%m-%d}{suffix}"
            drawn.write(path, begin, end)
            yield UsageFile(path, end)
            begin = end


def _order(recipe: Recipe, month: date) -> Order:
    return Order(month, recipe.scale.records_a_month, recipe.now, recipe.seed)


def faulty_files(folder: Path, now: datetime) -> list[Path]:
    """Write a file of which some rows are rejected, and one that is refused whole for its manifest."""
    number = line_of("bo.employee")
    if number is None:
        return []
    return [
        _with_rejects(folder / "usage-with-rejects.csv", number, now),
        _refused(folder / "usage-cut-off.csv", number, now),
    ]


def _with_rejects(path: Path, number: str, now: datetime) -> Path:
    good = usage_row(Wish(number, Decimal("0.25")), "WRONG-0", Decimal("0.25"), now - timedelta(hours=3))
    wrong = {
        "nobody holds this number": {"msisdn": "+393129999999"},
        "no type of traffic": {"traffic_type": "telegraph"},
        "no instant": {"started_at": "yesterday"},
        "no duration": {"duration_s": "-5"},
    }
    rows = [good]
    for position, change in enumerate(wrong.values(), start=1):
        fields = dict(zip(HEADER, good, strict=True)) | {"record_id": f"WRONG-{position}", "amount": "0.00000"} | change
        rows.append(tuple(fields[name] for name in HEADER))
    return _written(path, rows, records=len(rows), amount=Decimal("0.25"))


def _refused(path: Path, number: str, now: datetime) -> Path:
    amount = Decimal("1.10")
    rows = [usage_row(Wish(number, amount), f"CUT-{n}", amount, now - timedelta(hours=n + 1)) for n in range(3)]
    return _written(path, rows, records=4, amount=amount * 4)


def _written(path: Path, rows: list[tuple[object, ...]], *, records: int, amount: Decimal) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    write_manifest(path, records=records, amount=amount)
    return path
