"""Orders to a network that is well, slow, late, refusing, away: real HTTP on the loopback (ABUSE G18)."""

import json
import threading
import urllib.request
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from sportello.kernel.actor import system_actor
from sportello.kernel.jobs import worker
from sportello.kernel.models import Event, Job
from sportello.kernel.refusals import NotPermitted
from sportello.kernel.testing import arrange, in_threads
from sportello.network import carrying, operations, queries, rules
from sportello.network.connector import tmf702
from sportello.network.connector.simulator import NetworkSimulator
from sportello.network.models import Order, Switch
from sportello.network.types import Instruction, NetworkAway, Wish

pytestmark = pytest.mark.django_db
SYSTEM = system_actor(reason="a test asks")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NUMBER, FEATURE = "+393510000001", "barring.data"


@pytest.fixture
def network(settings):
    with NetworkSimulator(pause=0.2, late_pause=5) as simulator:
        settings.SPORTELLO = settings.SPORTELLO | {"NETWORK_URL": simulator.url, "NETWORK_TIMEOUT": 1}
        yield simulator


def ask(world, *, enabled=True, now=NOW, number=NUMBER):
    wish = Wish(organisation_id=world.a.pk, resource=number, feature=FEATURE, enabled=enabled)
    switches = operations.ask(actor=SYSTEM, wishes=[wish], now=now)
    return switches[world.a.pk, number, FEATURE]


def order_of(switch):
    return Order.objects.for_(SYSTEM).filter(switch=switch).order_by("-revision").first()


def bring(switch, now=NOW):
    return carrying.bring(order_of(switch).pk, now=now)


def stands(switch):
    switch = Switch.objects.for_(SYSTEM).get(pk=switch.pk)
    return switch.wanted, switch.actual, switch.state


def work(simulator):
    return [(one["name"], one["enabled"]) for one in simulator.network.work]


BARRED = [(f"{FEATURE} {NUMBER}", True)]


def test_wish_is_confirmed_by_the_networks_own_words(world, network):
    switch = ask(world)
    assert stands(switch) == (True, None, "asked")
    assert bring(switch) == "confirmed"
    assert (stands(switch), work(network)) == ((True, True, "confirmed"), BARRED)
    ask(world, enabled=False)
    assert stands(switch) == (False, True, "asked")
    assert bring(switch) == "confirmed"
    assert (stands(switch), work(network)) == ((False, False, "confirmed"), [*BARRED, (f"{FEATURE} {NUMBER}", False)])


def test_wish_that_stands_already_is_not_ordered_again(world, network):
    switch = ask(world)
    ask(world)
    bring(switch)
    ask(world)
    assert Order.objects.for_(SYSTEM).count() == 1


def test_slow_network_is_waited_for(world, network):
    network.network.behaviour = "slow"
    switch = ask(world)
    assert (bring(switch), stands(switch)) == ("confirmed", (True, True, "confirmed"))


def test_g18_answer_lost_after_the_work_is_done_once_and_shown_as_asked_until_seen(world, network):
    network.network.behaviour = "late"
    switch = ask(world)
    with pytest.raises(NetworkAway):
        bring(switch)
    assert (stands(switch), work(network)) == ((True, None, "asked"), BARRED)
    network.network.behaviour = "well"
    assert bring(switch) == "confirmed"
    assert (stands(switch), work(network), order_of(switch).tries) == ((True, True, "confirmed"), BARRED, 2)


def test_g18_control_a_retry_that_neither_looks_nor_keeps_its_key_does_the_work_twice(world, network):
    def naive(key):
        body = json.dumps({"name": f"bar {key}", "activationFeature": [{"name": FEATURE, "isEnabled": True}]}).encode()
        question = urllib.request.Request(  # noqa: S310 - the simulator's own address
            f"{network.url}/tmf-api/ResourceActivationAndConfiguration/v4/resource",
            data=body,
            headers={"Idempotency-Key": key},
        )
        urllib.request.urlopen(question, timeout=1).read()  # noqa: S310

    network.network.behaviour = "late"
    with pytest.raises(TimeoutError):
        naive("1")
    network.network.behaviour = "well"
    naive("2")
    assert len(work(network)) == 2


def test_g18_network_still_at_work_on_the_first_try_does_not_double_it_for_the_second(world, network):
    """The first try's work shows only after the second try looked: the key alone keeps it one."""
    instruction = {"name": f"{FEATURE} {NUMBER}", "activationFeature": [{"name": FEATURE, "isEnabled": True}]}
    switch = ask(world)
    key = str(order_of(switch).key)
    network.network.made(instruction, key)
    network.network.made(instruction, key)
    assert (bring(switch), work(network)) == ("confirmed", BARRED)


def test_g18_network_away_leaves_the_order_asked_and_is_asked_again_by_the_worker(world, network):
    network.network.behaviour = "away"
    switch = ask(world)
    worker.run_due()
    assert (stands(switch), order_of(switch).tries) == ((True, None, "asked"), 1)
    network.network.behaviour = "well"
    worker.run_due(now=datetime.now(UTC) + timedelta(minutes=30))
    assert (stands(switch), work(network)) == ((True, True, "confirmed"), BARRED)


def test_pauses_between_tries_grow():
    from sportello.network.tasks import bring_order

    seconds = [bring_order.pause_before(attempt).total_seconds() for attempt in range(2, 12)]
    assert seconds == [3, 6, 12, 24, 48, 96, 192, 384, 600, 600]


def test_order_whose_jobs_gave_up_is_taken_up_again(world, network):
    network.network.behaviour = "away"
    switch = ask(world)
    worker.run_due()
    Job.objects.all().delete()
    found = queries.forgotten(SYSTEM, now=datetime.now(UTC) + timedelta(hours=1), since=timedelta(minutes=20))
    assert found == [order_of(switch).pk]


def test_refusal_is_final_and_said(world, network, ada, bo):
    network.network.behaviour = "refuse"
    switch = ask(world)
    assert bring(switch) == "failed"
    order = order_of(switch)
    assert (stands(switch), order.answer, work(network)) == (
        (True, None, "failed"), "the subscriber is unknown to this network", []
    )  # fmt: skip
    assert Event.append_only.filter(kind="network.refused").count() == 1
    network.network.behaviour = "well"
    again = operations.ask_again(actor=ada, order=order, now=NOW)
    assert (again.pk != order.pk, bring(switch), stands(switch)) == (True, "confirmed", (True, True, "confirmed"))
    with pytest.raises(rules.NotRefused):
        operations.ask_again(actor=ada, order=order, now=NOW)


def test_accepted_order_is_done_when_the_network_shows_it(world, network):
    network.network.behaviour = "monitor"
    switch = ask(world)
    assert (bring(switch), stands(switch)) == ("confirmed", (True, True, "confirmed"))


def test_lift_overtakes_a_bar_that_never_went_out(world, network):
    switch = ask(world)
    bar = order_of(switch)
    ask(world, enabled=False)
    assert carrying.bring(bar.pk, now=NOW) == "superseded"
    assert (bring(switch), stands(switch), work(network)) == ("confirmed", (False, False, "confirmed"), [])


def test_second_order_waits_while_the_first_is_on_its_way(world, network):
    switch = ask(world)
    assert operations.take_switch(switch, now=NOW, lease=timedelta(seconds=55)) == NOW + timedelta(seconds=55)
    with pytest.raises(NetworkAway):
        bring(switch)
    assert bring(switch, now=NOW + timedelta(minutes=2)) == "confirmed"


def test_portal_without_network_leaves_orders_waiting(world, settings):
    settings.SPORTELLO = settings.SPORTELLO | {"NETWORK_URL": ""}
    switch = ask(world)
    with pytest.raises(NetworkAway):
        bring(switch)
    assert (queries.connected(), stands(switch)) == (False, (True, None, "asked"))


def test_worker_whose_lease_ran_out_leaves_the_next_ones_alone(world, network):
    switch, first, second = ask(world), timedelta(seconds=5), timedelta(seconds=50)
    held_until = operations.take_switch(switch, now=NOW, lease=first)
    later = NOW + timedelta(seconds=10)
    next_one = Switch.objects.for_(SYSTEM).get(pk=switch.pk)
    taken = operations.take_switch(next_one, now=later, lease=second)
    operations.leave_switch(switch, held_until=held_until)
    switch.refresh_from_db()
    assert (taken, switch.busy_until) == (later + second, later + second)
    operations.leave_switch(next_one, held_until=taken)
    switch.refresh_from_db()
    assert switch.busy_until is None


class _NeverDone(BaseHTTPRequestHandler):
    """A network that forgot its own ids, takes each order, and never gets it done: the longest conversation there is."""

    def answer(self):
        self.server.asked.append(f"{self.command} {self.path.split('?')[0].rsplit('/v4')[-1]}")
        found = {"id": "9", "name": f"{FEATURE} {NUMBER}", "activationFeature": []}
        by_id = self.path.endswith("/resource/old")
        body = found if self.command == "PATCH" else {"state": "inProgress"} if "/monitor/" in self.path else [found]
        self.send_response(404 if by_id else 202 if self.command == "PATCH" else 200)
        self.end_headers()
        self.wfile.write(b"" if by_id else json.dumps(body).encode())

    do_GET = do_PATCH = answer  # noqa: N815 - the names that the standard library calls

    def log_message(self, *args):
        pass


def test_longest_conversation_fits_into_the_lease():
    with HTTPServer(("127.0.0.1", 0), _NeverDone) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        network = tmf702.ResourceActivation(f"http://127.0.0.1:{server.server_port}", timeout=5)
        order = Instruction(
            key="k", revision=1, resource=NUMBER, feature=FEATURE, category="barring", enabled=True, external_id="old"
        )
        with pytest.raises(NetworkAway):
            network.carry_out(order)
        server.shutdown()
    look = ["GET /resource/old", "GET /resource"]
    assert server.asked == [*look, "PATCH /resource/9", *(["GET /monitor/9", *look] * 2)]
    assert len(server.asked) == tmf702.MOST_REQUESTS


def refused_order(world, network):
    network.network.behaviour = "refuse"
    switch = ask(world)
    bring(switch)
    return order_of(switch).pk


def asked_again_at_once(olga, pk):
    def click(_place):
        return operations.ask_again(actor=olga, order=Order.objects.for_(olga).get(pk=pk), now=NOW)

    return sorted(type(result).__name__ for result in in_threads(4, click))


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_double_click_sends_one_order_again(world, network, olga):
    assert asked_again_at_once(olga, refused_order(world, network)) == ["NotRefused"] * 3 + ["Order"]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_double_click_without_the_lock_is_an_accident(world, network, olga, monkeypatch):
    """Control: without holding the switch, several clicks find the order refused."""
    monkeypatch.setattr(operations, "_held", lambda rows: rows)
    results = []
    for _attempt in range(10):
        results += asked_again_at_once(olga, refused_order(world, network))
        with arrange():
            Switch.objects.for_(SYSTEM).all().delete()
    assert {"StateChanged"} <= set(results) <= {"Order", "NotRefused", "StateChanged"}


def test_employee_sends_nothing_again(world, network, bo, ada):
    network.network.behaviour = "refuse"
    switch = ask(world)
    bring(switch)
    with pytest.raises(NotPermitted):
        operations.ask_again(actor=system_free(bo), order=order_of(switch), now=NOW)


def system_free(bo):
    from dataclasses import replace

    from sportello.kernel.access import Profile

    return replace(bo, profile=Profile.FLEET_CONTACT)
