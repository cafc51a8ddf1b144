"""Loads and changes at the same instant, on real connections (ABUSE G05, G06), each beside the naive way failing."""

import threading
from datetime import timedelta

import pytest
from django.db import transaction

from sportello.kernel.actor import system_actor
from sportello.kernel.operations import bulk_write
from sportello.kernel.testing import in_threads, wait_until_somebody_waits
from sportello.messaging.models import Message
from sportello.network.models import Order, Switch
from sportello.thresholds import handlers, operations, queries, rules
from sportello.thresholds.models import Bar, Consent, Crossing, NoticeReader
from sportello.thresholds.operations import barring, evaluating
from sportello.thresholds.tests.factories import NOVEMBER, NOW, a_line, a_threshold, count, euro, terms

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

SYSTEM = system_actor(reason="a test loads")
ZONES = ("national", "eu", "extra_eu")
ROUNDS = 5


def load(line, amount, zone, *, both_counted=None, both_evaluated=None):
    """Count and evaluate in one transaction; with barriers, none evaluates before all have counted, nor commits before all evaluated."""
    with bulk_write(actor=SYSTEM):
        count(line, amount, zone=zone)
        if both_counted:
            both_counted.wait(timeout=30)
        handlers.counters_changed(load_id=1, line_ids=[line.pk], months=[NOVEMBER], now=NOW)
        if both_evaluated:
            both_evaluated.wait(timeout=30)


def told():
    rows = Message.objects.across_tenants(reason="a test reads").filter(channel="sms").order_by("pk")
    return [(row.address, row.context["percent"]) for row in rows]


def test_g05_two_loads_that_pass_a_step_only_together_tell_once(world):
    for _round in range(ROUNDS):
        line = a_line(world.a, person=world.memberships["bo"].person)
        a_threshold(line, "10", traffic="all", steps=(100,))
        barrier = threading.Barrier(2)
        results = in_threads(
            2, lambda place, line=line, barrier=barrier: load(line, "6", ZONES[place], both_counted=barrier)
        )
        assert [result for result in results if isinstance(result, BaseException)] == []
        assert [one for one in told() if one[0] == line.number] == [(line.number, "120")]


def test_g05_control_without_the_lock_the_same_two_loads_tell_nobody(world, monkeypatch):
    monkeypatch.setattr(evaluating, "hold_evaluations", lambda: None)
    line = a_line(world.a)
    a_threshold(line, "10", traffic="all", steps=(100,))
    counted, evaluated = threading.Barrier(2), threading.Barrier(2)
    in_threads(2, lambda place: load(line, "6", ZONES[place], both_counted=counted, both_evaluated=evaluated))
    assert told() == []


def test_g05_twenty_loads_at_once_tell_each_step_at_most_once(world):
    line = a_line(world.a)
    a_threshold(line, "20", traffic="all")
    periods = [count(line, zone=zone) for zone in ZONES]
    assert len(periods) == 3
    results = in_threads(20, lambda place: load(line, "1", ZONES[place % 3]))
    assert [result for result in results if isinstance(result, BaseException)] == []
    steps = [step for _to, step in told()]
    assert (len(steps), steps[-1]) == (len(set(steps)), "100")
    assert Crossing.objects.across_tenants(reason="a test reads").count() == 3


def test_g05_control_check_then_insert_without_lock_and_constraint_tells_twice(world):
    line = a_line(world.a)
    threshold = a_threshold(line, "10", steps=(100,))
    count(line, "10")
    looked, notices = threading.Barrier(2), []

    def naive(place):
        with transaction.atomic():
            found = Crossing.objects.for_(SYSTEM).filter(threshold=threshold, step=100).exists()
            looked.wait(timeout=30)
            if not found and rules.steps_passed(euro("10"), threshold.limit_units, threshold.steps):
                notices.append(place)

    in_threads(2, naive)
    assert sorted(notices) == [0, 1]


def test_g06_threshold_set_while_a_load_has_counted_is_not_missed(world, ada):
    line = a_line(world.a, person=world.memberships["bo"].person)
    counted = threading.Event()

    def work(place):
        if place == 0:
            with bulk_write(actor=SYSTEM):
                count(line, "12")
                handlers.counters_changed(load_id=1, line_ids=[line.pk], months=[NOVEMBER], now=NOW)
                counted.set()
                wait_until_somebody_waits()  # the load commits only after the setting of the threshold has begun to wait
        else:
            counted.wait(timeout=30)
            operations.set_threshold(actor=ada, line=line, terms=terms("10"), now=NOW)

    results = in_threads(2, work)
    assert results == [None, None]
    assert told() == [(line.number, "120")]


def test_g06_limit_lowered_while_a_load_has_counted_is_not_missed(world, ada):
    line = a_line(world.a, person=world.memberships["bo"].person)
    threshold = a_threshold(line, "100")
    counted = threading.Event()

    def work(place):
        if place == 0:
            with bulk_write(actor=SYSTEM):
                count(line, "12")
                handlers.counters_changed(load_id=1, line_ids=[line.pk], months=[NOVEMBER], now=NOW)
                counted.set()
                wait_until_somebody_waits()
        else:
            counted.wait(timeout=30)
            row = queries.threshold(ada, threshold.pk)
            operations.change_threshold(actor=ada, threshold=row, limit=euro("10"), steps=(100,), now=NOW)

    assert in_threads(2, work) == [None, None]
    assert told() == [(line.number, "120")]


def test_g06_control_without_the_lock_a_threshold_set_meanwhile_misses_the_crossing(world, ada, monkeypatch):
    for module in (evaluating, operations.setting):
        monkeypatch.setattr(module, "hold_evaluations", lambda: None)
    line = a_line(world.a)
    counted, done = threading.Event(), threading.Event()

    def work(place):
        if place == 0:
            with bulk_write(actor=SYSTEM):
                count(line, "12")
                handlers.counters_changed(load_id=1, line_ids=[line.pk], months=[NOVEMBER], now=NOW)
                counted.set()
                done.wait(timeout=30)
        else:
            counted.wait(timeout=30)
            operations.set_threshold(actor=ada, line=line, terms=terms("10"), now=NOW)
            done.set()

    assert in_threads(2, work)[0] is None
    assert told() == []


def told_after_a_change_and_a_resume_at_once(world, ada):
    """Pass a limit of 10 and suspend; raise it to 20 and resume from rows read before both; load beyond 20. Return revision and told."""
    line = a_line(world.a, person=world.memberships["bo"].person)
    threshold = a_threshold(line, "10", steps=(100,))
    load(line, "12", "national")
    operations.suspend_threshold(actor=ada, threshold=threshold, now=NOW)
    raised, resumed = queries.threshold(ada, threshold.pk), queries.threshold(ada, threshold.pk)
    changed = threading.Event()

    def work(place):
        if place == 0:
            with transaction.atomic():
                operations.change_threshold(actor=ada, threshold=raised, limit=euro("20"), steps=(100,), now=NOW)
                changed.set()
                wait_until_somebody_waits()
        else:
            changed.wait(timeout=30)
            operations.resume_threshold(actor=ada, threshold=resumed, now=NOW)

    assert in_threads(2, work) == [None, None]
    load(line, "10", "national")
    return queries.threshold(ada, threshold.pk).revision, [percent for _to, percent in told()]


def test_g06_resume_while_the_limit_changes_misses_no_crossing(world, ada):
    assert told_after_a_change_and_a_resume_at_once(world, ada) == (2, ["120", "110"])


def test_g06_control_resume_by_the_row_read_before_the_lock_takes_the_revision_back_and_tells_nobody(
    world, ada, monkeypatch
):
    monkeypatch.setattr(operations.setting, "_hold", lambda _threshold: operations.setting.hold_evaluations())
    assert told_after_a_change_and_a_resume_at_once(world, ada) == (1, ["120"])


def test_g06_threshold_suspended_resumed_and_cancelled_twice_at_once_moves_once(world, ada):
    threshold = a_threshold(a_line(world.a), "10", kind="enforcing")
    for move in (operations.suspend_threshold, operations.resume_threshold, operations.cancel_threshold):
        rows = [queries.threshold(ada, threshold.pk) for _place in range(4)]
        results = in_threads(4, lambda place, move=move, rows=rows: move(actor=ada, threshold=rows[place], now=NOW))
        assert sorted(type(one).__name__ for one in results) == ["NoneType"] + ["StateChanged"] * 3
    assert queries.threshold(ada, threshold.pk).revision == 2


def test_two_forms_sent_at_once_set_one_threshold(world, ada):
    line = a_line(world.a)
    results = in_threads(8, lambda _place: operations.set_threshold(actor=ada, line=line, terms=terms(), now=NOW).pk)
    assert sum(isinstance(result, int) for result in results) == 1
    assert {type(result).__name__ for result in results} == {"int", "ThresholdThere"}


def test_load_that_fails_tells_nobody(world):
    line = a_line(world.a)
    a_threshold(line, "10")
    with pytest.raises(RuntimeError), bulk_write(actor=SYSTEM):
        count(line, "12")
        handlers.counters_changed(load_id=1, line_ids=[line.pk], months=[NOVEMBER], now=NOW)
        raise RuntimeError
    assert (told(), Crossing.objects.across_tenants(reason="a test reads").count()) == ([], 0)


def test_g05_two_loads_that_reach_the_limit_only_together_bar_once(world):
    for _round in range(ROUNDS):
        line = a_line(world.a, person=world.memberships["bo"].person)
        a_threshold(line, "10", traffic="all", kind="enforcing")
        barrier = threading.Barrier(2)
        results = in_threads(
            2, lambda place, line=line, barrier=barrier: load(line, "6", ZONES[place], both_counted=barrier)
        )
        assert [result for result in results if isinstance(result, BaseException)] == []
        assert Bar.objects.across_tenants(reason="a test reads").filter(line=line).count() == 1
        orders = Order.objects.across_tenants(reason="a test reads").filter(switch__resource=line.number)
        assert orders.count() == 1


def test_g05_control_without_the_lock_the_same_two_loads_bar_nothing(world, monkeypatch):
    monkeypatch.setattr(evaluating, "hold_evaluations", lambda: None)
    line = a_line(world.a)
    a_threshold(line, "10", traffic="all", kind="enforcing")
    counted, evaluated = threading.Barrier(2), threading.Barrier(2)
    in_threads(2, lambda place: load(line, "4", ZONES[place], both_counted=counted, both_evaluated=evaluated))
    in_threads(2, lambda place: load(line, "1.5", ZONES[place], both_counted=counted, both_evaluated=evaluated))
    assert Bar.objects.across_tenants(reason="a test reads").count() == 0


def test_g05_load_that_dies_after_it_was_evaluated_bars_and_tells_nothing_until_it_comes_again(world):
    line = a_line(world.a, person=world.memberships["bo"].person)
    a_threshold(line, "10", kind="enforcing")
    with pytest.raises(RuntimeError), bulk_write(actor=SYSTEM):
        count(line, "12")
        handlers.counters_changed(load_id=1, line_ids=[line.pk], months=[NOVEMBER], now=NOW)
        raise RuntimeError
    bars = Bar.objects.across_tenants(reason="a test reads")
    assert (bars.count(), Order.objects.across_tenants(reason="a test reads").count(), told()) == (0, 0, [])
    load(line, "12", "national")
    assert (bars.count(), Order.objects.across_tenants(reason="a test reads").count(), told()) == (
        1,
        1,
        [(line.number, "120")],
    )


def test_consent_and_a_load_at_once_leave_the_line_free(world, bo):
    line = a_line(world.a, person=world.memberships["bo"].person)
    a_threshold(line, "10", kind="enforcing", consent=True)
    load(line, "12", "national")
    bar = queries.bar(bo, Bar.objects.across_tenants(reason="a test reads").get().pk)
    in_threads(2, lambda place: load(line, "5", "eu") if place else operations.consent(actor=bo, bar=bar, now=NOW))
    assert Bar.objects.across_tenants(reason="a test reads").filter(lifted_at=None).count() == 0


def first_bar(line, **values):
    """Bar the data of a line by an amount, beside a second threshold of the same traffic that is not reached yet; return the bar."""
    a_threshold(line, "10", kind="enforcing", **values)
    a_threshold(line, 10**6, measure="volume", kind="enforcing")
    load(line, "12", "national")
    return Bar.objects.across_tenants(reason="a test reads").select_related("line", "threshold").get(line=line)


def lifted_while_a_load_bars(line, lifting):
    """Let a load bar the same traffic for the second threshold and commit only when `lifting` waits for it; return what is so then."""
    barred = threading.Event()

    def work(place):
        if place == 0:
            with bulk_write(actor=SYSTEM):
                count(line, volume_bytes=10**7)
                handlers.counters_changed(load_id=2, line_ids=[line.pk], months=[NOVEMBER], now=NOW)
                barred.set()
                wait_until_somebody_waits()
        else:
            barred.wait(timeout=30)
            lifting()

    assert in_threads(2, work) == [None, None]
    standing = Bar.objects.across_tenants(reason="a test reads").filter(line=line, lifted_at=None).count()
    return standing, Switch.objects.across_tenants(reason="a test reads").get(resource=line.number).wanted


def test_bars_lifted_while_a_load_bars_the_same_traffic_stay_on_at_the_network(world, ada, bo):
    ways = (
        lambda bar: operations.lift_bar(actor=ada, bar=bar, now=NOW),
        lambda bar: operations.lift_bars(actor=ada, bars=[bar], now=NOW),
        lambda bar: operations.consent(actor=bo, bar=bar, now=NOW),
    )
    for way in ways:
        line = a_line(world.a, person=world.memberships["bo"].person)
        bar = first_bar(line, consent=True)
        assert lifted_while_a_load_bars(line, lambda way=way, bar=bar: way(bar)) == (1, True)


def test_control_bar_lifted_without_the_lock_leaves_an_open_bar_that_the_network_lets_through(world, ada, monkeypatch):
    line = a_line(world.a)
    bar = first_bar(line)
    monkeypatch.setattr(barring, "hold_evaluations", lambda: None)
    lifting = lambda: operations.lift_bar(actor=ada, bar=bar, now=NOW)  # noqa: E731
    assert lifted_while_a_load_bars(line, lifting) == (1, False)


def test_consent_sent_twice_at_once_is_given_once(world, bo):
    line = a_line(world.a, person=world.memberships["bo"].person)
    bar = first_bar(line, consent=True)
    results = in_threads(4, lambda _place: operations.consent(actor=bo, bar=bar, now=NOW))
    assert sorted(type(one).__name__ for one in results) == ["NoConsentNeeded"] * 3 + ["NoneType"]
    assert Consent.objects.across_tenants(reason="a test reads").count() == 1


def readers():
    return list(NoticeReader.objects.across_tenants(reason="a test reads").values_list("person_id", "seen_until"))


def test_notices_marked_as_read_by_two_clicks_at_once_are_read_once(world, ada):
    operations.mark_notices_seen(actor=ada, now=NOW - timedelta(days=1))
    results = in_threads(8, lambda _place: operations.mark_notices_seen(actor=ada, now=NOW))
    assert (results, readers()) == ([None] * 8, [(ada.person_id, NOW)])


def test_control_notices_marked_by_deleting_and_writing_anew_fail_for_one_of_two_clicks(world, ada):
    deleted = threading.Barrier(2)

    def naive(_place):
        with bulk_write(actor=ada):
            NoticeReader.objects.for_(ada).filter(person=ada.person_id).delete()
            deleted.wait(timeout=30)
            NoticeReader.objects.create(organisation_id=world.a.pk, person_id=ada.person_id, seen_until=NOW)

    assert sorted(type(one).__name__ for one in in_threads(2, naive)) == ["IntegrityError", "NoneType"]
