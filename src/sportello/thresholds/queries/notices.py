"""Whom a crossing is told to, and what is said: a few queries for many crossings at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Final

from django.db.models import Count, Min, Q

from sportello.accounts.models import Membership, Person
from sportello.inventory.models import LinePeriod
from sportello.inventory.states import LineKind
from sportello.kernel.access import Profile
from sportello.kernel.actor import Actor
from sportello.parties.models import Organisation
from sportello.thresholds import rules
from sportello.thresholds.models import ALWAYS_TOLD, Crossing, Threshold

TOLD_BY_MAIL: Final = (Profile.ADMINISTRATOR, Profile.TRAFFIC_MANAGER)
PHONES: Final = frozenset({LineKind.MOBILE})
"""Kinds of lines whose own number is a phone that reads messages."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One crossing with whom to tell: the line's user at `mobile` (empty: no phone is known), and people by mail."""

    crossing: Crossing
    user: Person | None
    mobile: str
    by_mail: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """What one evaluation passed of one customer's thresholds: how many, the fullest of them, the id of the first, and who reads it.

    `always_told`: something of it may not be switched off.
    """

    organisation: Organisation
    count: int
    first: int
    rows: tuple[Crossing, ...]
    readers: tuple[Person, ...]
    always_told: bool


def customers_crossed(actor: Actor, spans: Sequence[Sequence[int]]) -> set[int]:
    """Return the customers of what is told between the ids of some spans."""
    rows = Crossing.objects.for_(actor).filter(_within(spans), told=True, threshold__owner=None)
    return set(rows.order_by().values_list("organisation_id", flat=True).distinct())


def _within(spans: Sequence[Sequence[int]]) -> Q:
    return reduce(or_, (Q(pk__range=(first, last)) for first, last in spans), Q(pk__in=()))


def digests(actor: Actor, organisations: Collection[int], spans: Sequence[Sequence[int]], *, most: int) -> list[Digest]:
    """Return one digest for each of some customers, of the crossings between the ids of each span that are told and no private ones."""
    if not organisations:
        return []
    managers = _managers(organisations)
    found = []
    for organisation_id in sorted(organisations):
        rows = Crossing.objects.for_(actor).filter(
            _within(spans), organisation_id=organisation_id, told=True, threshold__owner=None
        )
        facts = rows.order_by().aggregate(count=Count("pk"), first=Min("pk"))
        fullest = rows.select_related("threshold", "line", "organisation").order_by("-step", "-used_units", "pk")[:most]
        shown = tuple(fullest)
        if shown:
            always = any(row.always_told for row in shown) or rows.filter(ALWAYS_TOLD).exists()
            readers = managers[organisation_id]
            found.append(Digest(shown[0].organisation, facts["count"], facts["first"], shown, readers, always))
    return found


def notices(actor: Actor, crossing_ids: Collection[int]) -> list[Notice]:
    """Return the notices of crossings that are to be told.

    The user is who held the line at the end of the crossed month; the line's own number is used only while they hold it, for
    a number can be another's by the time a late record comes. A private threshold is told to its owner alone.
    """
    rows = list(
        Crossing.objects.for_(actor)
        .filter(pk__in=list(crossing_ids), told=True)
        .select_related("threshold__owner", "line__person", "organisation")
        .order_by("crossed_at", "pk")
    )
    managers = _managers({row.organisation_id for row in rows})
    holders = _holders(actor, rows)
    return [_notice(row, holders.get((row.line_id, row.period_start)), managers[row.organisation_id]) for row in rows]


def told_of(actor: Actor, threshold: Threshold) -> Notice | None:
    """Return the latest that was told of a threshold as it is now, and to whom."""
    rows = Crossing.objects.for_(actor).filter(threshold=threshold, revision=threshold.revision, told=True)
    latest = rows.order_by("-pk").values_list("pk", flat=True).first()
    return notices(actor, [latest])[0] if latest else None


def managers_of(organisation_id: int) -> tuple[Person, ...]:
    """Return the people who manage a customer's thresholds and lift its bars: whom a line's user can ask."""
    return _managers([organisation_id])[organisation_id]


def _notice(row: Crossing, holder: Person | None, managers: tuple[Person, ...]) -> Notice:
    user = row.threshold.owner or holder
    if user is not None and not user.is_active:
        user = None
    return Notice(row, user, _mobile(row, user), () if row.threshold.private else managers)


def _mobile(row: Crossing, user: Person | None) -> str:
    line = row.line
    still_theirs = line.active_to is None and line.person_id == (user.pk if user else None)
    if line.kind in PHONES and still_theirs:
        return line.number
    return user.mobile if user else ""


def _managers(organisations: Collection[int]) -> Mapping[int, tuple[Person, ...]]:
    all_held = Membership.objects.across_tenants(reason="who is told of a customer's thresholds", opens_wall=False)
    held = all_held.filter(
        organisation_id__in=organisations, profile__in=TOLD_BY_MAIL, ended_at=None, person__deactivated_at=None
    )
    found: dict[int, dict[int, Person]] = defaultdict(dict)
    for membership in held.exclude(person__email="").select_related("person").order_by("person_id"):
        found[membership.organisation_id][membership.person_id] = membership.person
    return defaultdict(tuple, {organisation: tuple(people.values()) for organisation, people in found.items()})


def _holders(actor: Actor, rows: Iterable[Crossing]) -> dict[tuple[int, date], Person | None]:
    # Two periods of a line may begin on one day and end on different ones: the later end is what matters.
    ends: dict[tuple[int, date], datetime] = {}
    for row in rows:
        key = (row.line_id, row.period_start)
        ends[key] = max(_end(row), ends.get(key, _end(row)))
    periods = LinePeriod.objects.for_(actor).filter(line_id__in={line_id for line_id, _month in ends})
    by_line: dict[int, list[LinePeriod]] = defaultdict(list)
    for period in periods.select_related("person").order_by("line_id", "active_from"):
        by_line[period.line_id].append(period)
    found: dict[tuple[int, date], Person | None] = {}
    for (line_id, month), end in ends.items():
        last = [period for period in by_line[line_id] if period.active_from < end]
        found[line_id, month] = last[-1].person if last else None
    return found


def _end(row: Crossing) -> datetime:
    threshold = row.threshold
    zone = row.organisation.time_zone
    return rules.span_of(threshold.period, row.period_start, zone, cut_off=threshold.cut_off).to
