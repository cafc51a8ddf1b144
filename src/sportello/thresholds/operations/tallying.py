"""Keeping the tallies: what each counter stands at in its present period, in bulk where a load touches many thresholds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from django.db import connection
from django.db.models import Q

from sportello.kernel.actor import Actor
from sportello.thresholds import rules
from sportello.thresholds.models import Tally, Threshold
from sportello.thresholds.queries.counting import SHARE_CAP, totals_of_month

PERMILLE: Final = 1000
AT_ONCE: Final = 2_000


def open_tallies(thresholds: Iterable[Threshold], now: datetime) -> None:
    """Begin the tallies of thresholds just set, at nothing, in the period that it is now; read with `organisation`."""
    rows = []
    for row in thresholds:
        span = rules.present_span(row.period, now, row.organisation.time_zone, cut_off=row.cut_off)
        rows.append(
            Tally(
                threshold=row, organisation_id=row.organisation_id, line_id=row.line_id,
                period_start=span.start, period_at=span.at, period_to=span.to,
            )
        )  # fmt: skip
    Tally.objects.bulk_create(rows, batch_size=AT_ONCE)


def turn_tallies(actor: Actor, which: Q, now: datetime) -> set[date]:
    """Let the tallies whose period is over begin the period that it is now; return the months that these lie in."""
    over = Tally.objects.for_(actor).filter(which, period_to__lte=now)
    groups = over.order_by().values_list(
        "threshold__period", "threshold__cut_off", "organisation__time_zone", "period_to"
    )
    months: set[date] = set()
    for period, cut_off, zone, period_to in set(groups):
        span = rules.present_span(period, now, zone, cut_off=cut_off)
        same = over.filter(
            threshold__period=period, threshold__cut_off=cut_off, organisation__time_zone=zone, period_to=period_to
        )
        same.update(period_start=span.start, period_at=span.at, period_to=span.to, used_units=0, permille=0)
        months.add(span.start.replace(day=1))
    return months


def keep_tallies(actor: Actor, which: Q, month: date) -> None:
    """Write the counters of a month into the tallies of thresholds by month for which it is the present one: one statement."""
    totals, given = totals_of_month(actor, which, month).query.sql_with_params()
    tally, threshold = Tally._meta.db_table, Threshold._meta.db_table  # noqa: SLF001 - their documented names
    # The limits and what is left of a division by them are small enough to be multiplied; the counter itself is never.
    times, rest = "(s.total / t.limit_units)", "(s.total %% t.limit_units)"
    permille = (
        f"CASE WHEN {times} >= {SHARE_CAP} THEN {SHARE_CAP * PERMILLE} "
        f"WHEN {times} <= -{SHARE_CAP} THEN -{SHARE_CAP * PERMILLE} "
        f"ELSE {times} * {PERMILLE} + {rest} * {PERMILLE} / t.limit_units END"
    )
    sql = f"""
        WITH s(threshold_id, total) AS ({totals})
        UPDATE "{tally}" SET used_units = s.total, permille = {permille}
        FROM s JOIN "{threshold}" t ON t.id = s.threshold_id
        WHERE "{tally}".threshold_id = s.threshold_id AND "{tally}".period_start = %s
          AND "{tally}".used_units <> s.total
    """  # noqa: S608 - names of our own tables
    with connection.cursor() as cursor:
        cursor.execute(sql, [*given, connection.ops.adapt_datefield_value(month)])


def write_tally(actor: Actor, threshold: Threshold, used: int) -> None:
    """Write the counter of one threshold."""
    Tally.objects.for_(actor).filter(threshold=threshold).update(
        used_units=used, permille=permille_of(used, threshold.limit_units)
    )


def permille_of(used: int, limit: int) -> int:
    """Return the share of a limit in thousandths, up to `SHARE_CAP` times of it in either direction."""
    most = limit * SHARE_CAP
    return int(max(-most, min(used, most)) * PERMILLE // limit)
