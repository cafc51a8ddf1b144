"""Tickets opened, written in, moved and worked on, through the operations that pages call."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sportello.inventory.tests.factories import make_line
from sportello.kernel.models import Event
from sportello.kernel.refusals import InvalidInput, NotFound, NotPermitted
from sportello.kernel.states import NoSuchTransition
from sportello.tickets import queries
from sportello.tickets.models import Ticket, TicketGroup
from sportello.tickets.operations import (
    add_interaction,
    add_note,
    assign,
    change_state,
    link_tickets,
    merge_ticket,
    open_ticket,
    set_priority,
    set_tags,
    show_entry,
)
from sportello.tickets.rules import ReopeningTooLate
from sportello.tickets.rules.opening import OnlyPartnersOpen
from sportello.tickets.states import Channel, EntryKind, Party, Priority, State
from sportello.tickets.tests.factories import NOW, TEXT_FILE, a_ticket, form_for
from sportello.tickets.types import Callback

pytestmark = pytest.mark.django_db
NOBODY = Callback(name="", phone="")


def again(ticket: Ticket, actor) -> Ticket:
    return queries.ticket_of(actor, ticket.pk)


def kinds(actor, ticket) -> list[str]:
    return [entry.kind for entry in queries.entries(actor, ticket)]


def test_a_partner_opens_a_ticket_that_says_what_was_asked(world, pia, olga):
    line = make_line(world.a, "XD000001", kind="xdsl")
    answers = {"problem": "no_sync", "contract": f"line:{line.pk}", "line_state": "down", "not asked": "x"}
    ticket = a_ticket(pia, world.a, code="XDSL", answers=answers, files=[TEXT_FILE], priority=Priority.URGENT)
    (opening,) = queries.entries(olga, ticket)
    assert (ticket.code, ticket.number, ticket.line_id, ticket.organisation) == ("TCKXDSL0000001", 1, line.pk, world.a)
    assert (ticket.state, ticket.visible_to_customer, ticket.priority) == (State.OPEN, False, Priority.NORMAL)
    assert {key: answer["value"] for key, answer in opening.data["answers"].items()} == {
        "problem": "no_sync",
        "contract": f"line:{line.pk}",
        "line_state": "down",
    }
    assert (opening.party, opening.channel, opening.author_name, opening.shown) == (
        Party.PARTNER, Channel.WEB, "Pia Prova", False,
    )  # fmt: skip
    assert [(file.name, file.content_type, file.size) for file in opening.listed_files] == [
        ("trace.txt", "text/plain", 29)
    ]
    assert Event.append_only.filter(kind="tickets.opened").values_list("organisation_id", "payload__code").get() == (
        world.partner.pk,
        "TCKXDSL0000001",
    )


def test_codes_count_up_for_each_type_alone(world, olga):
    codes = [a_ticket(olga, world.a, code=code).code for code in ("GENERIC", "VOIP", "GENERIC", "VOIP", "GENERIC")]
    assert codes == ["TCKGEN0000001", "TCKVOIP0000001", "TCKGEN0000002", "TCKVOIP0000002", "TCKGEN0000003"]


def test_what_a_form_asks_for_is_asked_for(world, pia):
    with pytest.raises(InvalidInput) as refusal:
        a_ticket(pia, world.a, code="XDSL")
    assert refusal.value.field == "answer_problem"
    assert not Ticket.objects.for_(pia).exists()


def test_a_contract_of_another_customer_is_none_to_choose(world, pia):
    make_line(world.a, "XD000001", kind="xdsl")
    foreign = make_line(world.b, "XD000002", kind="xdsl")
    answers = {"problem": "slow", "contract": f"line:{foreign.pk}", "line_state": "down"}
    with pytest.raises(InvalidInput) as refusal:
        a_ticket(pia, world.a, code="XDSL", answers=answers)
    assert refusal.value.field == "answer_contract"


def test_the_same_form_sent_twice_opens_one_ticket(world, pia):
    assert a_ticket(pia, world.a, key="form-1") == a_ticket(pia, world.a, key="form-1")


def test_the_same_entry_sent_twice_is_written_once(world, pia):
    ticket = a_ticket(pia, world.a)
    one, other = (add_interaction(actor=pia, ticket=ticket, text="again", now=NOW, key="k") for _ in range(2))
    assert (one, again(ticket, pia).sequence) == (other, 2)


def test_another_partner_and_the_customer_find_no_ticket(world, pia, ada, cy):
    ticket = a_ticket(pia, world.a)
    for stranger in (ada, cy):
        with pytest.raises(NotFound):
            queries.ticket_of(stranger, ticket.pk)


def test_words_move_a_ticket_where_they_lead(world, pia, olga):
    ticket = a_ticket(pia, world.a)
    add_interaction(actor=olga, ticket=ticket, text="We look into it", now=NOW + timedelta(hours=1))
    assert (again(ticket, pia).state, again(ticket, pia).answered_at) == (State.IN_PROGRESS, NOW + timedelta(hours=1))
    change_state(actor=olga, ticket=ticket, to=State.WAITING_PARTNER, now=NOW + timedelta(hours=2))
    add_interaction(actor=pia, ticket=ticket, text="Here it is", now=NOW + timedelta(hours=3))
    assert again(ticket, pia).state == State.IN_PROGRESS
    assert kinds(pia, ticket) == ["opening", "message", "state", "state", "message", "state"]


def test_a_note_is_the_operators_alone(world, pia, olga):
    ticket = a_ticket(pia, world.a)
    add_note(actor=olga, ticket=ticket, text="They never pay", now=NOW)
    assert (kinds(olga, ticket), kinds(pia, ticket)) == (["opening", "note"], ["opening"])
    with pytest.raises(NotPermitted):
        add_note(actor=pia, ticket=ticket, text="x", now=NOW)


def test_what_the_supplier_said_ends_the_wait_for_it(world, olga):
    ticket = a_ticket(olga, world.a)
    change_state(actor=olga, ticket=ticket, to=State.WAITING_SUPPLIER, now=NOW)
    entry = add_interaction(actor=olga, ticket=ticket, text="Cable cut", of_supplier=True, now=NOW)
    assert (entry.party, entry.author_name, again(ticket, olga).state) == (
        Party.SUPPLIER,
        "Olga Prova",
        State.IN_PROGRESS,
    )


def test_a_wait_stops_the_clock_of_the_service_levels(world, olga):
    """Opened Wednesday 10:00 in Rome with 18 working hours: due Friday 10:00. A wait of one working day moves it to Monday."""
    ticket = a_ticket(olga, world.a)
    assert ticket.resolution_due_at == NOW + timedelta(days=2)
    change_state(actor=olga, ticket=ticket, to=State.WAITING_CUSTOMER, now=NOW + timedelta(hours=1))
    change_state(actor=olga, ticket=ticket, to=State.IN_PROGRESS, now=NOW + timedelta(days=1, hours=1))
    assert again(ticket, olga).resolution_due_at == NOW + timedelta(days=5)


def test_e27_an_answer_to_an_ended_ticket_opens_it_again_within_14_days(world, pia, olga):
    ticket = a_ticket(pia, world.a)
    change_state(actor=olga, ticket=ticket, to=State.CLOSED, now=NOW)
    add_interaction(actor=pia, ticket=ticket, text="It is back", now=NOW + timedelta(days=14))
    assert (again(ticket, pia).state, again(ticket, pia).ended_at) == (State.REOPENED, None)
    change_state(actor=pia, ticket=ticket, to=State.CLOSED, now=NOW + timedelta(days=15))
    with pytest.raises(ReopeningTooLate):
        add_interaction(actor=pia, ticket=ticket, text="Again", now=NOW + timedelta(days=29, seconds=1))
    with pytest.raises(ReopeningTooLate):
        change_state(actor=olga, ticket=ticket, to=State.REOPENED, now=NOW + timedelta(days=29, seconds=1))


def test_a_partner_ends_a_ticket_and_does_no_other_work(world, pia, olga):
    ticket = a_ticket(pia, world.a)
    person = world.memberships["olga"].person
    for work in (
        lambda: change_state(actor=pia, ticket=ticket, to=State.IN_PROGRESS, now=NOW),
        lambda: set_priority(actor=pia, ticket=ticket, priority=Priority.URGENT, now=NOW),
        lambda: assign(actor=pia, ticket=ticket, person=person, now=NOW),
        lambda: set_tags(actor=pia, ticket=ticket, tags=["x"], now=NOW),
        lambda: link_tickets(actor=pia, ticket=ticket, other=a_ticket(pia, world.a), now=NOW),
        lambda: merge_ticket(actor=pia, ticket=ticket, into=a_ticket(pia, world.a), now=NOW),
    ):
        with pytest.raises(NotPermitted):
            work()
    change_state(actor=pia, ticket=ticket, to=State.RESOLVED, now=NOW)
    assert again(ticket, olga).state == State.RESOLVED


def test_d09_whoever_views_as_another_changes_nothing(world, pia, olga):
    ticket = a_ticket(pia, world.a)
    with pytest.raises(NotPermitted):
        add_interaction(actor=pia.viewed_by(olga), ticket=ticket, text="x", now=NOW)


def test_the_operators_work_stands_in_the_ticket(world, pia, olga):
    ticket, other, person = a_ticket(pia, world.a), a_ticket(pia, world.a), world.memberships["olga"].person
    group = TicketGroup.objects.create(name="Access")
    set_priority(actor=olga, ticket=ticket, priority=Priority.URGENT, now=NOW)
    assign(actor=olga, ticket=ticket, person=person, group=group, now=NOW)
    set_tags(actor=olga, ticket=ticket, tags=["Fibre ", "fibre", "olt 7"], now=NOW)
    link_tickets(actor=olga, ticket=ticket, other=other, now=NOW)
    row = again(ticket, olga)
    assert (row.priority, row.assignee, row.group, row.tags) == (Priority.URGENT, person, group, ["fibre", "olt 7"])
    assert row.resolution_due_at == NOW + timedelta(hours=4)
    assert queries.linked(pia, ticket) == [other]
    assert kinds(olga, ticket) == ["opening", "priority", "assignment", "tags", "link"]
    assert kinds(pia, ticket) == ["opening", "priority", "link"]
    link_tickets(actor=olga, ticket=other, other=ticket, linked=False, now=NOW)
    assert queries.linked(olga, ticket) == []
    with pytest.raises(InvalidInput):
        assign(actor=olga, ticket=ticket, person=world.memberships["ada"].person, now=NOW)


def test_merging_refers_and_moves_nothing(world, pia, olga):
    ticket, into, foreign = a_ticket(pia, world.a), a_ticket(pia, world.a), a_ticket(olga, world.b)
    with pytest.raises(InvalidInput):
        merge_ticket(actor=olga, ticket=ticket, into=foreign, now=NOW)
    merge_ticket(actor=olga, ticket=ticket, into=into, now=NOW)
    row = again(ticket, pia)
    assert (row.state, row.merged_into, kinds(pia, into)) == (State.CLOSED, into, ["opening", "merge"])
    with pytest.raises(InvalidInput):
        merge_ticket(actor=olga, ticket=into, into=ticket, now=NOW)


def test_a_state_that_the_table_does_not_lead_to_is_refused(world, olga):
    ticket = a_ticket(olga, world.a)
    change_state(actor=olga, ticket=ticket, to=State.CLOSED, now=NOW)
    with pytest.raises(NoSuchTransition):
        change_state(actor=olga, ticket=ticket, to=State.IN_PROGRESS, now=NOW)


def test_e06_the_end_customer_opens_no_ticket(world, ada):
    with pytest.raises(OnlyPartnersOpen):
        open_ticket(
            actor=ada,
            customer=world.a,
            form=form_for("GENERIC"),
            subject="x",
            text="x",
            answers={},
            contact=NOBODY,
            now=NOW,
        )


def test_search_finds_words_of_texts_files_and_answers(world, pia, olga):
    ticket = a_ticket(pia, world.a, text="Il caffè è senza linea", files=[TEXT_FILE])
    a_ticket(pia, world.a, text="Altro")
    add_note(actor=olga, ticket=ticket, text="secretword", now=NOW)

    def found(actor, text) -> list[Ticket]:
        return list(queries.search(actor, queries.tickets(actor), text))

    assert (
        found(olga, "CAFFE linea")
        == found(olga, "sip echo")
        == found(olga, ticket.code)
        == found(olga, "secretw")
        == [ticket]
    )
    assert found(pia, "caffè") == [ticket]
    assert found(pia, "secretword") == found(olga, "caffe altro") == []
    assert len(found(olga, "' OR 1=1 --")) == 0


def test_showing_an_entry_is_an_entry_of_its_own(world, pia, olga, ada):
    ticket = a_ticket(pia, world.a, visible_by=olga)
    show_entry(actor=pia, ticket=ticket, sequence=1, visible=True, now=NOW)
    assert [entry.text for entry in queries.entries(ada, ticket)] == ["No dial tone since this morning"]
    show_entry(actor=olga, ticket=ticket, sequence=1, visible=False, now=NOW)
    assert queries.entries(ada, ticket) == []
    assert kinds(pia, ticket) == [EntryKind.OPENING, *[EntryKind.VISIBILITY] * 3]
