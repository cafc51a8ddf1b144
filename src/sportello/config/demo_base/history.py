"""How a line came to stand as it does: holders, plans, SIMs and cost centres change on some days of its life."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sportello.accounts.models import Person
from sportello.inventory.models import Line, LinePeriod, Plan, Sim
from sportello.inventory.states import LineStatus
from sportello.parties.models import CostCentre, Site

# Of a hundred lines, so many see each change once in their life.
ODDS = {"plan": 12, "cost_centre": 4, "person": 14, "sim": 8}


@dataclass(frozen=True)
class Standing:
    """How a line stands at one moment; the names are those of the columns."""

    status: LineStatus
    plan: Plan
    person: Person | None
    cost_centre: CostCentre | None
    site: Site | None
    sim: Sim | None
    dual_billing: bool


@dataclass(frozen=True)
class Life:
    """When a line lived: from `start` to `end` (exclusive; None = it still does), as seen on `today`."""

    start: date
    end: date | None
    today: date
    status: LineStatus


@dataclass(frozen=True)
class Choices:
    """Where the new value of each change comes from."""

    plan: Callable[[Plan], Plan]
    cost_centre: Callable[[], CostCentre]
    person: Callable[[Person], Person]
    sim: Callable[[], Sim]


def history(life: Life, first: Standing, choices: Choices, chance: Random) -> list[tuple[date, Standing]]:
    """Return how the line stood and since when, the oldest first."""
    standings = [(life.start, first)]
    for day, change in _changes(life, first, chance):
        standings.append((day, _changed(standings[-1][1], change, choices)))
    return standings


def _changes(life: Life, first: Standing, chance: Random) -> list[tuple[date, str]]:
    possible = {"plan", "cost_centre", "person" if first.person else "", "sim" if first.sim else ""}
    changes = [change for change, percent in ODDS.items() if change in possible and chance.randrange(100) < percent]
    if life.status is LineStatus.SUSPENDED:
        changes.append("status")
    days = ((life.end or life.today) - life.start).days
    if days <= len(changes):
        return []
    moments = sorted(chance.sample(range(1, days), len(changes)))
    return [(life.start + timedelta(days=moment), change) for moment, change in zip(moments, changes, strict=True)]


def _changed(standing: Standing, change: str, choices: Choices) -> Standing:
    if change == "status":
        return replace(standing, status=LineStatus.SUSPENDED)
    if change == "plan":
        return replace(standing, plan=choices.plan(standing.plan))
    if change == "sim":
        return replace(standing, sim=choices.sim())
    if change == "person" and standing.person:
        person = choices.person(standing.person)
        return replace(standing, person=person, cost_centre=person.cost_centre)
    return replace(standing, cost_centre=choices.cost_centre())


def local_midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) at which the day begins in the zone."""
    return datetime.combine(day, time(0), zone).astimezone(UTC)


def periods(line: Line, life: Life, standings: list[tuple[date, Standing]], zone: ZoneInfo) -> Iterator[LinePeriod]:
    """Yield the line's periods: each ends where the next begins, the last with the line."""
    begins = [local_midnight(day, zone) for day, _standing in standings]
    ends = [*begins[1:], local_midnight(life.end, zone) if life.end else None]
    for (_day, standing), begin, until in zip(standings, begins, ends, strict=True):
        yield LinePeriod(
            line=line,
            organisation=line.organisation,
            number=line.number,
            agreement=line.agreement,
            active_from=begin,
            active_to=until,
            **vars(standing),
        )
