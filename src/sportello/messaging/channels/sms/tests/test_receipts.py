from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sportello.messaging.channels.sms.receipts import PduMalformed, canonical_id, read_delivery, read_header
from sportello.messaging.channels.sms.types import InboundSms, Receipt, ReceiptState


@pytest.mark.parametrize(
    ("written", "base", "canonical"),
    [
        ("0000000a", None, "a"),
        ("A", None, "a"),
        ("0000", None, "0"),
        ("46A164B7-312a", None, "46a164b7-312a"),
        (" 12 ", 10, "12"),
        ("0C", 16, "12"),
        ("not-a-number", 16, "not-a-number"),
    ],
)
def test_canonical_id_is_one_form(written: str, base: int | None, canonical: str) -> None:
    assert canonical_id(written, base=base) == canonical


def deliver_sm(octets: bytes, *, esm_class: int = 4, data_coding: int = 0, options: bytes = b"") -> bytes:
    body = b"\0" + b"\1\1" + b"391\0" + b"\1\1" + b"392\0" + bytes([esm_class, 0, 0]) + b"\0\0"
    body += bytes([0, 0, data_coding, 0, len(octets)]) + octets + options
    return pack("!IIII", 16 + len(body), 5, 0, 1) + body


def test_the_optional_parameter_wins_over_the_text() -> None:
    pdu = deliver_sm(b"id:5 stat:ACCEPTD", options=pack("!HH", 0x1E, 2) + b"7\0" + pack("!HH", 0x427, 1) + b"\x02")
    assert read_delivery(pdu) == Receipt("7", ReceiptState.DELIVERED, "")


def test_an_intermediate_notification_is_a_receipt() -> None:
    assert read_delivery(deliver_sm(b"id:5 stat:ENROUTE", esm_class=0x20)) == Receipt("5", ReceiptState.ENROUTE, "")


def test_a_long_text_from_a_phone_may_stand_in_the_payload() -> None:
    pdu = deliver_sm(b"", esm_class=0, data_coding=3, options=pack("!HH", 0x424, 4) + "perà".encode("latin-1"))
    assert read_delivery(pdu) == InboundSms("391", "392", "perà")


@given(st.binary(max_size=120))
def test_read_delivery_gives_a_value_or_refuses_whatever_comes(octets: bytes) -> None:
    for pdu in (octets, pack("!IIII", 16 + len(octets), 5, 0, 1) + octets):
        try:
            assert isinstance(read_delivery(pdu), Receipt | InboundSms)
        except PduMalformed:
            continue


def test_read_header_refuses_a_cut_header() -> None:
    with pytest.raises(PduMalformed):
        read_header(b"\0\0\0\x10")
