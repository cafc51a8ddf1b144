"""What goes wrong between us and a centre: with a real SMPP server, or the octets that a good one cannot send."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from struct import pack
from typing import Self

import pytest
import smpp34

from sportello.messaging.channels.sms.smpp import SmppAccount, SmppTransport
from sportello.messaging.channels.sms.types import (
    InboundSms,
    InDoubt,
    LinkDown,
    LinkUp,
    PartRef,
    Receipt,
    ReceiptState,
    Refused,
    SmsEvent,
    Submitted,
)
from tests.peers.smsc import Smsc, Wire, free_port, raw_smsc
from tests.peers.test_sms_contract import NUMBER, parts_of

pytestmark = pytest.mark.peer

ACCOUNT = {"system_id": "sportello", "password": "secret", "first_pause": 0.05, "longest_pause": 0.2}


class Client:
    """A transport and the events that it told, stored as a consumer would."""

    def __init__(self, port: int, **account: object) -> None:
        self.transport = SmppTransport(SmppAccount("127.0.0.1", port, **{**ACCOUNT, **account}))  # type: ignore[arg-type]
        self.events: list[SmsEvent] = []

    async def __aenter__(self) -> Self:
        await self.transport.start()
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.transport.stop()
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def _read(self) -> None:
        async for event in self.transport.events():
            self.events.append(event)

    def send(self, text: str, suffix: str, pk: int = 1) -> None:
        for part in parts_of(text, NUMBER + suffix, pk=pk):
            self.transport.submit(part)

    async def until(self, *wanted: SmsEvent) -> None:
        await self.when(lambda: all(event in self.events for event in wanted))

    async def when(self, true: Callable[[], bool]) -> None:
        for _ in range(400):
            if true():
                return
            await asyncio.sleep(0.02)
        raise AssertionError(self.events)


def scenario(work: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        await asyncio.wait_for(work(), 30)

    asyncio.run(limited())


def test_a_refused_bind_is_told_with_its_reason_and_tried_again() -> None:
    async def work() -> None:
        async with raw_smsc(bind_status=0x0E) as port, Client(port) as client:
            await client.until(LinkDown("bind refused: ESME_RINVPASWD"))
            client.send("x", "00")
            await client.until(Refused(PartRef(1, 0), "no session with the SMS centre", later=True))

    scenario(work)


def test_a_centre_that_is_down_at_the_start_is_found_when_it_comes() -> None:
    async def work() -> None:
        port = free_port()
        async with Client(port) as client:
            await client.when(lambda: any(isinstance(event, LinkDown) for event in client.events))
            async with Smsc(port):
                await client.until(LinkUp())
                client.send("x", "06")
                await client.until(Submitted(PartRef(1, 0), "1"))

    scenario(work)


def test_a_line_cut_between_submit_and_answer_leaves_the_part_in_doubt_and_comes_back() -> None:
    async def work() -> None:
        async with Smsc() as smsc, Wire(smsc.port) as wire, Client(wire.port) as client:
            await client.until(LinkUp())
            client.send("x", "05", pk=1)
            await client.when(lambda: len(smsc.arrived) == 1)
            await wire.cut()
            await client.until(InDoubt(PartRef(1, 0), "connection lost"), LinkDown("connection lost"))
            await client.when(lambda: client.events.count(LinkUp()) == 2)
            client.send("y", "06", pk=2)
            await client.until(Submitted(PartRef(2, 0), "1"))
            assert len(smsc.arrived) == 2

    scenario(work)


def test_parts_that_were_never_written_come_back_for_a_later_try_not_in_doubt() -> None:
    async def work() -> None:
        async with Smsc() as smsc, Wire(smsc.port) as wire, Client(wire.port, window=1) as client:
            await client.until(LinkUp())
            for pk in (1, 2, 3):
                client.send("x", "05", pk=pk)
            await client.when(lambda: len(smsc.arrived) == 1)
            await wire.cut()
            await client.until(
                InDoubt(PartRef(1, 0), "connection lost"),
                Refused(PartRef(2, 0), "connection lost", later=True),
                Refused(PartRef(3, 0), "connection lost", later=True),
            )
            assert len(smsc.arrived) == 1

    scenario(work)


def test_a_part_without_answer_is_in_doubt_after_the_time_limit_and_the_line_goes_on() -> None:
    async def work() -> None:
        async with Smsc() as smsc, Client(smsc.port, answer_timeout=0.4, window=1) as client:
            await client.until(LinkUp())
            client.send("x", "05", pk=1)
            client.send("y", "06", pk=2)
            await client.until(InDoubt(PartRef(1, 0), "no answer in time"), Submitted(PartRef(2, 0), "1"))

    scenario(work)


def test_a_frozen_line_is_noticed_by_the_unanswered_enquire_link() -> None:
    async def work() -> None:
        quick = {"enquire_interval": 0.2, "answer_timeout": 0.4}
        async with Smsc() as smsc, Wire(smsc.port) as wire, Client(wire.port, **quick) as client:
            await client.until(LinkUp())
            wire.freeze()
            await client.when(lambda: any(isinstance(event, LinkDown) for event in client.events))

    scenario(work)


def test_throttling_slows_the_queue_down() -> None:
    async def work() -> None:
        async with Smsc() as smsc, Client(smsc.port, first_pause=0.3, window=1) as client:
            await client.until(LinkUp())
            client.send("x", "01", pk=1)
            client.send("y", "06", pk=2)
            await client.until(Refused(PartRef(1, 0), "ESME_RTHROTTLED", later=True))
            await asyncio.sleep(0.1)
            assert len(smsc.arrived) == 1
            await client.until(Submitted(PartRef(2, 0), "1"))

    scenario(work)


def test_a_status_of_the_vendors_own_refuses_the_part_and_keeps_the_session() -> None:
    async def work() -> None:
        async with raw_smsc() as port, Client(port) as client:
            await client.until(LinkUp())
            client.send("x", "00", pk=1)
            await client.until(Refused(PartRef(1, 0), "0x00000400", later=False))
            client.send("x", "00", pk=2)
            await client.until(Refused(PartRef(2, 0), "0x00000400", later=False))
            assert not [event for event in client.events if isinstance(event, LinkDown)]

    scenario(work)


def test_a_command_that_nobody_knows_does_not_end_the_session() -> None:
    async def work() -> None:
        alert_notification = pack("!IIII", 16, 0x00000102, 0, 9)
        async with raw_smsc(answer=alert_notification) as port, Client(port) as client:
            await client.until(LinkUp())
            client.send("x", "00")
            await client.until(Refused(PartRef(1, 0), "0x00000400", later=False))

    scenario(work)


@pytest.mark.parametrize("nonsense", [b"\0\0\0\x04the rest of it", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff" * 40])
def test_octets_that_are_no_pdu_end_the_session_and_it_comes_back(nonsense: bytes) -> None:
    async def work() -> None:
        async with raw_smsc(answer=nonsense) as port, Client(port) as client:
            await client.when(lambda: client.events.count(LinkUp()) >= 2)

    scenario(work)


def test_a_cut_off_deliver_sm_is_dropped_and_the_session_goes_on() -> None:
    async def work() -> None:
        cut_off = pack("!IIII", 20, 0x00000005, 0, 9) + b"\0\1\1x"
        async with raw_smsc(answer=cut_off) as port, Client(port) as client:
            await client.until(LinkUp())
            client.send("x", "00")
            await client.until(Refused(PartRef(1, 0), "0x00000400", later=False))

    scenario(work)


@pytest.mark.parametrize(
    ("text", "tlvs", "receipt"),
    [
        (b"", [(0x1E, b"0A\0"), (0x427, b"\x02")], Receipt("a", ReceiptState.DELIVERED, "")),
        (b"id:0A stat:UNDELIV err:00Z", [], Receipt("a", ReceiptState.UNDELIVERABLE, "00Z")),
        (b"id:0A stat:DELIVRD err:0 Text:id:FF stat:REJECTD", [], Receipt("a", ReceiptState.DELIVERED, "")),
        (b"id:5f8e-11 submit date:261122060011 stat:EXPIRED", [], Receipt("5f8e-11", ReceiptState.EXPIRED, "")),
        (b"free text of a strange centre", [], Receipt("", ReceiptState.UNKNOWN, "")),
    ],
    ids=[
        "only optional parameters",
        "letters in the error",
        "text imitates fields",
        "seconds in the date",
        "no fields",
    ],
)
def test_receipts_as_centres_write_them(text: bytes, tlvs: list[tuple[int, bytes]], receipt: Receipt) -> None:
    async def work() -> None:
        async with Smsc() as smsc, Client(smsc.port) as client:
            await client.until(LinkUp())
            await smsc.receipt(text, tlvs=[smpp34.Tlv(tag, value) for tag, value in tlvs])
            await client.until(receipt)
            assert smsc.binds == 1

    scenario(work)


def test_hexadecimal_answers_meet_decimal_receipts_when_the_account_says_so() -> None:
    async def work() -> None:
        bases = {"answer_id_base": 16, "receipt_id_base": 10}
        async with Smsc(first_id=26) as smsc, Client(smsc.port, **bases) as client:
            await client.until(LinkUp())
            client.send("x", "06")
            await client.until(Submitted(PartRef(1, 0), "26"))  # the centre answered 0000001A
            await smsc.receipt(b"id:0000000026 stat:DELIVRD err:000")
            await client.until(Receipt("26", ReceiptState.DELIVERED, ""))

    scenario(work)


def test_a_receipt_is_acknowledged_only_after_the_receiver_took_it() -> None:
    async def work() -> None:
        async with Smsc() as smsc:
            transport = SmppTransport(SmppAccount("127.0.0.1", smsc.port, **ACCOUNT))  # type: ignore[arg-type]
            await transport.start()
            events = transport.events()
            assert await anext(events) == LinkUp()
            told = asyncio.create_task(smsc.receipt(b"id:1 stat:DELIVRD err:000"))
            assert await anext(events) == Receipt("1", ReceiptState.DELIVERED, "")
            await asyncio.sleep(0.1)
            assert not told.done()
            following = asyncio.create_task(anext(events))
            await told
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            await events.aclose()
            await transport.stop()

    scenario(work)


def test_a_text_from_a_phone_comes_in() -> None:
    async def work() -> None:
        async with Smsc() as smsc, Client(smsc.port) as client:
            await client.until(LinkUp())
            await smsc.text_from_phone(sender="390655500123", to="40404", octets=b"Perch\x05 no?")
            await client.until(InboundSms("390655500123", "40404", "Perché no?"))
            await smsc.text_from_phone(
                sender="390655500123", to="40404", octets="già 😀".encode("utf-16-be"), data_coding=8
            )
            await client.until(InboundSms("390655500123", "40404", "già 😀"))

    scenario(work)


def test_a_destination_that_cannot_be_written_is_refused_for_good() -> None:
    async def work() -> None:
        async with Smsc() as smsc, Client(smsc.port) as client:
            await client.until(LinkUp())
            client.transport.submit(parts_of("x", "+39" + "0" * 30)[0])
            await client.when(lambda: any(isinstance(event, Refused) and not event.later for event in client.events))
            client.transport.submit(parts_of("x", "+39è")[0])
            await client.when(lambda: sum(isinstance(event, Refused) for event in client.events) == 2)
            assert smsc.arrived == []

    scenario(work)


def test_a20_nothing_of_the_text_is_logged_even_when_everything_goes_wrong(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        async with Smsc() as smsc, Wire(smsc.port) as wire, Client(wire.port) as client:
            await client.until(LinkUp())
            client.send("482913 is your code", "05", pk=1)
            client.transport.submit(parts_of("482913 is your code", "+39è", pk=2)[0])
            await client.when(lambda: len(smsc.arrived) == 1)
            await wire.cut()
            await client.when(lambda: client.events.count(LinkUp()) == 2)
            assert "482913" not in repr(client.events)
            assert "482913" not in repr(parts_of("482913", NUMBER))

    with caplog.at_level(logging.DEBUG):
        scenario(work)
    assert "482913" not in caplog.text


def test_an_account_that_the_protocol_cannot_carry_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="15 characters for the system id and 8 for the password"):
        SmppAccount("127.0.0.1", 2775, "sportello", "a-password-too-long")
    assert "secret" not in repr(SmppAccount("127.0.0.1", 2775, "sportello", "secret"))
