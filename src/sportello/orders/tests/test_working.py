"""Working: taking, asking, waiting, completing, results of the provisioning system, and mails."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from sportello.accounts.models import Person
from sportello.inventory.models import Line, LineOption, Sim
from sportello.inventory.tests.factories import make_cost_centre, make_plan, table
from sportello.kernel.refusals import InvalidInput, NotFound, NotPermitted, WrongState
from sportello.kernel.testing import arrange
from sportello.messaging.models import Message
from sportello.orders import operations, queries, rules
from sportello.orders.models import OrderItem, OrderStep
from sportello.orders.queries.proof import PROOF
from sportello.orders.states import State
from sportello.orders.tests.factories import (
    ICCID,
    LATER,
    NOW,
    OTHER_ICCID,
    PDF,
    TAX_CODE,
    a_line,
    agent,
    an_agreement,
    an_option,
    colleague,
    ordered,
    taken,
)
from sportello.orders.types import HandedIn
from sportello.parties.models import Organisation, Site

pytestmark = pytest.mark.django_db
SYSTEM_REASON = "a test looks"


def complete(actor, order, *, results=None, now=LATER, **options):
    return operations.complete_items(actor=actor, order=order, results=results, now=now, **options)


def line_now(line):
    return (
        Line.objects.across_tenants(reason=SYSTEM_REASON).select_related("plan", "sim", "cost_centre").get(pk=line.pk)
    )


def test_an_agent_takes_an_order_and_another_is_told_who_has_it(world, ada, olga):
    omar = agent(world)
    order = taken(olga, ordered(ada, world.a, "SUSPENSION", a_line(world.a), why="request"))
    assert (order.state, order.assignee_id) == (State.ACCEPTED, olga.person_id)
    with pytest.raises(rules.TakenAlready, match="Olga"):
        operations.take_order(actor=omar, order=order, now=NOW)
    with pytest.raises(rules.TakenAlready):
        operations.start_work(actor=omar, order=order, now=NOW)
    with pytest.raises(NotPermitted):
        operations.take_order(actor=ada, order=order, now=NOW)
    omar_person = Person.objects.for_(olga).get(pk=omar.person_id)
    operations.hand_over(actor=olga, order=order, to=omar_person, note="yours", now=NOW)
    assert operations.start_work(actor=omar, order=order, now=NOW).state == State.IN_PROGRESS
    kinds = [step.kind for step in queries.steps_of(olga, order)]
    assert kinds == ["started", "handed_over", "accepted", "taken", "asked"]
    assert [step.kind for step in queries.steps_of(ada, order)] == ["started", "accepted", "asked"]
    ada_person = Person.objects.for_(olga).get(pk=ada.person_id)
    with pytest.raises(InvalidInput):
        operations.hand_over(actor=olga, order=order, to=ada_person, now=NOW)


def test_a_wait_for_the_customer_moves_the_expected_day_by_the_working_days_waited(world, ada, olga, cy):
    order = taken(olga, ordered(ada, world.a, "PLAN-CHANGE", a_line(world.a), plan=make_plan("GOLD").code))
    assert order.expected_date == date(2026, 11, 24)
    asked = operations.ask_customer(actor=olga, order=order, question="From when?", now=NOW)
    assert (asked.state, asked.waits_since) == (State.WAITING_CUSTOMER, NOW)
    with pytest.raises(NotFound):
        operations.answer_question(actor=cy, order=order, answer="now", now=LATER)
    answered = operations.answer_question(actor=ada, order=order, answer="At once", now=LATER)
    assert (answered.state, answered.expected_date, answered.waits_since) == (
        State.IN_PROGRESS,
        date(2026, 11, 26),
        None,
    )
    with pytest.raises(rules.NotWaitingForYou):
        operations.answer_question(actor=ada, order=order, answer="again", now=LATER)
    third = operations.wait_for_third(actor=olga, order=order, note="the donor", now=LATER)
    assert (third.state, operations.start_work(actor=olga, order=order, now=LATER).expected_date) == (
        State.WAITING_THIRD, date(2026, 11, 26),
    )  # fmt: skip


def test_the_customer_cancels_until_the_work_begins(world, ada, olga):
    lines = [a_line(world.a, f"+39351123456{one}") for one in range(2)]
    order = taken(olga, ordered(ada, world.a, "SUSPENSION", *lines, why="request"))
    assert operations.cancel_items(actor=ada, order=order, items=[1], now=NOW).state == State.ACCEPTED
    operations.start_work(actor=olga, order=order, now=NOW)
    with pytest.raises(rules.TooLateToCancel):
        operations.cancel_items(actor=ada, order=order, now=NOW)
    assert operations.cancel_items(actor=olga, order=order, reason="by phone", now=NOW).state == State.CANCELLED
    with pytest.raises(rules.HasEnded):
        operations.cancel_items(actor=olga, order=order, now=NOW)


def test_partial_completion_is_seen_item_by_item(world, ada, olga):
    lines = [a_line(world.a, f"+39351123456{one}") for one in range(3)]
    order = taken(olga, ordered(ada, world.a, "SUSPENSION", *lines, why="request"))
    complete(olga, order, items=[1])
    partly = operations.reject_items(actor=olga, order=order, reason="not now", items=[2], now=LATER)
    assert (partly.state, partly.done_count, [line_now(one).status for one in lines]) == (
        State.IN_PROGRESS, 1, ["suspended", "active", "active"],
    )  # fmt: skip
    whole = complete(olga, order, items=[3])
    assert (whole.state, whole.done_count, whole.ended_at) == (State.COMPLETED, 2, LATER)
    with pytest.raises(rules.HasEnded):
        complete(olga, order)
    assert list(PROOF.walk()) == []


def test_a_completed_order_has_changed_the_inventory(world, ada, olga):
    """Each effect of product/05 on a line that is there, through the inventory's own operations."""
    gold, centre = make_plan("GOLD"), make_cost_centre(world.a, "CC9")
    an_option()
    line = a_line(world.a)
    steps = [
        ("PLAN-CHANGE", {"plan": gold.code}, {}, lambda row: row.plan.code, "GOLD"),
        ("COST-CENTRE", {"cost_centre": centre.code}, {}, lambda row: row.cost_centre.code, "CC9"),
        ("SUSPENSION", {"why": "request"}, {}, lambda row: row.status, "suspended"),
        ("REACTIVATION", {}, {}, lambda row: row.status, "active"),
        ("OPTION-ON", {"option": "ROAM"}, {}, options_of, ["ROAM"]),
        ("OPTION-OFF", {"option": "ROAM"}, {}, options_of, []),
        (
            "DEVICE",
            {"device": "Nova 5", "how": "rental"},
            {"device": "Nova 5 blu"},
            lambda row: row.device,
            "Nova 5 blu",
        ),
        ("SIM-REPLACEMENT", {"why": "fault"}, {"iccid": ICCID, "puk": "12345678"}, lambda row: row.sim.iccid, ICCID),
        ("VPN-CHANGE", {"wish": "another group"}, {}, lambda row: row.status, "active"),
        ("TERMINATION", {}, {}, lambda row: row.status, "terminated"),
    ]
    for day, (code, answers, result, look, after) in enumerate(steps):
        now = datetime(2026, 11, 23, 9 + day, tzinfo=UTC)
        order = taken(olga, ordered(ada, world.a, code, line, now=now, **answers), now=now)
        assert complete(olga, order, results={1: result}, now=now).state == State.COMPLETED, code
        assert look(line_now(line)) == after, code
    assert "12345678" not in str(list(OrderItem.objects.for_(olga).values())) + str(
        list(OrderStep.objects.for_(olga).values())
    )
    assert list(PROOF.walk()) == []


def options_of(row):
    rows = LineOption.objects.across_tenants(reason=SYSTEM_REASON).filter(line=row, active_to=None)
    return list(rows.values_list("option__code", flat=True))


def test_new_lines_and_takeovers_hold_their_numbers_from_their_completion(world, ada, olga):
    an_agreement(world.a)
    there = an_agreement(world.b)
    make_plan("GOLD")
    order = taken(olga, ordered(ada, world.a, "NEW-LINE", plan="GOLD", agreement="AG1"))
    with pytest.raises(operations.ItemRefused) as refused:
        complete(olga, order)
    assert refused.value.field == "number"
    complete(olga, order, results={1: {"number": "3511112222", "iccid": ICCID}})
    line = Line.objects.for_(ada).select_related("plan", "sim").get(number="+393511112222")
    assert (line.plan.code, line.sim.iccid, line.active_from) == ("GOLD", ICCID, LATER)
    assert OrderItem.objects.for_(ada).get(order=order).number == "+393511112222"
    later = datetime(2026, 11, 25, 9, tzinfo=UTC)
    files = {"form": HandedIn(name="form.pdf", content=PDF)}
    answers = {"new_holder": "Beta", "new_holder_tax_code": TAX_CODE}
    over = taken(olga, ordered(ada, world.a, "TAKEOVER", line, now=later, files=files, **answers), now=later)
    complete(olga, over, results={1: {"agreement": f"{world.b.code}/{there.code}", "iccid": OTHER_ICCID}}, now=later)
    held = Line.objects.for_(olga).filter(number="+393511112222").order_by("active_from")
    assert [(row.organisation_id, row.active_from, row.active_to) for row in held] == [
        (world.a.pk, LATER, later), (world.b.pk, later, None),
    ]  # fmt: skip
    assert list(PROOF.walk()) == []


def test_registry_and_delivery_address_change_the_customer(world, ada, olga):
    for code, answers in (
        ("REGISTRY", {"legal_name": "Comune di Alfa Nuova"}),
        ("DELIVERY-ADDRESS", {"site_name": "Magazzino", "address": "Via Po 3", "city": "Torino"}),
    ):
        complete(olga, taken(olga, ordered(ada, world.a, code, **answers)))
    site = Site.objects.for_(ada).get(name="Magazzino")
    assert (Organisation.objects.for_(ada).get(pk=world.a.pk).legal_name, site.city) == (
        "Comune di Alfa Nuova",
        "Torino",
    )


def test_what_the_inventory_refuses_is_not_completed_at_all(world, ada, olga):
    """A SIM of another customer in the second item: the first item is not completed either."""
    with arrange():
        Sim.objects.create(organisation=world.b, iccid=OTHER_ICCID)
    lines = [a_line(world.a, f"+39351123456{one}") for one in range(2)]
    order = taken(olga, ordered(ada, world.a, "SIM-REPLACEMENT", *lines, why="fault"))
    with pytest.raises(operations.ItemRefused, match="351 123 4561"):
        complete(olga, order, results={1: {"iccid": ICCID}, 2: {"iccid": OTHER_ICCID}})
    assert [item.state for item in queries.items_of(ada, order)] == ["accepted", "accepted"]
    assert [line_now(one).sim for one in lines] == [None, None]


def test_a15_a16_a_new_sim_freezes_the_codes_of_who_signs_in_with_the_number_and_they_are_told(world, ada, olga):
    """Ada's own number receives her codes: asking for its SIM tells her, completing freezes the codes, ending takes the number away."""
    person = Person.objects.for_(olga).get(pk=ada.person_id)
    eva = colleague(world)
    line = a_line(world.a, person.mobile, person=person)
    with arrange():
        line.sim = Sim.objects.create(organisation=world.a, iccid=OTHER_ICCID)
        line.save(update_fields=["sim"])
    order = ordered(eva, world.a, "SIM-REPLACEMENT", line, why="fault")
    operations.tell_of_step(actor=olga, order_id=order.pk, sequence=1, now=NOW)
    warned = Message.objects.for_(olga).filter(template="order_on_your_number")
    assert [row.person_id for row in warned] == [ada.person_id]
    complete(olga, taken(olga, order), results={1: {"iccid": ICCID}})
    person.refresh_from_db()
    assert person.codes_frozen_until > LATER
    end = ordered(eva, world.a, "TERMINATION", line, now=LATER)
    complete(olga, taken(olga, end, now=LATER), now=datetime(2026, 11, 25, tzinfo=UTC))
    person.refresh_from_db()
    assert person.mobile_verified_at is None


def test_many_orders_are_completed_at_once_or_none(world, ada, olga):
    omar = agent(world)
    orders = [
        ordered(ada, world.a, "SUSPENSION", a_line(world.a, f"+39351123456{one}"), why="request") for one in range(3)
    ]
    taken(omar, orders[2])
    with pytest.raises(WrongState, match=orders[2].code):
        operations.complete_orders(actor=olga, order_ids=[row.pk for row in orders], now=LATER)
    assert set(queries.orders(ada).values_list("state", flat=True)) == {"submitted", "accepted"}
    assert operations.complete_orders(actor=olga, order_ids=[row.pk for row in orders[:2]], now=LATER) == 2
    assert [row.state for row in queries.orders(ada).order_by("pk")] == ["completed", "completed", "accepted"]
    with pytest.raises(NotFound):
        operations.complete_orders(actor=olga, order_ids=[orders[0].pk], now=LATER)


# --- results of the provisioning system -------------------------------------------------------------------------------


def results(actor, *rows, header="order,item,outcome,reason,iccid", apply=False, expected=""):
    return operations.load_results(
        actor=actor, table=table(*rows, header=header), apply=apply, now=LATER, expected=expected
    )


def test_a_file_of_results_shows_what_each_row_would_do_and_does_nothing_yet(world, ada, olga):
    lines = [a_line(world.a, f"+39351123456{one}") for one in range(4)]
    code = ordered(ada, world.a, "SIM-REPLACEMENT", *lines, why="fault").code
    rows = [
        f"{code},1,completed,,{ICCID}", f"{code},2,completed,,", f"{code},3,rejected,,", f"{code},1,rejected,twice,",
        f"{code},9,completed,,{OTHER_ICCID}", "ORD-2026-999999,1,completed,,", f"{code},4,done,,",
    ]  # fmt: skip
    report = results(olga, *rows)
    assert [(row.state.value, [column for column, _why in row.errors]) for row in report.rows] == [
        ("changed", []), ("wrong", ["iccid"]), ("wrong", ["reason"]), ("wrong", ["item"]), ("wrong", ["item"]),
        ("wrong", ["order"]), ("wrong", ["outcome"]),
    ]  # fmt: skip
    assert results(olga, *rows, apply=True, expected=report.digest).applied is False
    assert (set(OrderItem.objects.for_(ada).values_list("state", flat=True)), line_now(lines[0]).sim) == (
        {"submitted"},
        None,
    )
    with pytest.raises(NotPermitted):
        results(ada, rows[0])


def test_a_file_of_results_ends_items_and_changes_the_inventory(world, ada, olga):
    lines = [a_line(world.a, f"+39351123456{one}") for one in range(3)]
    order = ordered(ada, world.a, "SIM-REPLACEMENT", *lines, why="fault")
    rows = [
        f"{order.code},1,completed,,{ICCID}",
        f"{order.code},2,rejected,no cover,",
        f"{order.code},3,waiting,the courier,",
    ]
    seen = results(olga, *rows)
    assert results(olga, *rows, apply=True, expected=seen.digest).applied
    order.refresh_from_db()
    assert (order.state, line_now(lines[0]).sim.iccid) == (State.WAITING_THIRD, ICCID)
    assert [(item.state, item.reason) for item in queries.items_of(ada, order)] == [
        ("completed", ""), ("rejected", "no cover"), ("waiting_third", ""),
    ]  # fmt: skip
    assert list(PROOF.walk()) == []


# --- mails ------------------------------------------------------------------------------------------------------------


def test_each_step_is_told_to_who_asked_and_once(world, ada, olga):
    order = taken(olga, ordered(ada, world.a, "SUSPENSION", a_line(world.a), why="request"))
    operations.ask_customer(actor=olga, order=order, question="Why?", now=NOW)
    for _again in range(2):
        for step in OrderStep.objects.for_(olga).exclude(kind="taken"):
            operations.tell_of_step(actor=olga, order_id=order.pk, sequence=step.sequence, now=NOW)
    told = Message.objects.for_(olga).filter(person_id=ada.person_id).order_by("pk")
    assert [row.template for row in told] == ["order_step", "order_step", "order_question"]


def test_who_may_approve_is_told_that_an_order_waits(world, ada, olga):
    eva = colleague(world)
    operations.set_approval(actor=ada, customer=world.a, on=True)
    order = ordered(ada, world.a, "SUSPENSION", a_line(world.a), why="request")
    operations.tell_of_step(actor=olga, order_id=order.pk, sequence=1, now=NOW)
    told = Message.objects.for_(olga).filter(template="order_approval")
    assert [row.person_id for row in told] == [eva.person_id]
