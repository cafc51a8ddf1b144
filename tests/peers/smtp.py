"""A real SMTP server (`aiosmtpd`) whose answers follow the recipient's local part."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from tests.peers.smsc import free_port

ANSWERS = {
    "full": "452 4.2.2 mailbox full, come back",
    "unknown": "550 5.1.1 no such user",
}


class Mailbox:
    """Take mail, or refuse it: `full@` for now, `unknown@` for good, `cut@` by hanging up in the middle."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if refusal := ANSWERS.get(address.partition("@")[0]):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.recipients += envelope.rcpt_tos
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        if envelope.rcpt_tos[0].startswith("cut@"):
            server.transport.abort()
            return "250 never heard"
        if envelope.rcpt_tos[0].startswith("spam@"):
            return "554 5.7.1 looks like spam"
        return "250 2.0.0 queued as 4711"


def smtp_server(mailbox: Mailbox) -> Controller:
    """Make a server on a free port of this machine; `start()` and `stop()` it."""
    return Controller(mailbox, hostname="127.0.0.1", port=free_port())
