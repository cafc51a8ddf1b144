"""A base as a table (CSV, XLSX, Parquet): one row an entry, in any order; the facts of a ticket stand in the first row of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from django.utils import timezone

from sportello.kernel.imports import Faults, first_of_each, noted
from sportello.kernel.tabular import Row, check_columns, read_table
from sportello.tickets.old_bases.shapes import CustomerHints, OldEntry, OldTicket, id_of, instant_of, shortened, word_of
from sportello.tickets.states import Party, Priority, State

REQUIRED: Final = ("ticket", "customer", "subject", "at", "text")
OPTIONAL: Final = (
    "number", "type", "state", "priority", "contact", "opened_at", "ended_at", "entry", "party", "author", "email", "note", "channel",
)  # fmt: skip
COLUMNS: Final = (*REQUIRED, *OPTIONAL)
STATES: Final[Mapping[str, State]] = {one.value: one for one in State}
PRIORITIES: Final[Mapping[str, Priority]] = {one.name.lower(): one for one in Priority} | {
    one.value: one for one in Priority
}
PARTIES: Final[Mapping[str, Party]] = {one.value: one for one in Party}
TRUTH: Final[Mapping[str, str]] = {"1": "1", "0": "", "yes": "1", "no": "", "true": "1", "false": ""}


@dataclass
class _Gathered:
    """The rows of one ticket, as they come."""

    first: Row
    entries: list[OldEntry] = field(default_factory=list)
    faults: Faults = field(default_factory=list)


def read_table_of_entries(path: Path, name: str) -> list[OldTicket]:
    """Return the tickets of a table. Raises `TableRefused`."""
    now = timezone.now()
    gathered: dict[str, _Gathered] = {}
    with read_table(path, name=name) as table:
        check_columns(table.columns, REQUIRED, OPTIONAL)
        for row in table.rows:
            key = row["ticket"] or f"\n{row.line}"
            one = gathered.setdefault(key, _Gathered(row))
            one.faults += [(error.column, str(error.reason)) for error in row.errors]
            _take(one, row, now)
    return [_ticket(one, now) for one in gathered.values()]


def _take(one: _Gathered, row: Row, now: datetime) -> None:
    faults = one.faults
    at = noted(faults, lambda: instant_of(row["at"], now=now, name="at"), now)
    party = noted(faults, lambda: word_of(PARTIES, row["party"], name="party", otherwise=Party.PARTNER), Party.PARTNER)
    note = noted(faults, lambda: word_of(TRUTH, row["note"], name="note", otherwise=""), "")
    mark = row["entry"] or str(len(one.entries) + 1)
    one.entries.append(
        OldEntry(
            id=noted(faults, lambda: id_of(mark, name="entry"), mark[:1]),
            at=at,
            party=party,
            text=shortened(row["text"]),
            author=row["author"],
            address=row["email"].lower(),
            note=bool(note),
            way=row["channel"],
        )
    )


def _ticket(one: _Gathered, now: datetime) -> OldTicket:
    row, faults = one.first, one.faults
    state = noted(faults, lambda: word_of(STATES, row["state"], name="state", otherwise=State.CLOSED), State.OPEN)
    priority = noted(
        faults, lambda: word_of(PRIORITIES, row["priority"], name="priority", otherwise=Priority.NORMAL), Priority.NORMAL
    )  # fmt: skip
    entries = sorted(one.entries, key=lambda entry: entry.at)
    hint = row["customer"]
    return OldTicket(
        line=row.line,
        id=noted(faults, lambda: id_of(row["ticket"], name="ticket"), ""),
        number=row["number"],
        subject=row["subject"],
        type=row["type"],
        state=state,
        priority=priority,
        customer=CustomerHints(email=hint.lower()) if "@" in hint else CustomerHints(code=hint, name=hint),
        contact=row["contact"],
        opened_at=_instant(faults, row, "opened_at", now),
        ended_at=_instant(faults, row, "ended_at", now),
        entries=tuple(entries),
        faults=first_of_each(faults),
    )


def _instant(faults: Faults, row: Row, name: str, now: datetime) -> datetime | None:
    return noted(faults, lambda: instant_of(row[name], now=now, name=name), None) if row[name] else None
