"""What exports of traffic hold: the groups of an analysis, and records with the called numbers masked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import cast
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from sportello.inventory.models import Line, LinePeriod
from sportello.inventory.queries import lines_sought
from sportello.kernel.actor import Actor
from sportello.kernel.calendar import local_month, month_bounds, previous_month
from sportello.kernel.money import round_cents
from sportello.kernel.tabular.writing import CENTS, Cell
from sportello.kernel.ui import formats
from sportello.parties.models import Organisation
from sportello.usage import queries
from sportello.usage.analysis import queries as analyses
from sportello.usage.analysis.types import Asked, Group, Grouping, Sums
from sportello.usage.analysis.unusual import passed, rule_of, unusual_lines
from sportello.usage.exports.pdf import Reading, clock
from sportello.usage.exports.sheets import Sheet
from sportello.usage.pipeline.store import RecordQuery, UsageRecord
from sportello.usage.states import TrafficType, Zone
from sportello.usage.types import Direction, euros

ZONES_REACH = timedelta(days=1)
"""No time zone is further from UTC."""

PATHS = {"line": "line_id", "cost_centre": "cost_centre_id", "person": "person_id", "agreement": "agreement_id"}
PERIODS_AT_ONCE = 500
RECORDS_AT_ONCE = 10_000
QUANTITIES = ("records", "voice_s", "messages", "data_bytes")


AMOUNT_NOW, AMOUNT_BEFORE = 6, 7
"""Where the two amounts of an analysis stand in its rows."""


def analysis_sheet(actor: Actor, asked: Asked, *, most: int, today: date) -> tuple[Sheet, bool]:
    """Return the groups of an analysis as a table, `most` of them, and whether there are more.

    A month that runs on `today` is held against no whole month in hundredths, as on the page.
    """
    found = analyses.analysis(actor, asked, most=most)
    months = " - ".join(dict.fromkeys((formats.month(asked.since), formats.month(asked.until))))
    sheet = Sheet(
        name=f"traffic-{asked.by.value.replace('_', '-')}-{asked.until:%Y-%m}",
        title=_("Traffic by %(what)s") % {"what": asked.by.label.lower()},
        facts=(months, _("Amounts in EUR, net of VAT; in all %(sum)s") % {"sum": formats.money(found.total.now)}),
        headings=(
            asked.by.label, _("Name"), _("Records"), _("Voice (seconds)"), _("SMS and MMS"), _("Data (bytes)"),
            _("Amount"), _("Before"), _("Difference"), "%", _("Share"),
        ),
        rows=(_group_cells(asked, group, found.total, today) for group in found.groups),
        read_as={3: _clock(3, _("Voice")), 5: _volume(5, _("Data")), 6: _money(6), 7: _money(7), 8: Reading(write=_difference)},
        summed=range(2, 9),
    )  # fmt: skip
    return sheet, found.more


def _group_cells(asked: Asked, group: Group, whole: Sums, today: date) -> Sequence[Cell]:
    sums = group.sums
    quantities = [getattr(sums, name) for name in QUANTITIES]
    growth = None if asked.is_open(today) else sums.growth
    shares = [None if share is None else round_cents(share) for share in (growth, sums.share_of(whole))]
    label = group.label.replace(formats.NARROW, "") if asked.by is Grouping.LINE else group.label
    return [label, group.note, *quantities, sums.now, sums.before, sums.difference, *shares]


def _clock(place: int, heading: str = "") -> Reading:
    return Reading(heading=heading, write=lambda row: clock(cast("int", row[place])))


def _volume(place: int, heading: str = "") -> Reading:
    return Reading(heading=heading, write=lambda row: formats.volume(cast("int", row[place])))


def _money(place: int) -> Reading:
    return Reading(write=lambda row: formats.number(cast("Decimal", row[place]), CENTS))


def _difference(row: Sequence[Cell]) -> str:
    """Write the difference of the two amounts as they are written beside it."""
    now, before = (round_cents(Decimal(cast("Decimal", row[place]))) for place in (AMOUNT_NOW, AMOUNT_BEFORE))
    return formats.number(now - before, CENTS)


def unusual_sheet(actor: Actor, asked: Asked, *, now: datetime) -> Sheet:
    """Return the lines whose last month asked for is unusual, as a table."""
    customer = asked.customer or actor.organisation_id or 0
    rule = rule_of(actor, customer)
    zone = ZoneInfo(Organisation.objects.for_(actor).get_or_refuse(pk=customer).time_zone)
    found = unusual_lines(actor, customer, asked.until, share=passed(asked.until, zone, now), rule=rule)
    return Sheet(
        name=f"unusual-{asked.until:%Y-%m}",
        title=_("Unusual lines"),
        facts=(formats.month(asked.until),),
        headings=(_("Line"), _("Person"), _("Cost centre"), _("Amount"), _("Usual"), _("Difference")),
        rows=(
            (
                one.line.number,
                one.line.person.name if one.line.person else "",
                one.line.cost_centre.code if one.line.cost_centre else "",
                one.now,
                one.usual,
                one.difference,
            )
            for one in found
        ),
    )


def record_headings() -> Sequence[str]:
    """Return the headings of a table of records."""
    return (
        _("Line"), _("Started"), _("Traffic"), _("Direction"), _("Other party"), _("Seconds"), _("Bytes"), _("Units"),
        _("Amount (EUR)"), _("VAT"), _("Zone"), _("Country"), _("Paid by"), _("Record"), _("Corrects"), _("Added later"),
    )  # fmt: skip


def records_sheet(actor: Actor, asked: Asked, *, clear: bool = False) -> Sheet:
    """Return the records that are asked for as a table, read while it is written; called numbers masked unless `clear`."""
    return Sheet(
        name=f"records-{asked.since:%Y-%m}" + ("" if asked.months == 1 else f"-{asked.until:%Y-%m}"),
        title=_("Usage records"),
        facts=(f"{asked.since:%Y-%m} - {asked.until:%Y-%m}",),
        headings=record_headings(),
        rows=(record_cells(number, one) for number, one in records_asked(actor, asked, clear=clear)),
        read_as={5: _clock(5, _("Duration")), 6: _volume(6, _("Volume"))},
        summed=(5, 6, 7, 8),
    )


def records_counted(actor: Actor, asked: Asked) -> int:
    """Return how many records the counters know of what is asked for; the store may hold fewer (retention)."""
    rows = queries.counters(actor).filter(month__gte=asked.since, month__lte=asked.until)
    if asked.line is not None:
        rows = rows.filter(line_id=asked.line)
    elif asked.narrowed or asked.customer is not None:
        rows = rows.filter(period__in=periods_asked(actor, asked).order_by().values("pk"))
    return sum(rows.values_list("records", flat=True))


def periods_asked(actor: Actor, asked: Asked) -> QuerySet[LinePeriod]:
    """Return the line periods whose records are asked for, inside the reader's reach."""
    rows: QuerySet[LinePeriod] = LinePeriod.objects.for_(actor)
    if asked.customer is not None:
        rows = rows.filter(organisation_id=asked.customer)
    for name, path in PATHS.items():
        wanted = getattr(asked, name)
        if wanted is not None:
            rows = rows.filter(**{path: wanted or None})
    if asked.words:
        rows = rows.filter(line__in=lines_sought(actor, Line.objects.for_(actor), asked.words).order_by().values("pk"))
    return rows


def records_asked(actor: Actor, asked: Asked, *, clear: bool) -> Iterator[tuple[str, UsageRecord]]:
    """Yield the records with the numbers that were billed: each month in turn, the newest first within some hundred lines."""
    month = asked.until
    while month >= asked.since:
        for zone, periods in _by_zone(actor, asked, month):
            yield from _of_periods(actor, asked, (month, zone), periods, clear=clear)
        month = previous_month(month)


def _by_zone(actor: Actor, asked: Asked, month: date) -> Iterator[tuple[ZoneInfo, dict[int, str]]]:
    """Yield the periods that may hold records of a local month, some hundred at a time, by their customers' time zone."""
    since, until = month_bounds(month, ZoneInfo("UTC"))
    open_then = Q(active_to=None) | Q(active_to__gt=since - ZONES_REACH)
    rows = periods_asked(actor, asked).filter(open_then, active_from__lt=until + ZONES_REACH)
    chunk: dict[str, dict[int, str]] = {}
    for pk, number, zone in rows.order_by("line_id", "pk").values_list("pk", "number", "organisation__time_zone"):
        periods = chunk.setdefault(zone, {})
        periods[pk] = number
        if len(periods) == PERIODS_AT_ONCE:
            yield ZoneInfo(zone), chunk.pop(zone)
    for name, rest in chunk.items():
        yield ZoneInfo(name), rest


def _of_periods(
    actor: Actor, asked: Asked, at: tuple[date, ZoneInfo], periods: dict[int, str], *, clear: bool
) -> Iterator[tuple[str, UsageRecord]]:
    month, zone = at
    since, until = month_bounds(month, zone)
    query = RecordQuery(
        period_ids=list(periods),
        since=since,
        until=until,
        traffic_type=asked.traffic_type or None,
        personal=None if queries.sees_personal(actor) else False,
        limit=RECORDS_AT_ONCE,
    )
    for record in _pages(month, query):
        if asked.zone in {"", record.zone}:
            yield periods[record.period_id], record if clear else queries.masked(record)


def _pages(month: date, query: RecordQuery) -> Iterator[UsageRecord]:
    """Yield the records of a query over one month, page by page."""
    parts = queries.parts_of(month)
    while True:
        page = queries.store().records(parts, query)
        yield from page.records
        if page.next is None:
            return
        query = replace(query, after=page.next)


def records_between(
    actor: Actor, line: Line, since: datetime, until: datetime, *, clear: bool
) -> Iterator[tuple[str, UsageRecord]]:
    """Yield a line's records with `since` <= start < `until`, month by month, the newest first; each reader those they may see."""
    zone = ZoneInfo(line.organisation.time_zone)
    rows = LinePeriod.objects.for_(actor).filter(line=line, active_from__lt=until)
    periods = dict(rows.values_list("pk", "number"))
    month, first = local_month(until - timedelta(microseconds=1), zone), local_month(since, zone)
    while month >= first:
        opens, closes = month_bounds(month, zone)
        query = RecordQuery(
            period_ids=list(periods),
            since=max(opens, since),
            until=min(closes, until),
            personal=None if queries.sees_personal(actor) else False,
            limit=RECORDS_AT_ONCE,
        )
        for record in _pages(month, query):
            yield periods[record.period_id], record if clear else queries.masked(record)
        month = previous_month(month)


def record_cells(number: str, record: UsageRecord) -> Sequence[Cell]:
    """Return a record as cells under `record_headings`."""
    return [
        number,
        record.started_at,
        str(TrafficType(record.traffic_type).label),
        _("received") if record.direction == Direction.IN else _("made"),
        record.other_party or record.apn,
        record.duration_s,
        record.volume_bytes,
        record.units,
        euros(record.amount_e5),
        record.vat_class,
        str(Zone(record.zone).label),
        record.country,
        _("employee") if record.personal else _("company"),
        record.record_id,
        record.corrects,
        record.late,
    ]
