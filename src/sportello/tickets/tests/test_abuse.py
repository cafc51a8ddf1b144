"""Abuse of tickets by number (ABUSE.md E and F): what was written stays, and what is hidden stays hidden."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from sportello.kernel.sentences import told
from sportello.kernel.testing import arrange
from sportello.kernel.testing.arranging import in_threads
from sportello.parties.models import Organisation
from sportello.tickets import queries, storage
from sportello.tickets.models import Interaction, Ticket, TicketFile, TicketNumber
from sportello.tickets.operations import add_interaction, add_note, change_state, show_entry
from sportello.tickets.states import Channel, EntryKind, State
from sportello.tickets.tests.factories import NOW, TEXT_FILE, a_ticket, form_for


def sql(statement: str, *values) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def without_triggers(*tables: str) -> None:
    """Do what somebody with the database in their hands would do first."""
    if connection.vendor == "postgresql":
        sql("SET CONSTRAINTS ALL IMMEDIATE")
    for table in tables:
        if connection.vendor == "postgresql":
            sql(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        else:
            for which in ("no_update", "no_delete"):
                sql(f'DROP TRIGGER "{table}_{which}"')


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tickets_interaction SET text = 'x'",
        "UPDATE tickets_interaction SET shown_at_first = true",
        "UPDATE tickets_interaction SET hash = 'x'",
        "DELETE FROM tickets_interaction",
        "UPDATE tickets_ticketfile SET name = 'x'",
        "DELETE FROM tickets_ticketfile",
        "UPDATE tickets_ticket SET subject = 'x'",
        "UPDATE tickets_ticket SET organisation_id = organisation_id",
        "UPDATE tickets_ticket SET contact_phone = 'x'",
        "DELETE FROM tickets_ticket",
        "UPDATE tickets_ticketform SET version = 9",
        "DELETE FROM tickets_ticketform",
    ],
)
def test_e01_the_database_refuses_to_change_what_was_written(world, pia, statement):
    a_ticket(pia, world.a, files=[TEXT_FILE])
    with pytest.raises(DatabaseError), transaction.atomic():
        sql(statement)


@pytest.mark.django_db
def test_e01_the_app_itself_cannot_change_an_entry_either(world, pia, olga):
    ticket = a_ticket(pia, world.a)
    entry = queries.entries(olga, ticket)[0]
    entry.text = "never said"
    for deed in (entry.save, entry.delete, ticket.delete):
        with pytest.raises(DatabaseError), transaction.atomic(), arrange():
            deed()


TAMPERING = {
    "a text": ("UPDATE tickets_interaction SET text = 'x' WHERE sequence = 2", 2),
    "an author": ("UPDATE tickets_interaction SET author_name = 'x' WHERE sequence = 1", 1),
    "an instant": ("UPDATE tickets_interaction SET at = '2020-01-01 00:00:00+00:00' WHERE sequence = 2", 2),
    "the name of a file": ("UPDATE tickets_ticketfile SET name = 'x'", 1),
    "a file removed": ("DELETE FROM tickets_ticketfile", 1),
    "an entry removed": ("DELETE FROM tickets_interaction WHERE sequence = 2", 2),
    "the last entry removed": ("DELETE FROM tickets_interaction WHERE sequence = 4", 4),
    "the subject": ("UPDATE tickets_ticket SET subject = 'x'", 1),
    "the customer": ("UPDATE tickets_ticket SET organisation_id = (SELECT MAX(id) FROM parties_organisation)", 1),
    "who sees an entry": ("UPDATE tickets_interaction SET shown = true WHERE sequence = 1", 1),
    "who sees the ticket": ("UPDATE tickets_ticket SET visible_to_customer = true", 0),
    "the state": ("UPDATE tickets_ticket SET state = 'closed'", 0),
}


@pytest.mark.django_db
@pytest.mark.parametrize("what", TAMPERING)
def test_e02_the_proof_says_which_entry_somebody_changed_past_the_triggers(world, pia, olga, what):
    """Entries: the opening with a file, a message, a state, a message; a second ticket stays whole."""
    ticket, whole = a_ticket(pia, world.a, files=[TEXT_FILE]), a_ticket(pia, world.a)
    add_interaction(actor=olga, ticket=ticket, text="We look", now=NOW + timedelta(hours=1))
    add_interaction(actor=pia, ticket=ticket, text="Thank you", now=NOW + timedelta(hours=2))
    assert list(queries.walk()) == []
    without_triggers("tickets_interaction", "tickets_ticketfile", "tickets_ticket")
    statement, entry = TAMPERING[what]
    column = "ticket_id" if "_ticket SET" not in statement else "id"
    sql(f"{statement} {'AND' if 'WHERE' in statement else 'WHERE'} {column} = {ticket.pk}")
    assert [(found.code, found.entry) for found in queries.walk()] == [(ticket.code, entry)]
    assert queries.proof_of(whole) is None


@pytest.mark.django_db
@pytest.mark.parametrize("gone", [True, False])
def test_e02_the_proof_opens_the_files_too(world, pia, gone):
    ticket = a_ticket(pia, world.a, files=[TEXT_FILE])
    path = storage.path_of(TicketFile.objects.for_(pia).get(ticket=ticket).token)
    path.unlink() if gone else path.write_bytes(b"INVITE sip:other@example.test\n")
    broken = queries.proof_of(ticket)
    assert broken is not None
    assert (broken.entry, told(broken.reason)) == (1, "the file “trace.txt” is gone or is not what was handed in")


@pytest.mark.django_db
def test_e02_the_command_proves_tickets_with_the_audit_trail(world, pia):
    ticket, out = a_ticket(pia, world.a), StringIO()
    call_command("audit", "verify", stdout=out)
    assert "1 tickets: every one proves itself" in out.getvalue().splitlines()
    without_triggers("tickets_interaction")
    sql("UPDATE tickets_interaction SET text = 'x'")
    with pytest.raises(CommandError, match="1 of 1 tickets broken"):
        call_command("audit", "verify", stdout=(out := StringIO()))
    assert out.getvalue().startswith(f"BROKEN ticket {ticket.code}, entry 1: ")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "values",
    [{"channel": Channel.MAIL}, {"channel": Channel.LINK}, {"channel": Channel.API}, {"kind": EntryKind.NOTE}],
)
def test_e05_the_database_holds_no_shown_entry_that_did_not_come_from_the_web_form(world, pia, values):
    ticket = a_ticket(pia, world.a)
    facts = {"kind": EntryKind.MESSAGE, "party": "partner", "channel": Channel.WEB, "sequence": 2, "at": NOW} | values
    row = Interaction(ticket=ticket, organisation=world.a, previous_hash="", hash="", shown=True, **facts)
    with pytest.raises(IntegrityError), transaction.atomic(), arrange():
        row.save()


@pytest.mark.django_db
def test_f01_contents_lie_under_random_names_for_the_portal_alone(world, pia):
    a_ticket(pia, world.a, files=[TEXT_FILE])
    file = TicketFile.objects.for_(pia).get()
    path = storage.path_of(file.token)
    assert (len(file.token), path.read_bytes(), path.stat().st_mode & 0o777) == (64, TEXT_FILE.content, 0o600)
    assert "trace" not in str(path)
    with pytest.raises(ValueError, match="no token"):
        storage.path_of("../../etc/passwd")


@pytest.mark.django_db
def test_f11_a_refused_entry_leaves_no_content_behind(world, pia):
    ticket = a_ticket(pia, world.a)
    folder = storage.path_of("0" * 64).parent.parent
    with pytest.raises(DatabaseError), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE tickets_words")
        add_interaction(actor=pia, ticket=ticket, text="x", files=[TEXT_FILE], now=NOW)
    assert [path for path in folder.glob("*/*") if path.is_file()] == []


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_twenty_openings_at_once_have_codes_without_gap_or_double(world, pia):
    """Every third one fails after it has its number: a number given up is given to the next."""
    form_for("GENERIC")

    def opened(place: int) -> str:
        with transaction.atomic():
            code = a_ticket(pia, world.a).code
            if place % 3 == 0:
                raise RuntimeError(code)
        return code

    codes = sorted(code for code in in_threads(20, opened) if isinstance(code, str))
    assert codes == [f"TCKGEN{number:07d}" for number in range(1, 14)]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_control_counting_the_tickets_gives_codes_twice(world, pia):
    """The naive way: the number of tickets that are there, and one."""
    a_ticket(pia, world.a)

    def number(_place: int) -> int:
        with transaction.atomic():
            found = Ticket.objects.for_(pia).count() + 1
            sql("SELECT pg_sleep(0.05)")
            TicketNumber.objects.filter(last__lt=found).update(last=found)
        return found

    assert len(set(in_threads(8, number))) < 8


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_e30_twenty_answers_at_once_are_all_kept_in_one_chain(world, pia, olga):
    ticket = a_ticket(pia, world.a)
    writers = (pia, olga)

    def answer(place: int) -> int:
        return add_interaction(actor=writers[place % 2], ticket=ticket, text=f"answer {place}", now=NOW).sequence

    places = in_threads(20, answer)
    found = [entry for entry in queries.entries(olga, ticket) if entry.kind == EntryKind.MESSAGE]
    assert sorted(places) == sorted(entry.sequence for entry in found)
    assert sorted(entry.text for entry in found) == sorted(f"answer {place}" for place in range(20))
    assert queries.proof_of(queries.ticket_of(olga, ticket.pk)) is None


@pytest.mark.django_db
def test_c11_a_customer_that_moves_takes_its_tickets_from_the_old_partner(world, pia, olga):
    ticket = a_ticket(pia, world.a)
    assert list(queries.tickets(pia)) == [ticket]
    with arrange():
        Organisation.objects.for_(olga).filter(pk=world.a.pk).update(partner=None)
    assert list(queries.tickets(pia)) == list(queries.search(pia, queries.tickets(pia), "tone")) == []
    assert not Interaction.objects.for_(pia).exists()


@pytest.mark.django_db
def test_e09_a_ticket_that_is_hidden_again_is_hidden_at_once(world, pia, olga, ada):
    from sportello.tickets.operations import show_ticket

    ticket = a_ticket(pia, world.a, visible_by=olga, shown=True, files=[TEXT_FILE])
    assert (queries.tickets(ada).count(), TicketFile.objects.for_(ada).count()) == (1, 1)
    show_ticket(actor=olga, ticket=ticket, visible=False, now=NOW)
    seen = [model.objects.for_(ada).count() for model in (Ticket, Interaction, TicketFile)]
    assert (seen, list(queries.search(ada, queries.tickets(ada), "tone"))) == ([0, 0, 0], [])


@pytest.mark.django_db
def test_e04_nothing_of_a_hidden_ticket_is_seen_whatever_its_entries_say(world, pia, ada, olga):
    ticket = a_ticket(pia, world.a, shown=True)
    show_entry(actor=olga, ticket=ticket, sequence=1, visible=True, now=NOW)
    add_note(actor=olga, ticket=ticket, text="note", now=NOW)
    change_state(actor=olga, ticket=ticket, to=State.CLOSED, now=NOW)
    assert [model.objects.for_(ada).count() for model in (Ticket, Interaction, TicketFile)] == [0, 0, 0]
