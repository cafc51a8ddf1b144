"""Asking: drafts, sending, approval, many lines, files, and what is refused."""

from __future__ import annotations

import json
from datetime import date

import pytest

from sportello.inventory.tests.factories import table
from sportello.kernel.refusals import InvalidInput, NotFound, NotPermitted, WrongState
from sportello.kernel.states import StateChanged
from sportello.kernel.testing import arrange
from sportello.messaging.models import Message
from sportello.orders import operations, queries, rules
from sportello.orders.models import Order, OrderItem, OrderOptions, OrderStep
from sportello.orders.states import Effect, State
from sportello.orders.tests.factories import (
    ICCID,
    LATER,
    NOW,
    PDF,
    TAX_CODE,
    a_line,
    an_agreement,
    an_option,
    colleague,
    drafted,
    form_of,
    ordered,
    request,
    taken,
)
from sportello.orders.types import HandedIn, register_hanging

pytestmark = pytest.mark.django_db


def states(actor, order):
    return [str(item.state) for item in queries.items_of(actor, order)]


def test_an_order_gets_its_code_its_items_its_expected_day_and_its_first_step(world, ada):
    lines = [a_line(world.a, f"+39351123456{one}") for one in range(3)]
    an_option()
    order = ordered(ada, world.a, "OPTION-ON", *lines, option="ROAM")
    assert (order.code, order.state, order.expected_date, order.item_count) == (
        "ORD-2026-000001", "submitted", date(2026, 11, 23), 3,
    )  # fmt: skip
    assert states(ada, order) == ["submitted"] * 3
    assert [(step.kind, step.author_id, step.at) for step in queries.steps_of(ada, order)] == [
        ("asked", ada.person_id, NOW)
    ]
    assert ordered(ada, world.a, "SUSPENSION", lines[0], why="request").code == "ORD-2026-000002"


def test_i10_the_same_form_twice_is_one_order_and_other_contents_under_its_key_are_refused(world, ada):
    line = a_line(world.a)
    an_option()
    form, asked = form_of("OPTION-ON"), request(line, option="ROAM")
    once = operations.place_order(actor=ada, customer=world.a, form=form, request=asked, key="k", now=NOW)
    again = operations.place_order(actor=ada, customer=world.a, form=form, request=asked, key="k", now=LATER)
    assert (again.pk, again.code, queries.orders(ada).count()) == (once.pk, once.code, 1)
    with pytest.raises(rules.SentAlready):
        operations.place_order(
            actor=ada, customer=world.a, form=form, request=request(line, option="ROAM", note="x"), key="k", now=NOW
        )
    assert OrderItem.objects.for_(ada).count() == 1


def test_a_draft_is_its_writers_alone_and_is_sent_as_it_was_seen(world, ada, olga):
    eva, line = colleague(world), a_line(world.a)
    draft = drafted(ada, world.a, "SUSPENSION", line, why="request")
    assert (queries.orders(ada).count(), queries.drafts(eva).count(), queries.drafts(ada).get().pk) == (0, 0, draft.pk)
    for other in (eva, olga):
        with pytest.raises(NotFound):
            operations.submit_order(actor=other, draft=draft, seen=draft.fingerprint, now=NOW)
    seen = draft.fingerprint
    operations.change_draft(actor=ada, draft=draft, request=request(line, why="theft"), now=NOW)
    with pytest.raises(StateChanged):
        operations.submit_order(actor=ada, draft=draft, seen=seen, now=NOW)
    operations.discard_draft(actor=ada, draft=draft, now=NOW)
    assert (queries.drafts(ada).count(), Order.objects.for_(ada).get().draft) == (0, "")


def test_i09_what_the_client_says_of_state_price_or_lines_of_others_counts_for_nothing(world, ada):
    """Another tenant's line, a line that has ended, a double, an unknown plan: each says why, and nothing is sent."""
    own, foreign = a_line(world.a), a_line(world.b, "+393519999999")
    draft = drafted(ada, world.a, "PLAN-CHANGE", own, foreign, own, plan="NONE", state="completed", price="0")
    judged = queries.judge(ada, queries.about_draft(ada, draft), operations.request_of(draft), now=NOW)
    assert [(one.place, one.field) for one in judged.faults] == [(1, "plan"), (2, "number"), (3, "plan")]
    with pytest.raises(operations.CannotBeSent):
        operations.submit_order(actor=ada, draft=draft, seen=draft.fingerprint, now=NOW)
    assert (OrderItem.objects.for_(ada).count(), Order.objects.for_(ada).get().state) == (0, State.DRAFT)


def test_wrong_rows_can_be_left_out(world, ada):
    good, bad = a_line(world.a), a_line(world.a, "+393511234568", status="suspended")
    draft = drafted(ada, world.a, "SUSPENSION", good, bad, why="request")
    left = operations.leave_out(actor=ada, draft=draft, places=[2], now=NOW)
    sent = operations.submit_order(actor=ada, draft=left, seen=left.fingerprint, now=NOW)
    assert [item.line_id for item in queries.items_of(ada, sent)] == [good.pk]
    with pytest.raises(InvalidInput):
        operations.leave_out(actor=ada, draft=drafted(ada, world.a, "DUAL-STOP", good), places=[1], now=NOW)


def test_a_line_has_one_open_order_of_an_effect(world, ada):
    line = a_line(world.a)
    first = ordered(ada, world.a, "SUSPENSION", line, why="request")
    with pytest.raises(operations.CannotBeSent) as refused:
        ordered(ada, world.a, "SUSPENSION", line, why="request")
    assert first.code in refused.value.faults[0].sentence
    operations.cancel_items(actor=ada, order=first, now=NOW)
    assert ordered(ada, world.a, "SUSPENSION", line, why="request").state == State.SUBMITTED


def test_who_may_ask_is_what_the_matrix_and_the_type_say(world):
    ada, bo, cy, pia, olga = (world.actor(name) for name in ("ada", "bo", "cy", "pia", "olga"))
    line = a_line(world.a)
    assert ordered(pia, world.a, "SUSPENSION", line, why="request").opened_by_id == pia.person_id
    with pytest.raises(NotPermitted):
        drafted(bo, world.a, "REACTIVATION", line)
    narrow = form_of("REACTIVATION")
    narrow.asked_by = ["operator_agent"]
    with pytest.raises(NotPermitted):
        rules.check_can_ask(ada, narrow)
    rules.check_can_ask(olga, narrow)
    with pytest.raises(operations.CannotBeSent):
        ordered(cy, world.b, "REACTIVATION", line)


def test_theft_needs_the_report_and_the_file_is_checked_by_what_it_is(world, ada):
    line = a_line(world.a)
    with pytest.raises(operations.CannotBeSent) as refused:
        ordered(ada, world.a, "SIM-REPLACEMENT", line, why="theft")
    assert refused.value.faults[0].field == "report"
    with pytest.raises(InvalidInput):
        drafted(
            ada, world.a, "SIM-REPLACEMENT", line, why="theft", files={"report": HandedIn(name="a.pdf", content=b"MZ")}
        )
    files = {"report": HandedIn(name="../denuncia.pdf", content=PDF)}
    order = ordered(ada, world.a, "SIM-REPLACEMENT", line, files=files, why="theft")
    kept = queries.files_of(ada, order)
    assert [(one.key, one.content_type) for one in kept] == [("report", "application/pdf")]
    assert bytes(operations.take_file(actor=ada, order=order, pk=kept[0].pk).content) == PDF


def test_porting_needs_the_holders_tax_code_and_the_code_by_sms(world, ada):
    with arrange():
        world.a.tax_code = TAX_CODE
        world.a.save(update_fields=["tax_code"])
    an_agreement(world.a)
    a_line(world.a)
    asked = {"number": "3471234567", "old_iccid": ICCID, "donor": "Altro", "plan": "BASE", "agreement": "AG1"}
    wrong = drafted(ada, world.a, "PORT-IN", **asked, holder_tax_code="VRDGPP13R10B293P")
    judged = queries.judge(ada, queries.about_draft(ada, wrong), operations.request_of(wrong), now=NOW)
    assert [one.field for one in judged.faults] == ["holder_tax_code"]
    draft = drafted(ada, world.a, "PORT-IN", **asked, holder_tax_code=TAX_CODE)
    with pytest.raises(operations.NumbersNotProven):
        operations.submit_order(actor=ada, draft=draft, seen=draft.fingerprint, now=NOW)
    with pytest.raises(NotFound):
        operations.send_number_code(actor=ada, draft=draft, number="+393510000003", now=NOW)
    assert operations.send_number_code(actor=ada, draft=draft, number="+393471234567", now=NOW)
    message = Message.objects.for_(ada).get(template="order_number_code")
    code = json.loads(message.secret)["code"]
    other = f"{(int(code) + 1) % 10**6:06d}"
    tried = [
        operations.confirm_number(actor=ada, draft=draft, number="+393471234567", typed=one, now=NOW)
        for one in (other, code, code)
    ]
    assert tried == [False, True, False]
    order = operations.submit_order(actor=ada, draft=draft, seen=draft.fingerprint, now=NOW)
    item = queries.items_of(ada, order).get()
    assert (item.number, TAX_CODE in str(item.answers), TAX_CODE in item.secrets) == ("+393471234567", False, True)


def test_what_hangs_on_a_line_is_said_before_it_ends(world, ada):
    line = a_line(world.a)
    open_order = ordered(ada, world.a, "PLAN-CHANGE", a_line(world.a, "+393511234568"), plan=gold())
    ordered(ada, world.a, "SUSPENSION", line, why="request")
    register_hanging(threshold_on)
    draft = drafted(ada, world.a, "TERMINATION", line)
    with pytest.raises(operations.WarningsNotRead):
        operations.submit_order(actor=ada, draft=draft, seen=draft.fingerprint, now=NOW)
    judged = queries.judge(ada, queries.about_draft(ada, draft), operations.request_of(draft), now=NOW)
    said = operations.warnings_of(ada, draft.form, judged.items)
    assert (list(said), said[line.pk][0], open_order.code in str(said)) == ([line.pk], "a threshold", False)
    assert operations.submit_order(actor=ada, draft=draft, seen=draft.fingerprint, warned=True, now=NOW).code


def threshold_on(_actor, line_ids):
    return {one: ["a threshold"] for one in line_ids}


def gold() -> str:
    from sportello.inventory.tests.factories import make_plan

    return make_plan("GOLD").code


@pytest.fixture(autouse=True)
def _nothing_hangs_by_other_tests(monkeypatch):
    from sportello.orders import types

    monkeypatch.setattr(types, "_HANGING", [])


# --- approval ---------------------------------------------------------------------------------------------------------


def test_a15_a_second_administrator_approves_never_who_asked(world, ada, cy, olga):
    with pytest.raises(WrongState):
        operations.set_approval(actor=ada, customer=world.a, on=True)
    eva, line = colleague(world), a_line(world.a)
    operations.set_approval(actor=ada, customer=world.a, on=True)
    order = ordered(ada, world.a, "SIM-REPLACEMENT", line, why="fault")
    assert (order.state, order.expected_date, states(ada, order)) == (State.APPROVAL, date(2026, 11, 25), ["approval"])
    assert queries.to_work_on(olga).count() == 0
    for nobody, refusal in ((ada, rules.SecondPerson), (olga, rules.SecondPerson), (cy, NotFound)):
        with pytest.raises(refusal):
            operations.approve_order(actor=nobody, order=order, now=NOW)
    approved = operations.approve_order(actor=eva, order=order, now=LATER)
    assert (approved.state, approved.approver_id, approved.expected_date) == (
        State.SUBMITTED, eva.person_id, date(2026, 11, 27),
    )  # fmt: skip
    with pytest.raises(NotPermitted):
        operations.set_approval(actor=ada, customer=world.a, on=False)
    operations.set_approval(actor=olga, customer=world.a, on=False)
    assert OrderOptions.objects.for_(olga).get().approval is False


def test_what_is_not_approved_is_never_sent_and_the_line_is_free_again(world, ada):
    eva, line = colleague(world), a_line(world.a)
    operations.set_approval(actor=ada, customer=world.a, on=True)
    order = ordered(ada, world.a, "SUSPENSION", line, why="request")
    refused = operations.refuse_approval(actor=eva, order=order, reason="no", now=NOW)
    assert (refused.state, states(ada, order), OrderItem.objects.for_(ada).get().reason) == (
        "rejected",
        ["rejected"],
        "no",
    )
    assert ordered(ada, world.a, "SUSPENSION", line, why="request").state == State.APPROVAL


# --- files ------------------------------------------------------------------------------------------------------------


def load(actor, code, *rows, header, apply=False, expected="", customer=None):
    return operations.load_orders(
        actor=actor,
        form=form_of(code),
        customer=customer,
        table=table(*rows, header=header),
        apply=apply,
        now=NOW,
        expected=expected,
    )


def test_a_file_says_of_each_row_what_is_wrong_and_does_nothing(world, ada):
    """Other customers' numbers, doubles, unknown plans (issue: bad input)."""
    a_line(world.a)
    a_line(world.b, "+393519999999")
    a_line(world.a, "+393511234568")
    gold()
    rows = ("+393511234567,GOLD", "+393519999999,GOLD", "+393511234567,GOLD", "+393511234568,SILVER", "+393511234568,")
    report = load(ada, "PLAN-CHANGE", *rows, header="number,plan")
    assert [(row.state.value, [column for column, _why in row.errors]) for row in report.rows] == [
        ("new", []), ("wrong", ["number"]), ("wrong", ["number"]), ("wrong", ["plan"]), ("wrong", ["plan"]),
    ]  # fmt: skip
    applied = load(ada, "PLAN-CHANGE", *rows, header="number,plan", apply=True, expected=report.digest)
    assert (applied.applied, Order.objects.for_(ada).count()) == (False, 0)


def test_a_file_becomes_one_order_with_the_answers_of_each_row(world, ada):
    first, second = a_line(world.a), a_line(world.a, "+393511234568")
    plans = [gold(), "BASE"]
    second.plan = None
    with arrange():
        second.save(update_fields=["plan"])
    rows = [f"{line.number},{plan}" for line, plan in zip((first, second), plans, strict=True)]
    seen = load(ada, "PLAN-CHANGE", *rows, header="number,plan")
    done = load(ada, "PLAN-CHANGE", *rows, header="number,plan", apply=True, expected=seen.digest)
    order = queries.orders(ada).get()
    answers = [item.answers["plan"]["value"] for item in queries.items_of(ada, order)]
    assert (done.applied, order.state, answers) == (True, "submitted", plans)


def test_a_file_of_new_lines_is_a_customers(world, ada):
    an_agreement(world.a)
    gold()
    seen = load(ada, "NEW-LINE", "GOLD,AG1", "GOLD,NONE", header="plan,agreement", customer=world.a)
    assert [row.state.value for row in seen.rows] == ["new", "wrong"]
    load(ada, "NEW-LINE", "GOLD,AG1", "GOLD,AG1", header="plan,agreement", customer=world.a, apply=True)
    assert [item.effect for item in OrderItem.objects.for_(ada)] == [Effect.NEW_LINE] * 2


def test_i11_what_was_asked_and_each_step_stay_as_they_were_written(world, ada, olga):
    from django.db import DatabaseError, transaction

    order = taken(olga, ordered(ada, world.a, "SUSPENSION", a_line(world.a), why="request"))
    step, item = OrderStep.objects.for_(ada).first(), OrderItem.objects.for_(ada).get()
    changes = [
        (OrderStep, step.pk, {"note": "x"}), (OrderStep, step.pk, {"at": LATER}), (OrderItem, item.pk, {"answers": {}}),
        (Order, order.pk, {"organisation_id": world.b.pk}), (Order, order.pk, {"opened_at": LATER}),
    ]  # fmt: skip
    for model, pk, values in changes:
        with pytest.raises(DatabaseError), arrange(), transaction.atomic():
            model.objects.for_(olga).filter(pk=pk).update(**values)
    with pytest.raises(DatabaseError), arrange(), transaction.atomic():
        OrderStep.objects.for_(olga).filter(pk=step.pk).delete()
    from sportello.orders.queries.proof import PROOF

    assert (PROOF.count(), list(PROOF.walk())) == (1, [])
    with arrange():
        Order.objects.for_(olga).filter(pk=order.pk).update(state="completed")
    assert [one.where for one in PROOF.walk()] == [f"order {order.code}"]
