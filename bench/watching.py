"""Three hundred thousand thresholds over the base, a part of them enforcing, and what watching them adds to a load."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bench import installation, loading

THRESHOLDS = 300_000
ENFORCING_ONE_IN = 10
ROWS = 1_000_000
ROME = ZoneInfo("Europe/Rome")
# (traffic, limit in EUR): most lines stay below, a few pass all steps at once, as in a month's first load.
WATCHED = (("all", 40), ("data", 15), ("voice", 15))


def measured_watching(folder: Path, facts: dict[str, str]) -> list[dict[str, Any]]:
    """Load a million rows of the running month with no threshold set, then as many more with all of them on."""
    from sportello.usage.models import UsageLoad

    this_month = {**facts, "month": f"{datetime.now(UTC).astimezone(ROME):%Y-%m-01}"}
    begin = 21 + 3 * UsageLoad.objects.count()  # a file that was loaded before would not be loaded again
    files = [installation.usage_file(folder, this_month, ROWS, seed=seed) for seed in range(begin, begin + 3)]
    end_thresholds()
    loading.measured_load(folder, files[0], "the first of the month, so that the next two find counters alike")
    without = loading.measured_load(folder, files[1], "1 M rows of this month, 0 thresholds")
    watched, enforcing = set_thresholds(date.fromisoformat(this_month["month"]))
    name = f"1 M rows of this month, {watched:,} thresholds, {enforcing:,} enforcing"
    with_all = loading.measured_load(folder, files[2], name)
    with_all |= passed() | {"ratio_to_unwatched": round(with_all["seconds"] / without["seconds"], 2)}
    print(json.dumps(with_all), flush=True)
    for path in files:
        path.unlink()
    return [without, with_all]


def set_thresholds(month: date) -> tuple[int, int]:
    """Store thresholds by month on the running mobile lines with their tallies at nothing; return how many, and how many bar."""
    from django.db import connection, transaction

    from sportello.kernel import row_security
    from sportello.kernel.calendar import month_bounds

    begins, ends = (connection.ops.adapt_datetimefield_value(at) for at in month_bounds(month, ROME))
    day, per_traffic = connection.ops.adapt_datefield_value(month), THRESHOLDS // len(WATCHED)
    with transaction.atomic(), connection.cursor() as cursor:
        row_security.widen(None)
        for traffic, euros in WATCHED:
            cursor.execute(_THRESHOLDS, [traffic, euros * 100_000, ENFORCING_ONE_IN, begins, day, per_traffic])
        cursor.execute(_TALLIES, [day, begins, ends])
        cursor.execute(_HOW_MANY)
        total, enforcing = cursor.fetchone()
    if connection.vendor == "postgresql":  # as its own housekeeping does it; SQLite has none in an installation
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return int(total), int(enforcing)


def end_thresholds() -> None:
    """Cancel what an earlier run set; the steps that it passed stay on record, as they do everywhere (`--fresh` makes a base without)."""
    from django.db import connection, transaction

    from sportello.kernel import row_security

    with transaction.atomic(), connection.cursor() as cursor:
        row_security.widen(None)
        cursor.execute("UPDATE thresholds_threshold SET state = 'cancelled' WHERE state <> 'cancelled'")


def passed() -> dict[str, int]:
    """Return how many steps were passed and how many bars were asked for."""
    from sportello.kernel.actor import system_actor
    from sportello.thresholds.models import Bar, Crossing

    system = system_actor(reason="measuring loads")
    return {
        "crossings": Crossing.objects.for_(system).filter(threshold__state="active").count(),
        "bars": Bar.objects.for_(system).filter(threshold__state="active").count(),
    }


_THRESHOLDS = """
INSERT INTO thresholds_threshold (organisation_id, line_id, traffic_type, zone, measure, limit_units, period, kind, steps, first_step,
    last_step, revision, state, active_from, counts_from, cut_off, consent)
SELECT organisation_id, id, %s, 'any', 'amount', %s, 'month', CASE WHEN id %% %s = 0 THEN 'enforcing' ELSE 'informational' END,
    '[50, 80, 100]', 50, 100, 1, 'active', %s, %s, 1, FALSE
FROM inventory_line WHERE active_to IS NULL AND number LIKE '+%%' ORDER BY id LIMIT %s
"""
_TALLIES = """
INSERT INTO thresholds_tally (threshold_id, organisation_id, line_id, period_start, period_at, period_to, used_units, permille)
SELECT id, organisation_id, line_id, %s, %s, %s, 0, 0
FROM thresholds_threshold WHERE state = 'active' ORDER BY id
"""
_HOW_MANY = """
SELECT count(*), sum(CASE WHEN kind = 'enforcing' THEN 1 ELSE 0 END) FROM thresholds_threshold WHERE state = 'active'
"""
