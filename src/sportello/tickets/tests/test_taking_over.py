"""Taking over an old base: the preview, the writing, its chains, twice, and who may (ABUSE F07 to F10)."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from sportello.kernel.jobs import worker
from sportello.kernel.refusals import InvalidInput, NotPermitted
from sportello.kernel.testing import arrange
from sportello.tickets import queries
from sportello.tickets.models import Interaction, Ticket, TicketFile, TicketImport
from sportello.tickets.operations import importing
from sportello.tickets.states import Channel, EntryKind, ImportState, OldBase, Party, State
from sportello.tickets.tests.factories import SYSTEM, form_for, mails
from sportello.tickets.tests.test_old_bases import CSV, ZAMMAD

pytestmark = pytest.mark.django_db


@pytest.fixture
def forms(world):
    return [form_for(code) for code in ("GENERIC", "XDSL")]


def zammad(world, **more) -> str:
    base = json.loads(json.dumps(ZAMMAD)) | more
    base["organizations"][0]["name"] = world.a.legal_name
    base["tickets"][1]["organization_id"] = 5
    return json.dumps(base)


def handed_in(olga, content: str, *, source: OldBase = OldBase.ZAMMAD, name: str = "base.json", fallback=None):
    row = importing.hand_in(
        actor=olga, name=name, parts=[content.encode()], source=source, fallback=fallback, now=timezone.now()
    )
    importing.read_in(actor=SYSTEM, row=row, now=timezone.now())
    return row


def taken(olga, row, *, leaves_out: bool = False) -> TicketImport:
    importing.confirm(actor=olga, row=row, leaves_out=leaves_out)
    importing.write_out(actor=SYSTEM, row=row, now=timezone.now())
    return TicketImport.objects.for_(olga).get(pk=row.pk)


def facts(olga) -> tuple[int, int]:
    return Ticket.objects.for_(olga).count(), Interaction.objects.for_(olga).count()


def test_f07_a_preview_writes_nothing_and_says_what_would_be_written(world, olga, forms):
    row = handed_in(olga, zammad(world))
    assert (row.state, row.counts, facts(olga)) == (
        ImportState.READY,
        {"new": 2, "changed": 0, "unchanged": 0, "wrong": 0, "entries": 4},
        (0, 0),
    )
    assert [one[:4] for one in row.sample] == [
        ["61007", world.a.legal_name, "xDSL", "No dial tone"],
        ["61008", world.a.legal_name, "Something else", "Slow"],
    ]


def test_a_base_comes_with_its_history_and_its_dates_in_chains_that_prove_themselves(world, olga, pia, forms):
    before = mails().count()
    row = taken(olga, handed_in(olga, zammad(world)))
    assert (row.state, row.written) == (ImportState.DONE, {"tickets": 2, "entries": 6, "left_out": 0})
    assert not importing.path_of(row.token).exists()
    ticket = Ticket.objects.for_(pia).get(opening_key="import:zammad:7")
    assert (ticket.code, ticket.subject, ticket.state, ticket.visible_to_customer, ticket.opened_at) == (
        "TCKXDSL0000001",
        "No dial tone",
        State.CLOSED,
        False,
        datetime(2023, 5, 2, 8, tzinfo=UTC),
    )
    assert (ticket.answered_at, ticket.ended_at) == (
        datetime(2023, 5, 2, 9, tzinfo=UTC),
        datetime(2023, 5, 4, 10, 30, tzinfo=UTC),
    )
    entries = Interaction.objects.for_(olga).filter(ticket=ticket).order_by("sequence")
    assert [(one.kind, one.party, one.author_name, one.at.day, one.text) for one in entries] == [
        (EntryKind.OPENING, Party.CUSTOMER, "Rita Conti", 2, "Nothing works <today>"),
        (EntryKind.MESSAGE, Party.OPERATOR, "Olga", 2, "We look.\nBack soon"),
        (EntryKind.NOTE, Party.OPERATOR, "Olga", 3, "DSLAM"),
        (EntryKind.STATE, Party.SYSTEM, "", 4, ""),
    ]
    marks = [one.data["imported"] for one in entries]
    assert [(one["source"], one["id"]) for one in marks] == [("zammad", mark) for mark in ("71", "72", "73", "state")]
    assert all(datetime.fromisoformat(one["written_at"]).year >= 2026 for one in marks)
    assert (marks[0]["number"], marks[1]["way"], {one.channel for one in entries}) == (
        "61007",
        "email",
        {Channel.TAKEN_OVER},
    )
    assert [(one.name, one.size) for one in TicketFile.objects.for_(olga).filter(ticket=ticket)] == [("a.txt", 5)]
    assert len(entries[0].data["notices"]) == 1
    assert (list(queries.walk()), mails().count()) == ([], before)


def test_f08_the_same_base_again_writes_nothing_and_a_longer_one_what_is_new(world, olga, forms):
    taken(olga, handed_in(olga, zammad(world)))
    there = facts(olga)
    again = handed_in(olga, zammad(world))
    assert again.counts == {"new": 0, "changed": 0, "unchanged": 2, "wrong": 0, "entries": 0}
    with pytest.raises(InvalidInput):
        importing.confirm(actor=olga, row=again, leaves_out=False)
    more = {
        "id": 82, "ticket_id": 8, "sender": "Agent", "type": "note", "body": "More", "created_at": "2023-06-02T08:00:00Z"
    }  # fmt: skip
    row = taken(olga, handed_in(olga, zammad(world, articles=[*ZAMMAD["articles"], more])))
    assert (row.written, facts(olga)) == ({"tickets": 0, "entries": 1, "left_out": 0}, (there[0], there[1] + 1))
    assert list(queries.walk()) == []


def test_a_writing_that_broke_off_goes_on_where_it_was(world, olga, forms, monkeypatch):
    monkeypatch.setattr(importing, "TOGETHER", 1)
    row = handed_in(olga, zammad(world))
    importing.confirm(actor=olga, row=row, leaves_out=False)
    lots = importing.judged(SYSTEM, importing._olds(row), source=OldBase.ZAMMAD, fallback=None, together=1)
    importing._write_some(actor=SYSTEM, row=row, verdicts=next(lots), now=timezone.now())
    assert facts(olga)[0] == 1
    importing.write_out(actor=SYSTEM, row=row, now=timezone.now())
    done = TicketImport.objects.for_(olga).get(pk=row.pk)
    assert (done.state, done.written, facts(olga)) == (
        ImportState.DONE,
        {"tickets": 2, "entries": 6, "left_out": 0},
        (2, 6),
    )


def test_c07_a_customer_that_is_not_found_is_wrong_unless_another_takes_it(world, olga, forms):
    unknown = CSV.replace("C000001", "C999999")
    row = handed_in(olga, unknown, source=OldBase.CSV, name="t.csv")
    assert row.counts["wrong"] == 2
    assert [one[:3] for one in row.faults] == [[2, "1047", "customer"], [4, "1048", "customer"]]
    with pytest.raises(InvalidInput):
        importing.confirm(actor=olga, row=row, leaves_out=False)
    row = handed_in(olga, unknown, source=OldBase.CSV, name="t.csv", fallback=world.b)
    assert (row.counts["new"], row.counts["wrong"]) == (2, 0)


def test_wrong_tickets_are_left_out_when_that_is_said(world, olga, forms):
    content = CSV.replace("C000001;Slow", "C999999;Slow").replace("C000001", world.a.code)
    row = taken(olga, handed_in(olga, content, source=OldBase.CSV, name="t.csv"), leaves_out=True)
    assert (row.written, facts(olga)[0]) == ({"tickets": 1, "entries": 3, "left_out": 1}, 1)


def test_e04_a_note_that_stands_first_never_becomes_the_opening(world, olga, pia, forms):
    content = CSV.replace("C000001", world.a.code).replace("partner;Pia;;", "operator;Olga;1;")
    taken(olga, handed_in(olga, content, source=OldBase.CSV, name="t.csv"))
    ticket = Ticket.objects.for_(pia).get(opening_key="import:csv:1047")
    assert [(one.kind, one.text) for one in queries.entries(pia, ticket)] == [
        (EntryKind.OPENING, ""),
        (EntryKind.MESSAGE, "We look"),
        (EntryKind.STATE, ""),
    ]


def test_people_of_partner_and_operator_are_who_they_are_here(world, olga, forms):
    articles = [one | {"from": "Pia <pia@example.test>"} if one["id"] == 71 else one for one in ZAMMAD["articles"]]
    taken(olga, handed_in(olga, zammad(world, articles=articles)))
    assert Ticket.objects.for_(olga).get(opening_key="import:zammad:7").opened_party == Party.PARTNER


def test_the_old_number_is_found_by_the_search(world, olga, forms):
    taken(olga, handed_in(olga, zammad(world)))
    found = queries.search(olga, queries.tickets(olga), "61007")
    assert [one.opening_key for one in found] == ["import:zammad:7"]


def test_a_file_that_cannot_be_read_is_refused_with_where_and_why(olga):
    row = handed_in(olga, '{"tickets":\n [}')
    assert (row.state, row.refusal.startswith("line 2: The file is not JSON")) == (ImportState.REFUSED, True)


def test_a_file_that_is_lost_before_it_is_written_says_so(world, olga, forms):
    row = handed_in(olga, zammad(world))
    importing.path_of(row.token).unlink()
    done = taken(olga, row)
    assert (done.state, done.refusal) == (ImportState.REFUSED, "The file is not there any more. Hand it in again.")


def test_partners_and_agents_take_nothing_over(world, pia, olga):
    with pytest.raises(NotPermitted):
        importing.hand_in(actor=pia, name="x", parts=[b"x"], source=OldBase.CSV, fallback=None, now=timezone.now())


def test_the_page_leads_from_the_file_to_the_tickets(world, olga, forms, signed_in):
    browser, address = signed_in("olga"), reverse("tickets:imports")
    assert signed_in("pia").get(address).status_code == 403
    wrong = {"source": "zammad", "file": SimpleUploadedFile("b.json", b"{}"), "fallback": "C-none"}
    assert browser.post(address, wrong).status_code == 422
    file = SimpleUploadedFile("base.json", zammad(world).encode())
    here = browser.post(address, {"source": "zammad", "file": file})["Location"]
    assert "every 2s" in browser.get(here).content.decode()
    while worker.run_due():
        pass
    page = browser.get(here).content.decode()
    assert ("61007" in page, "every 2s" in page) == (True, False)
    assert browser.post(here, {"do": "confirm"}).status_code == 302
    while worker.run_due():
        pass
    assert (facts(olga), "every 2s" in browser.get(here).content.decode()) == ((2, 6), False)
    ticket = Ticket.objects.for_(olga).get(opening_key="import:zammad:7")
    assert "Zammad (JSON), 7" in browser.get(reverse("tickets:ticket", args=[ticket.pk])).content.decode()
    assert "base.json" in browser.get(address).content.decode()


def test_f10_a_file_is_its_own_persons_alone(world, olga, signed_in):
    row = handed_in(olga, zammad(world))
    with arrange():
        TicketImport.objects.for_(olga).filter(pk=row.pk).update(made_by=world.memberships["ada"].person)
    assert signed_in("olga").get(reverse("tickets:import", args=[row.token])).status_code == 404


def test_a_file_that_is_thrown_away_is_gone(world, olga):
    row = handed_in(olga, zammad(world))
    importing.discard(actor=olga, row=row, now=timezone.now())
    assert (row.state, importing.path_of(row.token).exists()) == (ImportState.DISCARDED, False)


def test_f11_what_nobody_confirms_and_what_nobody_names_goes(world, olga):
    row, fresh = handed_in(olga, zammad(world)), handed_in(olga, zammad(world))
    with arrange():
        TicketImport.objects.for_(olga).filter(pk=row.pk).update(made_at=timezone.now() - timedelta(days=8))
    lost = importing.path_of("0" * 64)
    lost.write_bytes(b"x")
    os.utime(lost, (1, 1))
    assert importing.sweep(actor=SYSTEM, now=timezone.now()) == 2
    assert [importing.path_of(one.token).exists() for one in (row, fresh)] == [False, True]
    assert (lost.exists(), TicketImport.objects.for_(olga).get(pk=row.pk).state) == (False, ImportState.DISCARDED)


def test_the_command_checks_and_takes(world, olga, forms, tmp_path):
    path, out = tmp_path / "base.json", StringIO()
    path.write_text(zammad(world))
    call_command("tickets", "import", str(path), "--source", "zammad", "--check", "--json", stdout=out)
    assert (json.loads(out.getvalue())["found"]["new"], facts(olga)) == (2, (0, 0))
    call_command("tickets", "import", str(path), "--source", "zammad", stdout=StringIO())
    assert facts(olga) == (2, 6)
    path.write_text("{")
    with pytest.raises(CommandError, match="line 1"):
        call_command("tickets", "import", str(path), "--source", "zammad", stdout=StringIO())
    with pytest.raises(CommandError, match="no customer"):
        call_command("tickets", "import", str(path), "--source", "csv", "--customer", "none", stdout=StringIO())
