"""Invented usage, written as usage files of version 1 with their manifests.

A month is drawn in one DuckDB query: each record takes its day, hour, length and other party from the digest of its own
id, so that the same seed gives the same file on every machine, for a thousand records as for ten million. Offices
telephone on weekdays at ten and at four; a few lines use most of it; some people travel.
"""

import hashlib
import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from sportello.config.demo_base.cast import CAST
from sportello.inventory.models import LinePeriod
from sportello.inventory.states import LineKind, LineStatus
from sportello.kernel.calendar import day_bounds, month_bounds, next_month

ROME = ZoneInfo("Europe/Rome")
STEPS = 4096  # a day and hour is one of so many equal chances
# How likely each hour of the day is, and how much of a weekday a Saturday, a Sunday and a holiday week are.
HOURS = (2, 1, 1, 1, 1, 2, 6, 18, 48, 80, 92, 84, 62, 48, 66, 78, 84, 72, 48, 34, 26, 20, 12, 6)
SATURDAY, WEEKDAY, SATURDAY_SHARE, SUNDAY_SHARE, AUGUST_SHARE = 5, 20, 7, 4, 11
# A line's share of the traffic: most use a little, one in fifty very much.
SHARES = (1, 1, 2, 2, 2, 3, 3, 4, 6, 9)
HEAVY, HEAVY_ONE_IN = 30, 50
TRAVELS_PERCENT = 7
ABROAD = ("FR", "DE", "ES", "AT", "PT", "CH", "GB", "US", "MA", "AL", "BR")
OUTSIDE_EU = frozenset({"CH", "GB", "US", "MA", "AL", "BR"})
MEMORY = "1200MB"


@dataclass(frozen=True)
class Holder:
    """A line while somebody held it: whose traffic can be drawn. Instants in UTC; `busy` lines are used very much."""

    number: str
    kind: str
    plan: str
    home: str
    dual_billing: bool
    begins: datetime
    ends: datetime | None
    busy: bool = False


@dataclass(frozen=True)
class Order:
    """What to draw: the month, about how many records, up to which instant, from which seed."""

    month: date
    records: int
    until: datetime
    seed: int


def holders() -> list[Holder]:
    """Return every line that can telephone, with the times at which it could."""
    rows = LinePeriod.objects.across_tenants(reason="drawing the demo's traffic")
    usable = rows.filter(status=LineStatus.ACTIVE, number__startswith="+").order_by("number", "active_from")
    # The named people use their lines a lot: whoever signs in as one of them has something to look at.
    named = {login.username for login in CAST}
    return [_holder(period, named) for period in usable.select_related("line", "plan", "organisation", "person")]


def _holder(period: LinePeriod, named: set[str]) -> Holder:
    return Holder(
        number=period.number,
        kind=period.line.kind,
        plan=period.plan.code if period.plan else "",
        home=period.organisation.country,
        dual_billing=period.dual_billing,
        begins=period.active_from,
        ends=period.active_to,
        busy=period.person is not None and period.person.username in named,
    )


# The schedule of a month ---------------------------------------------------------------------------------------------


def _days(month: date) -> Iterator[date]:
    day, end = month, next_month(month)
    while day < end:
        yield day
        day += timedelta(days=1)


def _share(day: date) -> int:
    share = WEEKDAY if day.weekday() < SATURDAY else SATURDAY_SHARE if day.weekday() == SATURDAY else SUNDAY_SHARE
    return share * AUGUST_SHARE // WEEKDAY if day.month == 8 else share


def _ladder(month: date) -> list[int]:
    """Return `STEPS` equal chances of when something happens: begins of hours (microseconds, UTC), the busy ones often."""
    hours = [
        (day_bounds(day, ROME)[0] + timedelta(hours=hour), _share(day) * weight)
        for day in _days(month)
        for hour, weight in enumerate(HOURS)
    ]
    total, passed = sum(weight for _begin, weight in hours), 0
    begins: list[int] = []
    for begin, weight in hours:
        passed += weight
        begins += [_microseconds(begin)] * (passed * STEPS // total - len(begins))
    return begins


def _microseconds(instant: datetime) -> int:
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _drawn(order: Order, lines: Iterable[Holder], ladder: list[int]) -> Any:
    """Return the table of holders of the month: how many records each draws, from which steps, and where it travels."""
    chance = Random(f"{order.seed} traffic {order.month}")
    begin, end = (_microseconds(instant) for instant in month_bounds(order.month, ROME))
    rows = []
    for holder in lines:
        first = bisect_left(ladder, _microseconds(holder.begins))
        steps = (bisect_left(ladder, _microseconds(holder.ends)) if holder.ends else STEPS) - first
        if steps > 0:
            share = _line_share(holder, order.seed) * steps
            rows.append((holder, first, steps, share, *_trip(holder, chance, begin, end)))
    return _with_counts(rows, order.records)


def _line_share(holder: Holder, seed: int) -> int:
    drawn = hashlib.md5(f"{seed} {holder.number}".encode(), usedforsecurity=False).digest()
    share = HEAVY if holder.busy or drawn[0] % HEAVY_ONE_IN == 0 else SHARES[drawn[1] % len(SHARES)]
    return share if holder.kind == LineKind.MOBILE else max(1, share // 3)


def _trip(holder: Holder, chance: Random, begin: int, end: int) -> tuple[str, int, int]:
    travels = chance.randrange(100) < TRAVELS_PERCENT
    country, start = chance.choice(ABROAD), chance.randrange(begin, end)
    length = chance.randrange(2, 9) * 86_400_000_000
    if not travels or holder.kind != LineKind.MOBILE or country == holder.home:
        return "", 0, 0
    return country, start, start + length


def _with_counts(rows: list[tuple[Any, ...]], records: int) -> Any:
    total, passed, given, counts = sum(row[3] for row in rows) or 1, 0, 0, []
    for row in rows:
        passed += row[3]
        counts.append(passed * records // total - given)
        given += counts[-1]
    return pa.table(
        {
            "holder": list(range(len(rows))),
            "number": [row[0].number for row in rows],
            "kind": [row[0].kind for row in rows],
            "plan": [row[0].plan for row in rows],
            "home": [row[0].home for row in rows],
            "dual": [row[0].dual_billing for row in rows],
            "first_step": [row[1] for row in rows],
            "steps": [row[2] for row in rows],
            "trip": pa.array([row[4] for row in rows], pa.string()),
            "trip_begins": [row[5] for row in rows],
            "trip_ends": [row[6] for row in rows],
            "records": counts,
        }
    )


# The records ---------------------------------------------------------------------------------------------------------

# Amounts are whole hundred-thousandths of a euro. `a` and `b` are the 64-bit halves of the digest of the record's id,
# and each value takes bits of its own. VOCE-A costs 9 cents a minute and 0.2 a megabyte, the others nothing at home.
_DRAW = """
CREATE OR REPLACE TEMP TABLE drawn AS
WITH dice AS (
    SELECT *, md5_number_lower(id) AS a, md5_number_upper(id) AS b
    FROM (SELECT *, '{month}-' || holder || '-' || unnest(range(records)) AS id FROM holders)
), placed AS (
    SELECT *, hour_us + ((a >> 12) % 3600)::BIGINT * 1000000 AS at_us,
        ((a >> 24) % 100)::INT AS kind_dice, ((a >> 32) % 65536)::BIGINT AS size_dice,
        ((a >> 48) % 100)::INT AS way_dice, ((b >> 40) % 100)::INT AS more_dice
    FROM dice JOIN ladder ON step = first_step + (a % 4096)::BIGINT * steps // 4096
), typed AS (
    SELECT *, at_us >= trip_begins AND at_us < trip_ends AS away,
        CASE WHEN kind = 'data' THEN 'data' WHEN kind <> 'mobile' THEN 'voice' WHEN kind_dice < 44 THEN 'voice'
            WHEN kind_dice < 52 THEN 'sms' WHEN kind_dice < 53 THEN 'mms' ELSE 'data' END AS traffic_type
    FROM placed WHERE at_us < {until_us}
), sized AS (
    SELECT *, traffic_type <> 'data' AND way_dice < 35 AS is_in,
        dual AND more_dice < 20 AND kind = 'mobile' AS is_personal,
        CASE WHEN traffic_type = 'voice' THEN 3 + size_dice * size_dice * size_dice // 93824992236 ELSE 0 END
            AS duration_s,
        CASE WHEN traffic_type = 'data' THEN (1024 + size_dice) << (size_dice % 13) WHEN traffic_type = 'mms'
            THEN 100000 + size_dice ELSE 0 END AS volume_bytes,
        CASE WHEN NOT away THEN 'national' WHEN trip IN ({outside}) THEN 'extra_eu' ELSE 'eu' END AS zone
    FROM typed
), measured AS (
    SELECT *, CASE traffic_type WHEN 'voice' THEN (duration_s + 59) // 60
            WHEN 'data' THEN (volume_bytes + 1048575) // 1048576 ELSE 1 END AS units,
        NOT is_in AND traffic_type <> 'data' AND way_dice >= 94 AS calls_abroad
    FROM sized
)
SELECT '{prefix}' || id AS record_id, number AS msisdn, at_us, traffic_type,
    CASE WHEN is_in THEN 'in' ELSE 'out' END AS direction,
    CASE WHEN traffic_type = 'data' THEN ''
        WHEN calls_abroad THEN '+447700900' || lpad(((b >> 8) % 1000)::VARCHAR, 3, '0')
        WHEN home = 'ES' THEN '+34749' || lpad(((b >> 8) % 1000000)::VARCHAR, 6, '0')
        ELSE '+39312' || lpad(((b >> 8) % 10000000)::VARCHAR, 7, '0') END AS other_party,
    duration_s, volume_bytes, units,
    (CASE WHEN is_in AND zone <> 'extra_eu' THEN 0 ELSE units * CASE
        WHEN zone = 'extra_eu' THEN CASE traffic_type WHEN 'voice' THEN 85000 WHEN 'data' THEN 9000 ELSE 29000 END
        WHEN calls_abroad THEN 18500
        WHEN is_personal OR plan IN ('VOCE-A', 'FISSO', 'VOIP') THEN
            CASE traffic_type WHEN 'voice' THEN 9000 WHEN 'data' THEN 215 ELSE 6120 END
        WHEN zone = 'eu' THEN CASE traffic_type WHEN 'voice' THEN 2320 WHEN 'data' THEN 155 ELSE 488 END
        WHEN kind = 'data' THEN 12 ELSE 0 END END)::BIGINT AS amount_e5,
    zone, CASE WHEN away THEN trip ELSE home END AS country, is_personal::INT AS personal,
    CASE WHEN traffic_type <> 'data' THEN '' WHEN plan = 'M2M' THEN 'iot.example' ELSE 'internet.example' END AS apn,
    '' AS corrects, (b >> 20) % 400 = 0 AS is_wrong
FROM measured
"""
# One record in four hundred is found wrong afterwards: a new record takes its amount back and refers to it.
_RECORDS = """
CREATE OR REPLACE TEMP VIEW records AS
SELECT record_id, msisdn, at_us, traffic_type, direction, other_party, duration_s, volume_bytes, units, amount_e5, zone,
    country, personal, apn, corrects FROM drawn
UNION ALL
SELECT record_id || 'C', msisdn, at_us, traffic_type, direction, other_party, 0, 0, 0, -amount_e5, zone, country,
    personal, apn, record_id FROM drawn WHERE is_wrong AND amount_e5 > 0
"""
_WRITE = """
COPY (
    SELECT record_id, msisdn, strftime(make_timestamp(at_us), '%Y-%m-%dT%H:%M:%S+00:00') AS started_at,
        traffic_type, direction, other_party, duration_s, volume_bytes, units,
        (amount_e5::DECIMAL(18, 0) * 0.00001::DECIMAL(6, 5))::DECIMAL(18, 5) AS amount,
        CASE WHEN zone = 'extra_eu' THEN 'outside' ELSE 'standard' END AS vat_class, zone, country,
        personal::VARCHAR AS personal, apn, corrects
    FROM records WHERE at_us >= {begin} AND at_us < {end} ORDER BY at_us, record_id
) TO '{path}' ({format})
"""
_SUMS = """
SELECT count(*), coalesce(sum(amount_e5), 0)::BIGINT FROM records WHERE at_us >= {begin} AND at_us < {end}
"""
FORMATS = {
    ".csv": "FORMAT csv, HEADER true",
    ".gz": "FORMAT csv, HEADER true, COMPRESSION gzip",
    ".parquet": "FORMAT parquet, COMPRESSION zstd",
}


class Month:
    """The drawn records of a month, to be written as one file or as many."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, order: Order) -> None:
        self._connection, self.order = connection, order

    def write(self, path: Path, begin: datetime | None = None, end: datetime | None = None) -> int:
        """Write the records from `begin` to `end` (all without them) with their manifest; return how many.

        The ending of the name gives the format: `.csv`, `.csv.gz` or `.parquet`.
        """
        begin_us = _microseconds(begin) if begin else 0
        end_us = _microseconds(end) if end else 2**62
        quoted = str(path).replace("'", "''")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection.execute(_WRITE.format(begin=begin_us, end=end_us, path=quoted, format=FORMATS[path.suffix]))
        sums = self._connection.execute(_SUMS.format(begin=begin_us, end=end_us)).fetchall()
        count, amount_e5 = sums[0]
        write_manifest(path, records=count, amount=Decimal(amount_e5).scaleb(-5))
        return int(count)


@contextmanager
def drawn_month(order: Order, lines: Iterable[Holder], scratch: Path) -> Iterator[Month]:
    """Draw a month of usage of the lines; what does not fit in memory lies in `scratch` meanwhile."""
    scratch.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(scratch), "threads": 2}) as connection:
        ladder = _ladder(order.month)
        connection.register("holders", _drawn(order, lines, ladder))
        connection.register("ladder", pa.table({"step": list(range(STEPS)), "hour_us": ladder}))
        outside = ", ".join(f"'{country}'" for country in sorted(OUTSIDE_EU))
        connection.execute(
            _DRAW.format(
                month=f"{order.month:%Y%m}",
                until_us=_microseconds(order.until),
                outside=outside,
                prefix=f"S{order.seed}-",
            )
        )
        connection.execute(_RECORDS)
        yield Month(connection, order)


def write_manifest(path: Path, *, records: int, amount: Decimal) -> Path:
    """Write the manifest of a usage file beside it and return its path."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    manifest = path.with_name(f"{path.name}.manifest.json")
    content = {"records": records, "amount": f"{amount:.5f}", "sha256": digest}
    # Written beside and renamed: a file is taken when its manifest is there, and it must not be there half.
    half = manifest.with_suffix(".part")
    half.write_text(json.dumps(content) + "\n", encoding="utf-8")
    half.replace(manifest)
    return manifest
