"""What every SMS connector does, asked of the demo's simulator and of SMPP against a real server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from sportello.messaging.channels.sms.segmentation import decode_part, joined, segment
from sportello.messaging.channels.sms.simulator import SimulatedTransport
from sportello.messaging.channels.sms.smpp import SmppAccount, SmppTransport
from sportello.messaging.channels.sms.types import (
    LinkDown,
    LinkUp,
    OutPart,
    PartRef,
    Receipt,
    ReceiptState,
    Refused,
    Sender,
    SmsEvent,
    SmsTransport,
    Submitted,
)
from tests.peers.courses import course_by_suffix
from tests.peers.smsc import Smsc

pytestmark = pytest.mark.peer

NUMBER = "+3906555001"


@dataclass
class Arrived:
    sender: Sender
    to: str
    data_coding: int
    esm_class: int
    octets: bytes


@dataclass
class Peer:
    transport: SmsTransport
    arrived: Callable[[], list[Arrived]]


@asynccontextmanager
async def simulator() -> AsyncIterator[Peer]:
    arrived: list[Arrived] = []

    def phone(part: OutPart) -> None:
        number = part.to.removeprefix("+")
        arrived.append(Arrived(part.sender, number, part.data_coding, part.esm_class, part.octets))

    transport = SimulatedTransport(phone, course=course_by_suffix)
    await transport.start()
    yield Peer(transport, lambda: arrived)
    await transport.stop()


@asynccontextmanager
async def smpp() -> AsyncIterator[Peer]:
    async with Smsc() as smsc:
        transport = SmppTransport(SmppAccount("127.0.0.1", smsc.port, "sportello", "secret", first_pause=0.05))

        def arrived() -> list[Arrived]:
            return [
                Arrived(Sender(a.source, a.source_ton, a.source_npi), a.to, a.data_coding, a.esm_class, a.octets)
                for a in smsc.arrived
            ]

        await transport.start()
        yield Peer(transport, arrived)
        await transport.stop()


PeerFactory = Callable[[], AbstractAsyncContextManager[Peer]]
both = pytest.mark.parametrize("peer_of", [simulator, smpp], ids=["simulator", "smpp"])


def parts_of(text: str, to: str, pk: int = 1) -> list[OutPart]:
    segments = segment(text, reference=pk)
    sender = Sender.alias("ACME-Srl")
    return [
        OutPart(PartRef(pk, at), sender, to, segments.data_coding, segments.esm_class, octets, timedelta(minutes=30))
        for at, octets in enumerate(segments.parts)
    ]


async def take(peer: Peer, count: int) -> list[SmsEvent]:
    """Collect events until `count` came after the link was up."""
    events: list[SmsEvent] = []
    async for event in peer.transport.events():
        events.append(event)
        if len(events) == count:
            break
    return events


def run(peer_of: PeerFactory, parts: list[OutPart], count: int) -> tuple[list[SmsEvent], list[Arrived]]:
    async def scenario() -> tuple[list[SmsEvent], list[Arrived]]:
        async with peer_of() as peer:
            assert await asyncio.wait_for(take(peer, 1), 10) == [LinkUp()]
            for part in parts:
                peer.transport.submit(part)
            return await asyncio.wait_for(take(peer, count), 10), peer.arrived()

    return asyncio.run(scenario())


def receipts(events: list[SmsEvent]) -> list[Receipt]:
    """Return the receipts alone: a real centre may send the first before or after its answer."""
    return [event for event in events if isinstance(event, Receipt)]


@both
def test_a_short_text_arrives_and_its_receipt_comes_back(peer_of: PeerFactory) -> None:
    events, arrived = run(peer_of, parts_of("Codice: 482913", NUMBER + "00"), 2)
    assert set(events) == {Submitted(PartRef(1, 0), "1"), Receipt("1", ReceiptState.DELIVERED, "")}
    assert arrived == [Arrived(Sender("ACME-Srl", 5, 0), "390655500100", 0, 0, b"Codice: 482913")]


@both
def test_a_text_outside_the_gsm_alphabet_arrives_as_ucs2(peer_of: PeerFactory) -> None:
    _, arrived = run(peer_of, parts_of("Ça va 😀 перемены", NUMBER + "00"), 2)
    assert [(a.data_coding, a.octets.decode("utf-16-be")) for a in arrived] == [(8, "Ça va 😀 перемены")]


@both
def test_a_long_text_arrives_in_parts_that_join_to_the_same_text(peer_of: PeerFactory) -> None:
    text = "€[]{}" * 40 + "Lungo messaggio. " * 30
    parts = parts_of(text, NUMBER + "00")
    events, arrived = run(peer_of, parts, 2 * len(parts))
    decoded = [decode_part(a.octets, data_coding=a.data_coding, esm_class=a.esm_class) for a in arrived]
    assert joined(decoded) == text
    assert {event.ref for event in events if isinstance(event, Submitted)} == {part.ref for part in parts}
    assert len([event for event in events if isinstance(event, Receipt)]) == len(parts)


@both
@pytest.mark.parametrize(
    ("suffix", "status", "later"),
    [
        ("01", "ESME_RTHROTTLED", True),
        ("02", "ESME_RINVSRCADR", False),
        ("03", "ESME_RMSGQFUL", True),
        ("04", "ESME_RINVDSTADR", False),
    ],
)
def test_a_refusal_says_whether_a_later_try_may_work(
    peer_of: PeerFactory,
    suffix: str,
    status: str,
    later: bool,
) -> None:
    events, _ = run(peer_of, parts_of("x", NUMBER + suffix), 1)
    assert events == [Refused(PartRef(1, 0), status, later=later)]


@both
def test_a_refused_part_does_not_hold_up_the_next(peer_of: PeerFactory) -> None:
    parts = [*parts_of("x", NUMBER + "03", pk=1), *parts_of("y", NUMBER + "06", pk=2)]
    events, _ = run(peer_of, parts, 2)
    assert set(events) == {Refused(PartRef(1, 0), "ESME_RMSGQFUL", later=True), Submitted(PartRef(2, 0), "1")}


@both
def test_a_receipt_may_come_before_the_answer(peer_of: PeerFactory) -> None:
    events, _ = run(peer_of, parts_of("x", NUMBER + "07"), 2)
    assert events == [Receipt("1", ReceiptState.DELIVERED, ""), Submitted(PartRef(1, 0), "1")]


@both
def test_a_receipt_may_come_twice(peer_of: PeerFactory) -> None:
    events, _ = run(peer_of, parts_of("x", NUMBER + "08"), 3)
    assert receipts(events) == [Receipt("1", ReceiptState.DELIVERED, "")] * 2


@both
def test_accepted_is_told_before_the_final_state(peer_of: PeerFactory) -> None:
    events, _ = run(peer_of, parts_of("x", NUMBER + "09"), 3)
    assert receipts(events) == [Receipt("1", ReceiptState.ACCEPTED, ""), Receipt("1", ReceiptState.DELIVERED, "")]
    assert [receipt.state.is_final for receipt in receipts(events)] == [False, True]


@both
@pytest.mark.parametrize(
    ("suffix", "state", "error"),
    [("10", ReceiptState.UNDELIVERABLE, "001"), ("11", ReceiptState.EXPIRED, "")],
)
def test_a_failure_after_acceptance_is_told_by_the_receipt(
    peer_of: PeerFactory, suffix: str, state: ReceiptState, error: str
) -> None:
    events, _ = run(peer_of, parts_of("x", NUMBER + suffix), 2)
    # Both orders are right: a centre may send the receipt before its answer.
    assert sorted(events, key=lambda event: isinstance(event, Receipt)) == [
        Submitted(PartRef(1, 0), "1"),
        Receipt("1", state, error),
    ]


@both
def test_message_ids_are_the_same_word_in_answer_and_receipt(peer_of: PeerFactory) -> None:
    # The scripted centre writes 0000000A, the simulator a; both directions must give one form.
    parts = [part for pk in range(1, 12) for part in parts_of("x", NUMBER + "00", pk=pk)]
    events, _ = run(peer_of, parts, 22)
    submitted = sorted(event.message_id for event in events if isinstance(event, Submitted))
    assert submitted == sorted(event.message_id for event in events if isinstance(event, Receipt))
    assert "a" in submitted
    assert "b" in submitted


@both
def test_after_the_stop_a_part_is_refused_for_now(peer_of: PeerFactory) -> None:
    async def scenario() -> list[SmsEvent]:
        async with peer_of() as peer:
            await take(peer, 1)
            await peer.transport.stop()
            peer.transport.submit(parts_of("x", NUMBER + "00")[0])
            return await asyncio.wait_for(take(peer, 2), 10)

    down, refused = asyncio.run(scenario())
    assert isinstance(down, LinkDown)
    assert refused == Refused(PartRef(1, 0), "no session with the SMS centre", later=True)
