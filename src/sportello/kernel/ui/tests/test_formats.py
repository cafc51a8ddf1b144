# ruff: noqa: RUF001 - dashes and signs as people read them

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from sportello.kernel.money import round_cents
from sportello.kernel.ui import formats

NOW = datetime(2026, 11, 22, 13, 5, tzinfo=UTC)
NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("language", "expected"),
    [("it", f"1.234,56{NBSP}€"), ("en", "€1,234.56"), ("es", f"1{NBSP}234,56{NBSP}€")],
)
def test_money_reads_in_the_language(language: str, expected: str) -> None:
    with translation.override(language):
        assert formats.money(Decimal("1234.555")) == expected


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("0", "€0.00"),
        ("-4.10", "\N{MINUS SIGN}€4.10"),
        ("-0.001", "€0.00"),
        ("0.005", "€0.01"),
        ("92233720368547.75807", "€92,233,720,368,547.76"),
    ],
)
def test_money_rounds_half_up_and_never_says_minus_zero(amount: str, expected: str) -> None:
    assert formats.money(Decimal(amount)) == expected


def test_money_shows_the_cents_that_amounts_are_rounded_to() -> None:
    amounts = [Decimal(units).scaleb(-5) for units in range(-1_500, 1_501, 125)]
    with translation.override("en"):
        assert [formats.money(one) for one in amounts] == [formats.money(round_cents(one)) for one in amounts]
        assert formats.money(Decimal("61.265")) == "€61.27"


def test_money_refuses_a_float() -> None:
    with pytest.raises(TypeError, match="Money is Decimal, not float"):
        formats.money(1.5)  # type: ignore[arg-type]


def test_money_names_a_currency_without_sign() -> None:
    assert formats.money(Decimal(3), "CHF") == f"CHF{NBSP}3.00"


def test_money_short_leaves_cents_out_where_they_say_nothing() -> None:
    written = [formats.money_short(Decimal(value)) for value in ("4000", "2.5", "123.45")]
    assert written == ["€4,000", "€2.50", "€123"]


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (38_200_000_000, "38.2 GB"),
        (412_000_000, "412 MB"),
        (-1500, "−1.5 kB"),
    ],
)
def test_volume_counts_in_powers_of_a_thousand(count: int, expected: str) -> None:
    assert formats.volume(count) == expected.replace(" ", NBSP)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0_s"), (59, "59_s"), (60, "1_min 00_s"), (312, "5_min 12_s"), (3900, "1_h 05_min"), (-61, "−1_min 01_s")],
)
def test_duration_names_its_two_largest_units(seconds: int, expected: str) -> None:
    assert formats.duration(seconds) == expected.replace("_", NBSP)


def test_instant_is_shown_in_the_time_zone_of_the_person() -> None:
    with timezone.override("Europe/Rome"):
        assert formats.instant(NOW) == "22 Nov 2026, 14:05"
        assert formats.instant(NOW, seconds=True) == "22 Nov 2026, 14:05:00"


def test_day_of_an_instant_is_the_local_day() -> None:
    with timezone.override("Europe/Rome"):
        assert formats.day(datetime(2026, 10, 31, 23, 30, tzinfo=UTC)) == "1 Nov 2026"
    assert formats.day(date(2026, 11, 22)) == "22 Nov 2026"
    assert formats.month(date(2026, 11, 1)) == "November 2026"


@pytest.mark.parametrize(
    ("passed", "expected"),
    [
        (timedelta(seconds=3), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=5), "5 hours ago"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(days=7), "15 Nov 2026"),
        (timedelta(minutes=-1), "22 Nov 2026"),
    ],
)
def test_ago_gives_way_to_the_day_after_a_week(passed: timedelta, expected: str) -> None:
    assert formats.ago(NOW - passed, now=NOW) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+393510000012", "+39 351 000 0012"),
        ("+39351000***", "+39351000***"),
        ("4912", "4912"),
        ("+1", "+1"),
        ("", "–"),
    ],
)
def test_phone_is_grouped_only_when_it_is_a_whole_number(number: str, expected: str) -> None:
    assert formats.phone(number) == (expected.replace(" ", NBSP) if " " in expected else expected)


def test_percent_has_a_space_in_spanish_only() -> None:
    written = []
    for language in ("en", "it", "es"):
        with translation.override(language):
            written.append(formats.percent(Decimal("83.25"), 1))
    assert written == ["83.3%", "83,3%", f"83,3{NBSP}%"]


def test_nothing_known_is_a_dash() -> None:
    readers = (
        formats.number, formats.money, formats.money_short, formats.percent, formats.volume,
        formats.duration, formats.day, formats.month, formats.instant, formats.phone,
    )  # fmt: skip
    assert {reader(None) for reader in readers} == {"–"}
    assert formats.ago(None, now=NOW) == "–"


@pytest.mark.parametrize(
    ("name", "expected"), [("Ada Rossi", "AR"), ("Bo", "B"), ("Ana de la Cruz", "AC"), ("— ", "?"), ("", "?")]
)
def test_initials_are_those_of_the_first_and_last_word(name: str, expected: str) -> None:
    assert formats.initials(name) == expected


def test_share_of_a_limit_is_rounded_down_and_never_tells_more_than_is():
    shown = [formats.share(value) for value in (Decimal("99.99"), Decimal(100), Decimal("6626.7"), 5, None)]
    assert shown == ["99%", "100%", "6,626%", "5%", formats.NOTHING]
