"""The people of a customer, with their profiles; among them the named logins."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from sportello.accounts.models import Membership, Person
from sportello.config.demo_base import cast, fiction, words
from sportello.config.demo_base.batch import Batch
from sportello.config.demo_base.organisations import Customer
from sportello.kernel.access import Profile
from sportello.parties.models import Organisation

# Who a customer of some size has beside its administrator, by how many people it has at least.
REFERENTS = ((20, Profile.EBILL_REFERENT), (40, Profile.TRAFFIC_MANAGER), (60, Profile.FLEET_CONTACT))
LANGUAGES = {"IT": "it", "ES": "es"}


@dataclass
class PeopleMaker:
    """Make people with usernames that are given once; remembers the cast for its memberships elsewhere."""

    chance: Random
    taken: Counter[str] = field(default_factory=Counter)
    cast: dict[str, Person] = field(default_factory=dict)

    def people_of(self, customer: Customer, batch: Batch) -> list[Person]:
        """Add a customer's people and their memberships to the batch; the cast comes first, then the administrator."""
        named = self.staff(customer.organisation, customer.home, customer.domain, batch)
        others = [self._person(customer, number) for number in range(len(named) + 1, customer.people + 1)]
        for person in others:
            batch.add(person)
        self._referents(customer, others, batch)
        for number, person in enumerate([*named, *others]):
            person.cost_centre = customer.cost_centres[number % len(customer.cost_centres)]
        return [*named, *others]

    def staff(self, organisation: Organisation, home: str, domain: str, batch: Batch) -> list[Person]:
        """Add the named logins of an organisation; their memberships are added when all organisations are there."""
        people = []
        for number, login in enumerate(cast.people_of(home) if home else (), start=1):
            person = Person(
                organisation=organisation,
                code=f"{number:05}",
                username=login.username,
                given_name=login.given_name,
                family_name=login.family_name,
                email=f"{login.username}@{domain}",
                time_zone=organisation.time_zone,
            )
            self.taken[login.username] += 1
            self.cast[login.username] = person
            batch.add(person)
            people.append(person)
        return people

    def _person(self, customer: Customer, number: int) -> Person:
        country = customer.organisation.country
        given = self.chance.choice(words.GIVEN_NAMES[country])
        family = self.chance.choice(words.FAMILY_NAMES[country])
        if country == "ES":
            family = f"{family} {self.chance.choice(words.FAMILY_NAMES[country])}"
        username = self._username(f"{fiction.slug(given)}.{fiction.slug(family)}")
        return Person(
            organisation=customer.organisation,
            code=f"{number:05}",
            username=username,
            given_name=given,
            family_name=family,
            email=f"{username}@{customer.domain}",
            language=LANGUAGES[country],
            time_zone=customer.organisation.time_zone,
        )

    def _username(self, wanted: str) -> str:
        self.taken[wanted] += 1
        count = self.taken[wanted]
        return wanted if count == 1 else f"{wanted}{count}"

    def _referents(self, customer: Customer, people: list[Person], batch: Batch) -> None:
        profiles = [Profile.ADMINISTRATOR]
        profiles += [profile for at_least, profile in REFERENTS if len(people) >= at_least]
        for person, profile in zip(people, profiles, strict=False):
            batch.add(Membership(person=person, organisation=customer.organisation, profile=profile))


def cast_memberships(people: dict[str, Person], homes: dict[str, Organisation], batch: Batch) -> None:
    """Add the profiles of the named logins, in whatever organisation they hold them."""
    for login in cast.CAST:
        for home, profile in login.profiles:
            batch.add(Membership(person=people[login.username], organisation=homes[home], profile=profile))
