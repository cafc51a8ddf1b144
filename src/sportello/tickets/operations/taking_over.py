"""Writing the tickets of an old base: with their instants, authors and words, in chains that prove themselves.

An entry's `at` is the instant of the old base; when it was written here, and from where, stands in its `data` under `imported`, which
the chain holds like all else. Nothing of it is told by mail, shown to the customer, or measured against a service level.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext_noop

from sportello.kernel.actor import Actor
from sportello.kernel.imports import RowState
from sportello.kernel.sentences import kept
from sportello.tickets import chain, queries, rules
from sportello.tickets.models import Interaction, Ticket
from sportello.tickets.old_bases import OldEntry, OldFile, OldTicket
from sportello.tickets.operations.opening import next_number
from sportello.tickets.operations.writing import append, kept_files, locked, plain
from sportello.tickets.queries.importing import Verdict, entry_key, opening_key
from sportello.tickets.states import ENDED, WAITING, Channel, EntryKind, OldBase, Party, State
from sportello.tickets.types import NewFile, Wording, Writer

_GONE: Final = gettext_noop("The file “%(name)s” was not in the export.")
_REFUSED: Final = gettext_noop(
    "The file “%(name)s” was left out: it is empty, too big, or not of a kind that is taken."
)
_PORTAL: Final = Writer(party=Party.SYSTEM, channel=Channel.TAKEN_OVER)


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where old tickets come from and when they are written here."""

    source: OldBase
    now: datetime

    def of(self, mark: str, **more: str) -> dict[str, Any]:
        """Return what an entry keeps of its origin."""
        facts = {"source": self.source.value, "id": mark, "written_at": self.now.isoformat(timespec="seconds")}
        return {"imported": facts | {key: value for key, value in more.items() if value}}


def write_verdict(actor: Actor, verdict: Verdict, origin: Origin) -> int:
    """Write a new ticket, or the entries that a known one lacks (inside an operation); return how many entries were written."""
    if verdict.state is RowState.NEW:
        return _new(verdict, origin)
    if verdict.state is RowState.CHANGED and verdict.ticket is not None:
        row = locked(actor, verdict.ticket)
        last = row.last_at
        for entry in verdict.lacking:
            _append(row, entry, EntryKind.NOTE if entry.note else EntryKind.MESSAGE, origin)
        if row.last_at < last:
            row.last_at = last
            row.save(update_fields=["last_at"])
        return len(verdict.lacking)
    return 0


def _new(verdict: Verdict, origin: Origin) -> int:
    old, entries = verdict.old, list(verdict.lacking)
    opening = entries.pop(0) if entries and _opens(entries[0]) else None
    row = _ticket(verdict, origin, opening)
    facts = {"number": old.number, "way": opening.way if opening else ""}
    _append(row, opening or _silent(old, row), EntryKind.OPENING, origin, **facts)
    for entry in entries:
        _append(row, entry, EntryKind.NOTE if entry.note else EntryKind.MESSAGE, origin)
    if row.state != State.OPEN:
        at = max(row.last_at, row.ended_at or row.last_at)
        data = {"from": State.OPEN.value, "to": row.state} | origin.of("state")
        append(row, _PORTAL, EntryKind.STATE, now=at, data=data, key="import:state")
    return row.sequence


def _opens(entry: OldEntry) -> bool:
    """Tell whether an entry can be a ticket's opening, which the partner reads: a note of the operator's people never is."""
    return not entry.note and entry.party is not Party.SYSTEM


def _silent(old: OldTicket, row: Ticket) -> OldEntry:
    """Return the opening of a ticket whose old base holds none: its subject says it all."""
    return OldEntry(id="opening", at=row.opened_at, party=Party(row.opened_party), text="", author=old.contact)


def _ticket(verdict: Verdict, origin: Origin, opening: OldEntry | None) -> Ticket:
    old, form, customer = verdict.old, verdict.form, verdict.customer
    if form is None or customer is None:
        msg = "a new ticket has a customer and a form"
        raise ValueError(msg)
    instants = [*(entry.at for entry in old.entries), *filter(None, [old.opened_at])]
    row = Ticket(
        organisation=customer,
        type=form.type,
        form=form,
        number=next_number(form),
        subject=" ".join(plain(old.subject).split())[:200],
        contact_name=plain(old.contact)[:120],
        province=customer.province,
        opened_at=min(instants),
        opened_party=opening.party if opening else Party.SYSTEM,
        opening_key=opening_key(origin.source, old),
        state=old.state,
        priority=old.priority,
        last_at=max(instants),
        answered_at=_first_answer(verdict.lacking),
    )
    if old.state in ENDED:
        row.ended_at = max(old.ended_at or row.last_at, row.opened_at)
    if old.state in WAITING:
        row.waits_since = row.last_at
    row.code = rules.code_of(form.type.prefix, row.number)
    row.head = chain.beginning(row)
    row.save(force_insert=True)
    return row


def _first_answer(entries: Sequence[OldEntry]) -> datetime | None:
    answers = (entry.at for entry in entries[1:] if entry.party is Party.OPERATOR and not entry.note)
    return next(answers, None)


def _append(row: Ticket, entry: OldEntry, kind: EntryKind, origin: Origin, **more: str) -> Interaction:
    files, notices = _files(entry.files)
    writer = Writer(
        party=entry.party, channel=Channel.TAKEN_OVER, name=plain(entry.author), address=plain(entry.address)
    )
    facts = {"way": entry.way[:40]} | more
    words = Wording(text=entry.text, notices=notices)
    with kept_files(files, taken=queries.bytes_of(row) if files else 0) as kept_ones:
        return append(
            row, writer, kind, now=entry.at, words=words, files=kept_ones, data=origin.of(entry.id, **facts),
            key=entry_key(entry),
        )  # fmt: skip


def _files(files: Sequence[OldFile]) -> tuple[list[NewFile], list[str]]:
    """Return the files that are kept, and a notice for each that is not."""
    taken: list[NewFile] = []
    notices: list[str] = []
    for file in files:
        name, content = rules.cleaned_name(file.name), file.content
        if content is None:
            notices.append(kept(_GONE, name=name))
            continue
        with suppress(rules.FileRefused):
            rules.check_can_keep(name=name, content=content, most_bytes=settings.SPORTELLO["TICKET_FILE_BYTES"])
            if len(taken) < settings.SPORTELLO["TICKET_FILES_PER_ENTRY"]:
                taken.append(NewFile(name=name, content=content))
                continue
        notices.append(kept(_REFUSED, name=name))
    return taken, notices
