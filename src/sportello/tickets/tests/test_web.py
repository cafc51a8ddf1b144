"""The pages of tickets, as browsers see them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sportello.inventory.tests.factories import make_line
from sportello.tickets import queries
from sportello.tickets.models import SavedAnswer, ServiceLevel, Ticket, TicketFile, TicketGroup, TicketType
from sportello.tickets.operations import add_interaction, add_note, change_state
from sportello.tickets.queries import statistics
from sportello.tickets.states import Priority, State
from sportello.tickets.tests.factories import NOW, TEXT_FILE, a_ticket

pytestmark = pytest.mark.django_db
MOST_QUERIES = 15
OPENING = {
    "type": "XDSL",
    "version": "1",
    "key": "one",
    "subject": "No sync",
    "contact_name": "Rita",
    "contact_phone": "055 264 5555",
    "text": "Since this morning",
    "answer_problem": "no_sync",
    "answer_line_state": "down",
}


def opened(world, browser, **more):
    line = make_line(world.a, "XD000001", kind="xdsl")
    data = OPENING | {"answer_contract": f"line:{line.pk}"} | more
    return browser.post(reverse("tickets:new", args=[world.a.pk]), data)


def shown(browser, ticket) -> str:
    return browser.get(reverse("tickets:ticket", args=[ticket.pk])).content.decode()


def test_a_partner_opens_a_ticket_from_the_customers_record(world, signed_in, pia):
    browser = signed_in("pia")
    page = browser.get(reverse("tickets:new", args=[world.a.pk]) + "?type=XDSL").content.decode()
    assert all(word in page for word in ("Contract and site", "Person to call back", "Visible to the end customer"))
    assert "Priority" not in page
    trace = SimpleUploadedFile("trace.txt", b"INVITE sip:x\n")
    answer = opened(world, browser, attachments=[trace])
    ticket = Ticket.objects.for_(pia).get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("tickets:ticket", args=[ticket.pk]))
    assert (ticket.code, ticket.contact_phone) == ("TCKXDSL0000001", "+390552645555")
    page = shown(browser, ticket)
    assert all(
        word in page for word in ("The line does not synchronise", "XD000001", "trace.txt", "Since this morning")
    )


def test_what_is_missing_is_said_at_its_field_and_nothing_typed_is_lost(world, signed_in, pia):
    answer = opened(world, signed_in("pia"), answer_problem="", contact_phone="1")
    page = answer.content.decode()
    assert (answer.status_code, Ticket.objects.for_(pia).count()) == (422, 0)
    assert 'id="id_answer_problem_error"' in page
    assert 'id="id_contact_phone_error"' in page
    assert "Since this morning" in page


def test_f03_a_refused_file_is_said_at_the_form(world, signed_in, pia):
    answer = opened(world, signed_in("pia"), attachments=[SimpleUploadedFile("bill.pdf.exe", b"MZ")])
    assert (answer.status_code, "is a program" in answer.content.decode()) == (422, True)
    assert not Ticket.objects.for_(pia).exists()


def test_sending_the_form_twice_opens_one_ticket(world, signed_in, pia):
    browser = signed_in("pia")
    first = opened(world, browser)
    data = OPENING | {"answer_contract": f"line:{Ticket.objects.for_(pia).get().line_id}"}
    second = browser.post(reverse("tickets:new", args=[world.a.pk]), data)
    assert (first["Location"], Ticket.objects.for_(pia).count()) == (second["Location"], 1)


def test_a_ticket_keeps_the_form_that_it_was_opened_with(world, signed_in, olga):
    ticket = a_ticket(olga, world.a, code="VOIP", answers={"device": "Phone 7"})
    kind = TicketType.objects.get(code="VOIP")
    browser = signed_in("olga")
    data = {
        "name_en": "VoIP", "position": "20", "active": "on", "q-TOTAL_FORMS": "1", "q-INITIAL_FORMS": "0",
        "q-0-kind": "choice", "q-0-label_en": "Which codec?", "q-0-choices": "g711 | G.711 | G.711 | G.711\ng729 | G.729", "q-0-ORDER": "1",
    }  # fmt: skip
    assert browser.post(reverse("tickets:type", args=[kind.pk]), data).status_code == 302
    newest = queries.newest_form(kind)
    assert (newest.version, [one.key for one in newest.questions]) == (2, ["which_codec"])
    assert dict(newest.questions[0].choices)["g729"] == {"en": "G.729", "it": "G.729", "es": "G.729"}
    assert "VoIP device, make and model" in shown(browser, ticket)
    page = browser.get(reverse("tickets:new", args=[world.a.pk]) + "?type=VOIP").content.decode()
    assert ("Which codec?" in page, "VoIP device" in page) == (True, False)


def test_the_list_shows_open_tickets_and_filters(world, signed_in, olga, pia):
    one, other, ended = (a_ticket(pia, world.a, subject=subject) for subject in ("First", "Second", "Third"))
    change_state(actor=olga, ticket=ended, to=State.CLOSED, now=NOW)
    a_ticket(olga, world.b, code="VOIP", subject="Of B")
    browser = signed_in("olga")

    def found(**filters) -> list[str]:
        page = browser.get(reverse("tickets:index"), filters).content.decode()
        return sorted(re.findall(r">(First|Second|Third|Of B)</a>", page))

    assert found() == ["First", "Of B", "Second"]
    assert found(state="all") == ["First", "Of B", "Second", "Third"]
    assert found(state="closed") == ["Third"]
    assert found(type="VOIP") == found(customer="Beta") == found(customer="B") == ["Of B"]
    assert (
        found(number="2")
        == found(number="TCKGEN0000002")
        == found(subject="secon")
        == found(q="second tone")
        == ["Second"]
    )
    assert found(opened_to="2020-01-01") == found(province="ZZ") == found(state="x") == []
    assert found(assignee="nobody", customer="alfa") == ["First", "Second"]
    assert found(assignee="me") == found(overdue="1", opened_from="2099-01-01") == []
    assert [one.pk, other.pk] == [row.pk for row in queries.tickets(pia).filter(state=State.OPEN).order_by("pk")]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_the_same_queries_at_one_row_and_at_three(
    world, signed_in, olga, rows, django_assert_num_queries
):
    for _row in range(rows):
        a_ticket(olga, world.a)
    browser = signed_in("olga")
    with django_assert_num_queries(9):
        browser.get(reverse("tickets:index"))


def test_a_ticket_page_takes_few_queries_however_much_was_written(world, signed_in, pia):
    ticket = a_ticket(pia, world.a, files=[TEXT_FILE])
    for _entry in range(8):
        add_interaction(actor=pia, ticket=ticket, text="More", files=[TEXT_FILE], now=NOW)
    for name in ("olga", "pia"):
        browser = signed_in(name)
        with CaptureQueriesContext(connection) as found:
            shown(browser, ticket)
        asked = [one["sql"][:150] for one in found if "sportello.reach" not in one["sql"]]
        assert len(asked) <= MOST_QUERIES, asked


def test_the_page_asks_for_what_came_since(world, signed_in, pia, olga):
    ticket = a_ticket(pia, world.a)
    browser, address = signed_in("pia"), reverse("tickets:entries", args=[ticket.pk])
    assert browser.get(address, {"after": "1"}).status_code == 204
    add_note(actor=olga, ticket=ticket, text="hush", now=NOW)
    add_interaction(actor=olga, ticket=ticket, text="Look here", now=NOW)
    page = browser.get(address, {"after": "1"}).content.decode()
    assert ("Look here" in page, "hush" in page, "after=4" in page, "In progress" in page) == (True, False, True, True)


def test_writing_with_a_file_and_a_flag(world, signed_in, pia, ada, olga):
    ticket = a_ticket(pia, world.a, visible_by=olga)
    data = {
        "key": "k",
        "seen": "2",
        "text": "For you",
        "shown": "on",
        "attachments": [SimpleUploadedFile("a.txt", b"x")],
    }
    answer = signed_in("pia").post(reverse("tickets:write", args=[ticket.pk]), data)
    assert answer["Location"] == f"/tickets/{ticket.pk}/#entry-3"
    page = shown(signed_in("ada"), ticket)
    assert ("For you" in page, "a.txt" in page, "No dial tone since" in page) == (True, True, False)


def test_e30_whoever_writes_on_a_stale_page_is_told(world, signed_in, pia, olga):
    ticket = a_ticket(pia, world.a)
    add_interaction(actor=olga, ticket=ticket, text="First", now=NOW)
    answer = signed_in("pia").post(
        reverse("tickets:write", args=[ticket.pk]),
        {"key": "k", "seen": "1", "text": "Second", "shown": "on"},
        follow=True,
    )
    page = answer.content.decode()
    assert ("Others wrote in this ticket" in page, "not visible to the customer: your entry" in page) == (True, True)


def test_f02_files_are_downloads_that_no_browser_runs(world, signed_in, pia):
    ticket = a_ticket(pia, world.a, files=[TEXT_FILE])
    file = TicketFile.objects.for_(pia).get()
    answer = signed_in("pia").get(reverse("tickets:file", args=[ticket.pk, file.pk]))
    assert (b"".join(answer.streaming_content), answer["Content-Type"]) == (
        TEXT_FILE.content,
        "application/octet-stream",
    )
    assert answer["Content-Disposition"] == 'attachment; filename="trace.txt"'
    assert (answer["X-Content-Type-Options"], answer["Content-Security-Policy"]) == (
        "nosniff",
        "sandbox; default-src 'none'",
    )


def test_e22_what_people_write_is_text_on_every_page(world, signed_in, pia, olga):
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'{{ 7*7 }}"
    ticket = a_ticket(pia, world.a, subject=attack[:190], text=attack, answers={})
    for address in (reverse("tickets:ticket", args=[ticket.pk]), reverse("tickets:index"), "/tickets/proof"):
        page = signed_in("olga").get(address).content.decode()
        assert ("<script>alert" in page, "<img src=x" in page) == (False, False)


def test_the_operator_works_on_a_ticket_from_its_page(world, signed_in, pia, olga):
    ticket, other = a_ticket(pia, world.a), a_ticket(pia, world.a)
    group = TicketGroup.objects.create(name="Access")
    browser, person = signed_in("olga"), world.memberships["olga"].person

    def send(name: str, **data) -> int:
        return browser.post(reverse(f"tickets:{name}", args=[ticket.pk]), data).status_code

    work = {"work-priority": "1", "work-assignee": str(person.pk), "work-group": str(group.pk), "work-tags": "a, b"}
    assert [
        send("work", **work),
        send("state", to="waiting_supplier"),
        send("show", visible="1"),
        send("add_link", other=other.code.lower()),
        send("merge", other=other.code),
    ] == [302] * 5
    row = queries.ticket_of(olga, ticket.pk)
    assert (row.priority, row.assignee, row.group, row.tags) == (Priority.URGENT, person, group, ["a", "b"])
    assert (row.state, row.visible_to_customer, row.merged_into) == (State.CLOSED, True, other)
    assert (
        send("state", to="nowhere"),
        send("show", visible="yes"),
        send("work", **(work | {"work-priority": "9"})),
    ) == (422,) * 3
    assert (send("add_link", other="TCKNONE"), queries.linked(olga, ticket)) == (302, [other])
    assert "This ticket goes on in another one" in shown(browser, ticket)
    send("add_link", other=other.code, apart="1")
    assert queries.linked(olga, ticket) == []


def test_a_partner_finds_no_work_on_the_page_and_is_refused_at_its_addresses(world, signed_in, pia, olga):
    ticket, browser = a_ticket(pia, world.a), signed_in("pia")
    add_note(actor=olga, ticket=ticket, text="hush", now=NOW)
    page = shown(browser, ticket)
    assert [word in page for word in ("Make the ticket visible", "Merge into", "hush", "Internal note")] == [False] * 4
    answers = {
        name: browser.post(reverse(f"tickets:{name}", args=[ticket.pk])).status_code
        for name in ("work", "add_link", "merge")
    }
    answers["show"] = browser.post(reverse("tickets:show", args=[ticket.pk]), {"visible": "1"}).status_code
    assert set(answers.values()) == {403}
    for name in ("types", "new_type", "desk"):
        assert browser.get(reverse(f"tickets:{name}")).status_code == 403


def test_d05_a_posted_flag_or_party_that_the_form_does_not_have_is_not_read(world, signed_in, pia, olga):
    data = {
        "visible_to_customer": "on",
        "state": "closed",
        "party": "operator",
        "priority": "1",
        "tags": "x",
        "answer_evil": "x",
    }
    opened(world, signed_in("pia"), **data)
    ticket = Ticket.objects.for_(pia).get()
    assert (ticket.visible_to_customer, ticket.state, ticket.priority, ticket.tags) == (
        False,
        State.OPEN,
        Priority.NORMAL,
        [],
    )
    signed_in("pia").post(
        reverse("tickets:write", args=[ticket.pk]),
        {"key": "k", "text": "x", "as_what": "note", "channel": "web", "party": "operator"},
    )
    entry = queries.entries(olga, ticket)[-1]
    assert (entry.kind, entry.party) == ("message", "partner")


def test_the_proof_is_a_page(world, signed_in, pia):
    ticket, browser = a_ticket(pia, world.a), signed_in("pia")
    address = reverse("tickets:proof", args=[ticket.pk])
    assert "The ticket is whole" not in browser.get(address).content.decode()
    page = browser.post(address).content.decode()
    assert ("The ticket is whole" in page, queries.ticket_of(pia, ticket.pk).head in page) == (True, True)


def test_the_set_up_of_groups_answers_levels_and_wholesalers(world, signed_in, olga, pia):
    browser, address, person = signed_in("olga"), reverse("tickets:desk"), world.memberships["olga"].person

    def send(**data) -> int:
        return browser.post(address, data).status_code

    assert browser.get(address).status_code == 200
    assert send(what="group", name="Access", people=[str(person.pk)]) == 302
    group = TicketGroup.objects.get()
    assert (group.name, queries.people_of(group)) == ("Access", [person])
    assert send(what="group", name="Access") == 422
    assert send(what="group", row=str(group.pk), name="") == 302
    assert send(what="answer", title="Thanks", text="Thank you, {contact}: {code}") == 302
    ticket = a_ticket(pia, world.a)
    assert f"Thank you, Rita: {ticket.code}" in shown(browser, ticket)
    assert send(what="answer", row=str(SavedAnswer.objects.get().pk), title="Thanks", text="") == 302
    levels = {f"{what}_{one.value}": "" for one in Priority for what in ("answer", "resolution")}
    assert send(what="levels", kind="", **(levels | {"answer_1": "0.5", "resolution_1": "2"})) == 302
    assert list(ServiceLevel.objects.values_list("priority", "answer_minutes", "resolution_minutes")) == [
        ("1", 30, 120)
    ]
    assert send(what="levels", kind="", **(levels | {"answer_1": "3", "resolution_1": "2"})) == 422
    assert send(what="wholesale", wholesale=[str(world.partner.pk)]) == 302
    assert queries.is_wholesale(world.a)
    assert (TicketGroup.objects.count(), SavedAnswer.objects.count(), send(what="nothing")) == (0, 0, 422)


def test_a_type_is_made_and_checked(world, signed_in):
    browser = signed_in("olga")
    data = {"code": "sat", "code_prefix": "sat", "name_it": "Satellite", "position": "70", "active": "on"}
    answer = browser.post(reverse("tickets:new_type"), data)
    kind = TicketType.objects.get(code="SAT")
    assert answer["Location"] == reverse("tickets:type", args=[kind.pk])
    assert browser.post(reverse("tickets:new_type"), data).status_code == 422
    for wrong in (
        {"q-0-kind": "choice", "q-0-choices": "only"},
        {"q-0-kind": "contract"},
        {"q-0-kind": "text", "q-0-key": "No!"},
    ):
        formset = {"q-TOTAL_FORMS": "1", "q-INITIAL_FORMS": "0", "q-0-label_en": "What?", "q-0-kind": "text"} | wrong
        answer = browser.post(reverse("tickets:type", args=[kind.pk]), data | formset)
        assert (answer.status_code, queries.newest_form(kind).version) == (422, 1)
    assert browser.get(reverse("tickets:types")).status_code == 200


def test_an_overdue_ticket_is_found_and_shown(world, signed_in, olga):
    ticket = a_ticket(olga, world.a, now=timezone.now() - timedelta(days=30))
    page = signed_in("olga").get(reverse("tickets:index"), {"overdue": "1"}).content.decode()
    assert ticket.code in page


def test_statistics_count_what_the_reader_sees(world, signed_in, pia, olga):
    now = timezone.now()
    one = a_ticket(pia, world.a, now=now - timedelta(days=2))
    add_interaction(actor=olga, ticket=one, text="Answered", now=now - timedelta(days=2) + timedelta(minutes=30))
    change_state(actor=olga, ticket=one, to=State.CLOSED, now=now - timedelta(days=1))
    a_ticket(olga, world.b, code="VOIP", now=now)
    since = now - timedelta(days=60)
    of_pia = [(row.name, row.opened, row.still_open, row.share_in_time) for row in statistics.by_type(pia, since=since)]
    assert of_pia == [("Something else", 1, 0, 100)]
    rows = statistics.by_partner(olga, since=since, direct="none")
    assert sorted((row.name, row.opened, row.answer, row.end) for row in rows) == [
        ("Partner Uno", 1, timedelta(minutes=30), timedelta(days=1)),
        ("none", 1, None, None),
    ]
    for name, status in (("olga", 200), ("pia", 200), ("ada", 403)):
        answer = signed_in(name).get(reverse("tickets:statistics"))
        assert (name, answer.status_code) == (name, status)
    assert "VoIP" not in signed_in("pia").get(reverse("tickets:statistics")).content.decode()
