"""SMS by SMPP 3.4: our own parts, one `submit_sm` each, over a session that is kept up."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from aiosmpplib import NPI, TON, PhoneNumber, SubmitSm

from sportello.messaging.channels.sms import receipts
from sportello.messaging.channels.sms.segmentation import UCS2
from sportello.messaging.channels.sms.smpp_session import Hook, Link, NoCorrelation, NoThrottle, Queue, Session
from sportello.messaging.channels.sms.types import (
    InDoubt,
    LinkDown,
    LinkUp,
    OutPart,
    PartRef,
    Refused,
    SmsEvent,
    Submitted,
)

log = logging.getLogger(__name__)

_STATUS_NAMES: Final = {
    0x00000001: "ESME_RINVMSGLEN",
    0x00000008: "ESME_RSYSERR",
    0x0000000A: "ESME_RINVSRCADR",
    0x0000000B: "ESME_RINVDSTADR",
    0x00000014: "ESME_RMSGQFUL",
    0x00000045: "ESME_RSUBMITFAIL",
    0x00000058: "ESME_RTHROTTLED",
    0x00000064: "ESME_RX_T_APPN",
    0x00000065: "ESME_RX_P_APPN",
    0x000000FF: "ESME_RUNKNOWNERR",
}
# The centre says itself that the message may be sent again (SMPP 3.4 clause 5.1.3); everything else is final.
_LATER: Final = {0x00000008, 0x00000014, 0x00000058, 0x00000064}
_SLOW_DOWN: Final = {0x00000014, 0x00000058}
_RECEIPT_WANTED: Final = 0x01
_LONGEST_PAUSE: Final = 30.0
_SYSTEM_ID_LENGTH: Final = 15
_PASSWORD_LENGTH: Final = 8


@dataclass(frozen=True)
class SmppAccount:
    """What an SMPP centre's operator hands out, and how patient to be (seconds).

    `answer_id_base` and `receipt_id_base` (10 or 16) tell how the centre writes message ids in the two places when it
    writes them differently. `window` is the number of parts on the way without an answer.
    """

    host: str
    port: int
    system_id: str
    password: str
    system_type: str = ""
    window: int = 10
    enquire_interval: float = 30.0
    answer_timeout: float = 30.0
    first_pause: float = 1.0
    longest_pause: float = 60.0
    answer_id_base: int | None = None
    receipt_id_base: int | None = None

    def __post_init__(self) -> None:
        if len(self.system_id) > _SYSTEM_ID_LENGTH or len(self.password) > _PASSWORD_LENGTH:
            raise ValueError("SMPP 3.4 allows 15 characters for the system id and 8 for the password.")

    def __repr__(self) -> str:
        return f"SmppAccount({self.system_id}@{self.host}:{self.port})"


@dataclass
class _Written:
    ref: PartRef
    at: float
    doubted: bool = False


class SmppTransport:
    """Keep one bind to a centre; implements `SmsTransport`."""

    def __init__(self, account: SmppAccount) -> None:
        self._account = account
        self._waiting: deque[SubmitSm] = deque()
        self._taken: set[PartRef] = set()
        self._written: dict[int, _Written] = {}
        self._events: asyncio.Queue[SmsEvent] = asyncio.Queue()
        self._may_send = asyncio.Event()
        self._is_up = False
        self._announced_down = False
        self._slow_until = 0.0
        self._pause = 0.0
        self._stopping = False
        self._session: Session | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to connect; reconnects until `stop`."""
        self._tasks = [asyncio.create_task(self._keep_session()), asyncio.create_task(self._watch_answers())]

    async def stop(self) -> None:
        """Unbind and close; parts still without an answer are told as in doubt, unwritten ones as refused for now."""
        self._stopping = True
        if self._session is not None:
            with suppress(TimeoutError, OSError):
                await asyncio.wait_for(self._session.stop(), timeout=2.0)
        while pending := [task for task in self._tasks if not task.done()]:
            for task in pending:
                task.cancel()  # more than once: `wait_for` of Python 3.11 can lose a cancellation
            await asyncio.wait(pending, timeout=0.5)
        await self._link_lost()

    def submit(self, part: OutPart) -> None:
        """Queue a part; with no session it is refused for now at once, so that nothing waits in memory."""
        if not self._is_up or self._stopping:
            self._events.put_nowait(Refused(part.ref, "no session with the SMS centre", later=True))
            return
        try:
            message = _submit_sm(part)
        except ValueError as error:
            self._events.put_nowait(Refused(part.ref, f"cannot be written: {error}", later=False))
            return
        self._waiting.append(message)
        self._let_through()

    async def events(self) -> AsyncIterator[SmsEvent]:
        """Give events in order; asking for the next says that the last one was dealt with."""
        while True:
            event = await self._events.get()
            try:
                yield event
            finally:
                self._events.task_done()

    # The session: kept up, whatever ends it.

    async def _keep_session(self) -> None:
        link = Link(
            first=self._account.first_pause,
            longest=self._account.longest_pause,
            is_up=self._link_found,
            is_down=self._link_lost,
        )
        while not self._stopping:
            self._session = self._new_session(link)
            try:
                await self._session.start()
            except Exception as error:  # noqa: BLE001  whatever a hostile PDU does to the library, the bind comes back
                log.warning("sms session ended by %s", type(error).__name__)
                await link.wait()
            finally:
                await self._session.close_socket()

    def _new_session(self, link: Link) -> Session:
        account = self._account
        return Session(
            smsc_host=account.host,
            smsc_port=account.port,
            system_id=account.system_id,
            password=account.password,
            system_type=account.system_type,
            enquire_link_interval=float(account.enquire_interval),
            socket_timeout=float(account.answer_timeout),
            hook=Hook(writing=self._note_written, received=self._read, unsendable=self._note_unsendable),
            broker=Queue(self._next_message),
            correlator=NoCorrelation(),
            throttle_handler=NoThrottle(),
            retry_timer=link,
        )

    def _link_found(self) -> None:
        self._is_up, self._announced_down = True, False
        self._let_through()
        self._events.put_nowait(LinkUp())

    async def _link_lost(self) -> None:
        self._is_up = False
        reason = self._session.reason if self._session else "stopped"
        for written in self._written.values():
            if not written.doubted:
                self._events.put_nowait(InDoubt(written.ref, reason))
        for ref in [*self._taken, *map(_ref_of, self._waiting)]:
            self._events.put_nowait(Refused(ref, reason, later=True))
        self._written.clear()
        self._taken.clear()
        self._waiting.clear()
        if not self._announced_down:
            self._announced_down = True
            self._events.put_nowait(LinkDown(reason))
        if self._session is not None:
            await self._session.close_socket()

    # Going out.

    async def _next_message(self) -> SubmitSm:
        while True:
            await self._may_send.wait()
            if (pause := self._slow_until - time.monotonic()) > 0:
                await asyncio.sleep(pause)
            if self._waiting:
                message = self._waiting.popleft()
                self._taken.add(_ref_of(message))
                return message
            self._may_send.clear()

    def _let_through(self) -> None:
        on_the_way = sum(not written.doubted for written in self._written.values())
        if self._waiting and on_the_way < self._account.window:
            self._may_send.set()
        else:
            self._may_send.clear()

    def _note_written(self, message: Any) -> None:
        if isinstance(message, SubmitSm):
            ref = _ref_of(message)
            self._taken.discard(ref)
            self._written[message.sequence_num] = _Written(ref, time.monotonic())
            self._let_through()

    def _note_unsendable(self, message: Any, error: Exception) -> None:
        ref = _ref_of(message)
        if ref in self._taken:
            self._taken.discard(ref)
            # Not written: the PDU could not even be built. (After writing, the loss of the session tells.)
            self._events.put_nowait(Refused(ref, f"cannot be written: {type(error).__name__}", later=False))

    # Coming in.

    async def _read(self, pdu: bytes) -> None:
        try:
            header = receipts.read_header(pdu)
            if header.command in {receipts.SUBMIT_SM_RESP, receipts.GENERIC_NACK}:
                self._read_answer(header, pdu)
            elif header.command == receipts.DELIVER_SM:
                self._events.put_nowait(receipts.read_delivery(pdu, id_base=self._account.receipt_id_base))
                # The library acknowledges when this returns: not before the receiver has stored it.
                await self._events.join()
        except receipts.PduMalformed as error:
            log.warning("sms centre sent a malformed PDU: %s", error)

    def _read_answer(self, header: receipts.Header, pdu: bytes) -> None:
        written = self._written.pop(header.sequence, None)
        if written is None:
            return
        if header.status == 0 and header.command == receipts.SUBMIT_SM_RESP:
            self._pause = 0.0
            message_id = receipts.canonical_id(receipts.read_message_id(pdu), base=self._account.answer_id_base)
            self._events.put_nowait(Submitted(written.ref, message_id))
        else:
            self._slow_down(header.status)
            self._events.put_nowait(Refused(written.ref, _status_name(header.status), later=header.status in _LATER))
        self._let_through()

    def _slow_down(self, status: int) -> None:
        if status in _SLOW_DOWN:
            self._pause = min(max(self._account.first_pause, self._pause * 2), _LONGEST_PAUSE)
            self._slow_until = time.monotonic() + self._pause

    async def _watch_answers(self) -> None:
        while True:
            await asyncio.sleep(min(1.0, self._account.answer_timeout / 4))
            latest = time.monotonic() - self._account.answer_timeout
            for written in self._written.values():
                if not written.doubted and written.at < latest:
                    written.doubted = True  # still expected: a late answer settles the doubt
                    self._events.put_nowait(InDoubt(written.ref, "no answer in time"))
            self._let_through()


def _submit_sm(part: OutPart) -> SubmitSm:
    # `short_message` is a blank that never leaves: the octets are ours, and representations must not show the text.
    message = SubmitSm(
        short_message="-",
        source=PhoneNumber(part.sender.value, TON(part.sender.ton), NPI(part.sender.npi)),
        destination=PhoneNumber(part.to.removeprefix("+"), TON.INTERNATIONAL, NPI.ISDN),
        esm_class=part.esm_class,
        encoding="ucs2" if part.data_coding == UCS2 else None,
        registered_delivery=_RECEIPT_WANTED,
        validity_period=part.validity,
        log_id=f"{part.ref.pk}/{part.ref.part}",
    )
    message.set_encoded_message(part.octets)
    return message


def _ref_of(message: SubmitSm) -> PartRef:
    pk, _, part = message.log_id.partition("/")
    return PartRef(int(pk), int(part))


def _status_name(status: int) -> str:
    return _STATUS_NAMES.get(status, f"0x{status:08X}")
