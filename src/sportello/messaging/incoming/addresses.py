"""Our own addresses: where answers to a thread come back to, one per recipient (160 bits), and where failures of one mail do.

Lower-case base32: mail systems that change the case do no harm. The tokens name; who may write is decided by the sender too.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32decode, b32encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from django.conf import settings
from django.utils.crypto import salted_hmac

from sportello.messaging.incoming.parsing.addresses import normal

_REPLY_OCTETS, _BOUNCE_OCTETS, _ID_OCTETS = 20, 16, 5
_TOKEN: Final = re.compile(r"(?:^|[+=_.#-]|2b)(?:r([a-z2-7]{32})|b([a-z2-7]{34}))$", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """The tokens that addresses hold: hashes of reply tokens, and the ids of messages whose failure comes back."""

    replies: tuple[str, ...] = ()
    messages: tuple[int, ...] = ()


def base() -> str:
    """Return the address that all of ours are made of (`tickets@reply.example`), empty where no mail comes in."""
    return str(settings.SPORTELLO.get("MAIL_IN_ADDRESS", ""))


def instance() -> str:
    """Return the word in our own mails by which they are known when they come back."""
    return _mac("instance", "")[:12].hex()


def reply_address(thread: str, recipient: str) -> str:
    """Return the address that answers of one recipient to one thread come to, empty where no mail comes in."""
    return _with(f"r{_text(_reply_token(thread, recipient))}")


def reply_hash(thread: str, recipient: str) -> str:
    """Return what is kept of a reply address."""
    return sha256(_text(_reply_token(thread, recipient)).encode()).hexdigest()


def bounce_address(message_id: int) -> str:
    """Return the envelope sender of one message: its failures come back there, whatever they say. Empty where no mail comes in."""
    return _with(f"b{_text(_bounce_token(message_id))}")


def find(addresses: Iterable[str]) -> Found:
    """Return the tokens in addresses of ours, in their order; a bounce token counts only when it is one that we made."""
    replies: list[str] = []
    messages: list[int] = []
    for address in addresses:
        local, _at, domain = normal(address).rpartition("@")
        token = _TOKEN.search(local) if domain == base().rpartition("@")[2].lower() else None
        if token and token[1]:
            replies.append(sha256(token[1].lower().encode()).hexdigest())
        elif token and (message_id := _message_of(token[2])) is not None:
            messages.append(message_id)
    return Found(tuple(dict.fromkeys(replies)), tuple(dict.fromkeys(messages)))


def is_ours(address: str) -> bool:
    """Tell whether an address is one that we made the names of: ours with or without a token."""
    local, _at, domain = normal(address).rpartition("@")
    own, _own_at, own_domain = base().rpartition("@")
    return bool(own) and domain == own_domain.lower() and local.lower().startswith(own.lower())


def _with(token: str) -> str:
    local, at, domain = base().rpartition("@")
    return f"{local}+{token}@{domain}" if at else ""


def _mac(purpose: str, value: str) -> bytes:
    return salted_hmac(f"sportello.mail.{purpose}", value, algorithm="sha256").digest()


def _reply_token(thread: str, recipient: str) -> bytes:
    return _mac("reply", f"{thread}\n{recipient.lower()}")[:_REPLY_OCTETS]


def _bounce_token(message_id: int) -> bytes:
    return message_id.to_bytes(_ID_OCTETS, "big") + _mac("bounce", str(message_id))[:_BOUNCE_OCTETS]


def _message_of(text: str) -> int | None:
    octets = b32decode(text.upper() + "=" * (-len(text) % 8))
    message_id = int.from_bytes(octets[:_ID_OCTETS], "big")
    return message_id if hmac.compare_digest(octets, _bounce_token(message_id)) else None


def _text(octets: bytes) -> str:
    return b32encode(octets).decode().rstrip("=").lower()
