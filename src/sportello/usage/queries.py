"""What is read of usage: sums of customers and lines, and the records behind them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max, QuerySet, Sum

from sportello.accounts.models import Session
from sportello.inventory.models import Agreement, Line, LinePeriod
from sportello.kernel.access import Access, Section
from sportello.kernel.actor import Actor
from sportello.kernel.calendar import month_bounds
from sportello.kernel.phones import mask_last
from sportello.kernel.refusals import NotFound
from sportello.kernel.scope import ScopedQuerySet
from sportello.kernel.tabular.guarding import unguard
from sportello.usage.models import ClearNumbers, Counter, CustomerMonth, LineMonth, UsageLoad, UsagePart
from sportello.usage.pipeline import payers
from sportello.usage.pipeline.check.record import EPOCH, MICROSECOND
from sportello.usage.pipeline.read import MANIFEST_ENDING, manifest_path
from sportello.usage.pipeline.store import ParquetStore, RecordKey, RecordPage, RecordQuery, UsageRecord
from sportello.usage.pipeline.store.untaxed import untaxed
from sportello.usage.types import Part, PartKind, VatClass, euros

PRIVATE_CODES = payers.PRIVATE_CODES
"""What the column `personal` of the store says of records that the employee pays, for apps that sum the store themselves."""

WAITS_LONG: Final = timedelta(minutes=1)
"""A file whose manifest comes within this time is on its way; after it, somebody should know."""

SUMS = ("records", "records_in", "duration_s", "duration_in_s", "volume_bytes", "units", "amount")


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeTotal:
    """The sums of one traffic type: seconds, bytes, units, EUR net of VAT."""

    traffic_type: str
    records: int
    duration_s: int
    volume_bytes: int
    units: int
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthTotal:
    """The amount of one month (its first day), by traffic type."""

    month: date
    amounts: dict[str, Decimal]

    @property
    def amount(self) -> Decimal:
        """Return the whole amount."""
        return sum(self.amounts.values(), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingFile:
    """A file of the drop folder that cannot be taken: `waits_for` is the name that is missing beside it."""

    name: str
    waits_for: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRow:
    """A row that was not loaded: its line in the file, its id where it has one, and every reason."""

    line: int
    record_id: str
    reasons: str


def sees_own_only(actor: Actor) -> bool:
    """Tell whether the reader sees own periods, and nothing of the company's."""
    return actor.access(Section.TRAFFIC_BILLING) is not Access.FULL


def sees_personal(actor: Actor) -> bool:
    """Tell whether the reader sees what a person pays themselves: that person alone, not whoever views as them (ABUSE B06, G14)."""
    return sees_own_only(actor) and actor.sees_private


def counters(actor: Actor) -> ScopedQuerySet[Counter]:
    """Return the counters that the reader may see: a person's own with what they pay themselves, the company's without it (G14)."""
    rows = Counter.objects.for_(actor)
    return rows if sees_personal(actor) else rows.filter(personal=False)


def latest_month(actor: Actor) -> date | None:
    """Return the last month with traffic, or None."""
    rows: QuerySet[Counter] | QuerySet[CustomerMonth] = (
        counters(actor) if sees_own_only(actor) else CustomerMonth.objects.for_(actor)
    )
    found: date | None = rows.aggregate(latest=Max("month"))["latest"]
    return found


def totals_by_type(actor: Actor, month: date) -> list[TypeTotal]:
    """Return the sums of a month by traffic type, over all that the reader sees."""
    rows: QuerySet[Counter] | QuerySet[CustomerMonth] = (
        counters(actor) if sees_own_only(actor) else CustomerMonth.objects.for_(actor)
    )
    return _by_type(rows.filter(month=month))


def trend(actor: Actor, until: date, *, months: int = 12) -> list[MonthTotal]:
    """Return the amounts of the last months up to `until`, oldest first; a month without traffic is there with nothing."""
    rows: QuerySet[Counter] | QuerySet[CustomerMonth] = (
        counters(actor) if sees_own_only(actor) else CustomerMonth.objects.for_(actor)
    )
    return _trend(rows, until, months)


def line_months(actor: Actor, month: date) -> ScopedQuerySet[LineMonth]:
    """Return what each line used in a month at the company's charge."""
    rows = LineMonth.objects.for_(actor).filter(month=month)
    return rows.select_related("line__person", "line__cost_centre", "organisation")


def top_lines(actor: Actor, month: date, *, most: int = 8) -> list[LineMonth]:
    """Return the lines that cost most in a month."""
    return list(line_months(actor, month).filter(amount__gt=0).order_by("-amount", "-pk")[:most])


def line_of(actor: Actor, pk: int) -> Line:
    """Return a line whose traffic the reader may see. Raises `NotFound`: an employee's are those they hold or held."""
    periods = LinePeriod.objects.for_(actor).filter(line_id=pk)
    period = periods.select_related("line__organisation", "line__person").first()
    if period is None:
        raise NotFound
    return period.line


def own_lines(actor: Actor) -> list[Line]:
    """Return the lines that the reader holds or held, by number."""
    ids = LinePeriod.objects.for_(actor).filter(person_id=actor.person_id or 0).values("line_id")
    rows = Line.objects.across_tenants(
        reason="lines of one's own periods, also after they were handed on", opens_wall=False
    )
    return list(rows.filter(pk__in=ids, organisation_id=actor.organisation_id).order_by("number"))


def months_of_line(actor: Actor, line: Line) -> list[date]:
    """Return the months in which a line has counted traffic, newest first."""
    found = counters(actor).filter(line=line).order_by("-month").values_list("month", flat=True).distinct()
    return list(found[:36])


def line_totals(actor: Actor, line: Line, month: date) -> list[TypeTotal]:
    """Return a line's sums of a month by traffic type."""
    return _by_type(counters(actor).filter(line=line, month=month))


def line_trend(actor: Actor, line: Line, until: date, *, months: int = 12) -> list[MonthTotal]:
    """Return a line's amounts of the last months."""
    return _trend(counters(actor).filter(line=line), until, months)


def records(
    actor: Actor,
    line: Line,
    month: date,
    *,
    traffic_type: str | None = None,
    after: RecordKey | None = None,
    limit: int = 100,
    clear: bool = False,
) -> RecordPage:
    """Return a page of a line's records of a local month, newest first, called numbers masked.

    `clear` shows them whole, to whom sees the own traffic alone (`clear_until` says whether they may).
    Else the last three digits are hidden (art. 124 Codice privacy; DOMAIN §6.4). A person sees the records of the time they held the line;
    the company sees those at its own charge.
    """
    since, until = month_bounds(month, ZoneInfo(line.organisation.time_zone))
    periods = LinePeriod.objects.for_(actor).filter(line=line, active_from__lt=until)
    query = RecordQuery(
        period_ids=list(periods.values_list("pk", flat=True)),
        since=since,
        until=until,
        traffic_type=traffic_type,
        personal=None if sees_personal(actor) else False,
        after=after,
        limit=limit,
    )
    page = store().records(parts_of(month), query)
    if clear and sees_personal(actor):
        return page
    return RecordPage(tuple(masked(record) for record in page.records), page.next)


def clear_until(actor: Actor, session: Session, now: datetime) -> datetime | None:
    """Return until when this session shows the called numbers of the own traffic whole; None when it does not (G15).

    Administrators never, nor whoever views as another person.
    """
    if not sees_personal(actor):
        return None
    rows = ClearNumbers.objects.for_(actor).filter(session=session, until__gt=now)
    return rows.values_list("until", flat=True).first()


def amounts_by_payer(actor: Actor, month: date, line: Line | None = None) -> tuple[Decimal, Decimal]:
    """Return what a month cost the company, and what the person themselves (dual billing): of one line, or of all of theirs."""
    rows = counters(actor).filter(month=month)
    rows = rows if line is None else rows.filter(line=line)
    found = {row["personal"]: row["total"] for row in rows.order_by().values("personal").annotate(total=Sum("amount"))}
    return found.get(False, Decimal(0)), found.get(True, Decimal(0))


def amounts_untaxed(actor: Actor, agreement: Agreement, month: date) -> dict[tuple[int, str], dict[VatClass, Decimal]]:
    """Return by line and traffic type what an agreement's lines cost the company in a local month without VAT, by class, in EUR.

    It is read from the records (counters do not tell it apart): of a month whose records are gone, nothing is known.
    """
    since, until = month_bounds(month, ZoneInfo(agreement.organisation.time_zone))
    periods = LinePeriod.objects.for_(actor).filter(line__agreement=agreement, active_from__lt=until)
    lines = dict(periods.exclude(active_to__lte=since).values_list("pk", "line_id"))
    files = [str(store().root / part.name) for part in parts_of(month)]
    found: dict[tuple[int, str], dict[VatClass, Decimal]] = {}
    for row in untaxed(files, lines, since, until):
        sums = found.setdefault((lines[row.period_id], row.traffic_type), {})
        kind = VatClass(row.vat_class)
        sums[kind] = sums.get(kind, Decimal(0)) + euros(row.amount_e5)
    return found


def masked(record: UsageRecord) -> UsageRecord:
    """Return a record with the last three digits of the other party hidden."""
    from dataclasses import replace

    return replace(record, other_party=mask_last(record.other_party)) if record.other_party else record


def parts_of(month: date) -> list[Part]:
    """Return the parts of the store that hold records of a month."""
    rows = UsagePart.objects.filter(kind=PartKind.RECORDS.value, month=month, retired_at=None)
    return [as_part(row) for row in rows]


def parts_listed() -> list[Part]:
    """Return every part that counts, of any kind and month, the oldest first."""
    return [as_part(row) for row in UsagePart.objects.filter(retired_at=None).order_by("pk")]


def as_part(row: UsagePart) -> Part:
    """Return a listed part as the store knows it."""
    return Part(kind=PartKind(row.kind), name=row.name, rows=row.rows, size=row.size, month=row.month, late=row.late)


def store() -> ParquetStore:
    """Return the store of this installation; a process keeps one."""
    return _store(settings.SPORTELLO["USAGE_FOLDER"])


def loads() -> QuerySet[UsageLoad]:
    """Return the loads, for the operator's pages."""
    return UsageLoad.objects.all()


def waiting_files(now: datetime) -> list[WaitingFile]:
    """Return what has lain in the drop folder for `WAITS_LONG` without what it waits for, the oldest first.

    Names that begin with a dot are left: so many programs call what they are still writing.
    """
    folder = Path(settings.SPORTELLO["USAGE_DROP_FOLDER"])
    paths = [path for path in folder.glob("[!.]*") if path.is_file()]
    names = {path.name for path in paths}
    waiting = [
        WaitingFile(name=path.name, waits_for=_counterpart(path), since=_came_at(path))
        for path in paths
        if _counterpart(path) not in names
    ]
    return sorted(
        (each for each in waiting if each.since <= now - WAITS_LONG), key=lambda each: (each.since, each.name)
    )


def _counterpart(path: Path) -> str:
    if path.name.endswith(MANIFEST_ENDING):
        return path.name.removesuffix(MANIFEST_ENDING)
    return manifest_path(path).name


def _came_at(path: Path) -> datetime:
    """Return when a file came: copying may keep the time of its last change, but not that of its entry."""
    found = path.stat()
    return EPOCH + max(found.st_mtime_ns, found.st_ctime_ns) // 1000 * MICROSECOND


def first_rejects(load: UsageLoad, *, most: int = 100) -> list[RejectedRow]:
    """Return the first rejected rows of a load, in the file's order; none where the reject file was tidied away."""
    path = reject_file(load)
    if path is None:
        return []
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(islice(csv.DictReader(handle), most))
    return [
        RejectedRow(line=int(row["line"]), record_id=unguard(row.get("record_id", "")), reasons=unguard(row["reasons"]))
        for row in rows
    ]


def reject_file(load: UsageLoad) -> Path | None:
    """Return where a load's rejected rows lie, or None."""
    path = Path(load.reject_file)
    return path if load.reject_file and path.is_file() else None


@cache
def _store(folder: Path) -> ParquetStore:
    return ParquetStore(folder, memory=f"{settings.SPORTELLO['USAGE_MEMORY_MB']}MB")


def _by_type(rows: QuerySet[Counter] | QuerySet[CustomerMonth]) -> list[TypeTotal]:
    names = ("records", "duration_s", "volume_bytes", "units", "amount")
    found = rows.order_by().values("traffic_type").annotate(**{f"sum_{name}": Sum(name) for name in names})
    by_type = {row["traffic_type"]: _type_total(row) for row in found}
    return [by_type[name] for name in ("voice", "sms", "mms", "data") if name in by_type]


def _type_total(row: Any) -> TypeTotal:
    return TypeTotal(
        traffic_type=row["traffic_type"],
        records=row["sum_records"],
        duration_s=row["sum_duration_s"],
        volume_bytes=row["sum_volume_bytes"],
        units=row["sum_units"],
        amount=row["sum_amount"],
    )


def _trend(rows: QuerySet[Counter] | QuerySet[CustomerMonth], until: date, months: int) -> list[MonthTotal]:
    wanted = _months_back(until, months)
    found = (
        rows.filter(month__gte=wanted[0], month__lte=until)
        .order_by()
        .values_list("month", "traffic_type")
        .annotate(total=Sum("amount"))
    )
    amounts: dict[date, dict[str, Decimal]] = {month: {} for month in wanted}
    for month, traffic_type, total in found:
        amounts[month][traffic_type] = total
    return [MonthTotal(month=month, amounts=amounts[month]) for month in wanted]


def _months_back(until: date, months: int) -> Sequence[date]:
    place = until.year * 12 + until.month - 1
    return [date((place - back) // 12, (place - back) % 12 + 1, 1) for back in range(months - 1, -1, -1)]
