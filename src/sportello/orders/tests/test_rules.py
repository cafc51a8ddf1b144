"""Rules without the database: states, dates, answers, types."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sportello.kernel.calendar import WorkingCalendar
from sportello.kernel.refusals import InvalidInput, NotPermitted, WrongState
from sportello.orders import rules
from sportello.orders.shipped import ASKED_BY, QUEUES, TYPES
from sportello.orders.states import (
    CANCELLABLE,
    ENDED,
    OPEN,
    SECRET,
    TRANSITIONS,
    Check,
    Effect,
    FieldKind,
    State,
    Subject,
)
from sportello.orders.types import Answer, Question

NAIVE = (datetime(2025, 1, 1), datetime(2028, 1, 1))  # noqa: DTZ001 - hypothesis adds the zone
ITALY = WorkingCalendar(country="IT")
WORDS = {"it": "a", "es": "a", "en": "a"}


def test_every_pair_of_states_is_allowed_or_not():
    """The table of product/05, written out a second time."""
    ways = {
        "draft": "approval submitted cancelled",
        "approval": "submitted rejected cancelled",
        "submitted": "accepted rejected cancelled",
        "accepted": "in_progress waiting_customer waiting_third completed rejected cancelled",
        "in_progress": "waiting_customer waiting_third completed rejected cancelled",
        "waiting_customer": "in_progress waiting_third completed rejected cancelled",
        "waiting_third": "in_progress waiting_customer completed rejected cancelled",
    }
    allowed = {(one, other) for one in State for other in State if other in TRANSITIONS[one]}
    assert allowed == {(one, other) for one, others in ways.items() for other in others.split()}
    assert set(OPEN) | ENDED | {State.DRAFT} == set(State)


ITEM_STATES = [state for state in State if state not in {State.DRAFT, State.APPROVAL}]


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 5), st.lists(st.tuples(st.integers(0, 4), st.sampled_from(ITEM_STATES)), max_size=20))
def test_an_order_never_needs_an_arrow_that_its_table_has_not(count, moves):
    """Whatever its items do: an order accepted whole follows them along its own table, and ends when they have."""
    items, order = [State.ACCEPTED] * count, State.ACCEPTED
    for place, to in moves:
        if place < count and to in TRANSITIONS[items[place]]:
            items[place] = to
            after = rules.state_by_items(order, items)
            assert after == order or after in TRANSITIONS[order]
            order = after
            assert (order in ENDED) == all(one in ENDED for one in items)


@pytest.mark.parametrize(
    ("before", "items", "after"),
    [
        ("submitted", ["submitted", "rejected"], "submitted"),
        ("accepted", ["accepted", "completed"], "in_progress"),
        ("in_progress", ["in_progress", "waiting_customer", "waiting_third"], "waiting_customer"),
        ("waiting_customer", ["accepted", "cancelled"], "in_progress"),
        ("in_progress", ["completed", "rejected", "cancelled"], "completed"),
        ("in_progress", ["rejected", "cancelled"], "rejected"),
        ("approval", ["cancelled", "approval"], "approval"),
        ("accepted", ["cancelled"], "cancelled"),
    ],
)
def test_state_by_items_says_where_the_order_stands(before, items, after):
    assert rules.state_by_items(before, items) == after


def test_the_customer_cancels_until_the_work_begins(ada_like, olga_like):
    refused = {}
    for state in State:
        for actor in (ada_like, olga_like):
            try:
                rules.check_can_cancel(actor, [state])
            except WrongState as refusal:
                refused[str(state), actor.name] = type(refusal).__name__
    late = {str(state) for state in State} - {str(state) for state in CANCELLABLE | ENDED}
    ended = {(str(state), name): "HasEnded" for state in ENDED for name in ("ada", "olga")}
    assert refused == ended | {(state, "ada"): "TooLateToCancel" for state in late}


# --- dates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "days", "expected"),
    [
        (datetime(2026, 12, 23, 15, tzinfo=UTC), 1, date(2026, 12, 24)),
        (datetime(2026, 12, 24, 15, tzinfo=UTC), 1, date(2026, 12, 28)),  # Christmas, St Stephen's, a week end
        (datetime(2026, 12, 31, 22, 30, tzinfo=UTC), 1, date(2027, 1, 4)),  # New Year's Eve in Rome still
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), 1, date(2027, 1, 4)),  # already next year in Rome
        (datetime(2027, 1, 5, 12, tzinfo=UTC), 2, date(2027, 1, 8)),  # Epiphany
        (datetime(2026, 4, 3, 12, tzinfo=UTC), 1, date(2026, 4, 7)),  # Easter Monday
        (datetime(2026, 3, 27, 23, 30, tzinfo=UTC), 1, date(2026, 3, 30)),  # the night before clocks go forward
        (datetime(2026, 3, 28, 22, 59, tzinfo=UTC), 0, date(2026, 3, 30)),
        (datetime(2026, 10, 24, 22, 30, tzinfo=UTC), 1, date(2026, 10, 26)),  # the night when clocks go back
    ],
)
def test_expected_day_over_holidays_year_end_and_daylight_saving(at, days, expected):
    assert rules.expected_on(ITALY, submitted_at=at, days=days) == expected


def test_the_patron_saint_is_no_working_day():
    bologna = WorkingCalendar(country="IT", patron_saint=(10, 5))
    at = datetime(2026, 10, 2, 12, tzinfo=UTC)
    assert [rules.expected_on(one, submitted_at=at, days=1) for one in (ITALY, bologna)] == [
        date(2026, 10, 5),
        date(2026, 10, 6),
    ]


@settings(max_examples=200, deadline=None)
@given(
    st.datetimes(*NAIVE, timezones=st.just(ZoneInfo("Europe/Rome"))),
    st.integers(0, 30),
    st.integers(0, 40),
)
def test_expected_day_is_worked_and_moves_by_the_days_waited(at, days, waited):
    """Counted on foot: between the day of the order and the expected one lie as many working days as were promised."""
    first = rules.expected_on(ITALY, submitted_at=at, days=days)
    assert ITALY.is_working_day(first)
    assert rules.working_days(ITALY, at.date(), first) == days or days == 0
    until = at + timedelta(days=waited)
    moved = rules.after_wait(ITALY, first, since=at, until=until)
    walked = sum(
        ITALY.is_working_day(at.date() + timedelta(days=one)) for one in range(1, (until.date() - at.date()).days + 1)
    )
    assert rules.working_days(ITALY, first, moved) == walked


def test_late_is_what_should_be_done_and_does_not_wait_for_the_customer():
    today = date(2026, 11, 23)
    late = {str(state) for state in State if rules.is_late(state, date(2026, 11, 20), today=today)}
    assert late == {"submitted", "accepted", "in_progress", "waiting_third"}
    assert not rules.is_late("submitted", today, today=today)


# --- answers and checks -----------------------------------------------------------------------------------------------


def find(kind, text):
    return (text, "Base") if (kind, text) == (FieldKind.PLAN, "BASE") else None


def question(key, kind, *, required=False, choices=()):
    return Question(key=key, kind=kind, label=WORDS, required=required, choices=choices)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (FieldKind.PLAN, "BASE", "BASE"),
        (FieldKind.PLAN, "GOLD", None),
        (FieldKind.PHONE, "351 000 0001", "+393510000001"),
        (FieldKind.PHONE, "12", None),
        (FieldKind.DAY, "2026-02-28", "2026-02-28"),
        (FieldKind.DAY, "30/02/2026", None),
        (FieldKind.TAX_CODE, "rssmra80a01h501u", "RSSMRA80A01H501U"),
        (FieldKind.TAX_CODE, "RSSMRA80A01H501X", None),
        (FieldKind.IBAN, "IT60 X054 2811 1010 0000 0123 456", "IT60X0542811101000000123456"),
        (FieldKind.IBAN, "IT60X0542811101000000123457", None),
        (FieldKind.ICCID, "8939010000000000017", "8939010000000000017"),
        (FieldKind.ICCID, "8939010000000000018", None),
        (FieldKind.EMAIL, "a@b.example", "a@b.example"),
        (FieldKind.EMAIL, "a@b", None),
        (FieldKind.YES_NO, "1", "1"),
        (FieldKind.YES_NO, "yes", None),
        (FieldKind.CHOICE, "theft", "theft"),
        (FieldKind.CHOICE, "fire", None),
        (FieldKind.TEXT, "x" * 201, None),
        (FieldKind.LONG_TEXT, "x" * 201, "x" * 201),
    ],
)
def test_an_answer_has_one_form_or_is_refused_at_its_field(kind, text, value):
    asked = [question("it", kind, choices=(("theft", WORDS),))]
    if value is None:
        with pytest.raises(InvalidInput) as refused:
            rules.checked_answers(asked, {"it": text}, find, country="IT")
        assert refused.value.field == "it"
        return
    answer = rules.checked_answers(asked, {"it": text, "other": "ignored"}, find, country="IT")["it"]
    assert (answer.value, answer.secret) == (value, kind in SECRET)
    assert value not in answer.shown or kind not in SECRET


def test_what_must_be_answered_is_asked_for():
    with pytest.raises(InvalidInput) as refused:
        rules.checked_answers([question("it", FieldKind.TEXT, required=True)], {"it": "  "}, find, country="IT")
    assert refused.value.field == "it"


def said(**values):
    return {key: Answer(value=value, shown=value) for key, value in values.items()}


@pytest.mark.parametrize(
    ("check", "answers", "files", "field"),
    [
        (Check.REPORT, said(why="theft"), frozenset(), "report"),
        (Check.REPORT, said(why="loss"), frozenset(), "report"),
        (Check.REPORT, said(why="theft"), frozenset({"report"}), None),
        (Check.REPORT, said(why="fault"), frozenset(), None),
        (Check.HOLDER, said(holder_tax_code="X"), frozenset(), "holder_tax_code"),
        (Check.HOLDER, said(holder_tax_code="01234567890"), frozenset(), None),
    ],
)
def test_rules_of_the_regulator_are_checked_where_the_type_says_so(check, answers, files, field):
    facts = {"own_codes": frozenset({"01234567890"}), "file_keys": files}
    rules.check_switched_on([], answers, **facts)
    if field is None:
        rules.check_switched_on([check], answers, **facts)
        return
    with pytest.raises(InvalidInput) as refused:
        rules.check_switched_on([check], answers, **facts)
    assert refused.value.field == field


def test_the_number_to_prove_is_the_one_to_be_ported_else_the_lines():
    checks = [Check.NUMBER_CODE]
    assert rules.number_to_prove(checks, said(number="+393510000001"), "") == "+393510000001"
    assert rules.number_to_prove(checks, {}, "+393510000002") == "+393510000002"
    assert rules.number_to_prove([], said(number="+393510000001"), "+393510000002") == ""


# --- types ------------------------------------------------------------------------------------------------------------


def test_shipped_types_are_sound_and_all_of_product_05():
    for one in TYPES:
        rules.check_type(code=one.code, names=one.names)
        rules.check_form(
            effect=one.effect, questions=one.questions, checks=one.checks, asked_by=ASKED_BY, days=one.days
        )
    assert {one.queue for one in TYPES} == {code for code, _names in QUEUES}
    assert {one.effect for one in TYPES} == set(Effect)


@pytest.mark.parametrize(
    "wrong",
    [
        {"questions": []},
        {"questions": [question("plan", FieldKind.PLAN)]},
        {"questions": [question("plan", FieldKind.TEXT, required=True)]},
        {"asked_by": ["employee"]},
        {"asked_by": []},
        {"days": 251},
        {"checks": [Check.REPORT]},
        {"checks": [Check.HOLDER]},
        {"questions": [question("plan", FieldKind.PLAN, required=True)] * 2},
        {"questions": [question("plan", FieldKind.PLAN, required=True), question("Line", FieldKind.TEXT)]},
        {"questions": [question("plan", FieldKind.PLAN, required=True), question("why", FieldKind.CHOICE)]},
    ],
)
def test_a_form_that_its_effect_cannot_live_with_is_refused(wrong):
    sound = {
        "effect": Effect.PLAN,
        "questions": [question("plan", FieldKind.PLAN, required=True)],
        "checks": [],
        "asked_by": ["administrator"],
        "days": 2,
    }
    rules.check_form(**sound)
    with pytest.raises(InvalidInput):
        rules.check_form(**sound | wrong)


def test_every_effect_says_what_it_needs():
    assert set(rules.SPECS) == set(Effect)
    assert {one for one, spec in rules.SPECS.items() if spec.subject is Subject.NEW} == {
        Effect.NEW_LINE,
        Effect.PORT_IN,
    }


def test_what_the_work_must_bring_is_asked_for():
    assert rules.check_result(Effect.NEW_SIM, {"iccid": " 1 ", "other": "x"}) == {"iccid": "1"}
    with pytest.raises(InvalidInput) as refused:
        rules.check_result(Effect.NEW_SIM, {})
    assert refused.value.field == "iccid"


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"%PDF-1.7", "application/pdf"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"MZ", None), (b"", None)],
)
def test_a_document_is_what_it_begins_with_whatever_it_is_called(content, kind):
    if kind:
        assert rules.check_file(content, field="report") == kind
        return
    with pytest.raises(InvalidInput):
        rules.check_file(content, field="report")


def test_only_the_operators_people_work_on_orders(ada_like, olga_like):
    rules.check_works(olga_like)
    with pytest.raises(NotPermitted):
        rules.check_works(ada_like)
