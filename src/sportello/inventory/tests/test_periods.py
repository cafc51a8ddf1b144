"""The arithmetic of histories: whatever happens to a line, its periods follow each other without gap or overlap."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sportello.inventory.periods import Span, Standing, ending, last_of, restanding

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(hours: int) -> datetime:
    return START + timedelta(hours=hours)


def numbered(spans):
    return [Span(s.active_from, s.active_to, s.standing, place) for place, s in enumerate(spans, 1)]


changes = st.tuples(st.just("change"), st.integers(0, 60), st.integers(1, 4))
ends = st.tuples(st.just("end"), st.one_of(st.none(), st.integers(1, 60)), st.just(0))


@given(st.lists(st.one_of(changes, ends), max_size=12))
def test_history_has_no_gap_and_no_overlap(steps):
    spans = numbered([Span(START, None, Standing(status="active"))])
    end = None
    for what, hours, plan in steps:
        if what == "change":
            moment = at(hours)
            if moment < last_of(spans).active_from:
                continue
            spans = numbered(restanding(spans, Standing(status="active", plan_id=plan), at=moment))
            assert last_of(spans).standing.plan_id == plan
        else:
            end = None if hours is None else at(hours)
            spans = numbered(ending(spans, end))
        held = sorted((s for s in spans if not s.is_withdrawn), key=lambda s: s.active_from)
        assert (held[0].active_from, held[-1].active_to) == (START, end)
        assert [s.active_to for s in held[:-1]] == [s.active_from for s in held[1:]]
        assert len({s.active_from for s in spans}) == len(spans)


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 5)), min_size=1, max_size=10), st.integers(0, 250))
def test_history_says_what_was_said_last_before(steps, asked):
    """As of any instant the line stands as the last change at or before it told."""
    steps = sorted(steps, key=lambda step: step[0])
    spans, told = numbered([Span(START, None, Standing(status="active", plan_id=9))]), {0: 9}
    for hours, plan in steps:
        spans = numbered(restanding(spans, Standing(status="active", plan_id=plan), at=at(hours)))
        told[hours] = plan
    expected = told[max(hours for hours in told if hours <= asked)]
    assert [s.standing.plan_id for s in spans if s.holds(at(asked))] == [expected]


def test_same_standing_writes_nothing():
    spans = numbered([Span(START, None, Standing(status="active", plan_id=1))])
    assert restanding(spans, Standing(status="active", plan_id=1), at=at(5)) == spans


def test_change_of_an_ended_line_corrects_its_last_span():
    spans = [Span(START, at(10), Standing(status="active"), 1)]
    assert restanding(spans, Standing(status="active", site_id=3), at=at(20)) == [
        Span(START, at(10), Standing(status="active", site_id=3), 1)
    ]


def test_end_before_the_last_change_withdraws_what_began_later():
    one, two = Standing(status="active"), Standing(status="active", plan_id=2)
    spans = [Span(START, at(10), one, 1), Span(at(10), None, two, 2)]
    shortened = ending(spans, at(5))
    assert shortened == [Span(START, at(5), one, 1), Span(at(10), at(10), two, 2)]
    assert [s.is_withdrawn for s in shortened] == [False, True]
    reopened = ending(shortened, None)
    assert reopened == [Span(START, None, one, 1), Span(at(10), at(10), two, 2)]
    assert restanding(reopened, two, at=at(10)) == [Span(START, at(10), one, 1), Span(at(10), None, two, 2)]
