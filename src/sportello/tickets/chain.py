"""The chain of a ticket: each entry carries the SHA-256 of its content and of what stands before it, the first that of the ticket."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sportello.tickets.models import Interaction, Ticket, TicketFile

_TICKET = (
    "organisation_id", "code", "number", "type_id", "form_id", "subject", "contact_name", "contact_phone", "line_id", "province",
    "opened_by_id", "opened_party",
)  # fmt: skip
_ENTRY = (
    "sequence", "kind", "party", "channel", "author_id", "author_name", "author_address", "text", "cut", "html", "data",
    "shown_at_first", "previous_hash",
)  # fmt: skip
_FILE = ("place", "token", "name", "content_type", "size", "sha256")


def beginning(ticket: Ticket) -> str:
    """Return the hash that a ticket's chain begins with: of everything about it that is never changed."""
    facts = {name: getattr(ticket, name) for name in _TICKET}
    return _hash(facts | {"opened_at": ticket.opened_at.astimezone(UTC).isoformat(timespec="microseconds")})


def hash_of(entry: Interaction, files: Iterable[TicketFile]) -> str:
    """Return the hash of an entry with its files, which carry the hashes of their contents."""
    content = {name: getattr(entry, name) for name in _ENTRY}
    content["at"] = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    content["files"] = [
        {name: getattr(one, name) for name in _FILE} for one in sorted(files, key=lambda one: one.place)
    ]
    return _hash(content)


def _hash(content: dict[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
