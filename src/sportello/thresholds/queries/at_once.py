"""Which lines a threshold bars the moment it is set or changed: read before it is saved, so that nobody is cut off unawares.

What counts is read off the same counters and records as the evaluation reads; between this look and the saving a load may add to them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q, Sum

from sportello.inventory.models import Line
from sportello.kernel.actor import Actor
from sportello.network import queries as network
from sportello.thresholds import rules
from sportello.thresholds.models import Bar, Consent, CutOff, Enrolment, LineProfile, ProfileTerm, Threshold
from sportello.thresholds.queries.counting import measured
from sportello.thresholds.queries.days import day_totals
from sportello.thresholds.rules.counting import SAME_AS_SMS
from sportello.thresholds.rules.periods import Span
from sportello.thresholds.states import FULL, Kind, Measure, Period, State, Traffic, Zone
from sportello.thresholds.types import Terms
from sportello.usage.models import Counter

SHAPE: Final = ("traffic_type", "zone", "measure", "period", "kind")

_PRESENT: Final = {"threshold_id": OuterRef("pk"), "period_start": OuterRef("tally__period_start")}

Group = tuple[str, int]
"""A time zone, and the day on which bill periods begin: lines of a group are in the same period."""


def barred_by_terms(actor: Actor, line_ids: Sequence[int], terms: Terms, now: datetime) -> set[int]:
    """Return those of the lines that are at the limit of an enforcing threshold already, and do not watch the same thing yet."""
    return _barred(actor, line_ids, terms, now, beside=Q())


def told_by_terms(actor: Actor, line_ids: Sequence[int], terms: Terms, now: datetime) -> set[int]:
    """Return those of the lines that have passed the first step of a threshold already, and do not watch the same thing yet."""
    first = -(-terms.limit * terms.steps[0] // FULL)
    return _reaching(actor, line_ids, replace(terms, limit=first), now, beside=Q())


def barred_by_profile(actor: Actor, line_ids: Sequence[int], profile: LineProfile | None, now: datetime) -> set[int]:
    """Return those of the lines that a threshold of a profile bars when they are given it."""
    if profile is None:
        return set()
    held = Enrolment.objects.for_(actor).filter(profile=profile).values_list("line_id", flat=True)
    fresh = sorted(set(line_ids) - set(held))
    found: set[int] = set()
    for term in ProfileTerm.objects.for_(actor).filter(profile=profile, kind=Kind.ENFORCING).order_by("pk"):
        # What another profile gave them is cancelled first: only what they watch by themselves stays.
        found |= _barred(actor, fresh, term.terms, now, beside=Q(profile=None))
    return found


def barred_in_profile(actor: Actor, profile: LineProfile, terms: Terms, now: datetime) -> set[int]:
    """Return the lines of a profile that a threshold bars when it is added to the profile."""
    held = Enrolment.objects.for_(actor).filter(profile=profile).order_by("line_id")
    return barred_by_terms(actor, list(held.values_list("line_id", flat=True)), terms, now)


def barred_by_limit(actor: Actor, threshold_ids: Iterable[int], limit: int, now: datetime) -> set[int]:
    """Return the lines of those thresholds that another limit (in units) bars and that are not barred by them now."""
    barred = Bar.objects.for_(actor).filter(**_PRESENT, lifted_at=None)
    rows = _full(actor, threshold_ids, now).filter(~Exists(barred), state=State.ACTIVE, tally__used_units__gte=limit)
    return set(rows.exclude(limit_units=limit).values_list("line_id", flat=True))


def barred_by_resuming(actor: Actor, threshold_ids: Iterable[int], now: datetime) -> set[int]:
    """Return the lines of those suspended thresholds that are at their limit."""
    rows = _full(actor, threshold_ids, now).filter(state=State.SUSPENDED, tally__used_units__gte=F("limit_units"))
    return set(rows.values_list("line_id", flat=True))


def _full(actor: Actor, threshold_ids: Iterable[int], now: datetime) -> Any:
    """Return those of the thresholds that bar when they are full."""
    consented = Consent.objects.for_(actor).filter(**_PRESENT)
    rows = Threshold.objects.for_(actor).order_by().filter(
        ~Exists(consented), pk__among=set(threshold_ids), kind=Kind.ENFORCING, line__active_to=None, tally__period_to__gt=now,
    )  # fmt: skip
    return rows if network.connected() else rows.none()


def _barred(actor: Actor, line_ids: Sequence[int], terms: Terms, now: datetime, *, beside: Q) -> set[int]:
    if terms.kind != Kind.ENFORCING or not network.connected():
        return set()
    return _reaching(actor, line_ids, terms, now, beside=beside)


def _reaching(actor: Actor, line_ids: Sequence[int], terms: Terms, now: datetime, *, beside: Q) -> set[int]:
    """Return the lines that have used as much as the limit, and do not watch the same thing yet."""
    found: set[int] = set()
    for (zone, cut_off), lines in _grouped(actor, line_ids, terms, beside).items():
        span = rules.present_span(terms.period, now, zone, cut_off=cut_off)
        by_month = terms.period == Period.MONTH or (terms.period == Period.BILL and cut_off == 1)
        found.update(
            _of_month(actor, lines, terms, span.start) if by_month else _of_days(actor, lines, terms, span, zone)
        )
    return found


def _grouped(actor: Actor, line_ids: Collection[int], terms: Terms, beside: Q) -> dict[Group, list[int]]:
    """Return the running lines that do not watch the same thing yet, by the period that they are in."""
    same = {name: getattr(terms, name) for name in SHAPE}
    there = Threshold.objects.for_(actor).filter(beside, line=OuterRef("pk"), owner=None, **same)
    watching = Exists(there.exclude(state=State.CANCELLED))
    rows = Line.objects.for_(actor).filter(~watching, pk__among=line_ids, active_to=None).order_by("pk")
    lines = list(rows.values_list("pk", "organisation_id", "agreement_id", "organisation__time_zone"))
    days = _cut_offs(actor, {organisation for _pk, organisation, _agreement, _zone in lines})
    groups: dict[Group, list[int]] = defaultdict(list)
    for pk, organisation, agreement, zone in lines:
        groups[zone, days.get((organisation, agreement)) or days.get((organisation, None)) or 1].append(pk)
    return groups


def _cut_offs(actor: Actor, organisations: Collection[int]) -> dict[tuple[int, int | None], int]:
    rows = CutOff.objects.for_(actor).filter(organisation__in=organisations)
    return {
        (organisation, agreement): day
        for organisation, agreement, day in rows.values_list("organisation_id", "agreement_id", "day")
    }


def _of_month(actor: Actor, lines: Sequence[int], terms: Terms, month: date) -> Iterable[int]:
    rows: Any = Counter.objects.for_(actor).filter(line_id__among=lines, month=month, personal=False)
    if terms.zone != Zone.ANY:
        rows = rows.filter(zone=terms.zone)
    if terms.traffic_type != Traffic.ALL:
        kinds = SAME_AS_SMS if terms.traffic_type == Traffic.SMS else {terms.traffic_type}
        rows = rows.filter(traffic_type__in=kinds)
    summed = rows.order_by().values("line").annotate(total=Sum(measured()[Measure(terms.measure)]))
    reached: Iterable[int] = summed.filter(total__gte=terms.limit).values_list("line", flat=True)
    return reached


def _of_days(actor: Actor, lines: Sequence[int], terms: Terms, span: Span, zone: str) -> Iterator[int]:
    used: dict[int, int] = defaultdict(int)
    watched = Threshold(**{name: getattr(terms, name) for name in ("traffic_type", "zone", "measure")})
    for one in day_totals(actor, lines, span.start, span.end, zone):
        watched.line_id = one.totals.line_id  # one for all of them: making a row for each costs more than the sums
        used[one.totals.line_id] += rules.used(watched, [one.totals])
    return (line for line, units in used.items() if units >= terms.limit)
