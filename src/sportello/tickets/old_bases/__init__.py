"""Reading the ticket bases of other programs: each shape gives the same facts (`shapes.OldTicket`). Nothing is written here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from sportello.tickets.old_bases.osticket import read_osticket
from sportello.tickets.old_bases.shapes import CustomerHints, OldEntry, OldFile, OldTicket
from sportello.tickets.old_bases.table import COLUMNS, read_table_of_entries
from sportello.tickets.old_bases.zammad import read_zammad
from sportello.tickets.states import OldBase

__all__ = ["COLUMNS", "CustomerHints", "OldEntry", "OldFile", "OldTicket", "read"]

_READERS: Final[Mapping[OldBase, Callable[[Path, str], list[OldTicket]]]] = {
    OldBase.CSV: read_table_of_entries,
    OldBase.ZAMMAD: read_zammad,
    OldBase.OSTICKET: read_osticket,
}


def read(path: Path, *, name: str, source: OldBase) -> list[OldTicket]:
    """Return the tickets of a file, in its order, with what is wrong with each. Raises `TableRefused` for the file as a whole."""
    return _READERS[source](path, name)
