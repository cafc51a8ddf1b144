"""What is read about what happened."""

from __future__ import annotations

from collections.abc import Iterable

from sportello.accounts.models import Person
from sportello.accounts.queries.directory import people_sought
from sportello.kernel.actor import Actor
from sportello.kernel.audit import INSTALLATION_CHAIN
from sportello.kernel.chunks import in_chunks
from sportello.kernel.finding import sought
from sportello.kernel.models import Event
from sportello.kernel.scope import ScopedQuerySet
from sportello.parties.models import Organisation

CHUNK = 500


class Names:
    """Names of people and organisations that a record mentions, read once and in bulk.

    Whoever may read an entry may know who acted: the operator's agent in a customer's record has a name there.
    """

    def __init__(self) -> None:
        """Begin with nobody."""
        self._people: dict[int, str] = {}
        self._organisations: dict[int, str] = {}

    def read(self, events: Iterable[Event]) -> None:
        """Read the names that these events mention."""
        rows = list(events)
        people = {pk for row in rows for pk in (row.person_id, row.viewer_id) if pk}
        homes = {pk for row in rows for pk in (row.organisation_id, row.acting_for_id) if pk}
        self._read_people(people - set(self._people))
        self._read_organisations(homes - set(self._organisations))

    def person(self, pk: int | None) -> str:
        """Return the name of a person, or nothing."""
        if pk and pk not in self._people:
            self._read_people({pk})
        return self._people.get(pk or 0, "")

    def organisation(self, pk: int | None) -> str:
        """Return the name of an organisation, or nothing."""
        if pk and pk not in self._organisations:
            self._read_organisations({pk})
        return self._organisations.get(pk or 0, "")

    def _read_people(self, wanted: set[int]) -> None:
        rows = Person.objects.across_tenants(reason="a record names who acted", opens_wall=False)
        for some in in_chunks(sorted(wanted), CHUNK):
            for pk, given, family in rows.filter(pk__in=some).values_list("pk", "given_name", "family_name"):
                self._people[pk] = f"{given} {family}".strip()
        self._people |= dict.fromkeys(wanted - set(self._people), "")

    def _read_organisations(self, wanted: set[int]) -> None:
        rows = Organisation.objects.across_tenants(reason="a record names for whom it was done", opens_wall=False)
        for some in in_chunks(sorted(wanted), CHUNK):
            self._organisations |= dict(rows.filter(pk__in=some).values_list("pk", "legal_name"))
        self._organisations |= dict.fromkeys(wanted - set(self._organisations), "")


def events(actor: Actor) -> ScopedQuerySet[Event]:
    """Return what happened inside the actor's reach."""
    return Event.objects.for_(actor)


def chain_of(actor: Actor) -> int:
    """Return the audit chain of the organisation that the actor acts in."""
    return actor.organisation_id or INSTALLATION_CHAIN


def people_named(actor: Actor, text: str, *, most: int = 200) -> list[int]:
    """Return the people in reach whom a search for the text finds by name, username, mail or code."""
    asked = sought(text)
    if not asked.words:
        return []
    rows = Person.objects.for_(actor).filter(people_sought(asked))
    return list(rows.order_by("pk").values_list("pk", flat=True)[:most])


def name_of_chain(chain: int) -> str:
    """Return whose record a chain is: the organisation's name, or the chain's number where it is nobody's."""
    return Names().organisation(chain) or f"{chain}"
