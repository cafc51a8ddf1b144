"""The list of tickets that osTicket exports as CSV: one row a ticket, without the words of its thread."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.kernel.imports import Faults, first_of_each, noted
from sportello.kernel.refusals import InvalidInput
from sportello.kernel.tabular import Row, TableRefused, read_table
from sportello.tickets.old_bases.shapes import CustomerHints, OldEntry, OldTicket, id_of, instant_of, word_of
from sportello.tickets.states import Party, Priority, State

REQUIRED: Final = ("ticket number", "date created", "subject", "from", "current status")
STATES: Final[Mapping[str, State]] = {
    "open": State.IN_PROGRESS,
    "resolved": State.RESOLVED,
    "closed": State.CLOSED,
    "archived": State.CLOSED,
}
PRIORITIES: Final[Mapping[str, Priority]] = {
    "low": Priority.LOW,
    "normal": Priority.NORMAL,
    "high": Priority.HIGH,
    "emergency": Priority.URGENT,
}
KEPT: Final = ("department", "help topic", "source", "agent assigned", "assigned to", "team assigned", "last updated")
"""What else a row says, kept as the words of the opening."""


def read_osticket(path: Path, name: str) -> list[OldTicket]:
    """Return the tickets of an exported list; columns that osTicket adds by its forms are let be. Raises `TableRefused`."""
    now = timezone.now()
    with read_table(path, name=name) as table:
        missing = [column for column in REQUIRED if column not in table.columns]
        if missing:
            raise TableRefused(
                _("This is no list that osTicket exported: the column %(column)s is missing.") % {"column": missing[0]},
                line=1,
                column=missing[0],
            )
        return [_ticket(row, now) for row in table.rows]


def _ticket(row: Row, now: datetime) -> OldTicket:
    faults: Faults = [(error.column, str(error.reason)) for error in row.errors]
    opened = noted(faults, lambda: instant_of(row["date created"], now=now, name="date created"), now)
    state = noted(faults, lambda: _state(row), State.OPEN)
    low = row["priority"]
    priority = noted(
        faults, lambda: word_of(PRIORITIES, low, name="priority", otherwise=Priority.NORMAL), Priority.NORMAL
    )
    closed = row["closed date"] or row["close date"] or row["last updated"]
    ended = noted(faults, lambda: instant_of(closed, now=now, name="closed date"), None) if closed else None
    email = row["from email"].lower()
    said = "\n".join(f"{column.capitalize()}: {row[column]}" for column in KEPT if row[column])
    opening = OldEntry(
        id="1", at=opened, party=Party.CUSTOMER, text=said, author=row["from"], address=email, way=row["source"].lower()
    )
    return OldTicket(
        line=row.line,
        id=noted(faults, lambda: id_of(row["ticket number"], name="ticket number"), ""),
        number=row["ticket number"],
        subject=row["subject"],
        type=row["help topic"],
        state=state,
        priority=priority,
        customer=CustomerHints(code=row["organization"], name=row["organization"] or row["from"], email=email),
        contact=row["from"],
        opened_at=opened,
        ended_at=ended if state in {State.RESOLVED, State.CLOSED} else None,
        entries=(opening,),
        faults=first_of_each(faults),
    )


def _state(row: Row) -> State:
    if row["current status"].casefold() == "deleted":
        raise InvalidInput(_("was deleted in the old base"), field="current status")
    return word_of(STATES, row["current status"], name="current status", otherwise=State.CLOSED)
