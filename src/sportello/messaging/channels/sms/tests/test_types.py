import pytest

from sportello.messaging.channels.sms.types import Sender, SenderInvalid


@pytest.mark.parametrize(
    ("text", "sender"),
    [
        ("ACME-Srl", Sender("ACME-Srl", 5, 0)),
        ("+393331234567", Sender("393331234567", 1, 1)),
        ("40404", Sender("40404", 3, 0)),
        ("A", Sender("A", 5, 0)),
    ],
)
def test_sender_of_reads_alias_number_and_short_code(text: str, sender: Sender) -> None:
    assert Sender.of(text) == sender


@pytest.mark.parametrize(
    "text", ["", "TwelveLetter", "123456789012", "Città", " ACME", "+39", "12", "A\nB", "3331234567"]
)
def test_sender_of_refuses_what_no_phone_can_show(text: str) -> None:
    with pytest.raises(SenderInvalid):
        Sender.of(text)
