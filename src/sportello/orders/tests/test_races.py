"""Races on real connections: one wins, the others are told; with controls that show the naive way failing."""

from __future__ import annotations

import time

import pytest

from sportello.kernel.operations import bulk_write
from sportello.kernel.testing import in_threads
from sportello.orders import operations, rules
from sportello.orders.models import Order, OrderItem, OrderStep
from sportello.orders.queries.proof import PROOF
from sportello.orders.tests.factories import NOW, a_line, agent, drafted, form_of, ordered, request

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def test_i10_the_same_order_sent_twenty_times_at_once_is_one(world, ada):
    draft = drafted(ada, world.a, "SUSPENSION", a_line(world.a), why="request")
    seen = draft.fingerprint
    results = in_threads(20, lambda _place: operations.submit_order(actor=ada, draft=draft, seen=seen, now=NOW).code)
    assert results == ["ORD-2026-000001"] * 20
    assert (OrderItem.objects.for_(ada).count(), OrderStep.objects.for_(ada).count()) == (1, 1)


def test_i10_the_same_key_drafted_ten_times_at_once_is_one_draft(world, ada):
    line, form = a_line(world.a), form_of("SUSPENSION")

    def draft(_place):
        asked = request(line, why="request")
        return operations.draft_order(actor=ada, customer=world.a, form=form, request=asked, key="one", now=NOW).pk

    assert len(set(in_threads(10, draft))) == 1 == Order.objects.for_(ada).count()


def test_two_agents_take_the_same_order_one_wins_and_the_other_is_told_who(world, ada, olga):
    omar = agent(world)
    order = ordered(ada, world.a, "SUSPENSION", a_line(world.a), why="request")
    agents = [olga, omar]
    results = in_threads(2, lambda place: operations.take_order(actor=agents[place], order=order, now=NOW).assignee_id)
    order.refresh_from_db()
    won = [one for one in results if not isinstance(one, BaseException)]
    lost = [one for one in results if isinstance(one, rules.TakenAlready)]
    assert (won, len(lost)) == ([order.assignee_id], 1)
    assert list(PROOF.walk()) == []


def test_control_without_the_lock_both_agents_believe_that_they_have_it(world, ada, olga):
    omar = agent(world)
    order = ordered(ada, world.a, "SUSPENSION", a_line(world.a), why="request")

    def naive(place):
        actor = [olga, omar][place]
        with bulk_write(actor=actor):
            row = Order.objects.for_(actor).get(pk=order.pk)
            time.sleep(0.2)  # both have read before either writes
            assert row.assignee_id is None
            row.assignee_id = actor.person_id
            row.save(update_fields=["assignee"])
        return actor.person_id

    assert in_threads(2, naive) == [olga.person_id, omar.person_id]


def test_a_line_is_ordered_for_once_however_many_ask_at_once(world, ada):
    line = a_line(world.a)
    drafts = [drafted(ada, world.a, "SUSPENSION", line, why="request") for _one in range(6)]

    def send(place):
        return operations.submit_order(actor=ada, draft=drafts[place], seen=drafts[place].fingerprint, now=NOW).code

    results = in_threads(6, send)
    sent = [one for one in results if isinstance(one, str)]
    assert (len(sent), OrderItem.objects.for_(ada).count()) == (1, 1)
    assert all(isinstance(one, operations.CannotBeSent) for one in results if not isinstance(one, str))


def test_codes_have_no_gap_when_some_are_refused(world, ada):
    lines = [a_line(world.a, f"+39351123456{one}") for one in range(8)]
    in_threads(8, lambda place: ordered(ada, world.a, "SUSPENSION", lines[place], why="request" if place % 2 else "x"))
    codes = sorted(Order.objects.for_(ada).exclude(code=None).values_list("code", flat=True))
    assert codes == [f"ORD-2026-{one:06d}" for one in range(1, 5)]
