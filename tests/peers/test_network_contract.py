"""What every network connector does, asked of the demo's simulator and of a strict network, each a server in a process of its own (ABUSE G18)."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from sportello.network.connector import tmf702
from sportello.network.connector.tmf702 import ResourceActivation
from sportello.network.types import Instruction, NetworkAway, NetworkRefused
from tests.peers.activation import DOCUMENT, TOKEN, wrong
from tests.peers.smsc import free_port

pytestmark = pytest.mark.peer

ROOT = Path(__file__).resolve().parents[2]
FEATURE = "barring.data.eu"


@dataclass
class Peer:
    """A running network: how it is told to behave, what it did, and a number that no other test uses."""

    url: str
    process: subprocess.Popen[bytes]
    serial: int = 0

    def connector(self, *, token: str = TOKEN) -> ResourceActivation:
        return ResourceActivation(self.url, token=token, timeout=1)

    def behave(self, behaviour: str) -> None:
        self.ask("PUT", "/simulator/behaviour", {"behaviour": behaviour})

    def work(self, order: Instruction) -> list[bool]:
        """Return what the network switched for the number of an order, in its order."""
        done = self.ask("GET", "/simulator/state")["work"]
        return [one["enabled"] for one in done if one["name"] == f"{FEATURE} {order.resource}"]

    def order(self, *, enabled: bool = True) -> Instruction:
        self.serial += 1
        number = f"+3935100{self.serial:05d}"
        return Instruction(
            key=f"k-{self.serial}", revision=1, resource=number, feature=FEATURE, category="barring", enabled=enabled
        )

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)  # noqa: S310 - our own address
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return json.loads(answer.read())


@pytest.fixture(scope="module", params=["simulator", "strict"])
def running(request: pytest.FixtureRequest) -> Iterator[Peer]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    simulator = f"NetworkSimulator(port={port}, pause=0.3, late_pause=3).serve()"
    commands = {
        "simulator": ["-c", f"from sportello.network.connector.simulator import NetworkSimulator; {simulator}"],
        "strict": ["-m", "tests.peers.activation", str(port)],
    }
    process = subprocess.Popen([sys.executable, *commands[request.param]], cwd=ROOT, stdout=subprocess.DEVNULL)
    peer = Peer(url, process)
    _wait(peer)
    yield peer
    process.kill()
    process.wait(timeout=10)


@pytest.fixture
def peer(running: Peer) -> Iterator[Peer]:
    yield running
    running.behave("well")


def _wait(peer: Peer) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            peer.behave("well")
            return  # noqa: TRY300 - it is up
        except OSError:
            assert peer.process.poll() is None, "the network ended"
            assert time.monotonic() < deadline, "the network did not start"
            time.sleep(0.1)


def test_feature_is_switched_on_found_so_and_switched_off(peer: Peer) -> None:
    on, connector = peer.order(), peer.connector()
    first = connector.carry_out(on)
    again = connector.carry_out(replace(on, key="k-again", revision=2, external_id=first.external_id))
    off = replace(on, key="k-off", revision=3, enabled=False, external_id=first.external_id)
    last = connector.carry_out(off)
    assert [(one.enabled, one.found) for one in (first, again, last)] == [(True, False), (True, True), (False, False)]
    assert {first.external_id, again.external_id, last.external_id} == {first.external_id}
    assert peer.work(on) == [True, False]


def test_what_was_never_on_is_off_without_an_order(peer: Peer) -> None:
    order = peer.order(enabled=False)
    assert (peer.connector().carry_out(order).found, peer.work(order)) == (True, [])


@pytest.mark.parametrize("behaviour", ["slow", "monitor"])
def test_network_that_takes_its_time_is_waited_for(peer: Peer, behaviour: str) -> None:
    peer.behave(behaviour)
    order = peer.order()
    assert (peer.connector().carry_out(order).enabled, peer.work(order)) == (True, [True])


def test_g18_work_whose_answer_was_lost_is_found_done_and_not_done_again(peer: Peer) -> None:
    order, connector = peer.order(), peer.connector()
    peer.behave("late")
    with pytest.raises(NetworkAway):
        connector.carry_out(order)
    peer.behave("well")
    assert (connector.carry_out(order).found, peer.work(order)) == (True, [True])


def test_g18_same_key_twice_at_once_is_worked_once(peer: Peer) -> None:
    """The second try looked before the first one's work showed: what it sends is recognised by its key."""
    order, connector = peer.order(), peer.connector()
    for _try in range(2):
        assert connector._act(order, None).status in {200, 201}
    assert peer.work(order) == [True]


def test_straggler_does_not_undo_a_later_order(peer: Peer) -> None:
    on, connector = peer.order(), peer.connector()
    found = connector.carry_out(on).external_id
    connector.carry_out(replace(on, key="k-later", revision=5, enabled=False, external_id=found))
    connector._act(replace(on, key="k-straggler", revision=4), {"id": found})
    assert peer.work(on) == [True, False]


def test_refusal_says_the_networks_reason(peer: Peer) -> None:
    peer.behave("refuse")
    order = peer.order()
    with pytest.raises(NetworkRefused, match="the subscriber is unknown to this network"):
        peer.connector().carry_out(order)
    assert peer.work(order) == []


def test_g18_network_that_is_away_says_neither_yes_nor_no(peer: Peer) -> None:
    order = peer.order()
    peer.behave("away")
    with pytest.raises(NetworkAway):
        peer.connector().carry_out(order)
    peer.behave("well")
    assert (peer.connector().carry_out(order).enabled, peer.work(order)) == (True, [True])


def test_g18_nobody_at_the_address_says_neither_yes_nor_no(peer: Peer) -> None:
    with pytest.raises(NetworkAway):
        ResourceActivation(f"http://127.0.0.1:{free_port()}", timeout=1).carry_out(peer.order())


@pytest.mark.parametrize("running", ["strict"], indirect=True)
@pytest.mark.parametrize("behaviour", ["busy", "page", "half"])
def test_answers_that_are_no_answer_leave_the_order_open(peer: Peer, behaviour: str) -> None:
    order = peer.order()
    peer.behave(behaviour)
    with pytest.raises(NetworkAway):
        peer.connector().carry_out(order)
    peer.behave("well")
    assert (peer.connector().carry_out(order).enabled, peer.work(order)) == (True, [True])


@pytest.mark.parametrize("running", ["strict"], indirect=True)
def test_token_that_ran_out_leaves_the_order_open(peer: Peer) -> None:
    order = peer.order()
    with pytest.raises(NetworkAway, match="401"):
        peer.connector(token="old").carry_out(order)
    assert peer.work(order) == []


needs_document = pytest.mark.skipif(
    not DOCUMENT.exists(), reason="the folder shared/data with TM Forum's documents is not here"
)


@needs_document
def test_order_has_the_shape_of_the_document() -> None:
    document = json.loads(DOCUMENT.read_text())
    order = Instruction(
        key="k", revision=3, resource="+393510000001", feature=FEATURE, category="barring", enabled=True
    )
    assert wrong(document, "Resource_Create", tmf702.created(order)) == []
    assert wrong(document, "Resource_Update", tmf702.changed(order)) == []
    assert document["basePath"].rstrip("/") == tmf702.BASE


@needs_document
def test_strict_network_finds_what_the_document_does_not_know() -> None:
    document = json.loads(DOCUMENT.read_text())
    body = {"colour": "red", "administrativeState": "open", "name": 5, "@type": "LogicalResource"}
    assert sorted(wrong(document, "Resource_Create", body)) == [
        "ResourceAdministrativeStateType: 'open'", "Resource_Create.colour is unknown", "Resource_Create.name: 5",
    ]  # fmt: skip
