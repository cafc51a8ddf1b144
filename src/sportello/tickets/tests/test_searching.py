"""The full-text search: what is found by whom, whichever way the database takes (ABUSE C02, E04, E09)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils import timezone

from sportello.tickets import queries
from sportello.tickets.models import Interaction
from sportello.tickets.operations import add_interaction, add_note, show_entry, show_ticket
from sportello.tickets.queries import searching
from sportello.tickets.queries.searching import (
    CUSTOMERS,
    OPERATORS,
    PARTNERS,
    Documents,
    documents_of,
    kept_words,
    level_of,
    words_of,
)
from sportello.tickets.tests.factories import TEXT_FILE, recent


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Caffè-Bar  l'ADSL", ["caffe", "bar", "l", "adsl"]),
        ("a_b 12/34 Straße", ["a_b", "12", "34", "strasse"]),
        ("x" * 100, ["x" * 64]),
        ("", []),
        ('"; DROP -- \x00 *', ["drop"]),
    ],
)
def test_words_are_small_letters_without_accents(text, words):
    assert words_of(text) == words


def test_words_are_kept_once_and_in_order():
    assert kept_words("b a", "B c") == "a b c"


@pytest.mark.parametrize(
    ("kind", "channel", "shown", "level"),
    [
        ("message", "web", True, CUSTOMERS),
        ("message", "web", False, PARTNERS),
        ("message", "mail", True, PARTNERS),
        ("message", "old", True, PARTNERS),
        ("note", "web", True, OPERATORS),
        ("tags", "web", False, OPERATORS),
        ("state", "web", True, PARTNERS),
    ],
)
def test_words_are_for_whom_the_rules_of_visibility_say(kind, channel, shown, level):
    assert level_of(kind=kind, channel=channel, shown=shown) == level


def test_a_document_holds_what_its_reader_sees_and_the_newest_of_what_is_too_much(monkeypatch):
    rows = [(CUSTOMERS, "c x", ""), (OPERATORS, "o", ""), (PARTNERS, "p x", "code")]
    found = documents_of(rows)
    assert (sorted(found.operators), sorted(found.partners), sorted(found.customers)) == (
        ["c", "code", "o", "p", "x"],
        ["c", "code", "p", "x"],
        ["c", "code", "x"],
    )
    monkeypatch.setattr(searching, "MOST_OF_A_TICKET", 5)
    assert documents_of(rows[:2]) == Documents(("c", "x"), ("c", "x"), ("c", "x"))


def found(actor, text: str) -> list[str]:
    return [one.code for one in queries.search(actor, queries.tickets(actor), text).order_by("pk")]


@pytest.mark.django_db
@pytest.mark.parametrize("usual", [False, True])
def test_both_ways_find_the_same(world, pia, olga, ada, cy, monkeypatch, usual):  # noqa: PLR0917 - the cast
    """Nothing is rare when not even none is."""
    if usual:
        monkeypatch.setattr(searching, "RARE", -1)
        monkeypatch.setattr(searching, "RARE_OF_SAMPLE", -1)
    ticket = recent(pia, world.a, subject="Fibra lenta", text="armadio allagato", shown=True, files=[TEXT_FILE])
    other = recent(pia, world.a, subject="Fibra", text="centralino a_b")
    show_ticket(actor=olga, ticket=ticket, visible=True, now=timezone.now())
    add_note(actor=olga, ticket=ticket, text="segreto", now=timezone.now())
    add_interaction(actor=pia, ticket=ticket, text="riservato", now=timezone.now())
    both, first, second = [ticket.code, other.code], [ticket.code], [other.code]
    asked = {
        "fib": (both, both, first),
        "fibra armadio": (first, first, first),
        "segreto": (first, [], []),
        "riserv": (first, first, []),
        "trace invite": (first, first, first),
        "a_b": (second, second, []),
        ticket.code: (first, first, first),
        other.code: (second, second, []),
        "fibra nowhere": ([], [], []),
        "'\" OR * NEAR(": ([], [], []),
    }
    read = {text: (found(olga, text), found(pia, text), found(ada, text)) for text in asked}
    assert (read, found(cy, "fibra")) == (asked, [])
    page = queries.tickets(olga).filter(pk__in=queries.search(olga, queries.tickets(olga), "armadio").values("pk"))
    assert [one.code for one in page] == first


@pytest.mark.django_db
def test_e09_an_entry_is_found_by_the_customer_while_it_is_shown(world, pia, olga, ada):
    ticket = recent(pia, world.a, visible_by=olga)
    entry = add_interaction(actor=pia, ticket=ticket, text="armadio", shown=True, now=timezone.now())
    seen = [found(ada, "armadio")]
    for visible in (False, True):
        show_entry(actor=pia, ticket=ticket, sequence=entry.sequence, visible=visible, now=timezone.now())
        seen.append(found(ada, "armadio"))
    show_ticket(actor=olga, ticket=ticket, visible=False, now=timezone.now())
    assert [*seen, found(ada, "armadio"), found(pia, "armadio")] == [
        [ticket.code],
        [],
        [ticket.code],
        [],
        [ticket.code],
    ]


@pytest.mark.django_db
def test_many_entries_leave_one_document_that_the_database_finds_whole(world, pia, olga):
    ticket = recent(pia, world.a)
    for place in range(12):
        add_interaction(actor=pia, ticket=ticket, text=f"parola{place} comune", now=timezone.now())
    assert [found(pia, f"parola{place}") for place in (0, 5, 11)] == [[ticket.code]] * 3
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("INSERT INTO tickets_found (tickets_found) VALUES ('integrity-check')")
        cursor.execute("SELECT COUNT(*) FROM tickets_words")
        assert cursor.fetchone()[0] == Interaction.objects.for_(olga).exclude(text="").count()
