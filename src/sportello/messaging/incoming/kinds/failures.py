"""What a delivery failure says: which addresses, which status, for good or for now (RFC 3464, 3463, and mails that follow neither)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sportello.messaging.incoming.kinds.words import DELAYED, FOR_NOW, FULL, UNKNOWN
from sportello.messaging.incoming.parsing.addresses import plain_address
from sportello.messaging.incoming.parsing.charsets import decoded, one_line
from sportello.messaging.incoming.parsing.headers import split_headers

_STATUS: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_CODE: Final = re.compile(r"(?<![\d.])([45])\d\d(?=[ -]|$)(?! ?(?:hours|ore|days|kb|mb))", re.IGNORECASE)
_EMAIL: Final = re.compile(r"[^\s<>@\"'(),;:\[\]]{1,80}@[a-zA-Z0-9][a-zA-Z0-9.-]{1,80}\.[a-zA-Z]{2,24}")
_ORIGINAL: Final = re.compile(
    r"^[ \t>-]*(?:-{3,}.{0,20}(?:original|below|copia|copie|kopie|the header|transcript of headers|returned).{0,40}|"
    r"received: .*|return-path: .*|mime-version: .*)$",
    re.IGNORECASE | re.MULTILINE,
)
_MOST: Final = 100
_NOT_THE_ADDRESS: Final = re.compile(r"5\.(?:2\.[23]|3\.\d+|4\.(?:1\d*|2|5|6|7)|6\.\d+|7\.(?!1$)\d+)")
"""Statuses of class 5 that speak of a full mailbox, a busy server, a way, a size, a content or a sender (RFC 3463): not of the address."""


@dataclass(frozen=True)
class Failure:
    """What became of a mail for one address; `action` is `failed`, `delayed`, `delivered`, `relayed` or `expanded`."""

    recipient: str
    action: str = "failed"
    status: str = ""
    diagnostic: str = ""
    permanent: bool = True


def of_report(octets: bytes) -> tuple[Failure, ...]:
    """Read the machine part of a report (RFC 3464): one group of fields per recipient."""
    found: list[Failure] = []
    for group in re.split(rb"\r?\n[ \t]*\r?\n", octets.strip())[: _MOST + 1]:
        headers, _end = split_headers(group + b"\n\n", most=20_000)
        recipient = _address(headers.first("final-recipient")) or _address(headers.first("original-recipient"))
        action = headers.first("action").split()[0].lower().strip(";") if headers.first("action").split() else ""
        if not recipient and not action:
            continue
        diagnostic = one_line(headers.first("diagnostic-code").partition(";")[2] or headers.first("diagnostic-code"))
        status = _status(headers.first("status")) or _status(diagnostic)
        found.append(_failure(recipient, action or "failed", status, diagnostic))
    return tuple(found)


def of_text(text: str, *, but: Iterable[str] = ()) -> tuple[Failure, ...]:
    """Find the addresses and the status in the words of a report without a machine part; `but` are our own addresses.

    A report that names none still tells whether it is for good: the address that it came to says which mail it is about.
    """
    own = {each.lower() for each in but}
    cut = _ORIGINAL.search(text)
    said = text[: cut.start()] if cut and cut.start() > 20 else text[:5_000]  # noqa: PLR2004
    status = _status(said)
    action = "delayed" if DELAYED.search(said) and not status.startswith("5") else "failed"
    addresses = [plain_address(each).lower() for each in _EMAIL.findall(said)]
    wanted = [
        each
        for each in dict.fromkeys(addresses)
        if each and each not in own and not each.startswith(("postmaster@", "mailer-daemon@"))
    ]
    return tuple(_failure(each, action, status, one_line(said, most=600)) for each in wanted[:10] or [""])


def is_permanent(text: str) -> bool:
    """Tell whether the words of a report, or a server's answer, mean that an address is not worth another try."""
    status = _status(text)
    return _failure(
        "", "delayed" if DELAYED.search(text) and not status.startswith("5") else "failed", status, text
    ).permanent


def _failure(recipient: str, action: str, status: str, diagnostic: str) -> Failure:
    of_address = bool(UNKNOWN.search(diagnostic))
    of_server = bool(_NOT_THE_ADDRESS.fullmatch(status) or FOR_NOW.search(diagnostic))
    permanent = (
        action == "failed"
        and not status.startswith("4")
        and not FULL.search(diagnostic)
        and (of_address or not of_server)
    )
    return Failure(recipient, action, status, diagnostic[:300], permanent)


def _address(field: str) -> str:
    """Return the address of `rfc822; mario@acme.it`."""
    return plain_address(field.partition(";")[2] or field).lower()


def _status(text: str) -> str:
    found = _STATUS.search(text[:5_000])
    if found:
        return found[0]
    code = _CODE.search(text[:5_000])
    return f"{code[1]}.0.0" if code else ""


def original_id(octets: bytes) -> str:
    """Return the Message-ID of the mail that a report is about, out of the copy (or the headers) that it carries."""
    found = re.search(rb"(?im)^message-id:[ \t]*\r?\n?[ \t]*<([^<>\s]{1,300})>", octets[:200_000])
    return decoded(found[1])[0] if found else ""
