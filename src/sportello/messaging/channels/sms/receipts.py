"""Reading PDUs of SMPP 3.4 that come from a centre: responses, delivery receipts and texts from phones.

Read here from the octets, because the session library refuses what real centres send: a receipt with no text (only
optional parameters), an error code that is not a number, an unknown data coding.
"""

import re
from dataclasses import dataclass
from struct import unpack_from
from typing import Final

from sportello.messaging.channels.sms.segmentation import as_text, decode_part
from sportello.messaging.channels.sms.types import InboundSms, Receipt, ReceiptState

HEADER_LENGTH: Final = 16
DELIVER_SM: Final = 0x00000005
SUBMIT_SM_RESP: Final = 0x80000004
GENERIC_NACK: Final = 0x80000000

_RECEIPTED_MESSAGE_ID: Final = 0x001E
_MESSAGE_PAYLOAD: Final = 0x0424
_NETWORK_ERROR_CODE: Final = 0x0423
_MESSAGE_STATE: Final = 0x0427
_KIND_OF_MESSAGE: Final = 0b00111100
_RECEIPT_KINDS: Final = {0b00000100, 0b00100000}  # delivery receipt, intermediate notification

_STATE_CODES: Final = {
    1: ReceiptState.ENROUTE,
    2: ReceiptState.DELIVERED,
    3: ReceiptState.EXPIRED,
    4: ReceiptState.DELETED,
    5: ReceiptState.UNDELIVERABLE,
    6: ReceiptState.ACCEPTED,
    7: ReceiptState.UNKNOWN,
    8: ReceiptState.REJECTED,
}
_STATE_WORDS: Final = {state.value: state for state in ReceiptState}
_TEXT: Final = re.compile(r"\btext:", re.IGNORECASE)  # what follows is the message itself, and could imitate a field
_FIELD: Final = re.compile(r"\b(id|stat|err):[ ]?([^\s:]+)", re.IGNORECASE)


class PduMalformed(ValueError):
    """The octets do not make a PDU of the kind that their header names."""


@dataclass(frozen=True)
class Header:
    """The four numbers that open every PDU."""

    length: int
    command: int
    status: int
    sequence: int


@dataclass(frozen=True)
class _Delivery:
    source: str
    destination: str
    esm_class: int
    data_coding: int
    octets: bytes
    options: dict[int, bytes]


def read_header(pdu: bytes) -> Header:
    """Read length, command, status and sequence number. Raises `PduMalformed` below sixteen octets."""
    if len(pdu) < HEADER_LENGTH:
        raise PduMalformed("header cut off")
    return Header(*unpack_from("!IIII", pdu))


def read_message_id(pdu: bytes) -> str:
    """Read the name that the centre gave to a part; empty when the response has no body."""
    return pdu[HEADER_LENGTH:].split(b"\0", 1)[0].decode("latin-1")


def read_delivery(pdu: bytes, *, id_base: int | None = None) -> Receipt | InboundSms:
    """Read a `deliver_sm`: a receipt or a text from a phone. `id_base` as in `canonical_id`. Raises `PduMalformed`."""
    try:
        delivery = _read_fields(pdu)
    except (IndexError, ValueError) as error:
        raise PduMalformed("deliver_sm cut off") from error
    if delivery.esm_class & _KIND_OF_MESSAGE in _RECEIPT_KINDS or _RECEIPTED_MESSAGE_ID in delivery.options:
        return _receipt(delivery, id_base)
    return _inbound(delivery)


def canonical_id(message_id: str, *, base: int | None = None) -> str:
    """Write a message id in the one form by which answers and receipts are matched.

    Centres write the same id as `0000000A` in the answer and `a` or `10` in the receipt: digits lose case and leading
    zeros; with a `base` (10 or 16, a setting per direction) they are also brought to decimal.
    """
    text = message_id.strip().casefold()
    if base is not None:
        try:
            return str(int(text, base))
        except ValueError:
            return text
    if re.fullmatch(r"[0-9a-f]+", text):
        return text.lstrip("0") or "0"
    return text


def _receipt(delivery: _Delivery, id_base: int | None) -> Receipt:
    text = delivery.octets.decode("latin-1")
    head = _TEXT.split(text)[0]
    fields = {name.lower(): value for name, value in reversed(_FIELD.findall(head))}
    message_id = delivery.options.get(_RECEIPTED_MESSAGE_ID, b"").split(b"\0")[0].decode("latin-1")
    code = delivery.options.get(_MESSAGE_STATE, b"\0")[-1:]
    state = _STATE_CODES.get(code[0] if code else 0) or _STATE_WORDS.get(fields.get("stat", "").upper()[:7])
    error = fields.get("err") or delivery.options.get(_NETWORK_ERROR_CODE, b"").hex()
    return Receipt(
        message_id=canonical_id(message_id or fields.get("id", ""), base=id_base),
        state=state or ReceiptState.UNKNOWN,
        error="" if error.strip("0") == "" else error,
    )


def _inbound(delivery: _Delivery) -> InboundSms:
    part = decode_part(delivery.octets, data_coding=delivery.data_coding, esm_class=delivery.esm_class)
    return InboundSms(
        sender=delivery.source,
        to=delivery.destination,
        text=as_text(part.octets, data_coding=part.data_coding),
        reference=part.reference,
        total=part.total,
        number=part.number,
    )


def _read_fields(pdu: bytes) -> _Delivery:
    _service, at = _c_string(pdu, HEADER_LENGTH)
    source, at = _c_string(pdu, at + 2)
    destination, at = _c_string(pdu, at + 2)
    esm_class, at = pdu[at], at + 3
    _schedule, at = _c_string(pdu, at)
    _validity, at = _c_string(pdu, at)
    data_coding, length, at = pdu[at + 2], pdu[at + 4], at + 5
    if at + length > len(pdu):
        raise PduMalformed("short_message cut off")
    options = _options(pdu[at + length :])
    octets = pdu[at : at + length] or options.get(_MESSAGE_PAYLOAD, b"")
    return _Delivery(source, destination, esm_class, data_coding, octets, options)


def _c_string(pdu: bytes, start: int) -> tuple[str, int]:
    end = pdu.index(b"\0", start)
    return pdu[start:end].decode("latin-1"), end + 1


def _options(octets: bytes) -> dict[int, bytes]:
    options: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(octets):
        tag, length = unpack_from("!HH", octets, at)
        options[tag] = octets[at + 4 : at + 4 + length]
        at += 4 + length
    return options
