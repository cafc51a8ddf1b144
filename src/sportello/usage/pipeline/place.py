"""Who held a number at an instant, and in which month of theirs the instant lies."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from sportello.usage.pipeline.check.record import NUMBER, microseconds
from sportello.usage.pipeline.engine import lone_cursor
from sportello.usage.types import Window

PERIOD_COLUMNS = pa.schema(
    [
        ("period_id", pa.int64()),
        ("line_id", pa.int64()),
        ("organisation_id", pa.int64()),
        ("number", pa.string()),
        ("active_from", pa.int64()),
        ("active_to", pa.int64()),
        ("time_zone", pa.string()),
    ]
)
OPEN_END = 2**63 - 1


def month_starts(window: Window) -> list[date]:
    """Return the first days of all months that the window touches in any time zone."""
    day = (window.earliest - timedelta(days=1)).date().replace(day=1)
    months = []
    while day <= (window.latest + timedelta(days=1)).date():
        months.append(day)
        day = (day + timedelta(days=31)).replace(day=1)
    return months


def midnight(day: date, zone: str) -> int:
    """Return the instant at which a day begins in a time zone, in UTC microseconds."""
    return microseconds(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC))


@dataclass(frozen=True)
class Places:
    """The periods of a load: `held` has one row per number, `spans` every period of the numbers that had several.

    Two holders of one number at once: the later one counts. The time zones are few and their months fewer, so a month is
    found by comparing with the instants at which months begin: exact at every change of the clock, and nothing per row
    knows of time zones.
    """

    table: Any
    held: Any
    spans: Any
    zones: tuple[str, ...]
    months: tuple[date, ...]
    earliest_us: int
    latest_us: int

    @classmethod
    def of(cls, periods: Any, window: Window) -> "Places":
        """Build from an Arrow table of periods (`Periods.periods`)."""
        table = periods.select(PERIOD_COLUMNS.names).cast(PERIOD_COLUMNS)
        zones = tuple(sorted(table["time_zone"].unique().to_pylist()))
        earliest, latest = microseconds(window.earliest), microseconds(window.latest)
        with lone_cursor() as connection:
            connection.register("periods_given", table)
            given = {"earliest": earliest, "latest": latest, "zones": list(zones), "number": NUMBER.pattern}
            connection.execute(_SPANS, given)
            held = connection.sql(_HELD).to_arrow_table().combine_chunks()
            spans = connection.sql(_SHARED_SPANS).to_arrow_table()
        return cls(table, held, spans, zones, tuple(month_starts(window)), earliest, latest)

    def holders(self, numbers: Any) -> Any:
        """Return for each number (an Arrow array) its row of `held`, nulls where nobody held it within the window."""
        places = pc.index_in(numbers, value_set=self.held["held_number"].combine_chunks())
        return self.held.drop_columns(["held_number"]).take(places)

    def month_sql(self) -> str:
        """Give the SQL that turns zone_no and at_us into a place in `months`."""
        branches = (f"WHEN {number} THEN {self._months_passed(zone)}" for number, zone in enumerate(self.zones))
        return f"CASE zone_no {' '.join(branches)} END" if self.zones else "NULL::UTINYINT"

    def _months_passed(self, zone: str) -> str:
        starts = (midnight(month, zone) for month in self.months[1:])
        return " + ".join(f"(at_us >= {start})::UTINYINT" for start in starts)


_SPANS = f"""
CREATE TEMP TABLE spans AS
SELECT period_id, number, list_position($zones, time_zone) - 1 AS zone_no, active_from AS from_us,
    least(coalesce(active_to, {OPEN_END}),
          coalesce(lead(active_from) OVER (PARTITION BY number ORDER BY active_from, period_id), {OPEN_END})) AS to_us
FROM periods_given
WHERE coalesce(active_to, {OPEN_END}) > $earliest AND active_from < $latest AND regexp_full_match(number, $number)
"""  # noqa: S608 - no text from outside

_HELD = """
SELECT number AS held_number, any_value(period_id) AS held_period_id, any_value(zone_no)::UTINYINT AS zone_no,
    any_value(from_us) AS from_us, any_value(to_us) AS to_us, count(*) > 1 AS shared
FROM spans GROUP BY number
"""
_SHARED_SPANS = """
SELECT * FROM spans WHERE number IN (SELECT number FROM spans GROUP BY number HAVING count(*) > 1)
"""
