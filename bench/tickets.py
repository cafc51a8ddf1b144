"""The tickets of the bench: 200,000 with 1,000,000 entries at the reference size, in chains that prove themselves; and their pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bench.saying import say

TICKETS = {"reference": 200_000, "small": 2_000}
ENTRIES, CHUNK = 5, 2_000
WORDS = (
    "linea", "router", "segnale", "modem", "guasto", "fibra", "lento", "cade", "chiamata", "centralino", "numero", "telefono", "fattura",
    "interno", "rumore", "porta", "cavo", "sede", "tecnico", "verifica", "armadio", "allineata", "potenza", "errore", "registrazione",
)  # fmt: skip
OPEN_SHARE = 0.08
"""Most tickets ended long ago; some 16,000 are open."""


def made_tickets(system: Any, facts: dict[str, str]) -> int:
    """Write what is missing up to the full number of the scale, and say so, for it takes minutes; return how many tickets there are."""
    from django.utils import timezone

    from sportello.kernel.operations import bulk_write
    from sportello.tickets.models import Ticket

    there = Ticket.objects.for_(system).count()
    wanted = TICKETS[facts["scale"]]
    if there >= wanted:
        return there
    say(f"writing {wanted - there:,} tickets of {ENTRIES} entries, once for this folder ...")
    maker = _Maker(system, timezone.now(), wanted)
    for first in range(there, wanted, CHUNK):
        with bulk_write(actor=system):
            maker.write(range(first, min(first + CHUNK, wanted)))
        if first // CHUNK % 10 == 9:
            say(f"  {first + CHUNK:,} tickets")
    return wanted


class _Maker:
    """Draws tickets; the same seed draws the same."""

    def __init__(self, system: Any, now: datetime, wanted: int) -> None:
        from sportello.parties.models import Organisation
        from sportello.tickets import queries

        self.now, self.wanted, self.dice = now, wanted, Random(7)
        self.customers = list(Organisation.objects.for_(system).filter(kind="customer").order_by("pk"))
        self.forms = [queries.newest_form(kind) for kind in queries.active_types()]
        self.people = queries.people_to_assign()

    def write(self, numbers: range) -> None:
        """Write a chunk of tickets with their entries, and put their words into the search."""
        from sportello.tickets.models import Interaction, Ticket

        tickets = Ticket.objects.bulk_create([self._ticket(number) for number in numbers])
        entries = [entry for ticket in tickets for entry in self._entries(ticket)]
        for ticket in tickets:
            ticket.save(update_fields=["sequence", "head", "last_at"])
        Interaction.objects.bulk_create(entries)
        _make_found(tickets, entries)

    def _ticket(self, number: int) -> Any:
        from sportello.tickets import chain, rules
        from sportello.tickets.models import Ticket
        from sportello.tickets.states import State

        dice, form = self.dice, self.forms[number % len(self.forms)]
        customer = dice.choice(self.customers)
        at = self.now - timedelta(minutes=(self.wanted - number) * 5)
        is_open = dice.random() < OPEN_SHARE
        ticket = Ticket(
            organisation=customer, type=form.type, form=form, number=1_000_000 + number, subject=self._words(4),
            code=rules.code_of(form.type.prefix, 1_000_000 + number), province=customer.province, opened_at=at, opened_party="partner",
            last_at=at, state=State.IN_PROGRESS if is_open else State.CLOSED, ended_at=None if is_open else at + timedelta(hours=9),
            resolution_due_at=at + timedelta(days=2), answer_due_at=at + timedelta(hours=4), answered_at=at + timedelta(hours=1),
            assignee=dice.choice(self.people) if is_open else None, visible_to_customer=number % 2 == 0,
        )  # fmt: skip
        ticket.head = chain.beginning(ticket)
        return ticket

    def _entries(self, ticket: Any) -> Iterator[Any]:
        """Draw three entries of words, what says whether the customer sees the ticket, and what says its state."""
        from sportello.tickets import chain
        from sportello.tickets.models import Interaction

        deeds: dict[int, tuple[str, dict[str, Any]]] = {
            1: ("opening", {"answers": {}}),
            4: ("visibility", {"visible": ticket.visible_to_customer}),
            5: ("state", {"from": "open", "to": str(ticket.state)}),
        }
        for place in range(1, ENTRIES + 1):
            kind, data = deeds.get(place, ("message", {}))
            shown, text = place == 1, "" if kind in {"visibility", "state"} else self._words(25)
            entry = Interaction(
                ticket=ticket, organisation_id=ticket.organisation_id, sequence=place, kind=kind,
                party="operator" if place % 2 else "partner", channel="web", author_name="Bench", text=text,
                at=ticket.opened_at + timedelta(hours=place), shown=shown,
                shown_at_first=shown, previous_hash=ticket.head, data=data,
            )  # fmt: skip
            entry.hash = chain.hash_of(entry, ())
            ticket.sequence, ticket.head, ticket.last_at = place, entry.hash, entry.at
            yield entry

    def _words(self, count: int) -> str:
        rare = f"w{self.dice.randrange(50_000)}"
        return " ".join([*self.dice.choices(WORDS, k=count), rare])


def _make_found(tickets: list[Any], entries: list[Any]) -> None:
    """Put the words of new tickets into the search."""
    from django.db import connection

    from sportello.tickets.queries.searching import kept_words, level_of, write_documents

    rows: dict[int, list[tuple[int, str, str]]] = {ticket.pk: [] for ticket in tickets}
    kept = []
    for entry in reversed(entries):
        always = kept_words(entry.ticket.code, entry.ticket.subject) if entry.kind == "opening" else ""
        row = (level_of(kind=entry.kind, channel=entry.channel, shown=entry.shown), kept_words(entry.text), always)
        if row[1] or always:
            rows[entry.ticket_id].append(row)
            kept.append([entry.pk, entry.ticket_id, *row])
    with connection.cursor() as cursor:
        statement = "INSERT INTO tickets_words (entry_id, ticket_id, level, words, always) VALUES (%s, %s, %s, %s, %s)"
        cursor.executemany(statement, kept)
    write_documents(rows.items())


def pages(system: Any, operator: Any, partner: Any, administrator: Any) -> list[tuple[str, Any, str]]:
    """Return the pages of tickets that are opened, by whom, at which address."""
    from sportello.tickets.models import Ticket

    one = Ticket.objects.for_(system).order_by("-pk")[0]
    return [
        ("tickets, all open ones (operator)", operator, "/tickets/"),
        ("tickets, all states (operator)", operator, "/tickets/?state=all"),
        (
            "tickets of a province, urgent (operator)",
            operator,
            f"/tickets/?state=all&province={one.province}&priority=3",
        ),
        ("tickets with a subject (operator)", operator, "/tickets/?subject=fibra+lento"),
        ("tickets of a customer by name (operator)", operator, f"/tickets/?state=all&customer={one.organisation.code}"),
        ("tickets overdue (operator)", operator, "/tickets/?overdue=1"),
        ("tickets, full text, a rare word (operator)", operator, "/tickets/?state=all&q=w4711"),
        ("tickets, full text, two usual words (operator)", operator, "/tickets/?state=all&q=fibra+centralino"),
        ("tickets, full text, a word that begins many (operator)", operator, "/tickets/?state=all&q=w4"),
        ("tickets, full text, usual words of open ones (operator)", operator, "/tickets/?q=fibra+centralino"),
        ("tickets of a partner", partner, "/tickets/"),
        ("tickets of a partner, full text", partner, "/tickets/?state=all&q=fibra"),
        ("tickets of a customer, full text", administrator, "/tickets/?state=all&q=fibra"),
        ("tickets of a customer", administrator, "/tickets/?state=all"),
        ("a ticket (operator)", operator, f"/tickets/{one.pk}/"),
        ("a ticket, what came since (operator)", operator, f"/tickets/{one.pk}/entries/?after=2"),
    ]
