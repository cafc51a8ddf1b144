"""Whether what was looked up still stands, so that a file of a hundred thousand lines is judged before the writers wait, not while."""

from __future__ import annotations

from typing import Final

from django.db import connection
from django.db.models import Q

from sportello.kernel.models import Event

TOUCHING: Final = ("inventory.", "organisation.", "customer.", "person.", "profile.")
"""Beginnings of the kinds of events that tell of lines, SIMs, plans, agreements, customers, their parts and their people."""


def last_told() -> int:
    """Return the place of the newest event: a mark to set before anything is looked up."""
    return Event.append_only.order_by("-pk").values_list("pk", flat=True).first() or 0


def can_stand() -> bool:
    """Tell whether what is drawn up before the transaction may be written as it is.

    Only SQLite can tell: it has one writer at a time, so whatever was written has told its event with a later place by now. PostgreSQL's
    places are given out before their rows are seen; there, writers do not wait for each other but at the rows that both write.
    """
    return connection.vendor == "sqlite"


def stands_since(mark: int) -> bool:
    """Tell whether nothing that a file is judged by was written since the mark. Ask inside the transaction that writes."""
    if not can_stand():
        return False
    kinds = Q()
    for beginning in TOUCHING:
        kinds |= Q(kind__startswith=beginning)
    return not Event.append_only.filter(kinds, pk__gt=mark).exists()
