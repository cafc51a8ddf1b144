"""Reasons of the network in the reader's words."""

import pytest
from django.utils.translation import override

from sportello.network.answers import worded


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("", ""),
        ("the network gave the order up", "The network gave the order up"),
        ("the network answered 418", "The network answered 418, without a reason"),
        ("IMSI barred: 0x2F <b>", "“IMSI barred: 0x2F <b>”"),
        ("the network answered 418: no", "“the network answered 418: no”"),
    ],
)
def test_known_reasons_are_translated_and_others_stand_in_quotes(answer, shown):
    with override("en"):
        assert worded(answer) == shown
