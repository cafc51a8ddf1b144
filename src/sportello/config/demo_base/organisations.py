"""The parties of the base: one operator, its partners, and customers with sites, cost centres and agreements."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import accumulate, pairwise, product
from random import Random

from sportello.config.demo_base import cast, fiction, words
from sportello.config.demo_base.batch import Batch
from sportello.config.demo_base.scale import Scale, customer_sizes
from sportello.inventory.models import Agreement
from sportello.parties.models import Brand, Contact, CostCentre, Organisation, Site
from sportello.parties.states import OrganisationKind

SPANISH_EVERY, CANARY_EVERY, SPANISH_FROM = 6, 30, 4
DIRECT_EVERY = 3  # every third customer hangs on the operator itself
CONVENTION = "Telefonia mobile 9"


@cache
def _names_at(home: str) -> frozenset[str]:
    return frozenset(login.username for login in cast.people_of(home))


@dataclass
class Customer:
    """A customer to be filled: what its people and lines hang on."""

    organisation: Organisation
    agreements: list[Agreement]
    cost_centres: list[CostCentre]
    sites: list[Site]
    lines: int
    people: int
    domain: str
    home: str = ""

    @property
    def staff_names(self) -> frozenset[str]:
        """Return the usernames of the named logins at home here."""
        return _names_at(self.home)


class Namer:
    """Give each organisation a name that no other has."""

    def __init__(self, chance: Random) -> None:
        self._free: dict[tuple[str, bool], list[tuple[str, str]]] = {}
        for country in ("IT", "ES"):
            places = [head + tail for head, tail in product(words.PLACE_HEADS[country], words.PLACE_TAILS[country])]
            chance.shuffle(places)
            for public, templates in ((True, words.PUBLIC_BODIES[country]), (False, words.COMPANIES[country])):
                pairs = [(template, place) for template, place in product(templates, places)]
                chance.shuffle(pairs)
                self._free[country, public] = pairs

    def name(self, country: str, *, public: bool) -> tuple[str, str]:
        """Return an organisation's name and the place it is named after."""
        template, place = self._free[country, public].pop()
        return template.format(place=place), place


def operator_and_partners(scale: Scale, chance: Random, batch: Batch) -> tuple[Organisation, list[Organisation]]:
    """Add the operator and its partners to the batch and return them."""
    operator = Organisation(
        kind=OrganisationKind.OPERATOR,
        code="OPERATOR",
        legal_name="Telefonia Esempio S.p.A.",
        vat_number=fiction.vat_number("IT", 0),
        tax_code=fiction.vat_number("IT", 0),
        province="RM",
        email="assistenza@telefonia-esempio.example",
    )
    places = [head + tail for head, tail in product(words.PLACE_HEADS["IT"], words.PLACE_TAILS["IT"])]
    partners = [
        _partner(number, place, chance) for number, place in enumerate(chance.sample(places, scale.partners), 1)
    ]
    for organisation in (operator, *partners):
        batch.add(organisation)
        batch.add(Contact(organisation=organisation, name="Centralino", role="Centralino", phone=fiction.fixed(1)))
    seat = {
        "address": "Via dell'Esempio 1",
        "postcode": "00000",
        "city": "Borgo Esempio",
        "province": operator.province,
    }
    batch.add(Site(organisation=operator, name=words.SITE_KINDS[0], **seat))  # where its bills say that it is
    return operator, partners


def _partner(number: int, place: str, chance: Random) -> Organisation:
    return Organisation(
        kind=OrganisationKind.PARTNER,
        code=f"P{number:03}",
        legal_name=chance.choice(words.PARTNERS).format(place=place),
        vat_number=fiction.vat_number("IT", number),
        tax_code=fiction.vat_number("IT", number),
        ipa_code=f"ZZP{number:04}",
        province=chance.choice(words.PROVINCES["IT"]),
        email=f"info@{fiction.mail_domain(place)}",
    )


class CustomerMaker:
    """Make the customers one after the other, the largest first."""

    def __init__(self, scale: Scale, partners: list[Organisation], chance: Random, today: date, *, staff: int) -> None:
        self._scale, self._partners, self._chance, self._today = scale, partners, chance, today
        self._namer = Namer(chance)
        self._sizes = customer_sizes(scale)
        # Shared out like lines: with the operator's and partners' staff they are as many as promised.
        upto = [(scale.people - staff) * lines // scale.lines for lines in accumulate(self._sizes, initial=0)]
        self._people = [after - before for before, after in pairwise(upto)]

    def customer(self, index: int, batch: Batch) -> Customer:
        """Add one customer with what hangs on it to the batch and return it."""
        organisation, place = self._organisation(index)
        batch.add(organisation)
        size = self._sizes[index]
        made = Customer(
            organisation=organisation,
            agreements=self._agreements(organisation, size),
            cost_centres=self._cost_centres(organisation, size),
            sites=self._sites(organisation, place, size),
            lines=size,
            people=self._people[index],
            domain=fiction.mail_domain(place),
            home={0: cast.CUSTOMER_A, 1: cast.CUSTOMER_B, 2: cast.CUSTOMER_C}.get(index, ""),
        )
        for row in (*made.agreements, *made.cost_centres, *made.sites, *self._extras(organisation, place, made.domain)):
            batch.add(row)
        return made

    def _organisation(self, index: int) -> tuple[Organisation, str]:
        public = index % (self._scale.customers // self._scale.public_administrations) == 0
        country = "ES" if index % SPANISH_EVERY == SPANISH_FROM else "IT"
        name, place = self._namer.name(country, public=public)
        serial = 100 + index
        vat_number = fiction.vat_number(country, serial, public=public)
        organisation = Organisation(
            kind=OrganisationKind.CUSTOMER,
            code=f"C{index + 1:05}",
            legal_name=name,
            partner=self._partner_of(index),
            vat_number=vat_number,
            tax_code=vat_number.removeprefix("ES"),
            public_administration=public,
            ipa_code=f"ZZ{index:04X}" if public else f"ZZ{index:05X}",
            province=self._chance.choice(words.PROVINCES[country]),
            country=country,
            time_zone=_time_zone(index, country),
            email=f"protocollo@{fiction.mail_domain(place)}",
        )
        return organisation, place

    def _partner_of(self, index: int) -> Organisation | None:
        return None if index % DIRECT_EVERY == 1 else self._partners[index // 2 % len(self._partners)]

    def _agreements(self, organisation: Organisation, size: int) -> list[Agreement]:
        count = 1 + min(3, size // 100)
        return [self._agreement(organisation, number) for number in range(1, count + 1)]

    def _agreement(self, organisation: Organisation, number: int) -> Agreement:
        signed = self._today - timedelta(days=self._chance.randrange(1_600, 2_200))
        convention = CONVENTION if organisation.public_administration else ""
        return Agreement(
            organisation=organisation,
            code=f"{organisation.code}-{number}",
            name=f"{convention or 'Contratto quadro'} {signed.year}/{number}",
            convention=convention,
            active_from=signed,
        )

    def _cost_centres(self, organisation: Organisation, size: int) -> list[CostCentre]:
        names = [words.OFFICES[number % len(words.OFFICES)] for number in range(min(90, 2 + size // 20))]
        return [
            CostCentre(
                organisation=organisation,
                code=f"CC{number:03}",
                name=name if number <= len(words.OFFICES) else f"{name} {number}",
            )
            for number, name in enumerate(names, start=1)
        ]

    def _sites(self, organisation: Organisation, place: str, size: int) -> list[Site]:
        streets, kinds = words.STREETS[organisation.country], words.SITE_KINDS
        return [
            Site(
                organisation=organisation,
                name=kinds[0] if number == 1 else f"{kinds[number % len(kinds)]} {number}",
                address=f"{self._chance.choice(streets)} {self._chance.randrange(1, 120)}",
                postcode="00000",
                city=place,
                province=organisation.province,
            )
            for number in range(1, 2 + min(40, size // 50))
        ]

    def _extras(self, organisation: Organisation, place: str, domain: str) -> list[Contact | Brand]:
        roles = words.CONTACT_ROLES[: self._chance.randrange(1, len(words.CONTACT_ROLES) + 1)]
        extras: list[Contact | Brand] = [
            Contact(
                organisation=organisation,
                name=role,
                role=role,
                email=f"{fiction.slug(role)}@{domain}",
                phone=fiction.fixed(self._chance.randrange(2, 50_000)),
            )
            for role in roles
        ]
        if not organisation.public_administration:
            extras.append(Brand(organisation=organisation, name=place))
        return extras


def _time_zone(index: int, country: str) -> str:
    if country == "IT":
        return "Europe/Rome"
    return "Atlantic/Canary" if index % CANARY_EVERY == SPANISH_FROM else "Europe/Madrid"
