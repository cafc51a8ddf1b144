"""Cutting a text into short messages, and putting the parts together again as a phone does.

3GPP TS 23.038 (alphabets), TS 23.040 clause 9.2.3.24.1 (concatenation, 8-bit reference). The libraries at hand miscount
the extension table or cut escape and surrogate pairs, so the counting is done here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from sportello.messaging.channels.sms import alphabet

GSM_7BIT: Final = 0x00
UCS2: Final = 0x08
UDHI: Final = 0x40

SINGLE_OCTETS: Final = {GSM_7BIT: 160, UCS2: 140}
PART_OCTETS: Final = {GSM_7BIT: 153, UCS2: 134}
MOST_PARTS: Final = 255

_CONCATENATION_8BIT: Final = b"\x05\x00\x03"


class EmptyText(ValueError):
    """A short message needs at least one character."""


class TextTooLong(ValueError):
    """A concatenated message has at most 255 parts."""


@dataclass(frozen=True)
class Segments:
    """The parts of one text as they go into `short_message`: header included, septets unpacked (one per octet)."""

    data_coding: int
    esm_class: int
    parts: tuple[bytes, ...]


@dataclass(frozen=True)
class DecodedPart:
    """One received part: its place, and its text as octets still, so that a pair that others cut can be joined."""

    data_coding: int
    reference: int
    total: int
    number: int
    octets: bytes


def segment(text: str, *, reference: int) -> Segments:
    """Cut a text into parts of at most 160 septets or 70 UCS-2 units; 153 and 67 when there are several.

    `reference` tells the parts of one message from those of another on the same phone; its low eight bits count.
    Raises `EmptyText` and `TextTooLong`. Unpaired surrogates, which no phone can show, become a question mark.
    """
    if not text:
        raise EmptyText("A text message must not be empty.")
    data_coding = GSM_7BIT if alphabet.is_gsm(text) else UCS2
    units = list(_units(text, data_coding))
    if sum(map(len, units)) <= SINGLE_OCTETS[data_coding]:
        return Segments(data_coding, 0, (b"".join(units),))
    bodies = list(_packed(units, PART_OCTETS[data_coding]))
    if len(bodies) > MOST_PARTS:
        raise TextTooLong(f"The text needs {len(bodies)} parts; a phone joins at most {MOST_PARTS}.")
    return Segments(data_coding, UDHI, tuple(_with_headers(bodies, reference & 0xFF)))


def decode_part(octets: bytes, *, data_coding: int, esm_class: int) -> DecodedPart:
    """Take a received `short_message` apart; a part without concatenation header is number 1 of 1."""
    reference, total, number, body = 0, 1, 1, octets
    if esm_class & UDHI and octets:
        header, body = octets[1 : octets[0] + 1], octets[octets[0] + 1 :]
        reference, total, number = _concatenation(header)
    return DecodedPart(data_coding, reference, total, number, body)


def joined(parts: Iterable[DecodedPart]) -> str:
    """Return the text of one message from all its parts, in whatever order they came."""
    ordered = sorted(parts, key=lambda part: part.number)
    octets = b"".join(part.octets for part in ordered)
    return as_text(octets, data_coding=ordered[0].data_coding)


def as_text(octets: bytes, *, data_coding: int) -> str:
    """Read octets by their data coding (SMPP 3.4 clause 5.2.19): UCS-2, Latin-1 and ASCII, else the GSM alphabet."""
    if data_coding == UCS2:
        return octets.decode("utf-16-be", errors="replace")
    if data_coding in {1, 3}:
        return octets.decode("latin-1")
    return alphabet.decode(octets)


def packed_length(part: bytes, *, data_coding: int, esm_class: int) -> int:
    """Return the octets that a part takes on the air, where septets are packed eight to seven (limit: 140)."""
    if data_coding == UCS2:
        return len(part)
    header = part[0] + 1 if esm_class & UDHI else 0
    header_septets = -(-header * 8 // 7)
    return -(-(header_septets + len(part) - header) * 7 // 8)


def _units(text: str, data_coding: int) -> Iterator[bytes]:
    # One unit is what must never be cut: an escape pair, a surrogate pair.
    for char in text:
        if data_coding == GSM_7BIT:
            yield alphabet.septets(char) or b"?"
        else:
            yield char.encode("utf-16-be", errors="replace")


def _packed(units: Iterable[bytes], limit: int) -> Iterator[bytes]:
    body = bytearray()
    for unit in units:
        if len(body) + len(unit) > limit:
            yield bytes(body)
            body.clear()
        body += unit
    yield bytes(body)


def _with_headers(bodies: list[bytes], reference: int) -> Iterator[bytes]:
    for number, body in enumerate(bodies, start=1):
        yield _CONCATENATION_8BIT + bytes([reference, len(bodies), number]) + body


def _concatenation(header: bytes) -> tuple[int, int, int]:
    # A header is a chain of elements (id, length, value); concatenation has id 0 (8-bit) or 8 (16-bit reference).
    at = 0
    while at + 2 <= len(header):
        element, value = header[at], header[at + 2 : at + 2 + header[at + 1]]
        if element in {0, 8} and len(value) in {3, 4}:
            return int.from_bytes(value[:-2], "big"), value[-2], value[-1]
        at += 2 + header[at + 1]
    return 0, 1, 1
