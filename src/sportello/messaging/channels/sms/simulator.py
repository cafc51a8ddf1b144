"""SMS without a network: the demo's phones, and the same answers as a centre for the tests."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from enum import Enum, auto
from itertools import count

from sportello.messaging.channels.sms.types import (
    LinkDown,
    LinkUp,
    OutPart,
    Receipt,
    ReceiptState,
    Refused,
    SmsEvent,
    Submitted,
)


class Course(Enum):
    """What can happen to a part; a simulated centre chooses by the number it is sent to."""

    DELIVERED = auto()
    THROTTLED = auto()
    QUEUE_FULL = auto()
    BAD_SOURCE = auto()
    BAD_DESTINATION = auto()
    UNDELIVERABLE = auto()
    EXPIRED = auto()
    ACCEPTED_THEN_DELIVERED = auto()
    RECEIPT_FIRST = auto()
    RECEIPT_TWICE = auto()
    RECEIPT_NEVER = auto()


REFUSALS = {
    Course.THROTTLED: ("ESME_RTHROTTLED", True),
    Course.QUEUE_FULL: ("ESME_RMSGQFUL", True),
    Course.BAD_SOURCE: ("ESME_RINVSRCADR", False),
    Course.BAD_DESTINATION: ("ESME_RINVDSTADR", False),
}
RECEIPTS = {
    Course.DELIVERED: [ReceiptState.DELIVERED],
    Course.UNDELIVERABLE: [ReceiptState.UNDELIVERABLE],
    Course.EXPIRED: [ReceiptState.EXPIRED],
    Course.ACCEPTED_THEN_DELIVERED: [ReceiptState.ACCEPTED, ReceiptState.DELIVERED],
    Course.RECEIPT_FIRST: [ReceiptState.DELIVERED],
    Course.RECEIPT_TWICE: [ReceiptState.DELIVERED, ReceiptState.DELIVERED],
    Course.RECEIPT_NEVER: [],
}
_ERRORS = {ReceiptState.UNDELIVERABLE: "001"}


def always_delivered(number: str) -> Course:  # noqa: ARG001
    """Let every part arrive."""
    return Course.DELIVERED


class SimulatedTransport:
    """Hand each part to `phone` and answer as a centre would; implements `SmsTransport`."""

    def __init__(
        self,
        phone: Callable[[OutPart], None],
        *,
        course: Callable[[str], Course] = always_delivered,
        first_id: int = 1,
    ) -> None:
        self._phone = phone
        self._course = course
        self._ids = count(first_id)
        self._events: asyncio.Queue[SmsEvent] = asyncio.Queue()
        self._is_up = False

    async def start(self) -> None:
        """Come up at once."""
        self.go_up()

    def go_up(self) -> None:
        """Come up, without an event loop."""
        self._is_up = True
        self._events.put_nowait(LinkUp())

    def told(self) -> Iterator[SmsEvent]:
        """Give the events so far, without an event loop."""
        while not self._events.empty():
            yield self._events.get_nowait()

    async def stop(self) -> None:
        """Go down; nothing is ever in doubt here."""
        self._is_up = False
        self._events.put_nowait(LinkDown("stopped"))

    def submit(self, part: OutPart) -> None:
        """Put a part on the phone and tell the events of its course."""
        course = self._course(part.to)
        if not self._is_up:
            self._events.put_nowait(Refused(part.ref, "no session with the SMS centre", later=True))
        elif course in REFUSALS:
            status, later = REFUSALS[course]
            self._events.put_nowait(Refused(part.ref, status, later=later))
        else:
            self._phone(part)
            self._tell(part, course)

    async def events(self) -> AsyncIterator[SmsEvent]:
        """Give events in order."""
        while True:
            yield await self._events.get()

    def _tell(self, part: OutPart, course: Course) -> None:
        message_id = f"{next(self._ids):x}"
        told: list[SmsEvent] = [Submitted(part.ref, message_id)]
        told += [Receipt(message_id, state, _ERRORS.get(state, "")) for state in RECEIPTS[course]]
        if course is Course.RECEIPT_FIRST:
            told.reverse()
        for event in told:
            self._events.put_nowait(event)
