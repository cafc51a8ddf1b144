from __future__ import annotations

import pytest
from django.db.models import Q

from sportello.kernel.finding import Sought, begins, called, holds_number, row_id, sought


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("+39 351 000 0012", Sought(("+393510000012",), ())),
        ("+39\xa0351\xa0000\xa00012", Sought(("+393510000012",), ())),
        ("0039 351-000", Sought(("0039351000",), ())),
        ("(06) 555", Sought(("06555",), ())),
        ("351 rossi", Sought(("351",), ("rossi",))),
        ("Dina De Luca 0040", Sought(("0040",), ("Dina", "De", "Luca"))),
        ("CC001", Sought((), ("CC001",))),
        ("٣٤٥٦", Sought((), ("٣٤٥٦",))),
        ("+", Sought((), ("+",))),
        (" \x00 ", Sought((), ())),
    ],
)
def test_a_search_is_read_as_people_type_it(typed: str, expected: Sought) -> None:
    assert sought(typed) == expected


def test_digits_are_a_part_of_a_number_and_a_plus_its_beginning() -> None:
    assert holds_number("number", "0040") == Q(number__contains="0040")
    assert holds_number("number", "+39351") == Q(number__startswith="+39351")
    assert holds_number("number", "0039351000") == Q(number__contains="0039351000") | Q(number__startswith="+39351000")


def test_a_beginning_is_a_range_so_that_an_index_finds_it() -> None:
    assert begins("name", "Ama") == Q(name__gte="ama") & Q(name__lt="amb")
    assert begins("name", "Paz") == Q(name__gte="paz") & Q(name__lt="pb")
    assert begins("name", "Z") == Q(name__gte="z")


def test_a_name_is_found_whole_in_either_order() -> None:
    whole = begins("family", "bo bruno") | begins("given", "bo bruno")
    either = begins("given", "bo") & begins("family", "bruno") | begins("family", "bo") & begins("given", "bruno")
    assert str(called(("Bo", "Bruno"), given="given", family="family")) == str(whole | either)


def test_c19_an_id_is_read_off_ascii_digits_and_no_more_of_them_than_a_key_has() -> None:
    assert [row_id(text) for text in ("7", "9" * 18)] == [7, int("9" * 18)]
    assert [row_id(text) for text in ("", "-1", "+7", " 7", "7\n", "1_0", "٣", "²", "9" * 19, "9" * 5000)] == [
        None
    ] * 10
