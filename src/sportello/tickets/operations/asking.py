"""What customers ask themselves: assistance for a line or a device, and what they hold against a bill (product/02, product/03).

They see what they asked, and of the answers what operator and partner show them; they go on by mail (rule 5).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sportello.accounts.models import Person
from sportello.inventory.models import Line
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.parties.models import Organisation
from sportello.tickets import queries, rules
from sportello.tickets.events import TicketShown
from sportello.tickets.models import Ticket, TicketType
from sportello.tickets.operations.opening import Facts, write_opening
from sportello.tickets.operations.writing import append, plain, writer_of
from sportello.tickets.states import Channel, EntryKind, Party, Priority
from sportello.tickets.types import Callback, NewFile, Writer

HELP, BILL = "HELP", "BILL"
_SYSTEM: Final = Writer(party=Party.SYSTEM, channel=Channel.WEB)


@operation(section=Section.ASSISTANCE)
def ask_for_help(
    *,
    actor: Actor,
    customer: Organisation,
    subject: str,
    text: str,
    contact: Callback,
    now: datetime,
    line: Line | None = None,
    device: str = "",
    files: Sequence[NewFile] = (),
    key: str | None = None,
) -> Ticket:
    """Open a request for technical assistance about a line in the actor's reach, a device, or anything; it is visible to who asks.

    The same `key` gives the same ticket. Raises `NotPermitted` (a wholesaler's customer, or nobody of a customer), `InvalidInput`,
    `FileRefused`.
    """
    rules.check_can_ask(actor, home=customer.pk == actor.organisation_id, wholesale=queries.is_wholesale(customer))
    known = Ticket.objects.for_(actor).filter(opening_key=key).first() if key else None
    if known is not None:
        return known
    rules.check_opening(subject=subject, text=text)
    given = {"line": line.number if line else "", "device": " ".join(device.split())[:120]}
    row = _ticket(customer, HELP, subject=subject, person_id=actor.person_id, contact=contact, key=key, now=now)
    facts = Facts(writer=writer_of(actor, channel=Channel.WEB), priority=Priority.NORMAL, answers=_answers(given))
    row.line = line
    return _shown(write_opening(actor, row, facts, text=text, files=files, shown=True), now)


@operation(section=None, why="who disputed the line of a bill was permitted then; the ticket follows from it")
def open_dispute(
    *, actor: Actor, customer: Organisation, person: Person, given: dict[str, str], reason: str, key: str, now: datetime
) -> Ticket | None:
    """Open the ticket of a disputed line of a bill (`given`: bill, position, amount), in the name of who disputed it.

    A wholesaler's customers take no part: none is opened, the dispute stands on the bill. The same `key` gives the same ticket.
    """
    if queries.is_wholesale(customer):
        return None
    known = Ticket.objects.for_(actor).filter(opening_key=key).first()
    if known is not None:
        return known
    contact = Callback(name=person.name, phone=person.mobile)
    row = _ticket(customer, BILL, subject=given["bill"], person_id=person.pk, contact=contact, key=key, now=now)
    row.subject = f"{row.type}: {given['bill']}, {given['position']}"
    writer = Writer(party=Party.CUSTOMER, channel=Channel.WEB, person_id=person.pk, name=person.name)
    facts = Facts(writer=writer, priority=Priority.NORMAL, answers=_answers(given))
    return _shown(write_opening(actor, row, facts, text=reason, shown=True), now)


def _ticket(
    customer: Organisation,
    code: str,
    *,
    subject: str,
    person_id: int | None,
    contact: Callback,
    key: str | None,
    now: datetime,
) -> Ticket:
    form = queries.newest_form(TicketType.objects.get(code=code))
    return Ticket(
        organisation=customer,
        type=form.type,
        form=form,
        subject=" ".join(plain(subject).split())[:200],
        contact_name=contact.name.strip()[:120],
        contact_phone=contact.phone,
        opened_at=now,
        opened_by_id=person_id,
        opening_key=key,
    )


def _answers(given: dict[str, str]) -> dict[str, dict[str, str]]:
    return {key: {"value": text, "shown": text} for key, text in given.items() if text}


def _shown(ticket: Ticket, now: datetime) -> Ticket:
    """Make visible what a customer asked itself: by the portal, with an entry that says so."""
    if ticket.visible_to_customer:
        return ticket
    ticket.visible_to_customer = True
    ticket.save(update_fields=["visible_to_customer"])
    entry = append(ticket, _SYSTEM, EntryKind.VISIBILITY, now=now, data={"visible": True})
    publish(
        TicketShown(
            organisation_id=None,
            subject_type="ticket",
            subject_id=ticket.pk,
            code=ticket.code,
            place=entry.sequence,
            visible=True,
        )
    )
    return ticket
