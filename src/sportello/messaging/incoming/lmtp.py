"""Taking mails straight from the operator's mail server by LMTP (RFC 2033): one answer for each recipient, after the mail was kept."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session

from sportello.messaging.incoming import addresses
from sportello.messaging.incoming.imap import Take
from sportello.messaging.incoming.taking import Raw

logger = logging.getLogger(__name__)


class Handler:
    """What is asked at each step of the conversation."""

    def __init__(self, take: Take) -> None:
        self._take = take

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept addresses of ours, whatever their secret: a refusal would make the server answer a sender who may be forged."""
        if not addresses.is_ours(address):
            return "550 5.1.1 no mail is taken for this address"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the mail once for each recipient, and answer for each."""
        octets = envelope.content if isinstance(envelope.content, bytes) else b""  # text only where it was asked for
        answers = [
            await asyncio.to_thread(self._taken, Raw(octets, envelope.mail_from or "", (recipient,)))
            for recipient in envelope.rcpt_tos
        ]
        return "\r\n".join(answers)

    def _taken(self, raw: Raw) -> str:
        try:
            self._take(raw)
        except Exception:
            logger.exception("a mail could not be kept: the server is asked to try again")
            return "451 4.3.0 not kept, try again later"
        return "250 2.0.0 kept"


class Protocol(LMTP):
    """LMTP that takes lines longer than the standard's thousand octets: programs write them, and servers pass them on."""

    line_length_limit = 1024 * 1024


class LmtpServer(Controller):
    """The server, in a thread of its own: `start()` and `stop()` it."""

    def __init__(self, take: Take, *, host: str, port: int, most_octets: int) -> None:
        self._most = most_octets
        super().__init__(Handler(take), hostname=host, port=port)

    def factory(self) -> Protocol:
        """Return the protocol of one connection."""
        return Protocol(self.handler, data_size_limit=self._most, enable_SMTPUTF8=True)
