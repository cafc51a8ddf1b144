"""What a mail connector takes and gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class OutMail:
    """One mail on its way out; `message_id` (no angle brackets) is the same at every try: receivers drop doubles.

    `envelope_from` is where a failure comes back to, where it is not the sender.
    """

    to: str
    sender: str
    subject: str
    text: str
    message_id: str
    html: str = ""
    reply_to: str = ""
    envelope_from: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"OutMail({self.message_id})"  # subject and text may hold a one-time link


class MailRefused(Exception):
    """The server does not take this mail: for good, or (`later`) for now. The text is the server's answer."""

    def __init__(self, answer: str, *, later: bool) -> None:
        super().__init__(answer)
        self.answer = answer
        self.later = later


class MailInDoubt(Exception):
    """The mail was handed over and the answer never came: a further try carries the same Message-ID."""

    def __init__(self, answer: str) -> None:
        super().__init__(answer)
        self.answer = answer


class Mailer(Protocol):
    """A way to mailboxes."""

    def send(self, mail: OutMail) -> str:
        """Hand over one mail; returns the server's answer. Raises `MailRefused`, `MailInDoubt`."""
