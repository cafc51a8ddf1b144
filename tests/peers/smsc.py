"""A real SMPP server (`smpp34`) whose answers follow a script: the number's last two digits choose the fault."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from struct import pack
from typing import Any, Self

import smpp34

from sportello.messaging.channels.sms.simulator import RECEIPTS, REFUSALS, Course
from sportello.messaging.channels.sms.types import ReceiptState
from tests.peers.courses import SILENT_SUFFIX, course_by_suffix

_STATUSES = {
    "ESME_RTHROTTLED": smpp34.ESME_RTHROTTLED,
    "ESME_RMSGQFUL": smpp34.ESME_RMSGQFUL,
    "ESME_RINVSRCADR": smpp34.ESME_RINVSRCADR,
    "ESME_RINVDSTADR": smpp34.ESME_RINVDSTADR,
}
_STATE_CODES = {
    ReceiptState.DELIVERED: 2,
    ReceiptState.EXPIRED: 3,
    ReceiptState.UNDELIVERABLE: 5,
    ReceiptState.ACCEPTED: 6,
}
_RECEIPT = 0x04


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Arrived:
    """What the centre got in one `submit_sm`."""

    source: str
    source_ton: int
    source_npi: int
    to: str
    to_ton: int
    to_npi: int
    data_coding: int
    esm_class: int
    octets: bytes


class Smsc:
    """The centre of one test; `async with Smsc() as smsc`."""

    def __init__(self, port: int | None = None, *, first_id: int = 1) -> None:
        self.port = port or free_port()
        self.arrived: list[Arrived] = []
        self.binds = 0
        self._ids = count(first_id)
        self._sessions: dict[str, Any] = {}
        self._held: list[Any] = []
        self._pending: set[asyncio.Future[Any]] = set()

    async def __aenter__(self) -> Self:
        self._server = smpp34.Server("127.0.0.1", self.port, system_id="smsc")
        await self._server.start()
        self._loop = asyncio.create_task(self._serve())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._loop.cancel()
        with suppress(asyncio.CancelledError):
            await self._loop
        for pending in self._pending:
            pending.cancel()
        await asyncio.gather(*self._pending, return_exceptions=True)
        await self._server.stop()
        self._held.clear()

    async def text_from_phone(self, *, sender: str, to: str, octets: bytes, data_coding: int = 0) -> None:
        """Send a text from a phone to every bound session, and wait for the acknowledgement."""
        for session in await self._bound():
            await session.deliver_sm(to, octets, source_addr=sender, data_coding=data_coding)

    async def receipt(self, text: bytes, *, tlvs: list[Any] | None = None) -> None:
        """Send a receipt as some centre would write it, and wait for the acknowledgement."""
        for session in await self._bound():
            await session.deliver_sm("395550000", text, source_addr="390000", esm_class=_RECEIPT, tlvs=tlvs or [])

    async def _bound(self) -> list[Any]:
        while not self._sessions:  # noqa: ASYNC110 - the client hears of its bind before we do
            await asyncio.sleep(0.01)
        return list(self._sessions.values())

    async def _serve(self) -> None:
        while True:
            event = await self._server.next()
            if isinstance(event, smpp34.Esme):
                self.binds += 1
                self._sessions[event.session_id] = event
            elif isinstance(event, smpp34.Unbound):
                self._sessions.pop(event.session_id, None)
            else:
                self._answer(event)

    def _answer(self, event: Any) -> None:
        self.arrived.append(_arrived(event))
        if event.destination_addr.endswith(SILENT_SUFFIX):
            self._held.append(event)  # dropping it would answer ESME_RSYSERR
            return
        course = course_by_suffix(event.destination_addr)
        if course in REFUSALS:
            event.reject(_STATUSES[REFUSALS[course][0]])
            return
        message_id = f"{next(self._ids):08X}"
        if course is Course.RECEIPT_FIRST:
            self._later(self._deliver(event, message_id, RECEIPTS[course][0], then_accept=True))
            return
        event.accept(message_id)
        self._later(self._deliver_all(event, message_id, RECEIPTS[course]))

    async def _deliver_all(self, event: Any, message_id: str, states: list[ReceiptState]) -> None:
        for state in states:
            await self._deliver(event, message_id, state, then_accept=False)

    async def _deliver(self, event: Any, message_id: str, state: ReceiptState, *, then_accept: bool) -> None:
        error = "001" if state is ReceiptState.UNDELIVERABLE else "000"
        text = (
            f"id:{message_id} sub:001 dlvrd:001 submit date:2611220600 done date:2611220601 "
            f"stat:{state.value} err:{error} text:"
        )
        await self._sessions[event.session_id].deliver_sm(
            event.source_addr,
            text.encode(),
            source_addr=event.destination_addr,
            esm_class=_RECEIPT,
            tlvs=[
                smpp34.Tlv(smpp34.TLV_RECEIPTED_MESSAGE_ID, message_id.encode() + b"\0"),
                smpp34.Tlv(smpp34.TLV_MESSAGE_STATE, bytes([_STATE_CODES[state]])),
            ],
        )
        if then_accept:
            event.accept(message_id)

    def _later(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._pending.add(task)
        task.add_done_callback(self._pending.discard)


@contextmanager
def smsc_in_thread(smsc: Smsc) -> Iterator[Smsc]:
    """Run a centre in a thread of its own, for tests whose own thread works on the database."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(smsc.__aenter__(), loop).result(10)
    try:
        yield smsc
    finally:
        asyncio.run_coroutine_threadsafe(smsc.__aexit__(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


class Wire:
    """A TCP relay before the centre, so that a test can cut or freeze the line."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._writers: list[asyncio.StreamWriter] = []
        self._open = asyncio.Event()
        self._open.set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self._open.set()
        await self.cut()
        await self._server.wait_closed()
        await asyncio.sleep(0)

    async def cut(self) -> None:
        """End every connection at once, without a word of the protocol."""
        writers, self._writers = self._writers, []
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0.01)

    def freeze(self) -> None:
        """Let nothing through any more, with the connections open."""
        self._open.clear()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            writer.transport.abort()
            return
        self._writers += [writer, far_writer]
        with suppress(OSError, asyncio.CancelledError):
            await asyncio.gather(self._copy(reader, far_writer), self._copy(far_reader, writer))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while octets := await reader.read(4096):
                await self._open.wait()
                writer.write(octets)
        finally:
            writer.transport.abort()


@asynccontextmanager
async def raw_smsc(*, bind_status: int = 0, answer: bytes | None = None) -> AsyncIterator[int]:
    """Speak just enough SMPP by hand for what a well-behaved server cannot do; yields the port.

    `answer` goes out after a successful bind, as it is; each `submit_sm` gets the status 0x0400 (a vendor's own).
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readexactly(16)
                length, command, sequence = (int.from_bytes(head[at : at + 4], "big") for at in (0, 4, 12))
                await reader.readexactly(length - 16)
                status = {0x9: bind_status, 0x4: 0x400}.get(command, 0)
                body = b"smsc\0" if command == 0x9 and not status else b""
                if command < 0x80000000:
                    writer.write(pack("!IIII", 16 + len(body), command | 0x80000000, status, sequence) + body)
                if command == 0x9 and not status and answer:
                    writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.sleep(0.05)


def _arrived(event: Any) -> Arrived:
    return Arrived(
        source=event.source_addr,
        source_ton=event.source_addr_ton,
        source_npi=event.source_addr_npi,
        to=event.destination_addr,
        to_ton=event.dest_addr_ton,
        to_npi=event.dest_addr_npi,
        data_coding=event.data_coding,
        esm_class=event.esm_class,
        octets=event.short_message,
    )
