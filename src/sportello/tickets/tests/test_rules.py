"""Rules of tickets as tables: files, answers, states, clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sportello.kernel.actor import system_actor
from sportello.kernel.calendar import WorkingCalendar
from sportello.kernel.refusals import InvalidInput
from sportello.tickets import rules
from sportello.tickets.shipped import OF_CUSTOMERS, TYPES, XDSL
from sportello.tickets.states import ENDED, TRANSITIONS, EntryKind, FieldKind, Party, State
from sportello.tickets.types import LANGUAGES, Contract, FormField

MB = 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 40
PDF = b"%PDF-1.7\n" + b"x" * 40
ZIP = b"PK\x03\x04" + b"x" * 40


def test_f01_names_of_files_become_one_plain_name():
    names = {
        "../../etc/passwd": "passwd",
        "/etc/shadow": "shadow",
        r"C:\Windows\win.ini": "win.ini",
        "nul\x00byte.txt": "nulbyte.txt",
        "CON": "_CON",
        "aux.txt": "_aux.txt",
        "photo\u202egnp.exe.png": "photognp.exe.png",
        "notes.txt:hidden": "notes.txt_hidden",
        "a" * 4096 + ".txt": "a" * 116 + ".txt",
        "...": "file",
        "": "file",
        'a"b<c>|?*.txt': "a_b_c____.txt",
    }
    assert {name: rules.cleaned_name(name) for name in names} == names


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.txt", b""),
        ("picture.png", PDF),
        ("picture.jpg", PNG),
        ("paper.pdf", b"<html>"),
        ("table.xlsx", b"a;b\n"),
        ("words.txt", PNG),
        ("run.exe", b"harmless"),
        ("bill.pdf.exe", b"MZ\x90"),
        ("bill.exe.pdf", PDF),
        ("bill.pdf", b"MZ\x90"),
        ("nameless", b"\x7fELF\x02"),
        ("both.png", PNG + b"PK\x05\x06" + b"\x00" * 18),
        ("both.gif", b"GIF89a/*" + b"<script>alert(1)</script>"),
        ("big.txt", b"x" * (2 * MB + 1)),
    ],
)
def test_f03_what_is_not_what_it_says_is_refused(name, content):
    with pytest.raises(rules.FileRefused) as refusal:
        rules.check_can_keep(name=name, content=content, most_bytes=2 * MB)
    assert name in str(refusal.value)


def test_f03_control_what_is_what_it_says_is_kept():
    for name, content in {
        "a.png": PNG, "a.PDF": PDF, "a.docx": ZIP, "a.zip": ZIP, "a.txt": "però".encode("latin-1"), "a.html": b"<p>x",
        "trace.pcap": b"\xd4\xc3\xb2\xa1" + b"\x00" * 20, "example.com.txt": b"x", "unknown.dat": b"\x00\x01",
    }.items():  # fmt: skip
        rules.check_can_keep(name=name, content=content, most_bytes=2 * MB)


def test_f11_a_ticket_has_so_much_room():
    rules.check_room(count=10, most_files=10, bytes_then=5 * MB, most_bytes=5 * MB)
    for count, size in ((11, 1), (1, 5 * MB + 1)):
        with pytest.raises(rules.FileRefused):
            rules.check_room(count=count, most_files=10, bytes_then=size, most_bytes=5 * MB)


def test_codes_have_seven_digits():
    assert [rules.code_of("XDSL", number) for number in (6102, 12345678)] == ["TCKXDSL0006102", "TCKXDSL12345678"]


def test_answers_are_read_by_their_questions():
    contracts = {"line:7": Contract(value="line:7", shown="AG-1 · XD7", line_id=7)}
    given = {
        "problem": "slow",
        "contract": "line:7",
        "line_state": "down",
        "router": "  ZX 1 ",
        "ping_dns": "",
        "evil": "x",
    }
    assert rules.checked_answers(XDSL, given, contracts) == {
        "problem": {"value": "slow", "shown": "Slow"},
        "contract": {"value": "line:7", "shown": "AG-1 · XD7"},
        "line_state": {"value": "down", "shown": "Out of service"},
        "router": {"value": "ZX 1", "shown": "ZX 1"},
    }


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (FieldKind.TEXT, "x" * 501),
        (FieldKind.LONG_TEXT, "x" * 20_001),
        (FieldKind.CHOICE, "other"),
        (FieldKind.PHONE, "12"),
        (FieldKind.IMEI, "123456789012345"),
        (FieldKind.CONTRACT, "line:8"),
        (FieldKind.TEXT, ""),
    ],
)
def test_answers_that_make_no_sense_are_refused_at_their_field(kind, value):
    question = FormField(key="it", kind=kind, label={}, required=True, choices=(("one", {}),))
    with pytest.raises(InvalidInput) as refusal:
        rules.checked_answers([question], {"it": value}, {})
    assert refusal.value.field == "answer_it"


def test_numbers_are_shown_as_they_are_dialled():
    phone = FormField(key="it", kind=FieldKind.PHONE, label={})
    assert rules.checked_answers([phone], {"it": "055 264 5555"}, {})["it"]["shown"] == "+390552645555"


def test_every_question_that_is_shipped_speaks_three_languages():
    shipped = (*TYPES, *OF_CUSTOMERS)
    texts = [one.names for one in shipped]
    for kind in shipped:
        for field in kind.fields:
            texts += [field.label, *([field.help] if field.help else []), *(labels for _code, labels in field.choices)]
    assert [text for text in texts if set(text) != set(LANGUAGES) or not all(text.values())] == []


def test_every_pair_of_states_is_led_to_or_not():
    assert {before: set(after) for before, after in TRANSITIONS.items() if before in ENDED} == {
        State.RESOLVED: {State.CLOSED, State.REOPENED},
        State.CLOSED: {State.REOPENED},
    }
    for state in set(State) - ENDED:
        assert TRANSITIONS[state] >= ENDED
        assert state not in TRANSITIONS[state]
        assert State.OPEN not in TRANSITIONS[state]


def test_words_move_the_state_only_where_they_were_awaited():
    after = {
        (state, party): rules.state_after_words(state, party=party, kind=EntryKind.MESSAGE)
        for state in State
        for party in (Party.OPERATOR, Party.PARTNER, Party.CUSTOMER, Party.SUPPLIER)
    }
    moved = {pair: to for pair, to in after.items() if to is not None and pair[0] not in ENDED}
    assert moved == dict.fromkeys(
        [
            (State.OPEN, Party.OPERATOR),
            (State.REOPENED, Party.OPERATOR),
            (State.WAITING_PARTNER, Party.PARTNER),
            (State.WAITING_CUSTOMER, Party.CUSTOMER),
            (State.WAITING_SUPPLIER, Party.SUPPLIER),
        ],
        State.IN_PROGRESS,
    )
    assert {to for (state, _party), to in after.items() if state in ENDED} == {State.REOPENED}
    assert {rules.state_after_words(state, party=Party.OPERATOR, kind=EntryKind.NOTE) for state in State} == {None}


def test_a_clock_counts_working_time_and_stands_still_while_waiting():
    calendar, friday = WorkingCalendar(), datetime(2026, 11, 20, 16, 0, tzinfo=UTC)  # 17:00 in Rome
    clock = rules.clock_of(calendar, since=friday, minutes=(60, 120))
    monday = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    assert (clock.answer_due_at, clock.resolution_due_at) == (friday + timedelta(hours=1), monday)
    waited = rules.due_after_wait(calendar, monday, since=friday, now=monday)
    assert waited == monday + timedelta(hours=2)
    assert rules.due_after_wait(calendar, friday, since=monday, now=monday) == friday
    assert rules.due_after_wait(calendar, None, since=monday, now=monday) is None
    assert rules.clock_of(calendar, since=friday, minutes=None).resolution_due_at is None


def test_tags_are_small_and_once():
    assert rules.check_tags(["B", " a  b ", "b", ""]) == ["a b", "b"]
    for wrong in (["x" * 31], [str(number) for number in range(13)], ["a\x07b"]):
        with pytest.raises(InvalidInput):
            rules.check_tags(wrong)


@pytest.mark.parametrize(
    ("days", "offered"),
    [(None, [State.CLOSED, State.REOPENED]), (14, [State.CLOSED, State.REOPENED]), (15, [State.CLOSED])],
)
def test_a_ticket_that_ended_long_ago_is_not_offered_to_be_opened_again(days, offered):
    now = datetime(2026, 3, 20, 9, tzinfo=UTC)
    ended = now - timedelta(days=days) if days is not None else None
    actor = system_actor(reason="a test of a rule")
    assert rules.states_offered(actor, State.RESOLVED, ended_at=ended, now=now) == offered
