"""Lines, agreements, and what a line can be given to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Concat

from sportello.accounts.models import Person
from sportello.accounts.queries import people_sought
from sportello.inventory.models import Agreement, Line, LineOption, Plan
from sportello.inventory.states import LineStatus
from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.kernel.finding import Sought, holds_number, sought
from sportello.kernel.scope import ScopedQuerySet
from sportello.parties.models import CostCentre, Site

MOST_CHOICES: Final = 2_000
"""Values offered in a list to choose from; a customer with more searches by typing the code."""

REFERRED: Final = ("organisation", "agreement", "plan", "person", "cost_centre", "site", "sim")

ICCID: Final = "89"
"""How the number of every SIM begins (ITU-T E.118)."""

SHORTEST_ICCID: Final = 6


def lines(actor: Actor) -> ScopedQuerySet[Line]:
    """Return the lines inside the actor's reach, each with its person; an employee's are those they hold now."""
    return Line.objects.for_(actor).select_related("person")


def lines_listed(actor: Actor, *, whole: bool = False) -> ScopedQuerySet[Line]:
    """Return the lines inside the actor's reach with what a list shows of each; `whole` with what an export holds besides.

    What stands behind PostgreSQL's second wall is fetched for the rows of the page alone: joined, the plan takes longer than the reading.
    """
    rows = Line.objects.for_(actor)
    if whole:
        return rows.prefetch_related(*REFERRED)
    if actor.reach is Reach.CUSTOMER:
        return rows.select_related("plan", "person").prefetch_related("cost_centre", "site")
    return rows.select_related("plan", "person", "organisation").prefetch_related("cost_centre")


def line_of(actor: Actor, pk: int) -> Line:
    """Return one line with all that its page shows. Raises `NotFound`."""
    return Line.objects.for_(actor).select_related(*REFERRED).get_or_refuse(pk=pk)


def lines_of_person(actor: Actor, person: Person) -> ScopedQuerySet[Line]:
    """Return the lines that a person holds now, by number."""
    return lines(actor).filter(person=person).order_by("number", "pk")


def active_lines(actor: Actor) -> int:
    """Return how many lines inside the actor's reach work now."""
    return Line.objects.for_(actor).filter(status=LineStatus.ACTIVE).count()


def lines_sought(actor: Actor, rows: QuerySet[Line], text: str) -> QuerySet[Line]:
    """Return the rows that a search finds: each number, or part of one, in the line's number or SIM, its words in the holder's name.

    The one search for lines: of their list, of traffic, of thresholds and of search-anything.
    """
    asked = sought(text)
    for number in asked.numbers:
        rows = rows.filter(_numbered(number))
    return rows.filter(_held_or_called(actor, asked)) if asked.words else rows


def _numbered(number: str) -> Q:
    wanted = holds_number("number", number)
    if number.startswith(ICCID) and len(number) >= SHORTEST_ICCID:
        wanted |= Q(sim__iccid__startswith=number)
    return wanted


def _held_or_called(actor: Actor, asked: Sought) -> Q:
    """Return the condition for the holder's name; a line that is no phone can be called by a word itself."""
    holders = Person.objects.for_(actor).filter(people_sought(asked))
    held = Q(person__in=holders.order_by().values("pk"))
    return held | Q(number__startswith=asked.phrase) if len(asked.words) == 1 else held


def agreements(actor: Actor) -> ScopedQuerySet[Agreement]:
    """Return the agreements inside the actor's reach, each with its customer."""
    return Agreement.objects.for_(actor).select_related("organisation")


def options_of(actor: Actor, line: Line, *, at: datetime | None = None) -> QuerySet[LineOption]:
    """Return the options of a line, the newest first; with `at` those active at that instant."""
    rows = LineOption.objects.for_(actor).filter(line=line).select_related("option").order_by("-active_from", "-pk")
    return rows if at is None else rows.filter(Q(active_to=None) | Q(active_to__gt=at), active_from__lte=at)


def line_option(actor: Actor, pk: int) -> LineOption:
    """Return an option of a line inside the actor's reach. Raises `NotFound`."""
    return LineOption.objects.for_(actor).select_related("option", "line").get_or_refuse(pk=pk)


def plan_choices(*, kind: str = "", also: Plan | None = None) -> list[tuple[str, str]]:
    """Return the plans of the catalogue to choose from: (id, name); those of a kind of line only, when told, and `also` this one."""
    rows = Plan.objects.order_by("name", "pk")
    if kind:
        rows = rows.filter(Q(kind=kind) | Q(pk=also.pk if also else None))
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")[:MOST_CHOICES]]


def plans_in_use(actor: Actor) -> list[tuple[str, str]]:
    """Return the plans that lines inside the actor's reach have: (id, name)."""
    rows = Plan.objects.order_by("name", "pk")
    if actor.reach is Reach.CUSTOMER:
        rows = rows.filter(pk__in=Line.objects.for_(actor).order_by().values("plan_id"))
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")[:MOST_CHOICES]]


def agreement_choices(actor: Actor) -> list[tuple[str, str]]:
    """Return the agreements inside the actor's reach to choose from: (id, words)."""
    rows = agreements(actor).order_by("organisation", "code")[:MOST_CHOICES]
    return [(str(row.pk), str(row)) for row in rows]


def cost_centre_choices(actor: Actor, organisation_ids: Iterable[int] | None = None) -> list[tuple[str, str]]:
    """Return the cost centres to choose from: (id, words); of these organisations only, when told."""
    rows = CostCentre.objects.for_(actor).order_by("code", "pk")
    rows = rows if organisation_ids is None else rows.filter(organisation_id__in=organisation_ids)
    return [(str(row.pk), str(row)) for row in rows[:MOST_CHOICES]]


def site_choices(actor: Actor, organisation_ids: Iterable[int] | None = None) -> list[tuple[str, str]]:
    """Return the sites to choose from: (id, name); of these organisations only, when told."""
    rows = Site.objects.for_(actor).order_by("name", "pk")
    rows = rows if organisation_ids is None else rows.filter(organisation_id__in=organisation_ids)
    return [(str(row.pk), row.name) for row in rows[:MOST_CHOICES]]


def people_named(actor: Actor, organisation_id: int, text: str) -> list[Person]:
    """Return the people of an organisation whom a text names exactly: by person code, user name, or whole name in either order."""
    text = " ".join(text.replace("\x00", "").split())
    people = Person.objects.for_(actor).filter(organisation_id=organisation_id, deactivated_at=None)
    named = people.annotate(
        straight=Concat("given_name", Value(" "), "family_name"), turned=Concat("family_name", Value(" "), "given_name")
    )
    wanted = Q(code__iexact=text) | Q(username__iexact=text) | Q(straight__iexact=text) | Q(turned__iexact=text)
    return list(named.filter(wanted).order_by("family_name", "given_name", "pk")[:10])


def lines_by_agreement(actor: Actor, agreement_ids: Iterable[int]) -> dict[int, int]:
    """Return how many lines each of these agreements has that have not ended."""
    rows = Line.objects.for_(actor).filter(agreement_id__in=list(agreement_ids)).exclude(status=LineStatus.TERMINATED)
    return dict(rows.order_by().values_list("agreement_id").annotate(Count("pk")))
