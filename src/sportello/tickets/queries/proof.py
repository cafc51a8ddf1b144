"""The proof of tickets: their chains, what follows from them, and the contents of their files on the disk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_noop

from sportello.kernel.actor import system_actor
from sportello.kernel.proofs import BrokenProof
from sportello.kernel.sentences import kept
from sportello.tickets import chain, storage
from sportello.tickets.models import Interaction, Ticket, TicketFile
from sportello.tickets.states import EntryKind, State

CHUNK: Final = 300
_REASON: Final = "the proof of tickets walks all of them"


@dataclass(frozen=True)
class Broken:
    """The first place of a ticket that does not prove itself: its entry (0: the ticket), and why (a kept sentence)."""

    ticket_id: int
    code: str
    entry: int
    reason: str


def walk() -> Iterator[Broken]:
    """Walk every ticket and yield where one is broken; nothing yielded = nothing touched."""
    system, last = system_actor(reason=_REASON), 0
    while rows := list(Ticket.objects.for_(system).filter(pk__gt=last).order_by("pk")[:CHUNK]):
        last = rows[-1].pk
        yield from _of(rows)


def count() -> int:
    """Return how many tickets there are to prove."""
    return Ticket.objects.for_(system_actor(reason=_REASON)).count()


def walk_for_command() -> Iterator[BrokenProof]:
    """Walk every ticket for `sportello audit verify`."""
    for one in walk():
        yield BrokenProof(where=f"ticket {one.code}" + (f", entry {one.entry}" if one.entry else ""), reason=one.reason)


def proof_of(ticket: Ticket) -> Broken | None:
    """Return where a ticket is broken, or None: all of it is looked at, whoever asks for the proof."""
    return next(_of([ticket]), None)


def _of(tickets: list[Ticket]) -> Iterator[Broken]:
    system, ids = system_actor(reason=_REASON), [one.pk for one in tickets]
    entries, files = defaultdict(list), defaultdict(list)
    for entry in Interaction.objects.for_(system).filter(ticket__in=ids).order_by("ticket_id", "sequence"):
        entries[entry.ticket_id].append(entry)
    for file in TicketFile.objects.for_(system).filter(ticket__in=ids).order_by("pk"):
        files[file.interaction_id].append(file)
    for ticket in tickets:
        found = _broken(ticket, entries[ticket.pk], files)
        if found:
            yield Broken(ticket.pk, ticket.code, *found)


def _broken(ticket: Ticket, entries: list[Interaction], files: dict[int, list[TicketFile]]) -> tuple[int, str] | None:
    previous = chain.beginning(ticket)
    for place, entry in enumerate(entries, 1):
        fault = _fault(entry, place, previous, files[entry.pk])
        if fault:
            return place, fault
        previous = entry.hash
    if (ticket.sequence, ticket.head) != (len(entries), previous):
        sentence = gettext_noop("entries after %(entry)d are missing: the ticket counts %(count)d")
        return len(entries) + 1, kept(sentence, entry=len(entries), count=ticket.sequence)
    return _unsaid(ticket, entries)


def _fault(entry: Interaction, place: int, previous: str, files: list[TicketFile]) -> str:
    if entry.sequence != place:
        return kept(gettext_noop("entry %(entry)d is missing"), entry=place)
    if entry.previous_hash != previous:
        return gettext_noop("does not carry the hash of what stands before it")
    if entry.hash != chain.hash_of(entry, files):
        return gettext_noop("its content or its list of files is not what was written")
    lost = next((one for one in files if storage.sha256_of(one.token) != one.sha256), None)
    return (
        kept(gettext_noop("the file “%(name)s” is gone or is not what was handed in"), name=lost.name) if lost else ""
    )


def _unsaid(ticket: Ticket, entries: Iterable[Interaction]) -> tuple[int, str] | None:
    """Hold what may change (state, who sees what) against what the entries say was done."""
    state, visible, shown = State.OPEN.value, False, {}
    for entry in entries:
        shown[entry.sequence] = entry.shown_at_first
        if entry.kind == EntryKind.STATE:
            state = entry.data["to"]
        elif entry.kind == EntryKind.VISIBILITY and "entry" in entry.data:
            shown[entry.data["entry"]] = entry.data["visible"]
        elif entry.kind == EntryKind.VISIBILITY:
            visible = entry.data["visible"]
    wrong = next((one.sequence for one in entries if one.shown != shown[one.sequence]), None)
    if wrong is not None:
        return wrong, gettext_noop("whether the customer sees it was changed without an entry that says so")
    if ticket.state != state:
        return 0, gettext_noop("its state was changed without an entry that says so")
    if ticket.visible_to_customer != visible:
        return 0, gettext_noop("whether the customer sees it was changed without an entry that says so")
    return None
