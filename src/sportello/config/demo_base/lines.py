"""The lines of a customer with their SIMs and options; numbers that one customer gave up come back at another."""

from bisect import insort
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from sportello.accounts.models import Membership, Person
from sportello.config.demo_base import fiction, words
from sportello.config.demo_base.batch import Batch
from sportello.config.demo_base.history import Choices, Life, Standing, history, local_midnight, periods
from sportello.config.demo_base.organisations import Customer
from sportello.inventory.models import Line, LineOption, Option, Plan, Sim
from sportello.inventory.states import LineKind, LineStatus
from sportello.kernel.access import Profile
from sportello.parties.models import CostCentre

PLANS = (
    ("VOCE-A", "Voce a consumo", LineKind.MOBILE),
    ("VOCE-500", "Voce e dati 20 GB", LineKind.MOBILE),
    ("TUTTO", "Tutto incluso 100 GB", LineKind.MOBILE),
    ("DATI-5", "Dati 5 GB", LineKind.DATA),
    ("M2M", "Telemetria", LineKind.DATA),
    ("FISSO", "Linea fissa", LineKind.FIXED),
    ("FIBRA", "Fibra 1 Gbit/s", LineKind.XDSL),
    ("VOIP", "Canale VoIP", LineKind.VOIP),
    ("INTERNO", "Interno IP Centrex", LineKind.EXTENSION),
)
OPTIONS = (("ROAM-EU", "Roaming UE 10 GB"), ("ROAM-WORLD", "Roaming mondo 1 GB"), ("INTL", "Estero 100 minuti"))
# Shares in percent.
KINDS = {
    "IT": {
        LineKind.MOBILE: 72,
        LineKind.DATA: 9,
        LineKind.FIXED: 7,
        LineKind.VOIP: 4,
        LineKind.XDSL: 3,
        LineKind.EXTENSION: 5,
    },
    "ES": {LineKind.MOBILE: 85, LineKind.DATA: 10, LineKind.XDSL: 5},
}
STATUSES = {LineStatus.TERMINATED: 5, LineStatus.SUSPENDED: 3, LineStatus.ORDERED: 1, LineStatus.ACTIVE: 91}
DUAL_BILLING, WITH_OPTION = 15, 25
WITH_SIM = frozenset({LineKind.MOBILE, LineKind.DATA})
WITH_HOLDER = frozenset({LineKind.MOBILE, LineKind.EXTENSION})
OLDEST_DAYS, NEWEST_DAYS = 1_500, 40
QUARANTINE_DAYS = 30  # how long a number rests before somebody else gets it
FIRST_FIXED = 50_000
T = TypeVar("T")


@dataclass
class Catalogue:
    """The operator's plans and options."""

    plans: list[Plan]
    options: list[Option]

    @classmethod
    def make(cls) -> "Catalogue":
        """Return the catalogue, not stored yet."""
        plans = [Plan(code=code, name=name, kind=kind) for code, name, kind in PLANS]
        return cls(plans, [Option(code=code, name=name) for code, name in OPTIONS])

    def plans_of(self, kind: str) -> list[Plan]:
        """Return the plans of a kind of line."""
        return [plan for plan in self.plans if plan.kind == kind]


@dataclass
class Pool:
    """Hand out numbers and serial numbers once, and mobile numbers again after their rest."""

    today: date
    serials: dict[str, int] = field(default_factory=dict)
    released: dict[str, list[tuple[date, str]]] = field(default_factory=dict)

    def serial(self, of: str) -> int:
        """Return the next serial number of its kind, from 1."""
        self.serials[of] = self.serials.get(of, 0) + 1
        return self.serials[of]

    def number(self, kind: LineKind, country: str, customer_code: str) -> str:
        """Return a number or access code that no line had."""
        if kind in WITH_SIM:
            return fiction.mobile(country, self.serial(f"mobile {country}"))
        if kind in {LineKind.FIXED, LineKind.VOIP}:
            return fiction.fixed(FIRST_FIXED + self.serial("fixed"))
        prefix = "INT" if kind is LineKind.EXTENSION else "XDSL"
        return f"{prefix}-{customer_code}-{self.serial(f'{prefix} {customer_code}'):04}"

    def release(self, number: str, country: str, day: date) -> None:
        """Take back a number that its customer gave up on a day."""
        insort(self.released.setdefault(country, []), (day, number))

    def rested(self, country: str) -> tuple[str, date] | None:
        """Return a number that was given up and the day from which it is free again, or None."""
        numbers = self.released.get(country, [])
        if not numbers or numbers[0][0] + timedelta(days=QUARANTINE_DAYS) >= self.today:
            return None
        given_up, number = numbers.pop(0)
        return number, given_up + timedelta(days=QUARANTINE_DAYS)


@dataclass
class LineMaker:
    """Make the lines of one customer after the other."""

    chance: Random
    catalogue: Catalogue
    now: datetime

    def __post_init__(self) -> None:
        self.pool = Pool(self.now.date())

    def lines_of(self, customer: Customer, people: list[Person], batch: Batch) -> None:
        """Add a customer's lines with all that hangs on them to the batch; the first mobiles are those of the cast."""
        # What a customer gave up goes to others: hand it to the pool only when this customer has its lines.
        work = _CustomerLines(self, customer, people, batch)
        work.fill()
        for number, day in work.given_up:
            self.pool.release(number, customer.organisation.country, day)

    def pick(self, shares: dict[T, int]) -> T:
        """Return one of the keys, as often as its share says."""
        return self.chance.choices(list(shares), list(shares.values()))[0]


class _CustomerLines:
    def __init__(self, maker: LineMaker, customer: Customer, people: list[Person], batch: Batch) -> None:
        self._maker, self._chance, self._pool = maker, maker.chance, maker.pool
        self._customer, self._organisation, self._people, self._batch = customer, customer.organisation, people, batch
        self._zone = ZoneInfo(customer.organisation.time_zone)
        self._others = [person for person in people if person.username not in customer.staff_names] or people
        self._choices = Choices(plan=self._plan, cost_centre=self._cost_centre, person=self._person, sim=self._sim)
        self.given_up: list[tuple[str, date]] = []

    def fill(self) -> None:
        waiting = iter(self._people)
        for position in range(self._customer.lines):
            of_cast = position < len(self._customer.staff_names)
            kind = LineKind.MOBILE if of_cast else self._maker.pick(KINDS[self._organisation.country])
            status = LineStatus.ACTIVE if of_cast else self._maker.pick(STATUSES)
            self._line(kind, status, next(waiting, None) if kind in WITH_HOLDER else None)
        for person in self._others:
            if person.mobile:
                self._batch.add(Membership(person=person, organisation=self._organisation, profile=Profile.EMPLOYEE))

    def _line(self, kind: LineKind, status: LineStatus, holder: Person | None) -> None:
        number, life = self._number_and_life(kind, status)
        standings = history(life, self._first(kind, status, holder), self._choices, self._chance)
        line = Line(
            organisation=self._organisation,
            agreement=self._chance.choice(self._customer.agreements),
            number=number,
            kind=kind,
            active_from=local_midnight(life.start, self._zone),
            active_to=local_midnight(life.end, self._zone) if life.end else None,
            device=self._chance.choice(words.DEVICES) if kind is LineKind.MOBILE else "",
            **(vars(standings[-1][1]) | {"status": status}),
        )
        self._batch.add(line)
        for period in periods(line, life, standings, self._zone):
            self._batch.add(period)
        self._after(line, life)

    def _after(self, line: Line, life: Life) -> None:
        if line.kind != LineKind.MOBILE:
            return
        if life.end:
            self.given_up.append((line.number, life.end))
        elif line.person and not line.person.mobile:
            line.person.mobile = line.number
        if life.end is None and self._chance.randrange(100) < WITH_OPTION:
            option = self._chance.choice(self._maker.catalogue.options)
            since = line.active_from
            self._batch.add(LineOption(organisation=self._organisation, line=line, option=option, active_from=since))

    def _number_and_life(self, kind: LineKind, status: LineStatus) -> tuple[str, Life]:
        today = self._pool.today
        number = self._pool.number(kind, self._organisation.country, self._organisation.code)
        if status is LineStatus.ORDERED:
            return number, Life(today + timedelta(days=self._chance.randrange(1, 30)), None, today, status)
        start = today - timedelta(days=self._chance.randrange(NEWEST_DAYS, OLDEST_DAYS))
        if kind is LineKind.MOBILE and (rested := self._pool.rested(self._organisation.country)):
            number, start = rested
        end = None
        if status is LineStatus.TERMINATED:
            end = start + timedelta(days=self._chance.randrange(1, max((today - start).days, 2)))
        return number, Life(start, end, today, status)

    def _first(self, kind: LineKind, status: LineStatus, holder: Person | None) -> Standing:
        return Standing(
            status=status if status is LineStatus.ORDERED else LineStatus.ACTIVE,
            plan=self._chance.choice(self._maker.catalogue.plans_of(kind)),
            person=holder,
            cost_centre=holder.cost_centre if holder else self._cost_centre(),
            site=None if kind in WITH_SIM else self._chance.choice(self._customer.sites),
            sim=self._sim() if kind in WITH_SIM else None,
            dual_billing=self._dual_billing(kind, holder),
        )

    def _dual_billing(self, kind: LineKind, holder: Person | None) -> bool:
        if kind is not LineKind.MOBILE or holder is None:
            return False
        return holder.username in self._customer.staff_names or self._chance.randrange(100) < DUAL_BILLING

    def _plan(self, plan: Plan) -> Plan:
        return self._chance.choice(self._maker.catalogue.plans_of(plan.kind))

    def _cost_centre(self) -> CostCentre:
        return self._chance.choice(self._customer.cost_centres)

    def _person(self, holder: Person) -> Person:
        # The cast keeps its lines: a newcomer signs in and finds them.
        return holder if holder.username in self._customer.staff_names else self._chance.choice(self._others)

    def _sim(self) -> Sim:
        serial = self._pool.serial("sim")
        sim = Sim(
            organisation=self._organisation,
            iccid=fiction.iccid(serial),
            imsi=fiction.imsi(serial),
            puk=f"{self._chance.randrange(10**8):08}",
        )
        self._batch.add(sim)
        return sim
