"""What an SMS connector takes and gives back, whatever stands behind it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

_ALIAS_LENGTH = 11
_SHORT_CODE_LENGTHS = range(3, 9)
_NUMBER_LENGTHS = range(9, 16)


class SenderInvalid(ValueError):
    """What is to be shown as sender is neither an alias nor a number nor a short code."""


@dataclass(frozen=True)
class Sender:
    """Who the phone shows: type of number and numbering plan as SMPP asks for (DOMAIN: GSM allows 11 characters)."""

    value: str
    ton: int
    npi: int

    @classmethod
    def alias(cls, text: str) -> "Sender":
        """Make an alphanumeric sender: 1 to 11 plain characters, one of them a letter. Raises `SenderInvalid`."""
        printable = text.isascii() and text.isprintable() and text.strip() == text
        if not printable or not 0 < len(text) <= _ALIAS_LENGTH or not any(char.isalpha() for char in text):
            raise SenderInvalid("An alias has 1 to 11 plain characters, at least one letter, and no blank at its ends.")
        return cls(text, 5, 0)

    @classmethod
    def of(cls, text: str) -> "Sender":
        """Read a configured sender: `+39…` is international, 3 to 8 digits a short code, the rest an alias."""
        if text.startswith("+") and text[1:].isdecimal() and len(text) - 1 in _NUMBER_LENGTHS:
            return cls(text[1:], 1, 1)
        if text.isdecimal() and len(text) in _SHORT_CODE_LENGTHS:
            return cls(text, 3, 0)
        return cls.alias(text)


@dataclass(frozen=True)
class PartRef:
    """Which part of which message: the message's key and the part's number from 0."""

    pk: int
    part: int


@dataclass(frozen=True)
class OutPart:
    """One short message on its way out; `octets` are never shown in a representation, they may hold a one-time code."""

    ref: PartRef
    sender: Sender
    to: str
    data_coding: int
    esm_class: int
    octets: bytes
    validity: timedelta | None = None

    def __repr__(self) -> str:
        return f"OutPart({self.ref.pk}/{self.ref.part}, {len(self.octets)} octets)"


class ReceiptState(StrEnum):
    """The message states of SMPP 3.4 clause 5.2.28, by their words in a receipt's text."""

    ENROUTE = "ENROUTE"
    DELIVERED = "DELIVRD"
    EXPIRED = "EXPIRED"
    DELETED = "DELETED"
    UNDELIVERABLE = "UNDELIV"
    ACCEPTED = "ACCEPTD"
    UNKNOWN = "UNKNOWN"
    REJECTED = "REJECTD"

    @property
    def is_final(self) -> bool:
        """Say whether no further receipt follows: a centre may say ACCEPTD or ENROUTE first."""
        return self not in {ReceiptState.ENROUTE, ReceiptState.ACCEPTED, ReceiptState.UNKNOWN}


@dataclass(frozen=True)
class Submitted:
    """The centre took a part and named it."""

    ref: PartRef
    message_id: str


@dataclass(frozen=True)
class Refused:
    """The centre, or the connector before writing anything, did not take a part: for good, or `later` may work."""

    ref: PartRef
    status: str
    later: bool


@dataclass(frozen=True)
class InDoubt:
    """A part was written and no answer came: the centre may have it or not. Not to be repeated blindly."""

    ref: PartRef
    reason: str


@dataclass(frozen=True)
class Receipt:
    """What became of a part; may come before `Submitted`, twice, or never."""

    message_id: str
    state: ReceiptState
    error: str


@dataclass(frozen=True)
class InboundSms:
    """A text from a phone to one of our numbers; a long one comes part by part."""

    sender: str
    to: str
    text: str
    reference: int = 0
    total: int = 1
    number: int = 1


@dataclass(frozen=True)
class LinkUp:
    """The session with the centre stands: parts go out."""


@dataclass(frozen=True)
class LinkDown:
    """There is no session; what was not written comes back as `Refused` later, what was written as `InDoubt`."""

    reason: str


SmsEvent = Submitted | Refused | InDoubt | Receipt | InboundSms | LinkUp | LinkDown


class SmsTransport(Protocol):
    """A way to phones. All methods belong to one running event loop."""

    async def start(self) -> None:
        """Begin to connect; returns at once, `LinkUp` tells when it worked."""

    async def stop(self) -> None:
        """End the session cleanly; parts without an answer are told as in doubt before it returns."""

    def submit(self, part: OutPart) -> None:
        """Queue a part; what became of it comes as an event, exactly one of `Submitted`, `Refused`, `InDoubt`."""

    def events(self) -> AsyncIterator[SmsEvent]:
        """Give the events one by one; a receipt is acknowledged only when the next event is asked for."""
