"""Rules of signing in, without a database."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sportello.accounts import rules
from sportello.accounts.rules import Count, Limit
from sportello.kernel.refusals import InvalidInput

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LIMIT = Limit(tries=3, lock=15 * MINUTE, longest=timedelta(hours=2), window=timedelta(hours=4))


def failing(number: int, *, start: Count, every: timedelta = timedelta(0), limit: Limit = LIMIT) -> Count:
    count, now = start, NOW
    for _each in range(number):
        count = rules.after_failure(count, limit, now)
        now += every
    return count


FRESH = Count(0, 0, NOW, None)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, Count(1, 0, NOW, None)),
        (2, Count(2, 0, NOW, None)),
        (3, Count(0, 1, NOW, NOW + 15 * MINUTE)),
        (9, Count(0, 1, NOW, NOW + 15 * MINUTE)),
    ],
)
def test_failures_lock_at_the_last_try_and_count_no_further(number, expected):
    assert failing(number, start=FRESH) == expected


def test_locks_double_up_to_the_longest():
    locks = []
    count, now = FRESH, NOW
    for _round in range(6):
        for _each in range(3):
            count = rules.after_failure(count, Limit(3, 15 * MINUTE, timedelta(hours=2)), now)
        locks.append(count.locked_until - now)
        now = count.locked_until
    assert locks == [15 * MINUTE, 30 * MINUTE, 60 * MINUTE, 120 * MINUTE, 120 * MINUTE, 120 * MINUTE]


def test_counting_restarts_after_the_window():
    count = Count(2, 1, NOW - timedelta(hours=4), None)
    assert rules.after_failure(count, LIMIT, NOW) == Count(1, 0, NOW, None)


def test_lock_is_half_open():
    count = Count(0, 1, NOW, NOW + MINUTE)
    assert [count.locked(NOW + MINUTE - timedelta(microseconds=1)), count.locked(NOW + MINUTE)] == [True, False]


@given(st.integers(min_value=0, max_value=200))
def test_a_lock_never_lasts_longer_than_the_longest(locks):
    count = rules.after_failure(Count(2, locks, NOW, None), LIMIT, NOW)
    assert timedelta(0) < count.locked_until - NOW <= LIMIT.longest


@pytest.mark.parametrize(
    ("address", "bucket"),
    [
        ("192.0.2.7", "address:192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "address:2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "address:2001:db8:1:2::/64"),
        ("", "address:unknown"),
        ("nonsense", "address:unknown"),
    ],
)
def test_an_ipv6_subscriber_is_one_bucket(address, bucket):
    assert rules.address_bucket(address) == bucket


@pytest.mark.parametrize(
    ("typed", "code"), [("000123", "000123"), (" 12 34 56 ", "123456"), ("123\u00a0456", "123456")]
)
def test_a21_codes_are_read_without_spaces(typed, code):
    assert rules.read_code(typed) == code


@given(st.text(max_size=12))
def test_a21_only_six_ascii_digits_are_a_code(typed):
    with contextlib.suppress(InvalidInput):
        code = rules.read_code(typed)
        assert (len(code), set(code) <= set("0123456789")) == (6, True)


def test_new_codes_have_six_ascii_digits():
    assert all(rules.CODE.fullmatch(rules.new_code()) for _each in range(200))


def test_new_recovery_codes_read_as_themselves():
    for _each in range(50):
        code = rules.new_recovery_code()
        assert rules.read_recovery_code(code.upper().replace("-", " ")) == code


@pytest.mark.parametrize("typed", ["", "abcde", "abcde-fghi1", "abcde-fgh234", "àbcde-fgh23"])
def test_recovery_codes_with_other_signs_are_refused(typed):
    with pytest.raises(InvalidInput):
        rules.read_recovery_code(typed)


@pytest.mark.parametrize(
    ("sent", "free"),
    [
        ([], 0),
        ([10], 50),
        ([60], 0),
        ([59.5], 1),
        ([100, 200, 300, 400], 0),
        ([100, 200, 300, 400, 500], 1300),
        ([10, 200, 300, 400, 1795], 50),
    ],
)
def test_codes_wait_for_the_pause_and_for_the_half_hour(sent, free):
    sent_at = [NOW - timedelta(seconds=each) for each in sent]
    if free == 0:
        rules.check_send_rate(sent_at, NOW)
        return
    with pytest.raises(rules.CodeTooSoon) as refused:
        rules.check_send_rate(sent_at, NOW)
    assert refused.value.retry_after == free


@pytest.mark.parametrize(
    ("mobile", "good"),
    [("+393510000001", True), ("+34612345678", True), ("+447911123456", False), ("+390612345678", False), ("", False)],
)
def test_a23_codes_go_to_mobiles_of_allowed_prefixes(mobile, good):
    assert rules.may_receive_codes(mobile=mobile, verified=True) is good
    assert rules.may_receive_codes(mobile=mobile, verified=False) is False


def test_codes_that_may_not_go_say_why():
    with pytest.raises(rules.NoNumberForCodes):
        rules.check_codes_may_go(mobile="", verified=True, frozen_until=None, now=NOW)
    with pytest.raises(rules.CodesAreFrozen):
        rules.check_codes_may_go(mobile="+393510000001", verified=True, frozen_until=NOW + MINUTE, now=NOW)
    rules.check_codes_may_go(mobile="+393510000001", verified=True, frozen_until=NOW, now=NOW)


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ("/lines/?page=2", "/lines/?page=2"),
        ("", ""),
        ("//evil", ""),
        ("/\\evil", ""),
        ("https://evil/", ""),
        ("lines/", ""),
        ("/" + "x" * 2000, ""),
        ("/\nevil", ""),
        ("/\t/evil", ""),
    ],
)
def test_a24_only_paths_of_the_portal_are_followed(wanted, path):
    assert rules.local_path(wanted) == path


@given(st.text(max_size=40))
def test_a24_whatever_is_followed_begins_with_one_slash(wanted):
    path = rules.local_path(wanted)
    assert path == "" or (path[0] == "/" and path[1:2] not in ("/", "\\"))


@pytest.mark.parametrize(
    ("destination", "hint"), [("+393510000001", "… 001"), ("ada@example.test", "a…@example.test"), ("", "… ")]
)
def test_hints_tell_an_owner_enough(destination, hint):
    assert rules.hint(destination) == hint


@pytest.mark.parametrize("typed", ["", "two words", "naïve", "x" * 151, "a/b"])
def test_usernames_have_plain_signs(typed):
    with pytest.raises(InvalidInput):
        rules.read_username(typed)
    assert rules.read_username(" Ada.Prova ") == "ada.prova"
