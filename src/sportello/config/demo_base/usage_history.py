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

DAYS_A_FILE = 6  # in the running month


@dataclass(frozen=True)
class UsageFile:
    """A usage file as it lies there, and the instant at which it came in."""

    path: Path
    came_at: datetime


def past_files(recipe: Recipe, months: int, folder: Path, *, suffix: str) -> Iterator[UsageFile]:
    """Write the files of the whole months before the running one, one a month, the oldest first."""
    lines = holders()
    for month in _months_before(local_month(recipe.now, ROME), months - 1):
        came_at = month_bounds(month, ROME)[1] + timedelta(hours=4)
        order = Order(month, recipe.scale.records_a_month, came_at, recipe.seed)
        path = folder / f"usage-{month:%Y-%m}{suffix}"
        with drawn_month(order, lines, folder / "scratch") as drawn:
            drawn.write(path)
        yield UsageFile(path, came_at)


def present_files(recipe: Recipe, folder: Path, *, suffix: str) -> Iterator[UsageFile]:
    """Write the files of the running month up to now, one for some days each."""
    month = local_month(recipe.now, ROME)
    order = Order(month, recipe.scale.records_a_month, recipe.now, recipe.seed)
    begin = month_bounds(month, ROME)[0]
    with drawn_month(order, holders(), folder / "scratch") as drawn:
        while begin < recipe.now:
            end = min(day_bounds(begin.astimezone(ROME).date() + timedelta(days=DAYS_A_FILE), ROME)[0], recipe.now)
            path = folder / f"usage-{begin.astimezone(ROME):%Y-%m-%d}{suffix}"
            drawn.write(path, begin, end)
            yield UsageFile(path, end)
            begin = end


def _months_before(month: date, count: int) -> list[date]:
    months: list[date] = []
    for _ in range(count):
        month = previous_month(month)
        months.append(month)
    return months[::-1]


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
