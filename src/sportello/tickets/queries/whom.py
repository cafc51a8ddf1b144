"""Whom a ticket is told to: the operator's queue and who works on it, the partner, the customer once the ticket is visible to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sportello.accounts.models import Person
from sportello.messaging.queries import operator_administrators
from sportello.parties.models import Organisation
from sportello.parties.states import OrganisationKind, OrganisationState
from sportello.tickets.models import Interaction, Ticket
from sportello.tickets.queries.around import administrators_of, options_of, people_of
from sportello.tickets.queries.tickets import is_wholesale
from sportello.tickets.states import Happening, Party

_REASON: Final = "a ticket is told to all parties, whoever wrote in it"
FIRST_WISHES: Final = {
    Party.OPERATOR: frozenset(Happening) - {Happening.ASKED},
    Party.PARTNER: frozenset(Happening),
    Party.CUSTOMER: frozenset({Happening.OPENED, Happening.WRITTEN, Happening.ENDED, Happening.ASKED}),
}
"""What an organisation is mailed about until it chooses."""
PARTY_OF_KIND: Final = {
    OrganisationKind.OPERATOR: Party.OPERATOR,
    OrganisationKind.PARTNER: Party.PARTNER,
    OrganisationKind.CUSTOMER: Party.CUSTOMER,
}


@dataclass(frozen=True)
class Reader:
    """Somebody a ticket is told to: an organisation's address, or a person of it."""

    home: Organisation
    party: Party
    address: str
    person: Person | None = None


def wishes_of(organisation_id: int, party: Party) -> frozenset[Happening]:
    """Return what an organisation is mailed about."""
    options = options_of(organisation_id)
    return frozenset(Happening(one) for one in options.happenings) if options else FIRST_WISHES[party]


def readers(ticket: Ticket) -> list[Reader]:
    """Return whom a ticket is told to now, each address once; the operator first."""
    found: dict[str, Reader] = {}
    for reader in (*_operators(ticket), *_partners(ticket), *_customers(ticket)):
        found.setdefault(reader.address, reader)
    return list(found.values())


def _operators(ticket: Ticket) -> Iterator[Reader]:
    home = Organisation.objects.across_tenants(reason=_REASON, opens_wall=False).get(kind=OrganisationKind.OPERATOR)
    if queue := _confirmed(home):
        yield Reader(home, Party.OPERATOR, queue)
    workers = [ticket.assignee] if ticket.assignee else people_of(ticket.group) if ticket.group else []
    if not queue and not workers:
        workers = operator_administrators()
    yield from _people(home, Party.OPERATOR, workers)


def _partners(ticket: Ticket) -> Iterator[Reader]:
    home = ticket.organisation.partner
    if home is None or home.state == OrganisationState.CLOSED:
        return
    if address := _confirmed(home) or home.email:
        yield Reader(home, Party.PARTNER, address)
    else:
        yield from _people(home, Party.PARTNER, _who_wrote(ticket, Party.PARTNER))


def _customers(ticket: Ticket) -> Iterator[Reader]:
    home = ticket.organisation
    if not ticket.visible_to_customer or home.state == OrganisationState.CLOSED or is_wholesale(home):
        return
    if ticket.opened_by and ticket.opened_party == Party.CUSTOMER:
        yield from _people(home, Party.CUSTOMER, [ticket.opened_by])
    if address := _confirmed(home):
        yield Reader(home, Party.CUSTOMER, address)
    else:
        yield from _people(home, Party.CUSTOMER, administrators_of(home.pk))


def _people(home: Organisation, party: Party, people: list[Person]) -> Iterator[Reader]:
    return (Reader(home, party, one.email, one) for one in people if one.email and one.is_active)


def _who_wrote(ticket: Ticket, party: Party) -> list[Person]:
    wrote = Interaction.objects.across_tenants(reason=_REASON).filter(ticket=ticket, party=party).exclude(author=None)
    ids = wrote.order_by().values("author_id")
    return list(Person.objects.across_tenants(reason=_REASON, opens_wall=False).filter(pk__in=ids).order_by("pk"))


def _confirmed(home: Organisation) -> str:
    options = options_of(home.pk)
    return options.email if options and options.confirmed_at else ""
