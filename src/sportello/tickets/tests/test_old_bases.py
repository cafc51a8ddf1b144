"""Reading the bases of other programs: tables of entries, Zammad, osTicket."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from sportello.kernel.tabular import TableRefused
from sportello.tickets.old_bases import read
from sportello.tickets.old_bases.shapes import words_of_html
from sportello.tickets.states import OldBase, Party, Priority, State

ZAMMAD = {
    "tickets": [
        {
            "id": 7, "number": "61007", "title": "No dial tone", "group": "xDSL", "state": "closed", "priority": "3 high", "customer_id": 11,
            "organization_id": 5, "created_at": "2023-05-02T08:00:00.000Z", "close_at": "2023-05-04T10:30:00.000Z",
        },
        {"id": 8, "number": "61008", "title": "Slow", "state_id": 2, "priority_id": 2, "customer": "rita@alfa.example", "created_at": "2023-06-01T08:00:00Z"},
    ],
    "articles": [
        {
            "id": 72, "ticket_id": 7, "sender": "Agent", "type": "email", "from": "Olga <olga@op.example>", "internal": False,
            "content_type": "text/html", "body": "<div>We look.<br>Back soon<script>alert(1)</script></div>",
            "created_at": "2023-05-02T09:00:00.000Z",
        },
        {
            "id": 71, "ticket_id": 7, "sender": "Customer", "type": "web", "from": "Rita Conti <rita@alfa.example>", "internal": False,
            "content_type": "text/plain", "body": "Nothing works <today>", "created_at": "2023-05-02T08:00:00.000Z",
            "attachments": [{"filename": "a.txt", "data": "aGVsbG8="}, {"filename": "b.txt"}],
        },
        {
            "id": 73, "ticket_id": 7, "sender": "Agent", "type": "note", "from": "Olga", "internal": True, "body": "DSLAM",
            "created_at": "2023-05-03T09:00:00.000Z",
        },
        {"id": 81, "ticket_id": 8, "sender": "Customer", "type": "phone", "body": "Slow since monday", "created_at": "2023-06-01T08:00:00Z"},
    ],
    "users": [{"id": 11, "firstname": "Rita", "lastname": "Conti", "email": "Rita@alfa.example", "organization_id": 5}],
    "organizations": [{"id": 5, "name": "Comune di Alfa"}],
}  # fmt: skip
CSV = (
    "ticket;customer;subject;at;text;state;priority;party;author;note;type;opened_at;ended_at\n"
    "1047;C000001;No dial tone;2024-03-31 16:05;We look;closed;high;operator;Olga;0;XDSL;2024-03-31 14:05;2024-04-02 10:30\n"
    "1047;C000001;No dial tone;2024-03-31 14:05;Nothing works;closed;high;partner;Pia;;XDSL;;\n"
    "1048;C000001;Slow;01/04/2024 09:00;Slow;in_progress;;customer;Rita;;;;\n"
)
OSTICKET = (
    '"Ticket Number","Date Created","Subject","From","From Email","Priority","Department","Help Topic","Source","Current Status","Closed Date"\n'
    '"100123","2022-02-03 10:11:12","Fax","Rita Conti","rita@alfa.example","Emergency","Support","FAX","Web","Closed","2022-02-04 08:00:00"\n'
)


def kept(folder, name: str, content: str):
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_zammad_articles_become_entries_in_their_order(tmp_path):
    first, second = read(kept(tmp_path, "z.json", json.dumps(ZAMMAD)), name="z.json", source=OldBase.ZAMMAD)
    assert (first.id, first.number, first.state, first.priority, first.type) == (
        "7",
        "61007",
        State.CLOSED,
        Priority.HIGH,
        "xDSL",
    )
    assert (str(first.customer), first.customer.email, first.contact) == (
        "Comune di Alfa",
        "rita@alfa.example",
        "Rita Conti",
    )
    assert (first.opened_at, first.ended_at, first.faults) == (
        datetime(2023, 5, 2, 8, tzinfo=UTC),
        datetime(2023, 5, 4, 10, 30, tzinfo=UTC),
        (),
    )
    assert [(one.id, one.party, one.note, one.author, one.text) for one in first.entries] == [
        ("71", Party.CUSTOMER, False, "Rita Conti", "Nothing works <today>"),
        ("72", Party.OPERATOR, False, "Olga", "We look.\nBack soon"),
        ("73", Party.OPERATOR, True, "Olga", "DSLAM"),
    ]
    assert [(file.name, file.content) for file in first.entries[0].files] == [("a.txt", b"hello"), ("b.txt", None)]
    assert (second.state, second.priority, second.customer.email) == (
        State.IN_PROGRESS,
        Priority.NORMAL,
        "rita@alfa.example",
    )


def test_zammads_assets_and_articles_inside_tickets_read_the_same(tmp_path):
    assets = {
        "assets": {
            "Ticket": {str(one["id"]): one for one in ZAMMAD["tickets"]},
            "TicketArticle": {str(one["id"]): one for one in ZAMMAD["articles"]},
            "User": {"11": ZAMMAD["users"][0]},
            "Organization": {"5": ZAMMAD["organizations"][0]},
        }
    }
    inside = {
        **ZAMMAD,
        "articles": [],
        "tickets": [
            one | {"articles": [each for each in ZAMMAD["articles"] if each["ticket_id"] == one["id"]]}
            for one in ZAMMAD["tickets"]
        ],
    }
    plain, *others = (
        read(kept(tmp_path, "z.json", json.dumps(shape)), name="z.json", source=OldBase.ZAMMAD)
        for shape in (ZAMMAD, assets, inside)
    )
    assert others == [plain, plain]


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", '"x"', '{"tickets": 7}', '{"tickets": []}', "[" * 100_000, '{"tickets": [{"id": "\\ud800'],
)
def test_what_is_no_export_of_zammad_is_refused_with_a_reason(tmp_path, content):
    with pytest.raises(TableRefused) as refused:
        read(kept(tmp_path, "z.json", content), name="z.json", source=OldBase.ZAMMAD)
    assert str(refused.value)


def test_odd_records_of_zammad_are_faults_of_their_ticket(tmp_path):
    odd = {
        "tickets": [
            {"id": 1, "title": "x", "state": "strange", "priority": ["3"], "created_at": "yesterday"},
            {"id": {"a": 1}, "title": None, "state": "removed", "created_at": "2999-01-01T00:00:00Z", "articles": "none"},
        ],
        "articles": [{"id": 5, "ticket_id": 1, "sender": "Robot", "body": {"x": 1}, "attachments": [3, {"data": "%%"}]}],
    }  # fmt: skip
    first, second = read(kept(tmp_path, "z.json", json.dumps(odd)), name="z.json", source=OldBase.ZAMMAD)
    assert [field for field, _why in first.faults] == ["sender", "created_at", "state"]
    assert [field for field, _why in second.faults] == ["state", "id", "created_at"]


def test_a_table_has_a_row_an_entry_in_any_order(tmp_path):
    first, second = read(kept(tmp_path, "t.csv", CSV), name="t.csv", source=OldBase.CSV)
    assert [(one.id, one.party, one.author, one.text) for one in first.entries] == [
        ("2", Party.PARTNER, "Pia", "Nothing works"),
        ("1", Party.OPERATOR, "Olga", "We look"),
    ]
    assert (first.line, first.state, first.priority, first.faults) == (2, State.CLOSED, Priority.HIGH, ())
    assert first.entries[0].at == datetime(2024, 3, 31, 12, 5, tzinfo=UTC)
    assert (second.state, second.entries[0].at) == (State.IN_PROGRESS, datetime(2024, 4, 1, 7, tzinfo=UTC))


def test_a_table_says_which_line_and_column_is_wrong(tmp_path):
    content = CSV + "1049;C000001;x;31/31/2024;y;shut;;nobody;;maybe;;;\n"
    *_right, wrong = read(kept(tmp_path, "t.csv", content), name="t.csv", source=OldBase.CSV)
    assert (wrong.line, [field for field, _why in wrong.faults]) == (5, ["at", "party", "note", "state"])
    with pytest.raises(TableRefused):
        read(kept(tmp_path, "u.csv", "ticket;customer\n1;2\n"), name="u.csv", source=OldBase.CSV)


def test_osticket_gives_a_row_a_ticket(tmp_path):
    (one,) = read(kept(tmp_path, "o.csv", OSTICKET), name="o.csv", source=OldBase.OSTICKET)
    assert (one.id, one.state, one.priority, one.type, one.faults) == (
        "100123",
        State.CLOSED,
        Priority.URGENT,
        "FAX",
        (),
    )
    assert (one.opened_at, one.ended_at) == (
        datetime(2022, 2, 3, 9, 11, 12, tzinfo=UTC),
        datetime(2022, 2, 4, 7, tzinfo=UTC),
    )
    assert one.entries[0].text == "Department: Support\nHelp topic: FAX\nSource: Web"
    with pytest.raises(TableRefused) as refused:
        read(kept(tmp_path, "p.csv", CSV), name="p.csv", source=OldBase.OSTICKET)
    assert "ticket number" in str(refused.value)


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>one</p><p>two &amp; three</p>", "one\n\ntwo & three"),
        ("a<br>b<style>x{}</style><title>t</title>", "a\nb"),
        ("<script>bad()</script>fine", "fine"),
        ("broken <b>bold</p>", "broken bold"),
    ],
)
def test_html_becomes_words(html, words):
    assert words_of_html(html) == words
