"""The session of `aiosmpplib` (SMPP 3.4), with the places closed where real centres make it fall over.

Found in 0.7.4, each with a test in `tests/peers`: a status or a command that the library does not know, a receipt
without text or with a letter in its error code, a refused bind without body ends its receiver; sockets of lost sessions
stay open; its logger prints whole messages, one-time codes included. Hence: `deliver_sm` is answered unparsed and read
by `receipts.py`, correlation is ours, and its logger is silent.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from struct import pack, unpack_from
from typing import Any, Final, cast

from aiosmpplib import (
    ESME,
    NPI,
    TON,
    AbstractBroker,
    AbstractCorrelator,
    AbstractHook,
    AbstractRetryTimer,
    AbstractThrottleHandler,
    GenericNack,
    SmppCommandStatus,
    SmppError,
)
from aiosmpplib.state import PduHeader, SmppCommand

_HEADER_LENGTH: Final = 16
_LONGEST_PDU: Final = 2**16 + 1024
_REQUEST_LIMIT: Final = 0x80000000
_BIND_ANSWERS: Final = {0x80000001, 0x80000002, 0x80000009}
_INVALID_COMMAND: Final = 0x00000003
_KNOWN_COMMANDS: Final = {int(command) for command in SmppCommand}
_KNOWN_STATUSES: Final = {int(status) for status in SmppCommandStatus}


class Session(ESME):  # type: ignore[misc]
    """One bind to one centre, reconnecting by the given timer; tells why the last attempt failed."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(log_level=logging.CRITICAL, log_handler=logging.NullHandler(), **arguments)
        self.reason = ""
        self._held: asyncio.StreamWriter | None = None

    async def connect(self) -> None:
        """Open and bind; the reason of a refusal is kept for the operator's page."""
        await self.close_socket()
        self.reason = "connection lost"
        try:
            await super().connect()
        except SmppError as error:
            self.reason = f"bind refused: {error.command_status.name}"
            raise
        except TimeoutError:
            self.reason = "no answer to connect or bind"
            raise
        except OSError as error:
            self.reason = f"cannot connect: {error.strerror or type(error).__name__}"
            raise
        finally:
            self._held = self._writer

    async def close_socket(self) -> None:
        """Close the socket of the last session; the library only forgets it."""
        held, self._held = self._held, None
        if held is not None:
            held.close()
            with suppress(OSError, TimeoutError):
                await asyncio.wait_for(held.wait_closed(), self.socket_timeout)

    async def _receive_data(self) -> bytes | None:
        try:
            return cast("bytes | None", await super()._receive_data())
        except (OSError, EOFError, ValueError):
            raise
        except Exception as error:
            # Anything else would end `start` with the other tasks still running: make it a lost session.
            raise ConnectionError("a PDU that the library cannot read") from error

    async def _get_pdu(self) -> tuple[bytes, PduHeader]:
        while True:
            head = await self._reader.readexactly(_HEADER_LENGTH)
            length, command, status, sequence = unpack_from("!IIII", head)
            if not _HEADER_LENGTH <= length <= _LONGEST_PDU:
                # No way to find the next PDU: the session must start again.
                raise ConnectionError("PDU of impossible length")
            pdu = head + await self._reader.readexactly(length - _HEADER_LENGTH)
            if command in _KNOWN_COMMANDS:
                known = SmppCommandStatus(status if status in _KNOWN_STATUSES else SmppCommandStatus.ESME_RUNKNOWNERR)
                if command in _BIND_ANSWERS and status:
                    # A refusal rightly has no body, which the library takes for a broken PDU.
                    raise SmppError(SmppCommand(command), known)
                return pdu, PduHeader(length, SmppCommand(command), known, sequence)
            if command < _REQUEST_LIMIT:
                self._writer.write(pack("!IIII", _HEADER_LENGTH, _REQUEST_LIMIT, _INVALID_COMMAND, sequence))

    async def _handle_request(self, pdu: bytes, header: PduHeader) -> Any:
        if header.smpp_command is SmppCommand.DELIVER_SM:
            return GenericNack(header.sequence_num)  # a sign for "acknowledge": the hook reads the octets
        return await super()._handle_request(pdu, header)


class NoCorrelation(AbstractCorrelator):  # type: ignore[misc]
    """Keep nothing: the library notes a request only after writing it, so that a quick answer finds no request."""

    async def get(self, response: Any) -> None:
        """Know no request."""

    async def put(self, smpp_message: Any) -> None:
        """Forget the request."""

    async def put_delivery(self, smsc_message_id: str, submit_sm: Any) -> None:
        """Forget the message id."""

    async def put_delivery_segmented(self, deliver_sm: Any) -> None:
        """Leave the joining of parts to the reader."""

    async def get_segmented(self, smpp_seq_num: int, remove: bool = False) -> tuple[None, int]:  # noqa: FBT001, FBT002
        """Know no parts: each is a message of its own."""
        return None, 0

    async def get_delivery(self, receipt: Any) -> None:
        """Know no receipts."""

    async def expired(self, smpp_message: Any) -> None:
        """Leave time limits to the transport."""

    def get_cumulated_status(self, ref_num: int) -> int:
        """Know no parts."""
        return 0


class NoThrottle(AbstractThrottleHandler):  # type: ignore[misc]
    """Let everything through: the queue pauses itself when the centre asks for it."""

    async def throttled(self) -> None:
        """Do nothing here."""

    async def not_throttled(self) -> None:
        """Do nothing here."""

    async def allow_request(self) -> bool:
        """Allow always."""
        return True

    async def throttle_delay(self) -> float:
        """Wait for nothing."""
        return 0.0


class Hook(AbstractHook):  # type: ignore[misc]
    """Hand over what the session sends and receives, as octets."""

    def __init__(
        self,
        *,
        writing: Callable[[Any], None],
        received: Callable[[bytes], Awaitable[None]],
        unsendable: Callable[[Any, Exception], None],
    ) -> None:
        self._writing = writing
        self._received = received
        self._unsendable = unsendable

    async def sending(self, smpp_message: Any, pdu: bytes, client_id: str) -> None:
        """Note a PDU that is about to be written."""
        self._writing(smpp_message)

    async def received(self, smpp_message: Any, pdu: bytes, client_id: str) -> None:
        """Read a PDU that came."""
        await self._received(pdu)

    async def send_error(self, smpp_message: Any, error: Exception, client_id: str) -> None:
        """Note a message that could not be written."""
        self._unsendable(smpp_message, error)


class Queue(AbstractBroker):  # type: ignore[misc]
    """Give messages one at a time, when asked and allowed."""

    def __init__(self, take: Callable[[], Awaitable[Any]]) -> None:
        self._take = take

    async def enqueue(self, message: Any) -> None:
        """Refuse: messages come from the transport's own queue."""
        raise NotImplementedError

    async def dequeue(self) -> Any:
        """Wait for the next message."""
        return await self._take()


class Link(AbstractRetryTimer):  # type: ignore[misc]
    """Hear of each bind and each loss, and wait between attempts: `first`, twice that, … `longest` seconds."""

    def __init__(
        self, *, first: float, longest: float, is_up: Callable[[], None], is_down: Callable[[], Awaitable[None]]
    ) -> None:
        self._first = first
        self._longest = longest
        self._is_up = is_up
        self._is_down = is_down
        self._pause = first

    def reset(self) -> None:
        """Hear that the bind worked."""
        self._pause = self._first
        self._is_up()

    async def wait(self) -> None:
        """Hear that there is no session (any more), and wait before the next attempt."""
        await self._is_down()
        pause, self._pause = self._pause, min(self._pause * 2, self._longest)
        await asyncio.sleep(pause)

    def next_delay(self) -> float:
        """Return the seconds until the next attempt."""
        return self._pause


__all__ = ["NPI", "TON", "Hook", "Link", "NoCorrelation", "NoThrottle", "Queue", "Session"]
