"""Addresses, message ids and dates out of headers, whatever their writers made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from typing import Final

from sportello.messaging.incoming.parsing.charsets import one_line
from sportello.messaging.incoming.parsing.headers import words_decoded
from sportello.messaging.types import MailAddress

_LONGEST: Final = 254
_ADDRESS: Final = re.compile(r"[^\s<>()\[\],;:\"@\\]{1,128}@(?:[^\s<>()\[\],;:\"@\\]{1,190}|\[[0-9a-fA-F.:]{3,60}\])")
_PIECE: Final = re.compile(r'"(?:[^"\\]|\\.)*"|<[^<>]*>|[,;]|[^",;<>]+|.', re.DOTALL)
_ID: Final = re.compile(r"<([^<>\s]{1,300})>")
_LATEST_YEAR: Final = 2200


def addresses(values: Iterable[str], *, most: int) -> tuple[MailAddress, ...]:
    """Return the addresses of headers such as From and To, at most so many; what holds none is left out."""
    found: list[MailAddress] = []
    for value in values:
        for entry in _entries(value):
            if len(found) >= most:
                return tuple(found)
            address = _entry(entry)
            if address is not None:
                found.append(address)
    return tuple(found)


def plain_address(value: str) -> str:
    """Return the bare address of a text (`<Mario@Acme.IT>` gives `Mario@acme.it`), empty when there is none."""
    found = _ADDRESS.search(value)
    return normal(found[0]) if found else ""


def normal(address: str) -> str:
    """Return an address with its domain in lower case, no trailing dot."""
    local, _at, domain = one_line(address, most=_LONGEST).rpartition("@")
    return f"{local}@{domain.lower().rstrip('.')}" if local else ""


def same_address(one: str, other: str) -> bool:
    """Tell whether two addresses reach the same mailbox, as mail systems in use treat them: case does not count."""
    return bool(one) and normal(one).lower() == normal(other).lower()


def message_ids(value: str, *, most: int) -> tuple[str, ...]:
    """Return the message ids of a header without their brackets, the last ones when there are too many."""
    found = _ID.findall(value)
    if not found and (bare := one_line(value, most=300)) and " " not in bare:
        found = [bare.strip("<>")]
    return tuple(each for each in found if each)[-most:]


def moment(value: str) -> datetime | None:
    """Return a Date header as an instant (UTC), None when it makes no sense."""
    try:
        fields = parsedate_tz(value[:200])
        if fields is None or not 1970 <= fields[0] < _LATEST_YEAR:  # noqa: PLR2004
            return None
        zone = timezone(timedelta(seconds=fields[9] or 0))
        return datetime(*fields[:6], tzinfo=zone).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _entries(value: str) -> list[str]:
    """Split at commas and semicolons that stand outside quotes and brackets."""
    entries, current = [], ""
    for found in _PIECE.finditer(value):
        piece = found[0]
        if piece in {",", ";"}:
            entries.append(current)
            current = ""
        else:
            current += piece
    return [*entries, current]


def _entry(entry: str) -> MailAddress | None:
    bracketed = re.search(r"<([^<>]*)>\s*(?:\([^()]*\)\s*)?$", entry) or re.search(r"<([^<>]*@[^<>]*)>", entry)
    found = _ADDRESS.search(bracketed[1]) if bracketed else _ADDRESS.search(entry)
    if found is None:
        return None
    name = entry[: bracketed.start()] if bracketed else _comment(entry)
    name = re.sub(r"\\(.)", r"\1", name.strip().strip('"'))
    return MailAddress(address=normal(found[0]), name=one_line(words_decoded(name), most=200).strip("\"' "))


def _comment(entry: str) -> str:
    found = re.search(r"\(([^()]*)\)", entry)
    return found[1] if found else ""
