"""Find what the rows of a file name: customers, agreements, people, cost centres, sites, SIMs, plans, and the lines that are there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from sportello.accounts.models import Person
from sportello.inventory.loading.read import FileRow
from sportello.inventory.models import Agreement, Line, Plan, Sim
from sportello.kernel.actor import Actor
from sportello.kernel.chunks import in_chunks
from sportello.parties import queries as parties
from sportello.parties.models import CostCentre, Site

T = TypeVar("T")



class LineFacts(NamedTuple):
    """A line as it is stored."""

    pk: int
    organisation_id: int
    agreement_id: int
    number: str
    kind: str
    status: str
    active_from: datetime
    active_to: datetime | None
    plan_id: int | None
    person_id: int | None
    cost_centre_id: int | None
    site_id: int | None
    sim_id: int | None
    dual_billing: bool


class Customer(NamedTuple):
    """A customer that the actor reaches."""

    pk: int
    zone: ZoneInfo


class Holder(NamedTuple):
    """A person who can hold lines of the organisation."""

    pk: int
    organisation_id: int
    code: str
    name: str


@dataclass(slots=True)
class Known:
    """What is there already. Keys of what belongs to a customer are (organisation id, code)."""

    customers: dict[str, Customer] = field(default_factory=dict)
    plans: dict[str, int] = field(default_factory=dict)
    agreements: dict[tuple[int, str], int] = field(default_factory=dict)
    cost_centres: dict[tuple[int, str], int] = field(default_factory=dict)
    sites: dict[tuple[int, str], int] = field(default_factory=dict)
    people: dict[tuple[int, str], int] = field(default_factory=dict)
    holders: dict[int, Holder] = field(default_factory=dict)
    sims: dict[str, tuple[int, int]] = field(default_factory=dict)
    lines: dict[str, list[LineFacts]] = field(default_factory=lambda: defaultdict(list))
    words: dict[str, dict[int, str]] = field(default_factory=dict)

    def organisation_ids(self) -> list[int]:
        """Return the ids of the customers that the file names."""
        return sorted({customer.pk for customer in self.customers.values()})


def known_to_lines(actor: Actor, rows: Sequence[FileRow], *, lock: bool) -> Known:
    """Look up what a lines file names; `lock` holds the lines against other writers to the end of the transaction."""
    known = Known(customers=_customers(actor, {row["customer_code"] for row in rows}))
    known.plans = dict(Plan.objects.values_list("code", "pk"))
    known.lines = _lines_with({row["number"] for row in rows}, lock=lock)
    known.sims = _sims({row["iccid"] for row in rows})
    _of_organisations(actor, known, known.organisation_ids())
    return known


def known_to_assignments(actor: Actor, rows: Sequence[FileRow], *, now: datetime, lock: bool) -> Known:
    """Look up what an assignments file names: only lines inside the actor's reach that are not over (ABUSE C07)."""
    known = Known()
    current = Line.objects.for_(actor).filter(Q(active_to=None) | Q(active_to__gt=now))
    for some in _each_once({row["number"] for row in rows}):
        for facts in _facts(current.filter(number__in=some), lock=lock):
            known.lines[facts.number].append(facts)
    _of_organisations(actor, known, sorted({one.organisation_id for held in known.lines.values() for one in held}))
    return known


def _customers(actor: Actor, codes: Iterable[str]) -> dict[str, Customer]:
    found = {}
    for some in _each_once(codes):
        rows = parties.customers(actor).filter(code__in=some).order_by()
        for code, pk, zone in rows.values_list("code", "pk", "time_zone"):
            found[code] = Customer(pk, ZoneInfo(zone))
    return found


def _lines_with(numbers: Iterable[str], *, lock: bool) -> dict[str, list[LineFacts]]:
    everybody = Line.objects.across_tenants(reason="a number has one holder at one instant, whoever it is")
    found: dict[str, list[LineFacts]] = defaultdict(list)
    for some in _each_once(numbers):
        for facts in _facts(everybody.filter(number__in=some), lock=lock):
            found[facts.number].append(facts)
    return found


def _facts(rows: Any, *, lock: bool) -> Iterator[LineFacts]:
    rows = rows.select_for_update(of=("self",)) if lock else rows
    return map(LineFacts._make, rows.values_list(*LineFacts._fields))


def _sims(iccids: Iterable[str]) -> dict[str, tuple[int, int]]:
    cards = Sim.objects.across_tenants(reason="an ICCID exists once, whoever has the card")
    found = {}
    for some in _each_once(iccids):
        for iccid, pk, organisation_id in cards.filter(iccid__in=some).values_list("iccid", "pk", "organisation_id"):
            found[iccid] = (pk, organisation_id)
    return found


def _of_organisations(actor: Actor, known: Known, organisation_ids: Sequence[int]) -> None:
    # All of each organisation's: the file of a customer names most of them, and one query is cheaper than one per code.
    for some in _each_once(organisation_ids):
        inside = {"organisation_id__in": some}
        for rows, name, into in (
            (Agreement.objects.for_(actor), "code", known.agreements),
            (CostCentre.objects.for_(actor), "code", known.cost_centres),
            (Site.objects.for_(actor), "name", known.sites),
        ):
            into.update({(of, code): pk for of, code, pk in rows.filter(**inside).values_list("organisation_id", name, "pk")})
        _people(actor, known, some)
    known.words = {
        "plan_id": {pk: code for code, pk in known.plans.items()} or dict(Plan.objects.values_list("pk", "code")),
        "agreement_id": {pk: code for (_of, code), pk in known.agreements.items()},
        "cost_centre_id": {pk: code for (_of, code), pk in known.cost_centres.items()},
        "site_id": {pk: name for (_of, name), pk in known.sites.items()},
        "person_id": {holder.pk: holder.code or holder.name for holder in known.holders.values()},
    }


def _people(actor: Actor, known: Known, organisation_ids: Sequence[int]) -> None:
    homes = Person.objects.for_(actor).filter(organisation_id__in=organisation_ids)
    columns = ("pk", "organisation_id", "code", F("given_name"), F("family_name"))
    for pk, of, code, given, family in homes.values_list(*columns):
        known.holders[pk] = Holder(pk, of, code, f"{given} {family}".strip())
        if code:
            known.people[of, code] = pk


def _each_once(values: Iterable[T]) -> Iterator[list[T]]:
    return in_chunks(value for value in dict.fromkeys(values) if value != "")
