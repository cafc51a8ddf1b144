"""Abuse of tickets by number: whose they are (ABUSE C), who may what (D), files and exports (F)."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from sportello.kernel.access import Profile
from sportello.kernel.jobs import worker
from sportello.kernel.testing import arrange
from sportello.kernel.testing.cast import new_member
from sportello.messaging.models import Message
from sportello.parties.models import Organisation
from sportello.parties.states import OrganisationState
from sportello.tickets import queries
from sportello.tickets.models import Interaction, Ticket, TicketFile
from sportello.tickets.operations import add_interaction, link_tickets
from sportello.tickets.tests.factories import TEXT_FILE, recent

pytestmark = pytest.mark.django_db
GONE = 999_999


def address(name: str, *args: int) -> str:
    return reverse(f"tickets:{name}", args=args)


def listed(browser, **query: str) -> str:
    answer = browser.get(address("index"), {"state": "all"} | query)
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()


@pytest.fixture
def theirs(world, olga) -> Ticket:
    """A ticket of B, which is no customer of Pia's, with a file."""
    return recent(olga, world.b, subject="secret of B", text="hidden words", files=[TEXT_FILE])


def doors(ticket: int, file: int) -> dict[str, str]:
    names = ("ticket", "entries", "write", "proof", "state", "show", "work", "add_link", "merge")
    return {name: address(name, ticket) for name in names} | {
        "file": address("file", ticket, file),
        "show_entry": address("show_entry", ticket, 1),
        "recipient": address("recipient", ticket, 1),
    }


def test_c01_c16_c17_a_foreign_ticket_and_none_at_all_are_answered_alike(world, theirs, olga, signed_in):
    file = TicketFile.objects.for_(olga).get(ticket=theirs).pk
    before = Interaction.objects.for_(olga).count()
    for name in ("pia", "ada"):
        browser = signed_in(name)
        foreign, none = doors(theirs.pk, file), doors(GONE, GONE)
        for door, here in foreign.items():
            for method in (browser.get, browser.post):
                answers = [method(one, {"after": "0", "to": "closed", "text": "x"}) for one in (here, none[door])]
                assert (door, len({one.status_code for one in answers})) == (door, 1)
                assert (door, answers[0].status_code in {403, 404, 405}) == (door, True)
                bodies = {re.sub(r'[\w-]{20,}|"\d+"|/\d+/', "", one.content.decode()) for one in answers}
                assert (door, len(bodies), theirs.subject in "".join(bodies)) == (door, 1, False)
    assert Interaction.objects.for_(olga).count() == before


QUERIES = (
    {"q": "hidden"}, {"q": "secret"}, {"subject": "secret"}, {"customer": "Beta"}, {"customer": "B"}, {"number": "0000001"},
    {"organisation__legal_name": "Beta"}, {"organisation": "2"}, {"sort": "organisation__vat_number"}, {"assignee": "me"},
    {"q": "\x00' OR 1=1 --"}, {"opened_from": "2026-13-99"}, {"type": "GENERIC"}, {"after": "999|1"}, {"group": "x"},
)  # fmt: skip


def test_c02_no_filter_sort_search_or_count_tells_of_a_foreign_ticket(world, theirs, signed_in):
    browser = signed_in("pia")
    for query in QUERIES:
        page = listed(browser, **query)
        told = (theirs.subject in page, theirs.code in page, re.search(r"\b1 row", page))
        assert (query, told) == (query, (False, False, None))
    assert theirs.subject not in browser.get(reverse("shell:search"), {"q": theirs.code}).content.decode()


def test_c03_c11_an_export_is_made_with_the_rights_of_its_moment(world, pia, olga, signed_in):
    recent(pia, world.a, subject="moved away")
    browser = signed_in("pia")
    seen = ["moved away" in listed(browser, export=kind) for kind in ("csv", "csv")]
    with arrange():
        Organisation.objects.for_(olga).filter(pk=world.a.pk).update(partner=None)
    assert (seen, "moved away" in listed(browser, export="csv")) == ([True, True], False)


def test_c08_a_file_has_no_address_but_that_of_its_entry(world, pia, olga, signed_in):
    ticket = recent(pia, world.a, files=[TEXT_FILE])
    file = TicketFile.objects.for_(pia).get(ticket=ticket)
    browser = signed_in("pia")
    ways = [
        f"/media/{file.token}",
        f"/static/{file.token}",
        f"/ticket-files/{file.token[:2]}/{file.token}",
        f"/{file.token}",
    ]
    assert [browser.get(way).status_code for way in ways] == [404] * 4
    other = recent(pia, world.a)
    assert browser.get(address("file", other.pk, file.pk)).status_code == 404
    assert b"".join(browser.get(address("file", ticket.pk, file.pk)).streaming_content) == TEXT_FILE.content


def test_c09_mails_of_two_tenants_written_one_after_the_other_hold_their_own_words_alone(world, olga):
    with arrange():
        Organisation.objects.for_(olga).filter(pk=world.b.pk).update(partner=None)
    tickets = [
        recent(olga, home, subject=f"subject{name}", text=f"words{name}", shown=True, visible_by=olga)
        for name, home in (("alfa", world.a), ("beta", world.b)) * 2
    ]
    for ticket in tickets:
        name = ticket.subject.removeprefix("subject")
        add_interaction(actor=olga, ticket=ticket, text=f"more{name}", shown=True, now=timezone.now())
    while worker.run_due():
        pass
    mails = Message.objects.across_tenants(reason="a test reads all mails").filter(template__startswith="ticket")
    read = {
        who: set(re.findall(r"(?:words|more|subject)(alfa|beta)", " ".join(str(one.context) for one in mails.filter(address=who))))
        for who in ("ada@example.test", "cy@example.test")
    }  # fmt: skip
    assert read == {"ada@example.test": {"alfa"}, "cy@example.test": {"beta"}}


def test_c10_pages_of_tickets_are_kept_by_no_cache(world, pia, signed_in):
    ticket = recent(pia, world.a, files=[TEXT_FILE])
    file = TicketFile.objects.for_(pia).get(ticket=ticket)
    browser = signed_in("pia")
    ways = [address("index"), address("ticket", ticket.pk), address("file", ticket.pk, file.pk), address("statistics")]
    answers = [browser.get(way) for way in ways]
    assert b"".join(answers[2].streaming_content) == TEXT_FILE.content
    assert ["no-store" in answer["Cache-Control"] for answer in answers] == [True] * 4


def test_c14_a_ticket_linked_with_a_foreign_one_does_not_name_it(world, theirs, pia, olga, signed_in):
    ticket = recent(pia, world.a)
    link_tickets(actor=olga, ticket=ticket, other=theirs, now=timezone.now())
    page = signed_in("pia").get(address("ticket", ticket.pk)).content.decode()
    assert (theirs.code in page, theirs.subject in page, "Linked with another ticket" in page) == (False, False, True)


def test_d02_employees_see_no_ticket_of_their_company(world, pia, olga, signed_in):
    ticket = recent(pia, world.a, visible_by=olga, shown=True)
    browser = signed_in("bo")
    assert browser.get(address("index")).status_code == 403
    assert {browser.get(address(name, ticket.pk)).status_code for name in ("ticket", "entries", "request")} <= {
        403,
        404,
    }


def test_d05_what_the_forms_do_not_have_is_not_read(world, pia, olga, signed_in):
    ticket = recent(pia, world.a)
    browser = signed_in("pia")
    more = {
        "state": "closed", "visible_to_customer": "on", "organisation": world.b.pk, "priority": "1", "opened_by": "1", "party": "operator",
        "channel": "web", "kind": "note", "author": "Olga", "at": "2020-01-01", "as_what": "note", "assignee": "1", "code": "TCKX0000001",
    }  # fmt: skip
    assert browser.post(address("write", ticket.pk), {"key": "k", "text": "x", **more}).status_code == 302
    row = Ticket.objects.for_(olga).get(pk=ticket.pk)
    entry = Interaction.objects.for_(olga).get(ticket=ticket, text="x")
    assert (row.state, row.visible_to_customer, row.organisation_id, row.priority, row.assignee_id, row.code) == (
        ticket.state, False, world.a.pk, ticket.priority, None, ticket.code,
    )  # fmt: skip
    assert (entry.party, entry.kind, entry.author_name, entry.at.year == timezone.now().year) == (
        "partner", "message", "Pia Prova", True,
    )  # fmt: skip


def test_d06_a_profile_that_ended_while_the_form_was_open_writes_nothing(world, pia, olga, signed_in):
    ticket = recent(pia, world.a)
    browser = signed_in("pia")
    assert browser.get(address("ticket", ticket.pk)).status_code == 200
    with arrange():
        held = world.memberships["pia"]
        held.ended_at = timezone.now()
        held.save()
    answer = browser.post(address("write", ticket.pk), {"key": "k", "text": "too late"})
    assert (answer.status_code in {302, 403, 404}, Interaction.objects.for_(olga).filter(text="too late").exists()) == (
        True,
        False,
    )


OPERATORS_DOORS = ("types", "new_type", "desk", "imports")


def test_d08_doors_that_a_menu_does_not_show_are_closed(world, pia, olga, signed_in):
    with arrange():
        world.memberships["otto"] = new_member(world.operator, "Otto", Profile.OPERATOR_AGENT, "+393510000007")
    closed = {
        "pia": OPERATORS_DOORS,
        "ada": (*OPERATORS_DOORS, "statistics", "choose_customer"),
        "bo": (*OPERATORS_DOORS, "statistics", "choose_customer", "index", "options"),
        "otto": OPERATORS_DOORS,
    }
    for name, doors_closed in closed.items():
        browser = signed_in(name)
        for door in doors_closed:
            assert (name, door, browser.get(address(door)).status_code) == (name, door, 403)


def test_d09_whoever_only_reads_changes_no_tag_link_note_or_state(world, pia, ada, olga, signed_in):
    ticket = recent(pia, world.a, visible_by=olga, shown=True)
    before = Interaction.objects.for_(olga).count()
    doings = {
        "work": {"work-priority": "1", "work-tags": "x", "work-assignee": ""},
        "add_link": {"other": ticket.code},
        "merge": {"other": ticket.code},
        "state": {"to": "closed"},
        "show": {"visible": "0"},
        "write": {"key": "k", "text": "x"},
    }
    for door, data in doings.items():
        assert (door, signed_in("ada").post(address(door, ticket.pk), data).status_code in {403, 422}) == (door, True)
    for door in ("work", "add_link", "merge", "show"):
        assert (door, signed_in("pia").post(address(door, ticket.pk), doings[door]).status_code) == (door, 403)
    with arrange():
        Organisation.objects.for_(olga).filter(pk=world.partner.pk).update(state=OrganisationState.READ_ONLY)
    for door in ("state", "write"):
        assert (door, signed_in("pia").post(address(door, ticket.pk), doings[door]).status_code in {403, 422}) == (
            door,
            True,
        )
    assert (Interaction.objects.for_(olga).count(), queries.ticket_of(olga, ticket.pk).tags) == (before, [])


def test_f06_a_subject_that_is_a_formula_is_text_in_the_export(world, pia, signed_in):
    for place, sign in enumerate("=+-@"):
        recent(pia, world.a, subject=f"{sign}cmd{place}|' /C calc'!A0")
    rows = listed(signed_in("pia"), export="csv")
    cells = [cell.strip('"') for cell in re.split(r"[,;\n]", rows) if re.search(r"cmd\d", cell)]
    assert sorted(cell[:2] for cell in cells) == ["'+", "'-", "'=", "'@"]


def test_f01_f02_a_file_with_a_hostile_name_is_handed_out_as_a_download(world, pia, signed_in):
    ticket = recent(pia, world.a)
    browser = signed_in("pia")
    files = [
        SimpleUploadedFile("../../x\r\nSet-Cookie: a=b.html", b"<script>alert(1)</script>", content_type="text/html")
    ]
    browser.post(address("write", ticket.pk), {"key": "k", "text": "x", "attachments": files})
    (file,) = TicketFile.objects.for_(pia).filter(ticket=ticket)
    got = browser.get(address("file", ticket.pk, file.pk))
    assert b"".join(got.streaming_content) == b"<script>alert(1)</script>"
    assert ("/" in file.name, "\n" in file.name, got["Content-Disposition"].startswith("attachment")) == (
        False,
        False,
        True,
    )
    assert (got["X-Content-Type-Options"], "a=b" in str(got.cookies)) == ("nosniff", False)
