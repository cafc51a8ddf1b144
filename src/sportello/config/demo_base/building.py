"""Build the whole base from a seed: pure, batch by batch, nothing stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random

from sportello.config.demo_base import cast, fiction
from sportello.config.demo_base.batch import Batch
from sportello.config.demo_base.lines import Catalogue, LineMaker
from sportello.config.demo_base.organisations import CustomerMaker, operator_and_partners
from sportello.config.demo_base.people import PeopleMaker, cast_memberships
from sportello.config.demo_base.scale import Scale
from sportello.parties.models import Organisation

LINES_A_BATCH = 4_000
# Numbers for the mobiles of those who have no line of a customer; far above the serial numbers that lines use.
STAFF_SERIAL = 9_000_000


@dataclass(frozen=True)
class Recipe:
    """What a base is made from; the same recipe gives the same base. `now` is the instant it reaches up to (UTC)."""

    scale: Scale
    seed: int
    now: datetime

    def chance(self, topic: str) -> Random:
        """Return the dice of one topic: what one topic throws does not move another's."""
        return Random(f"{self.seed} {topic}")


def batches(recipe: Recipe, catalogue: Catalogue) -> Iterator[Batch]:
    """Yield the base in batches that can be stored one after the other; the first holds operator and partners."""
    batch = Batch()
    people = PeopleMaker(recipe.chance("people"))
    operator, partners = operator_and_partners(recipe.scale, recipe.chance("partners"), batch)
    homes = {cast.OPERATOR: operator, cast.PARTNER_OF_A: partners[0]}
    _staff(people, homes, batch)
    customers = CustomerMaker(
        recipe.scale, partners, recipe.chance("customers"), recipe.now.date(), staff=len(people.cast)
    )
    lines = LineMaker(recipe.chance("lines"), catalogue, recipe.now)
    waiting = 0
    for index in range(recipe.scale.customers):
        customer = customers.customer(index, batch)
        lines.lines_of(customer, people.people_of(customer, batch), batch)
        if customer.home:
            homes[customer.home] = customer.organisation
        if len(homes) == len(HOMES) and customer.home == HOMES[-1]:
            cast_memberships(people.cast, homes, batch)
        waiting += customer.lines
        if waiting >= LINES_A_BATCH:
            yield batch
            batch, waiting = Batch(), 0
    yield batch


HOMES = (cast.OPERATOR, cast.PARTNER_OF_A, cast.CUSTOMER_A, cast.CUSTOMER_B, cast.CUSTOMER_C)


def _staff(people: PeopleMaker, homes: dict[str, Organisation], batch: Batch) -> None:
    serial = STAFF_SERIAL
    for home, organisation in homes.items():
        for person in people.staff(organisation, home, organisation.email.split("@")[1], batch):
            serial += 1
            person.mobile = fiction.mobile("IT", serial)
