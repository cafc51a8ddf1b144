"""Enforcing thresholds: barred through the network, shown as the network says, lifted when no longer due."""

from datetime import UTC, datetime, timedelta

import pytest

from sportello.accounts.models import Person
from sportello.kernel.actor import system_actor
from sportello.kernel.jobs import worker
from sportello.kernel.models import Event
from sportello.kernel.refusals import InvalidInput, NotFound, NotPermitted
from sportello.kernel.testing import arrange
from sportello.messaging.models import Message
from sportello.network.connector.simulator import NetworkSimulator
from sportello.network.models import Switch
from sportello.thresholds import handlers, operations, queries
from sportello.thresholds.models import Bar, Consent, Threshold
from sportello.thresholds.operations.barring import BarEnded
from sportello.thresholds.rules.permission import NoConsentNeeded
from sportello.thresholds.states import Kind, Lifted, Stage
from sportello.thresholds.tests.factories import NOVEMBER, NOW, a_line, a_threshold, count, euro, terms

pytestmark = pytest.mark.django_db
SYSTEM = system_actor(reason="a test loads")
NUMBER = "+393510000002"
END_OF_NOVEMBER = datetime(2026, 11, 30, 23, tzinfo=UTC)


@pytest.fixture
def line(world):
    return a_line(world.a, person=world.memberships["bo"].person, number=NUMBER)


@pytest.fixture
def network(settings):
    with NetworkSimulator(pause=0.1, late_pause=4) as simulator:
        settings.SPORTELLO = settings.SPORTELLO | {"NETWORK_URL": simulator.url, "NETWORK_TIMEOUT": 1}
        yield simulator


def enforce(ada, line, limit="10", **others):
    return operations.set_threshold(actor=ada, line=line, terms=terms(limit, kind="enforcing", **others), now=NOW)


def load(line, amount, now=NOW, **others):
    row = count(line, amount, **others)
    handlers.counters_changed(load_id=1, line_ids=[line.pk], months=[row.month], now=now)


def stages(line=None):
    rows = queries.bars(SYSTEM, **({"line": line} if line else {})).order_by("pk")
    return [(row.stage, row.lifted) for row in rows]


def work(simulator):
    return [(one["name"], one["enabled"]) for one in simulator.network.work]


def test_reached_limit_is_barred_once_the_network_says_so(world, line, ada, network):
    enforce(ada, line)
    load(line, "9")
    assert stages() == []
    load(line, "2")
    assert stages() == [(Stage.ASKED, "")]
    worker.run_due()
    assert (stages(), work(network)) == ([(Stage.BARRED, "")], [(f"barring.data {NUMBER}", True)])
    load(line, "5")
    worker.run_due()
    assert (stages(), len(work(network))) == ([(Stage.BARRED, "")], 1)


def test_g18_bar_whose_answer_is_lost_is_pending_never_barred_and_never_doubled(world, line, ada, network):
    network.network.behaviour = "late"
    enforce(ada, line)
    load(line, "11")
    worker.run_due()
    assert (stages(), len(work(network))) == ([(Stage.ASKED, "")], 1)
    network.network.behaviour = "well"
    worker.run_due(now=datetime.now(UTC) + timedelta(minutes=30))
    assert (stages(), len(work(network))) == ([(Stage.BARRED, "")], 1)


def test_g18_bar_that_the_network_refuses_is_shown_as_refused(world, line, ada, network):
    network.network.behaviour = "refuse"
    enforce(ada, line)
    load(line, "11")
    worker.run_due()
    assert stages() == [(Stage.FAILED, "")]


def test_telling_says_that_the_traffic_is_being_barred_and_how_far_it_went(world, line, ada):
    enforce(ada, line)
    load(line, "58.5")
    rows = Message.objects.across_tenants(reason="a test reads").order_by("pk")
    assert [(row.template, row.channel, row.context["percent"]) for row in rows] == [
        ("threshold_barred", "sms", "585"),
        ("threshold_barred", "email", "585"),
    ]


def test_bar_ends_with_its_period(world, line, ada, network):
    enforce(ada, line)
    load(line, "11")
    worker.run_due()
    operations.turn_periods(actor=SYSTEM, now=END_OF_NOVEMBER - timedelta(seconds=1))
    assert stages() == [(Stage.BARRED, "")]
    operations.turn_periods(actor=SYSTEM, now=END_OF_NOVEMBER)
    assert stages() == [(Stage.LIFTING, "period")]
    worker.run_due()
    assert (stages(), work(network)[-1]) == ([(Stage.LIFTED, "period")], (f"barring.data {NUMBER}", False))
    operations.turn_periods(actor=SYSTEM, now=END_OF_NOVEMBER)
    assert len(stages()) == 1


def test_raising_lifts_at_once_and_lowering_bars_at_once(world, line, ada, network):
    threshold = enforce(ada, line)
    load(line, "12")
    worker.run_due()
    operations.change_threshold(actor=ada, threshold=threshold, limit=euro("20"), steps=(80, 100), now=NOW)
    assert stages() == [(Stage.LIFTING, "raised")]
    worker.run_due()
    operations.change_threshold(actor=ada, threshold=threshold, limit=euro("12"), steps=(80, 100), now=NOW)
    worker.run_due()
    assert stages() == [(Stage.HELD, "raised"), (Stage.BARRED, "")]
    assert [enabled for _name, enabled in work(network)] == [True, False, True]


def test_raising_a_limit_that_is_still_passed_leaves_the_network_alone(world, line, ada, network):
    threshold = enforce(ada, line)
    load(line, "30")
    worker.run_due()
    operations.change_threshold(actor=ada, threshold=threshold, limit=euro("20"), steps=(80, 100), now=NOW)
    worker.run_due()
    assert [one for one in stages() if one[1] == ""] == [(Stage.BARRED, "")]
    assert work(network)[-1] == (f"barring.data {NUMBER}", True)


def test_administrator_lifts_and_the_bar_stays_away_in_this_period(world, line, ada, bo, network):
    enforce(ada, line)
    load(line, "11")
    worker.run_due()
    [bar] = queries.bars(ada)
    with pytest.raises(NotPermitted):
        operations.lift_bar(actor=bo, bar=bar, now=NOW)
    operations.lift_bar(actor=ada, bar=bar, now=NOW)
    worker.run_due()
    load(line, "5")
    worker.run_due()
    assert stages() == [(Stage.LIFTED, "person")]
    [bar] = queries.bars(ada)
    with pytest.raises(BarEnded):
        operations.lift_bar(actor=ada, bar=bar, now=NOW)
    load(line, "30", month=datetime(2026, 12, 1, tzinfo=UTC).date(), now=datetime(2026, 12, 2, tzinfo=UTC))
    assert stages()[1:] == [(Stage.ASKED, "")]


def test_two_bars_of_one_traffic_hold_it_until_the_last_ends(world, line, ada, network):
    enforce(ada, line)
    enforce(ada, line, 10**6, measure="volume")
    load(line, "11", volume_bytes=10**7)
    worker.run_due()
    first, second = queries.bars(ada).order_by("pk")
    operations.lift_bar(actor=ada, bar=first, now=NOW)
    worker.run_due()
    assert (stages(), len(work(network))) == ([(Stage.HELD, "person"), (Stage.BARRED, "")], 1)
    operations.lift_bar(actor=ada, bar=queries.bar(ada, second.pk), now=NOW)
    worker.run_due()
    assert (stages(), work(network)[-1][1]) == ([(Stage.LIFTED, "person")] * 2, False)


def test_suspending_lifts_and_resuming_bars_again(world, line, ada, network):
    threshold = enforce(ada, line)
    load(line, "11")
    operations.suspend_threshold(actor=ada, threshold=threshold, now=NOW)
    assert stages()[0][1] == "threshold"
    operations.resume_threshold(actor=ada, threshold=queries.threshold(ada, threshold.pk), now=NOW)
    worker.run_due()
    assert [one for one in stages() if not one[1]] == [(Stage.BARRED, "")]
    assert [row.template for row in Message.objects.across_tenants(reason="a test reads")] == ["threshold_barred"] * 2


def test_late_record_of_a_month_that_is_over_bars_nothing(world, line, ada):
    a_threshold(line, "10", kind=Kind.ENFORCING)
    load(line, "20", month=datetime(2026, 10, 1, tzinfo=UTC).date())
    assert stages() == []


def test_g10_credit_below_the_limit_does_not_lift(world, line, ada):
    enforce(ada, line)
    load(line, "11")
    load(line, "-5")
    assert stages() == [(Stage.ASKED, "")]


def test_g17_warning_above_the_bar_is_an_error_of_the_limit(world, line, ada):
    enforce(ada, line, "10")
    with pytest.raises(InvalidInput) as refused:
        operations.set_threshold(actor=ada, line=line, terms=terms("11"), now=NOW)
    assert refused.value.field == "limit"
    row = operations.set_threshold(actor=ada, line=line, terms=terms("9"), now=NOW)
    with pytest.raises(InvalidInput):
        operations.change_threshold(actor=ada, threshold=row, limit=euro("10.01"), steps=(100,), now=NOW)
    other = a_line(world.a)
    operations.set_threshold(actor=ada, line=other, terms=terms("50"), now=NOW)
    with pytest.raises(InvalidInput):
        enforce(ada, other, "49.99")
    assert enforce(ada, other, "50").limit_units == euro("50")


def test_line_that_ended_is_let_through(world, line, ada, network):
    enforce(ada, line)
    load(line, "11")
    with arrange():
        line.active_to = NOW
        line.save()
    operations.turn_periods(actor=SYSTEM, now=NOW)
    assert stages() == [(Stage.LIFTING, "line")] or stages()[0][1] == Lifted.LINE


def test_c05_bar_of_another_customer_is_not_found(world, line, ada, cy, bo):
    enforce(ada, line)
    load(line, "11")
    bar = Bar.objects.for_(SYSTEM).get()
    with pytest.raises(NotFound):
        queries.bar(cy, bar.pk)
    assert queries.bar(bo, bar.pk) == bar


def consented():
    return list(Consent.objects.for_(SYSTEM).values_list("person_id", "period_start", "used_units"))


def test_users_consent_lifts_the_safeguard_for_the_period_and_is_on_record(world, line, ada, bo, network):
    a_threshold(line, "50", zone="eu", kind=Kind.ENFORCING, consent=True)
    load(line, "51", zone="eu")
    worker.run_due()
    bar = queries.bar(bo, Bar.objects.for_(SYSTEM).get().pk)
    with pytest.raises(NotFound):
        operations.consent(actor=ada, bar=bar, now=NOW)
    operations.consent(actor=bo, bar=bar, now=NOW)
    load(line, "100", zone="eu")
    worker.run_due()
    assert (stages(), consented()) == ([(Stage.LIFTED, "consent")], [(bo.person_id, NOVEMBER, euro("51"))])
    assert work(network) == [(f"barring.data.eu {NUMBER}", True), (f"barring.data.eu {NUMBER}", False)]
    assert Event.append_only.filter(kind="thresholds.consented", subject_id=bar.threshold_id).count() == 1
    with pytest.raises(NoConsentNeeded):
        operations.consent(actor=bo, bar=queries.bar(bo, bar.pk), now=NOW)


def test_bar_of_the_administration_is_not_the_users_to_lift(world, line, ada, bo):
    enforce(ada, line)
    load(line, "11")
    with pytest.raises(NoConsentNeeded):
        operations.consent(actor=bo, bar=queries.bar(bo, Bar.objects.for_(SYSTEM).get().pk), now=NOW)
    assert Threshold.objects.for_(bo).count() == 0


@pytest.mark.parametrize("dual_billing", [True, False])
def test_user_consents_on_their_own_page_with_or_without_dual_billing(world, signed_in, dual_billing):
    line = a_line(world.a, person=world.memberships["bo"].person, dual_billing=dual_billing)
    a_threshold(line, "50", zone="eu", kind=Kind.ENFORCING, consent=True)
    load(line, "51", zone="eu")
    bar, browser = Bar.objects.for_(SYSTEM).get(), signed_in("bo")
    address = f"/thresholds/bars/{bar.pk}/consent/"
    assert address in browser.get("/thresholds/").content.decode()
    question = browser.get(address)
    assert (question.status_code, "Comune di Alfa" in question.content.decode(), stages()[0][1]) == (200, True, "")
    assert address not in signed_in("ada").get(f"/thresholds/lines/{line.pk}/").content.decode()
    assert browser.post(address).status_code == 302
    assert [one[1] for one in stages()] == ["consent"]
    assert [browser.get(address).status_code, signed_in("ada").get(address).status_code] == [409, 404]
    assert address not in browser.get("/thresholds/").content.decode()


def test_consent_tells_of_another_bar_that_stands_and_who_set_it(world, ada, signed_in):
    line = a_line(world.a, person=world.memberships["bo"].person)
    a_threshold(line, "50", zone="eu", kind=Kind.ENFORCING, consent=True)
    enforce(ada, line, "10", traffic="all")
    enforce(ada, line, "10", traffic="data", zone="national")
    load(line, "51", zone="eu")
    load(line, "11", zone="national")
    mine = queries.bars(SYSTEM, threshold__consent=True).get()
    other = f"All traffic · Euro (set by {world.memberships['ada'].person.name})"
    browser = signed_in("bo")
    asked = browser.get(f"/thresholds/bars/{mine.pk}/consent/").content.decode()
    assert (other in asked, "The network lets it through again" in asked, asked.count("set by")) == (True, False, 1)
    told = browser.post(f"/thresholds/bars/{mine.pk}/consent/", follow=True).content.decode()
    assert (other in told, "was asked to let the traffic through" in told) == (True, False)
    assert (
        "Other bars of the line still hold traffic"
        in signed_in("ada").get(f"/thresholds/lines/{line.pk}/").content.decode()
    )


def test_employee_reads_who_set_a_bar_whom_to_ask_and_when_it_came(world, ada, signed_in):
    line = a_line(world.a, person=world.memberships["bo"].person, dual_billing=True)
    enforce(ada, line)
    load(line, "11")
    name = world.memberships["ada"].person.name
    for address in ("/thresholds/", f"/thresholds/lines/{line.pk}/"):
        text = signed_in("bo").get(address).content.decode()
        said = (f"<dd>{name}</dd>" in text, f"Ask: {name}." in text, "Limit reached, barred: Data · Euro" in text)
        assert said == (True, True, True)
    managed = signed_in("ada").get(f"/thresholds/lines/{line.pk}/").content.decode()
    assert ("Ask:" in managed, "Limit reached, barred" in managed) == (False, False)


def test_refused_bar_and_refused_lift_are_asked_of_the_network_again(world, line, ada, network, signed_in):
    network.network.behaviour = "refuse"
    enforce(ada, line)
    load(line, "11")
    worker.run_due()
    bar, browser = Bar.objects.for_(SYSTEM).get(), signed_in("ada")
    again, page = f"/thresholds/bars/{bar.pk}/again/", f"/thresholds/lines/{line.pk}/"
    shown = browser.get(page).content.decode()
    assert (again in shown, "The subscriber is unknown to this network" in shown) == (True, True)
    network.network.behaviour = "well"
    assert (browser.post(again).status_code, stages()) == (302, [(Stage.ASKED, "")])
    worker.run_due()
    assert (stages(), browser.post(again).status_code, again in browser.get(page).content.decode()) == (
        [(Stage.BARRED, "")],
        409,
        False,
    )
    network.network.behaviour = "refuse"
    operations.lift_bar(actor=ada, bar=queries.bar(ada, bar.pk), now=NOW)
    worker.run_due()
    assert (stages(), again in browser.get(page).content.decode()) == ([(Stage.LIFT_FAILED, "person")], True)
    network.network.behaviour = "well"
    assert browser.post("/thresholds/bars/chosen/again/", {"ids": [bar.pk]}).status_code == 302
    worker.run_due()
    assert (stages(), work(network)[-1]) == ([(Stage.LIFTED, "person")], (f"barring.data {NUMBER}", False))


def test_employee_asks_nothing_of_the_network(world, line, ada, bo, signed_in):
    enforce(ada, line)
    load(line, "11")
    bar = Bar.objects.for_(SYSTEM).get()
    with pytest.raises(NotPermitted):
        operations.ask_network_again(actor=bo, bars=[bar], now=NOW)
    answers = [signed_in(who).post(f"/thresholds/bars/{bar.pk}/again/").status_code for who in ("bo", "cy")]
    assert answers == [403, 404]


def test_reason_of_the_network_is_told_in_the_readers_language_in_the_list(world, line, ada, signed_in):
    enforce(ada, line)
    load(line, "11")
    with arrange():
        Switch.objects.for_(SYSTEM).update(state="failed", problem="subscriber profile locked by another order")
    # English last: what the portal answers in stays the language of the thread.
    reasons = {"it": "Il profilo dell&#x27;utenza è bloccato", "en": "The subscriber&#x27;s profile is locked"}
    for language, said in reasons.items():
        with arrange():
            Person.objects.across_tenants(reason="a test").filter(pk=ada.person_id).update(language=language)
        assert said in signed_in("ada").get("/thresholds/bars/").content.decode()
