"""What a change of many tells: each user at once, each manager once, and why rows were left in every reader's language."""

import pytest
from django.utils import translation

from sportello.kernel.actor import system_actor
from sportello.kernel.jobs import worker
from sportello.kernel.phones import display
from sportello.kernel.sentences import told
from sportello.kernel.testing import arrange
from sportello.messaging.models import Message
from sportello.thresholds import handlers, operations
from sportello.thresholds.models import BulkChange
from sportello.thresholds.operations import in_bulk
from sportello.thresholds.states import BulkState, BulkWhat
from sportello.thresholds.tests.factories import NOVEMBER, NOW, a_line, a_threshold, count, euro
from sportello.thresholds.tests.test_many import TERMS

pytestmark = pytest.mark.django_db
SYSTEM = system_actor(reason="a test looks")


def test_reasons_of_rows_left_are_kept_for_readers_of_any_language(world, ada):
    rows = [a_threshold(a_line(world.a), zone="eu") for _row in range(2)]
    for one in rows:
        a_threshold(one.line, "12", kind="enforcing", zone="eu")
    change = operations.choose_many(actor=ada, what=BulkWhat.LIMIT, ids=[row.pk for row in rows], now=NOW)
    with translation.override("it"):
        operations.start_bulk(actor=ada, change=change, terms={"limit": euro("30.5"), "measure": "amount"}, now=NOW)
        worker.run_due()
    what, why = BulkChange.objects.for_(SYSTEM).get().skipped[0]
    assert (told(what), told(why)) == (
        f"{rows[0].line.number} Data, Roaming in the EU · Euro",
        "This line is barred at €12.00 already: a warning at €30.50 would never come.",
    )
    with translation.override("it"):
        assert "12,00" in told(why)


def test_change_of_many_tells_each_user_at_once_and_each_manager_once_when_it_ends(world, ada, monkeypatch):
    monkeypatch.setattr(in_bulk, "PIECE", 2)
    lines = [a_line(world.a) for _line in range(5)]
    between = a_line(world.a)
    a_threshold(between)
    for line in [*lines, between]:
        count(line, "9")
    change = operations.choose_many(actor=ada, what=BulkWhat.SET, ids=[line.pk for line in lines], now=NOW)
    operations.start_bulk(actor=ada, change=change, terms=TERMS, now=NOW)
    change.refresh_from_db()
    with arrange():
        BulkChange.objects.for_(SYSTEM).update(state=BulkState.RUNNING)
    change.refresh_from_db()
    in_bulk._piece(actor=ada, change=change, now=NOW)
    handlers.counters_changed(load_id=1, line_ids=[between.pk], months=[NOVEMBER], now=NOW)
    assert sent("email") == [("threshold_warning", between.number)]
    operations.run_bulk(actor=ada, change=change, now=NOW)
    assert len(sent("sms")) == 6
    (_load, listed) = Message.objects.across_tenants(reason="a test reads").filter(channel="email").order_by("pk")
    shown = sorted(row.split(": ")[0] for row in listed.context["list"].splitlines())
    assert (listed.template, listed.context["count"], len(change.crossed)) == ("threshold_list", "5", 2)
    assert shown == sorted(f"- {display(line.number)}" for line in lines)


def test_managers_are_told_of_what_a_change_passed_before_it_stopped(world, ada, monkeypatch):
    monkeypatch.setattr(in_bulk, "PIECE", 2)
    lines = [a_line(world.a) for _line in range(4)]
    for line in lines:
        count(line, "9")
    change = operations.choose_many(actor=ada, what=BulkWhat.SET, ids=[line.pk for line in lines], now=NOW)
    operations.start_bulk(actor=ada, change=change, terms=TERMS, now=NOW)
    with arrange():
        BulkChange.objects.for_(SYSTEM).update(state=BulkState.RUNNING)
    change.refresh_from_db()
    in_bulk._piece(actor=ada, change=change, now=NOW)
    operations.stop_bulk(actor=SYSTEM, change=change, problem=in_bulk.LOST, now=NOW)
    (mail,) = Message.objects.across_tenants(reason="a test reads").filter(channel="email")
    assert mail.context["count"] == "2"


def sent(channel):
    rows = Message.objects.across_tenants(reason="a test reads").filter(channel=channel).order_by("pk")
    return [(row.template, row.context.get("line", "").replace(" ", "")) for row in rows]
