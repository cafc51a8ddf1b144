"""What people write in a ticket."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.tickets import queries, rules
from sportello.tickets.events import InteractionAdded
from sportello.tickets.models import Interaction, Ticket
from sportello.tickets.operations.writing import append, kept_files, locked, move, writer_home, writer_of
from sportello.tickets.states import Channel, EntryKind, Party, State
from sportello.tickets.types import NewFile, Wording, Writer
from sportello.tickets.visibility import Audience, audience_of, may_be_shown


@operation(section=Section.TICKETS)
def add_interaction(
    *,
    actor: Actor,
    ticket: Ticket,
    text: str,
    now: datetime,
    files: Sequence[NewFile] = (),
    shown: bool = False,
    of_supplier: bool = False,
    key: str | None = None,
) -> Interaction:
    """Write in a ticket by a form of the portal, or by the link of a mail (the actor's door says which).

    `shown` is the form's flag «visible to the end customer»: only what comes from the signed-in form carries it (rule 3).
    `of_supplier`: the operator writes down what the supplier said. An ended ticket is opened again, within 14 days; the awaited
    party's words end a wait. The same `key` gives the same entry.
    Raises `AnswersByMailOnly`, `ReopeningTooLate`, `InvalidInput`, `FileRefused`.
    """
    writer = writer_of(actor)
    if of_supplier and audience_of(actor) is Audience.OPERATOR:
        writer = Writer(
            party=Party.SUPPLIER,
            channel=writer.channel,
            person_id=writer.person_id,
            name=writer.name,
            address=writer.address,
        )
    words = Wording(text=text)
    return write(actor, ticket, writer, EntryKind.MESSAGE, words, files=files, shown=shown, key=key, now=now)


@operation(section=Section.TICKETS)
def add_note(
    *, actor: Actor, ticket: Ticket, text: str, now: datetime, files: Sequence[NewFile] = (), key: str | None = None
) -> Interaction:
    """Write a note that only the operator's people see. Raises `NotPermitted`, `InvalidInput`, `FileRefused`."""
    rules.check_can_work(actor)
    words = Wording(text=text)
    return write(actor, ticket, writer_of(actor), EntryKind.NOTE, words, files=files, key=key, now=now)


def write(
    actor: Actor,
    ticket: Ticket,
    writer: Writer,
    kind: EntryKind,
    words: Wording,
    *,
    now: datetime,
    files: Sequence[NewFile] = (),
    shown: bool = False,
    key: str | None = None,
) -> Interaction:
    """Append words to a ticket, whichever way they came, and move it where they lead (inside an operation)."""
    row = locked(actor, ticket)
    rows = Interaction.objects.across_tenants(reason="the same form or mail again, which its writer may not see")
    known = rows.filter(ticket=row, key=key).first() if key else None
    if known is not None:
        return known
    by_mail = writer.channel is Channel.MAIL
    rules.check_can_write(actor, party=writer.party, by_mail=by_mail, ended_at=row.ended_at, now=now)
    rules.check_words(words.text or words.html or words.cut, files=len(files))
    shown = shown and may_be_shown(kind=kind, channel=writer.channel)
    with kept_files(files, taken=queries.bytes_of(row) if files else 0) as kept:
        entry = append(row, writer, kind, now=now, words=words, files=kept, shown=shown, key=key)
        _first_answer(row, writer, kind, now)
        to = rules.state_after_words(row.state, party=writer.party, kind=kind)
        if to is not None:
            move(row, State(to), writer, now=now)
        publish(
            InteractionAdded(
                organisation_id=writer_home(row, writer),
                subject_type="ticket",
                subject_id=row.pk,
                code=row.code,
                entry=entry.sequence,
                channel=writer.channel.value,
            )
        )
    return entry


def _first_answer(ticket: Ticket, writer: Writer, kind: EntryKind, now: datetime) -> None:
    if ticket.answered_at is None and kind is EntryKind.MESSAGE and writer.party is Party.OPERATOR:
        ticket.answered_at = now
        ticket.save(update_fields=["answered_at"])
