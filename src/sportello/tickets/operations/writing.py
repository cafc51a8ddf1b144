"""How an entry is appended: under the lock of its ticket, with its files, its place in the chain, its words in the search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings

from sportello.kernel.actor import Actor, Via
from sportello.kernel.operations import publish
from sportello.kernel.refusals import NotPermitted
from sportello.kernel.states import advance
from sportello.tickets import chain, queries, rules, storage
from sportello.tickets.events import TicketStateChanged
from sportello.tickets.models import Interaction, Ticket, TicketFile
from sportello.tickets.queries.around import calendar
from sportello.tickets.states import ENDED, TRANSITIONS, WAITING, Channel, EntryKind, Party, State
from sportello.tickets.types import KeptFile, NewFile, Wording, Writer
from sportello.tickets.visibility import PARTY_OF, Audience, audience_of

NO_WORDS = Wording(text="")


def writer_of(actor: Actor, *, channel: Channel | None = None) -> Writer:
    """Return an actor as the writer of an entry; what comes by the API or a link never counts as the web form."""
    audience = audience_of(actor)
    if actor.is_system:
        return Writer(party=Party.SYSTEM, channel=channel or Channel.WEB)
    if audience is Audience.NOBODY:
        raise NotPermitted
    way = channel or {Via.API: Channel.API, Via.MAIL: Channel.LINK}.get(actor.via, Channel.WEB)
    address = actor.name if actor.person_id is None else ""
    return Writer(party=PARTY_OF[audience], channel=way, person_id=actor.person_id, name=actor.name, address=address)


def locked(actor: Actor, ticket: Ticket) -> Ticket:
    """Return the ticket as it stands now, held to the end of the transaction. Raises `NotFound` when the actor sees it no more."""
    rows = Ticket.objects.for_(actor).select_related("organisation", "type").select_for_update(of=("self",))
    return rows.get_or_refuse(pk=ticket.pk)


@contextmanager
def kept_files(files: Sequence[NewFile], *, taken: int) -> Iterator[list[KeptFile]]:
    """Check files and lay their contents down; they go again when the entry is not written. Raises `FileRefused`.

    `taken` is how many bytes the ticket's files have already.
    """
    most_files, most_bytes = settings.SPORTELLO["TICKET_FILES_PER_ENTRY"], settings.SPORTELLO["TICKET_FILE_BYTES"]
    rules.check_room(
        count=len(files),
        most_files=most_files,
        bytes_then=taken + sum(len(one.content) for one in files),
        most_bytes=settings.SPORTELLO["TICKET_BYTES"],
    )
    for one in files:
        rules.check_can_keep(name=rules.cleaned_name(one.name), content=one.content, most_bytes=most_bytes)
    kept: list[KeptFile] = []
    try:
        kept.extend(storage.keep(one) for one in files)
        yield kept
    except BaseException:
        storage.remove(kept)
        raise


def append(
    ticket: Ticket,
    writer: Writer,
    kind: EntryKind,
    *,
    now: datetime,
    words: Wording = NO_WORDS,
    files: Sequence[KeptFile] = (),
    data: dict[str, Any] | None = None,
    shown: bool = False,
    key: str | None = None,
) -> Interaction:
    """Append an entry to a ticket that is held by `locked`; its head moves on. Its words are found from now on."""
    entry = Interaction(
        ticket=ticket,
        organisation_id=ticket.organisation_id,
        sequence=ticket.sequence + 1,
        kind=kind,
        party=writer.party,
        channel=writer.channel,
        author_id=writer.person_id,
        author_name=writer.name[:200],
        author_address=writer.address[:254],
        at=now,
        text=plain(words.text),
        cut=plain(words.cut),
        html=plain(words.html),
        data=(data or {}) | ({"notices": list(words.notices)} if words.notices else {}),
        shown=shown,
        shown_at_first=shown,
        key=key,
        previous_hash=ticket.head,
    )
    rows = [_row(ticket, place, one) for place, one in enumerate(files, 1)]
    entry.hash = chain.hash_of(entry, rows)
    entry.save(force_insert=True)
    for row in rows:
        row.interaction = entry
    TicketFile.objects.bulk_create(rows)
    ticket.sequence, ticket.head, ticket.last_at = entry.sequence, entry.hash, now
    ticket.save(update_fields=["sequence", "head", "last_at"])
    always = f"{ticket.code} {ticket.subject}" if kind is EntryKind.OPENING else ""
    queries.index(entry, *_searched(ticket, entry), *(f"{one.name} {one.text}" for one in files), always=always)
    return entry


def move(ticket: Ticket, to: State, writer: Writer, *, now: datetime) -> Interaction:
    """Move a ticket that is held by `locked` to a state, stop or start its clock, and write an entry that says so."""
    before = State(ticket.state)
    also: dict[str, Any] = {"ended_at": now if to in ENDED else None}
    if to in ENDED and before in ENDED:
        also["ended_at"] = ticket.ended_at
    if before in WAITING and ticket.waits_since is not None:
        also |= {
            name: rules.due_after_wait(calendar(), getattr(ticket, name), since=ticket.waits_since, now=now)
            for name in ("answer_due_at", "resolution_due_at")
        }
    also["waits_since"] = now if to in WAITING else None
    advance(ticket, to, transitions=TRANSITIONS, **also)
    entry = append(ticket, writer, EntryKind.STATE, now=now, data={"from": before.value, "to": to.value})
    publish(
        TicketStateChanged(
            organisation_id=writer_home(ticket, writer),
            subject_type="ticket",
            subject_id=ticket.pk,
            code=ticket.code,
            entry=entry.sequence,
            state=to.value,
        )
    )
    return entry


def writer_home(ticket: Ticket, writer: Writer) -> int | None:
    """Return in whose record a deed stands: of the party that did it; the operator's and the system's in the installation's."""
    if writer.party is Party.CUSTOMER:
        return ticket.organisation_id
    return ticket.organisation.partner_id if writer.party is Party.PARTNER else None


def plain(text: str) -> str:
    """Return a text that every database keeps: line ends as one sign, no NUL, no half of a pair."""
    whole = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return whole.encode("utf-8", errors="replace").decode("utf-8").strip()


def _row(ticket: Ticket, place: int, file: KeptFile) -> TicketFile:
    return TicketFile(
        ticket=ticket,
        organisation_id=ticket.organisation_id,
        place=place,
        token=file.token,
        name=file.name,
        content_type=file.content_type,
        size=file.size,
        sha256=file.sha256,
    )


def _searched(ticket: Ticket, entry: Interaction) -> list[str]:
    """Return what an entry is found by beside its words: an opening by whom to call back, the answers, its marks in an old base."""
    if entry.kind != EntryKind.OPENING:
        return []
    answers = [answer["shown"] for answer in entry.data.get("answers", {}).values()]
    old = [entry.data.get("imported", {}).get(key, "") for key in ("id", "number")]
    return [ticket.contact_name, ticket.contact_phone, *answers, *old]
