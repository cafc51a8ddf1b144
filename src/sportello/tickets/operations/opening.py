"""Opening tickets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput
from sportello.parties.models import Organisation
from sportello.tickets import chain, queries, rules
from sportello.tickets.events import TicketOpened
from sportello.tickets.models import Ticket, TicketForm, TicketNumber
from sportello.tickets.operations.writing import append, kept_files, plain, writer_home, writer_of
from sportello.tickets.queries.around import minutes_of
from sportello.tickets.states import EntryKind, FieldKind, Priority
from sportello.tickets.types import Callback, Contract, NewFile, Wording, Writer
from sportello.tickets.visibility import Audience, audience_of, may_be_shown


@dataclass(frozen=True)
class Facts:
    """What is to be written of a ticket, checked: who opens it, the answers, and the contract among them."""

    writer: Writer
    priority: Priority
    answers: dict[str, dict[str, str]]
    contract: Contract | None = None


@operation(section=Section.TICKETS)
def open_ticket(
    *,
    actor: Actor,
    customer: Organisation,
    form: TicketForm,
    subject: str,
    text: str,
    answers: Mapping[str, Any],
    contact: Callback,
    now: datetime,
    files: Sequence[NewFile] = (),
    priority: Priority = Priority.NORMAL,
    shown: bool = False,
    key: str | None = None,
) -> Ticket:
    """Open a ticket for a customer in the actor's reach, of the type and version of `form`.

    `answers` are the initial data by the keys of the form's questions, `contact` the person to call back. The ticket is not
    visible to the customer (rule 2); `shown` marks its opening for the day that it is. Only the operator sets a `priority`. The same
    `key` gives the same ticket. The code has the type's next number: none is lost or double, however many open at once.
    Raises `OnlyPartnersOpen`, `InvalidInput`, `FileRefused`.
    """
    rules.check_can_open(actor, customer_kind=customer.kind, customer_state=customer.state)
    if known := _opened(actor, key):
        return known
    rules.check_opening(subject=subject, text=text)
    facts = _facts(actor, customer, form, answers, priority)
    shown = shown and may_be_shown(kind=EntryKind.OPENING, channel=facts.writer.channel)
    row = Ticket(
        organisation=customer,
        type=form.type,
        form=form,
        subject=" ".join(plain(subject).split())[:200],
        contact_name=contact.name.strip()[:120],
        contact_phone=contact.phone,
        opened_at=now,
        opened_by_id=actor.person_id,
        opening_key=key,
    )
    return write_opening(actor, row, facts, text=text, files=files, shown=shown)


def write_opening(
    actor: Actor, row: Ticket, facts: Facts, *, text: str, files: Sequence[NewFile] = (), shown: bool = False
) -> Ticket:
    """Write a ticket with its opening, and tell of it (inside an operation). The same opening key gives the same ticket."""
    with kept_files(files, taken=0) as kept:
        try:
            with transaction.atomic():
                _write(row, facts)
        except IntegrityError:  # the same form, a moment ago
            if known := _opened(actor, row.opening_key):
                return known
            raise
        data, words = {"answers": facts.answers}, Wording(text=text)
        append(row, facts.writer, EntryKind.OPENING, now=row.opened_at, words=words, files=kept, data=data, shown=shown)
    publish(
        TicketOpened(
            organisation_id=writer_home(row, facts.writer),
            subject_type="ticket",
            subject_id=row.pk,
            code=row.code,
            type=row.type.code,
        )
    )
    return row


def _opened(actor: Actor, key: str | None) -> Ticket | None:
    return Ticket.objects.for_(actor).filter(opening_key=key).first() if key else None


def _facts(
    actor: Actor, customer: Organisation, form: TicketForm, given: Mapping[str, Any], priority: Priority
) -> Facts:
    if not form.type.active:
        raise InvalidInput(field="type")
    asked = next((one for one in form.questions if one.kind is FieldKind.CONTRACT), None)
    contracts = queries.contracts_of(actor, customer, asked) if asked else {}
    answers = rules.checked_answers(form.questions, given, contracts, country=customer.country)
    chosen = answers.get(asked.key) if asked else None
    return Facts(
        writer=writer_of(actor),
        priority=priority if audience_of(actor) is Audience.OPERATOR else Priority.NORMAL,
        answers=answers,
        contract=contracts[chosen["value"]] if chosen else None,
    )


def _write(row: Ticket, facts: Facts) -> None:
    """Write the row of a ticket, with the next number of its type and the hash that its chain begins with."""
    clock = rules.clock_of(queries.calendar(), since=row.opened_at, minutes=minutes_of(row.type, facts.priority))
    row.number = next_number(row.form)
    row.code = rules.code_of(row.type.prefix, row.number)
    if facts.contract is not None:
        row.line_id = facts.contract.line_id
    row.province = (facts.contract.province if facts.contract else "") or row.organisation.province
    row.opened_party, row.priority, row.last_at = facts.writer.party, facts.priority, row.opened_at
    row.answer_due_at, row.resolution_due_at = clock.answer_due_at, clock.resolution_due_at
    row.head = chain.beginning(row)
    row.save(force_insert=True)


def next_number(form: TicketForm) -> int:
    """Return the type's next number; its row is held to the end of the transaction, and a number given up is given again."""
    TicketNumber.objects.get_or_create(type=form.type)
    row = TicketNumber.objects.select_for_update().get(type=form.type)
    row.last += 1
    row.save(update_fields=["last"])
    return row.last
