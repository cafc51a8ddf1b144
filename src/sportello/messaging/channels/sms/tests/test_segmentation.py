"""Segmentation against 3GPP TS 23.038 and 23.040, and against what the libraries at hand get wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sportello.messaging.channels.sms import alphabet
from sportello.messaging.channels.sms.segmentation import (
    GSM_7BIT,
    MOST_PARTS,
    PART_OCTETS,
    SINGLE_OCTETS,
    UCS2,
    UDHI,
    EmptyText,
    TextTooLong,
    decode_part,
    joined,
    packed_length,
    segment,
)

GSM_CHARS = "".join(chr(code) for code in range(0x110000) if alphabet.septets(chr(code)))
gsm_texts = st.text(alphabet=GSM_CHARS, min_size=1, max_size=900)
any_texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=900)


@pytest.mark.parametrize(
    ("text", "coding", "lengths"),
    [
        ("€" * 200, GSM_7BIT, [158, 158, 102]),
        ("a" * 160, GSM_7BIT, [160]),
        ("a" * 161, GSM_7BIT, [159, 14]),
        ("[{€}]" * 40, GSM_7BIT, [158, 158, 102]),
        ("€" * 80, GSM_7BIT, [160]),
        ("a" + "€" * 80, GSM_7BIT, [159, 14]),
        ("😀" * 35, UCS2, [140]),
        ("😀" * 50, UCS2, [138, 74]),
        ("ы" * 70, UCS2, [140]),
        ("ы" * 71, UCS2, [140, 14]),
        ("`", UCS2, [2]),
    ],
)
def test_segment_counts_as_the_standard_does(text: str, coding: int, lengths: list[int]) -> None:
    segments = segment(text, reference=1)
    assert (segments.data_coding, [len(part) for part in segments.parts]) == (coding, lengths)
    assert segments.esm_class == (UDHI if len(lengths) > 1 else 0)


def test_the_alphabet_has_its_137_characters_and_two_septets_for_ten_of_them() -> None:
    assert len(GSM_CHARS) == 127 + 10
    assert {char for char in GSM_CHARS if len(alphabet.septets(char) or b"") == 2} == set("\f^{}\\[~]|€")


def test_the_header_carries_reference_total_and_number() -> None:
    segments = segment("a" * 400, reference=0x1FE)
    assert [part[:6] for part in segments.parts] == [
        b"\x05\x00\x03\xfe\x03\x01",
        b"\x05\x00\x03\xfe\x03\x02",
        b"\x05\x00\x03\xfe\x03\x03",
    ]


def test_an_empty_text_is_refused() -> None:
    with pytest.raises(EmptyText):
        segment("", reference=1)


def test_more_parts_than_a_phone_joins_are_refused() -> None:
    assert len(segment("a" * 153 * MOST_PARTS, reference=1).parts) == MOST_PARTS
    with pytest.raises(TextTooLong, match="256 parts"):
        segment("a" * (153 * MOST_PARTS + 1), reference=1)


def test_an_unpaired_surrogate_becomes_a_question_mark() -> None:
    assert segment("ы\ud83d", reference=1).parts == ("ы?".encode("utf-16-be"),)


@given(st.one_of(gsm_texts, any_texts), st.integers(0, 255))
def test_joined_parts_give_the_text(text: str, reference: int) -> None:
    segments = segment(text, reference=reference)
    decoded = [
        decode_part(part, data_coding=segments.data_coding, esm_class=segments.esm_class) for part in segments.parts
    ]
    assert joined(reversed(decoded)) == text
    if len(decoded) > 1:
        assert {(part.reference, part.total) for part in decoded} == {(reference, len(decoded))}
        assert [part.number for part in decoded] == list(range(1, len(decoded) + 1))


@given(st.one_of(gsm_texts, any_texts))
def test_no_part_exceeds_the_air_interface(text: str) -> None:
    segments = segment(text, reference=7)
    header = 6 if len(segments.parts) > 1 else 0
    limit = (PART_OCTETS if header else SINGLE_OCTETS)[segments.data_coding]
    for part in segments.parts:
        assert 0 < len(part) - header <= limit
        assert packed_length(part, data_coding=segments.data_coding, esm_class=segments.esm_class) <= 140


@given(st.one_of(gsm_texts, any_texts))
def test_every_part_can_be_read_alone_so_no_pair_was_cut(text: str) -> None:
    segments = segment(text, reference=7)
    texts = [
        joined([decode_part(part, data_coding=segments.data_coding, esm_class=segments.esm_class)])
        for part in segments.parts
    ]
    assert "".join(texts) == text


@given(any_texts)
def test_the_gsm_alphabet_is_used_exactly_when_it_has_every_character(text: str) -> None:
    assert (segment(text, reference=1).data_coding == GSM_7BIT) == all(char in GSM_CHARS for char in text)


def test_a_part_with_a_16_bit_reference_or_another_element_first_is_understood() -> None:
    sixteen = decode_part(b"\x06\x08\x04\x01\x02\x03\x02abc", data_coding=0, esm_class=UDHI)
    assert (sixteen.reference, sixteen.total, sixteen.number, sixteen.octets) == (0x0102, 3, 2, b"abc")
    ported = decode_part(b"\x0b\x05\x04\x00\x01\x00\x02\x00\x03\x09\x02\x01abc", data_coding=0, esm_class=UDHI)
    assert (ported.reference, ported.total, ported.number, ported.octets) == (9, 2, 1, b"abc")


@given(st.binary(max_size=40))
def test_hostile_headers_do_not_raise(octets: bytes) -> None:
    part = decode_part(octets, data_coding=0, esm_class=UDHI)
    assert isinstance(joined([part]), str)


def test_a_lone_escape_at_the_end_reads_as_a_blank() -> None:
    assert alphabet.decode(b"a\x1b") == "a "
    assert alphabet.decode(b"\x1b\x65\x1b\x41") == "€A"
