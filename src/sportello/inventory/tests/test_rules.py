from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sportello.inventory import rules
from sportello.inventory.states import TRANSITIONS, LineStatus
from sportello.inventory.types import HeldInterval
from sportello.kernel.refusals import InvalidInput, NotPermitted, Refusal
from sportello.kernel.states import NoSuchTransition

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(hours):
    return START + timedelta(hours=hours)


intervals = st.tuples(st.integers(0, 50), st.one_of(st.none(), st.integers(1, 50))).map(
    lambda pair: HeldInterval(at(pair[0]), None if pair[1] is None else at(pair[0] + pair[1]))
)


@given(intervals, intervals)
def test_overlap_is_an_instant_in_both(one, other):
    def holds(interval, hour):
        return interval.active_from <= at(hour) and (interval.active_to is None or at(hour) < interval.active_to)

    assert one.overlaps(other) == any(holds(one, hour) and holds(other, hour) for hour in range(102))
    assert one.overlaps(other) == other.overlaps(one)


def test_number_is_free_from_the_instant_it_ended():
    rules.check_free(HeldInterval(at(5), None), [HeldInterval(at(0), at(5))])
    with pytest.raises(rules.NumberTaken):
        rules.check_free(HeldInterval(at(4), None), [HeldInterval(at(0), at(5))])


def test_moment_lies_between_the_last_change_and_now():
    rules.check_moment(at(2), now=at(5), stands_since=at(2))
    rules.check_moment(at(5), now=at(5), stands_since=at(2))
    for wrong in (at(1), at(6)):
        with pytest.raises(InvalidInput):
            rules.check_moment(wrong, now=at(5), stands_since=at(2))


@pytest.mark.parametrize("status", ["ordered", "active", "suspended"])
def test_status_is_terminated_once_the_end_has_come(status):
    assert [rules.status_at(status, end, at(5)) for end in (None, at(6), at(5))] == [status, status, "terminated"]
    with pytest.raises(InvalidInput):
        rules.status_at("terminated", None, at(5))


class Standing:
    def __init__(self, status):
        self.status = status


@pytest.mark.parametrize("to", list(LineStatus))
@pytest.mark.parametrize("before", list(LineStatus))
def test_every_pair_of_states(before, to):
    if to == LineStatus.TERMINATED:
        with pytest.raises(Refusal):
            rules.check_status(Standing(before), to)
    elif to == before or to in TRANSITIONS[before]:
        rules.check_status(Standing(before), to)
    else:
        with pytest.raises(NoSuchTransition):
            rules.check_status(Standing(before), to)


@pytest.mark.django_db
def test_customers_assign_and_the_operator_changes(ada, pia, olga):
    for actor in (ada, pia):
        rules.check_can_change(actor, {"person", "cost_centre", "site"})
        with pytest.raises(NotPermitted):
            rules.check_can_change(actor, {"person", "plan"})
    rules.check_can_change(olga, {"plan", "status", "sim", "dual_billing"})


@given(st.text(max_size=50))
def test_any_text_is_a_number_or_refused(text):
    for kind in ("mobile", "xdsl"):
        try:
            number = rules.check_number(kind, text)
        except InvalidInput:
            continue
        assert rules.check_number(kind, number) == number
