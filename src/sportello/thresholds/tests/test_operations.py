from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from sportello.accounts.models import Membership
from sportello.inventory.models import LinePeriod
from sportello.kernel.access import Profile
from sportello.kernel.actor import system_actor
from sportello.kernel.events import HANDLERS
from sportello.kernel.models import Event
from sportello.kernel.refusals import InvalidInput, NotFound, NotPermitted, WrongState
from sportello.kernel.states import StateChanged
from sportello.kernel.testing import arrange
from sportello.messaging.models import Message
from sportello.thresholds import handlers, operations, queries
from sportello.thresholds.models import Crossing, Threshold
from sportello.thresholds.operations import evaluating
from sportello.thresholds.operations.setting import ThresholdThere
from sportello.thresholds.rules.permission import ThresholdEnded
from sportello.thresholds.states import TRANSITIONS, State
from sportello.thresholds.tests.factories import NOVEMBER, NOW, OCTOBER, a_line, a_threshold, count, euro, terms

SYSTEM = system_actor(reason="a test loads")
pytestmark = pytest.mark.django_db


@pytest.fixture
def line(world):
    return a_line(world.a, person=world.memberships["bo"].person, number="+393510000002")


def load(line, amount="0", **others):
    """Count something and hold it against the thresholds, as a load does."""
    row = count(line, amount, **others)
    handlers.counters_changed(load_id=1, line_ids={line.pk}, months={row.month}, now=NOW)


def sent(world=None):
    rows = Message.objects.across_tenants(reason="a test reads").order_by("pk")
    return [(row.channel, row.address, row.context.get("percent", row.context.get("count"))) for row in rows]


def passed(threshold=None):
    rows = Crossing.objects.across_tenants(reason="a test reads").order_by(
        "threshold", "revision", "period_start", "step"
    )
    return [
        (row.step, row.told, row.used_units) for row in rows if threshold is None or row.threshold_id == threshold.pk
    ]


def test_load_that_passes_a_step_tells_the_user_and_the_administrator(world, line):
    a_threshold(line, "10")
    load(line, "8.5")
    assert sent() == [("sms", "+393510000002", "85"), ("email", "ada@example.test", "85")]
    assert passed() == [(50, False, euro("8.5")), (80, True, euro("8.5"))]
    texts = Message.objects.across_tenants(reason="a test reads").order_by("pk")
    assert texts[0].context == {
        "line": "+39 351 000 0002",
        "measure": "Data, Euro",
        "used": "€8.50",
        "limit": "€10.00",
        "percent": "85",
        "period": "November 2026",
    }


def test_each_step_is_told_once_over_many_loads(world, line):
    a_threshold(line, "10")
    for _load in range(12):
        load(line, "1")
    assert [step for channel, _to, step in sent() if channel == "sms"] == ["50", "80", "100"]


def test_same_load_again_tells_nothing_new(world, line):
    a_threshold(line, "10")
    load(line, "9")
    handlers.counters_changed(load_id=2, line_ids=[line.pk], months=[NOVEMBER], now=NOW)
    assert len(sent()) == 2


def test_g10_credit_and_over_again_tells_once_in_the_period(world, line):
    a_threshold(line, "10")
    load(line, "9")
    load(line, "-5")
    load(line, "5")
    assert sent() == [("sms", "+393510000002", "90"), ("email", "ada@example.test", "90")]
    load(line, "1")
    assert [step for _channel, _to, step in sent()] == ["90", "90", "100", "100"]


def test_traffic_manager_is_told_and_who_left_is_not(world, line):
    tessa, gone = (world.memberships[name].person for name in ("bo", "cy"))
    with arrange():
        Membership.objects.create(person=tessa, organisation=world.a, profile=Profile.TRAFFIC_MANAGER)
        Membership.objects.create(person=gone, organisation=world.a, profile=Profile.ADMINISTRATOR, ended_at=NOW)
    a_threshold(line, "10")
    load(line, "10")
    assert sorted(sent()) == [
        ("email", "ada@example.test", "100"),
        ("email", "bo@example.test", "100"),
        ("sms", "+393510000002", "100"),
    ]


def test_personal_traffic_never_counts_for_the_administration_nor_the_other_way(world):
    bo = world.memberships["bo"].person
    line = a_line(world.a, person=bo, dual_billing=True)
    company, private = a_threshold(line, "10"), a_threshold(line, "10", owner=bo)
    load(line, "10", personal=True)
    assert (passed(company), passed(private)) == (
        [],
        [(50, False, euro("10")), (80, False, euro("10")), (100, True, euro("10"))],
    )
    assert sent() == [("sms", line.number, "100")]
    load(line, "5")
    assert passed(company) == [(50, True, euro("5"))]


def test_late_record_is_told_for_its_own_month(world, line):
    a_threshold(line, "10")
    load(line, "10", month=OCTOBER)
    load(line, "10", month=NOVEMBER)
    periods = [
        row.context["period"]
        for row in Message.objects.across_tenants(reason="a test reads").filter(channel="sms").order_by("pk")
    ]
    assert periods == ["October 2026", "November 2026"]


def test_month_before_the_threshold_was_set_is_not_watched(world, line, ada):
    operations.set_threshold(actor=ada, line=line, terms=terms(), now=NOW)
    load(line, "10", month=OCTOBER)
    assert sent() == []


def test_line_that_changed_hands_is_told_to_who_held_it_in_that_month(world):
    bo, cleo = world.memberships["bo"].person, world.memberships["ada"].person
    line = a_line(world.a, person=cleo)
    with arrange():
        now_open = line.periods.for_(SYSTEM).get()
        now_open.person, now_open.active_to = bo, datetime(2026, 11, 5, tzinfo=UTC)
        now_open.save()
        LinePeriod.objects.create(
            line=line,
            organisation=world.a,
            number=line.number,
            active_from=now_open.active_to,
            status="active",
            person=cleo,
        )
    a_threshold(line, "10")
    load(line, "10", month=OCTOBER, period=now_open)
    assert sent()[0] == ("sms", bo.mobile, "100")


def test_suspended_threshold_tells_nothing_until_it_is_resumed(world, line, ada):
    threshold = a_threshold(line, "10")
    operations.suspend_threshold(actor=ada, threshold=threshold, now=NOW)
    load(line, "9")
    assert (sent(), threshold.state) == ([], State.SUSPENDED)
    operations.resume_threshold(actor=ada, threshold=threshold, now=NOW)
    assert sent()[0] == ("sms", "+393510000002", "90")


def test_cancelled_threshold_tells_nothing_and_cannot_come_back(world, line, ada):
    threshold = a_threshold(line, "10")
    operations.cancel_threshold(actor=ada, threshold=threshold, now=NOW)
    load(line, "9")
    assert (sent(), threshold.state, threshold.active_to) == ([], State.CANCELLED, NOW)
    with pytest.raises(ThresholdEnded):
        operations.resume_threshold(actor=ada, threshold=threshold, now=NOW)


def test_setting_tells_at_once_when_the_counter_is_over(world, line, ada):
    count(line, "12")
    threshold = operations.set_threshold(actor=ada, line=line, terms=terms("10"), now=NOW)
    assert (sent()[0], len(sent())) == (("sms", "+393510000002", "120"), 2)
    assert [one.share for one in queries.standings(ada, line, NOW)] == [120]
    assert (threshold.counts_from, threshold.set_by_id) == (NOVEMBER, ada.person_id)


def test_g06_lowering_a_limit_tells_at_once_raising_arms_the_steps_again(world, line, ada):
    threshold = a_threshold(line, "100")
    load(line, "12")
    assert sent() == []
    operations.change_threshold(actor=ada, threshold=threshold, limit=euro("10"), steps=(50, 80, 100), now=NOW)
    assert [step for channel, _to, step in sent() if channel == "sms"] == ["120"]
    operations.change_threshold(actor=ada, threshold=threshold, limit=euro("20"), steps=(50, 80, 100), now=NOW)
    assert [step for channel, _to, step in sent() if channel == "sms"] == ["120"]
    load(line, "4")
    load(line, "4")
    assert [step for channel, _to, step in sent() if channel == "sms"] == ["120", "80", "100"]


def test_change_of_what_somebody_else_changed_is_refused(world, line, ada):
    threshold = a_threshold(line, "100")
    stale = queries.threshold(ada, threshold.pk)
    operations.change_threshold(actor=ada, threshold=threshold, limit=euro("10"), steps=(100,), now=NOW)
    with pytest.raises(StateChanged):
        operations.change_threshold(actor=ada, threshold=stale, limit=euro("20"), steps=(100,), now=NOW)
    kept = queries.threshold(ada, threshold.pk)
    assert (kept.limit_units, kept.steps, kept.revision) == (euro("10"), [100], 2)


def test_change_of_what_was_changed_since_the_person_saw_it_is_refused_and_nothing_is_written(world, line, ada):
    threshold = operations.set_threshold(actor=ada, line=line, terms=terms("10"), now=NOW)
    saw = threshold.revision
    operations.change_threshold(actor=ada, threshold=threshold, limit=euro("20"), steps=(100,), seen=saw, now=NOW)
    again = queries.threshold(ada, threshold.pk)
    with pytest.raises(StateChanged):
        operations.change_threshold(actor=ada, threshold=again, limit=euro("30"), steps=(100,), seen=saw, now=NOW)
    assert queries.threshold(ada, threshold.pk).limit_units == euro("20")


def test_change_to_the_same_changes_nothing(world, line, ada):
    threshold = a_threshold(line, "10")
    operations.change_threshold(actor=ada, threshold=threshold, limit=euro("10"), steps=(50, 80, 100), now=NOW)
    assert (
        queries.threshold(ada, threshold.pk).revision,
        Event.append_only.filter(kind="thresholds.changed").count(),
    ) == (1, 0)


def test_second_threshold_for_the_same_is_refused(world, line, ada):
    operations.set_threshold(actor=ada, line=line, terms=terms("10"), now=NOW)
    with pytest.raises(ThresholdThere):
        operations.set_threshold(actor=ada, line=line, terms=terms("20"), now=NOW)
    operations.set_threshold(actor=ada, line=line, terms=terms("20", zone="eu"), now=NOW)
    assert Threshold.objects.for_(ada).count() == 2


def test_d03_employee_sets_private_informational_thresholds_on_own_line_with_dual_billing_only(world, line, bo):
    with pytest.raises(NotPermitted):
        operations.set_threshold(actor=bo, line=line, terms=terms(), now=NOW)
    own = a_line(world.a, person=world.memberships["bo"].person, dual_billing=True)
    with pytest.raises(NotPermitted):
        operations.set_threshold(actor=bo, line=own, terms=terms(kind="enforcing"), now=NOW)
    row = operations.set_threshold(actor=bo, line=own, terms=terms(), now=NOW)
    assert (row.owner_id, row.kind, Threshold.objects.across_tenants(reason="a test").count()) == (
        bo.person_id,
        "informational",
        1,
    )


def test_d02_employee_cannot_set_on_a_colleagues_line(world, bo):
    with pytest.raises(NotFound):
        operations.set_threshold(actor=bo, line=a_line(world.a, dual_billing=True), terms=terms(), now=NOW)


def test_private_threshold_is_its_owners_alone(world, bo, ada, olga):
    line = a_line(world.a, person=world.memberships["bo"].person, dual_billing=True)
    row = operations.set_threshold(actor=bo, line=line, terms=terms(), now=NOW)
    load(line, "10", personal=True)
    assert [[one.pk for one in queries.thresholds(who)] for who in (bo, ada, olga)] == [[row.pk], [], []]
    assert [queries.crossings(who).count() for who in (bo, ada, olga)] == [3, 0, 0]
    event = Event.append_only.get(kind="thresholds.set")
    assert event.payload == {"line_id": line.pk, "private": True}


def test_partner_profile_has_no_thresholds(world, line, pia):
    with pytest.raises(NotPermitted):
        operations.set_threshold(actor=pia, line=line, terms=terms(), now=NOW)


def test_bad_terms_leave_nothing(world, line, ada):
    with pytest.raises(InvalidInput):
        operations.set_threshold(actor=ada, line=line, terms=terms("0"), now=NOW)
    assert (Threshold.objects.for_(ada).count(), Event.append_only.filter(kind="thresholds.set").count()) == (0, 0)


def test_each_change_is_on_record(world, line, ada):
    threshold = operations.set_threshold(actor=ada, line=line, terms=terms("10"), now=NOW)
    operations.change_threshold(actor=ada, threshold=threshold, limit=euro("20"), steps=(100,), now=NOW)
    operations.suspend_threshold(actor=ada, threshold=threshold, now=NOW)
    operations.resume_threshold(actor=ada, threshold=threshold, now=NOW)
    operations.cancel_threshold(actor=ada, threshold=threshold, now=NOW)
    rows = Event.append_only.filter(subject_type="threshold", subject_id=threshold.pk).order_by("id")
    kinds = ["set", "changed", "suspended", "resumed", "cancelled"]
    assert [row.kind for row in rows] == [f"thresholds.{kind}" for kind in kinds]
    assert rows[1].payload["changes"] == {"limit_units": [euro("10"), euro("20")], "steps": [[50, 80, 100], [100]]}


def test_crossing_cannot_be_changed_or_removed(world, line):
    a_threshold(line, "10")
    load(line, "10")
    rows = Crossing.objects.across_tenants(reason="a test forges")
    with arrange():
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(step=1)
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.delete()


@pytest.mark.parametrize("before", State.values)
@pytest.mark.parametrize("after", State.values)
def test_every_pair_of_states(world, line, ada, before, after):
    moves = {
        State.ACTIVE: lambda row: operations.resume_threshold(actor=ada, threshold=row, now=NOW),
        State.SUSPENDED: lambda row: operations.suspend_threshold(actor=ada, threshold=row, now=NOW),
        State.CANCELLED: lambda row: operations.cancel_threshold(actor=ada, threshold=row, now=NOW),
    }
    threshold = a_threshold(line, state=before)
    if after in TRANSITIONS[before]:
        moves[after](threshold)
        assert queries.threshold(ada, threshold.pk).state == after
    else:
        with pytest.raises(WrongState):
            moves[after](threshold)
        assert queries.threshold(ada, threshold.pk).state == before


def test_many_crossings_are_told_by_the_worker_once(world, ada):
    lines = [a_line(world.a) for _line in range(evaluating.TOLD_AT_ONCE + 1)]
    for line in lines:
        a_threshold(line, "10")
        count(line, "10")
    handlers.counters_changed(load_id=1, line_ids=[line.pk for line in lines], months=[NOVEMBER], now=NOW)
    assert sent() == []
    event = Event.append_only.get(kind="thresholds.crossed")
    assert HANDLERS["thresholds.crossed"] == [handlers.tell_of_crossings]
    for _twice in range(2):
        handlers.tell_of_crossings(event)
    rows = Message.objects.across_tenants(reason="a test reads").order_by("pk")
    assert [row.channel for row in rows] == ["sms"] * len(lines) + ["email"]
    listed = rows[len(lines)].context
    assert (listed["count"], len(listed["list"].splitlines()), listed["more"]) == ("11", 11, "0")


def test_line_without_user_or_phone_is_told_by_mail_only(world):
    line = a_line(world.a, kind="data")
    a_threshold(line, "10")
    load(line, "10")
    assert sent() == [("email", "ada@example.test", "100")]


def test_line_that_ended_is_never_texted(world):
    line = a_line(world.a, active_to=datetime(2026, 11, 10, tzinfo=UTC))
    a_threshold(line, "10")
    load(line, "10")
    assert [channel for channel, _to, _step in sent()] == ["email"]


def test_local_month_decides_where_it_is_november_already(world, line, ada):
    midnight_in_rome = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
    row = operations.set_threshold(actor=ada, line=line, terms=terms(), now=midnight_in_rome)
    assert row.counts_from == date(2026, 11, 1)
    assert [one.period_start for one in queries.standings(ada, line, midnight_in_rome)] == [date(2026, 11, 1)]
