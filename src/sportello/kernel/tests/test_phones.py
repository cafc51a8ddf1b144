import pytest
from hypothesis import given
from hypothesis import strategies as st

from sportello.kernel.phones import (
    InvalidPhoneNumber,
    display,
    is_allowed_for_codes,
    is_e164,
    is_mobile,
    mask_last,
    normalise,
)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("312 345 6789", "+393123456789"),
        (" +39 312-345.6789 ", "+393123456789"),
        ("0039 312 3456789", "+393123456789"),
        ("06 9900 1234", "+390699001234"),
        ("+34 712 345 678", "+34712345678"),
    ],
)
def test_normalise_gives_one_written_form(written: str, expected: str) -> None:
    assert normalise(written) == expected


def test_normalise_reads_a_number_in_the_region_asked_for() -> None:
    assert normalise("712 345 678", "ES") == "+34712345678"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "12",
        "+39",
        "+39 312 345",
        "abc",
        "0800 FLOWERS",
        "٣١٢٣٤٥٦٧٨٩",
        "312 345 6789 ext. 5",
        "+999 123456",
        "+3" * 30,
    ],
)
def test_normalise_refuses_what_is_no_number_in_a_sentence(written: str) -> None:
    with pytest.raises(InvalidPhoneNumber) as refused:
        normalise(written)
    assert str(refused.value).endswith((".", "3456789."))


@given(st.text(max_size=20))
def test_normalise_answers_or_refuses_and_never_fails(text: str) -> None:
    try:
        number = normalise(text)
    except InvalidPhoneNumber:
        return
    assert is_e164(number)
    assert normalise(number) == number


def test_a23_only_mobiles_receive_codes() -> None:
    numbers = ["+393123456789", "+390699001234", "+39899123456", "+34712345678", "nonsense"]
    assert [is_mobile(number) for number in numbers] == [True, False, False, True, False]


def test_a13_codes_go_only_to_allowed_prefixes() -> None:
    numbers = ["+393123456789", "+34712345678", "+447400123456", "+390699001234"]
    assert [is_allowed_for_codes(number, ["+39", "+34"]) for number in numbers] == [True, True, False, False]
    assert not is_allowed_for_codes("+393123456789", [])


@pytest.mark.parametrize(
    ("number", "masked"), [("+393123456789", "+393123456***"), ("4146", "4***"), ("112", "***"), ("12", "**"), ("", "")]
)
def test_g15_mask_hides_the_last_three_digits(number: str, masked: str) -> None:
    assert mask_last(number) == masked


def test_mask_hides_as_many_as_asked() -> None:
    assert mask_last("+393123456789", 5) == "+3931234*****"


def test_display_groups_numbers_and_leaves_the_rest() -> None:
    shown = [display(number) for number in ("+393123456789", "+393123456***", "4146", "+999123456789")]
    assert shown == ["+39 312 345 6789", "+393123456***", "4146", "+999123456789"]
