"""What other apps receive from messaging and hand to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from sportello.kernel.actor import Actor


class Channel(TextChoices):
    """A way to a person."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")


class Way(TextChoices):
    """A way on which a person may be told, as they choose it: the channels of messages, and notices that stand in the portal alone."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    PORTAL = "portal", _("In the portal")


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Who gets a message: a person of the portal, or an address alone. `language` is `it`, `es` or `en` (empty: the person's).

    With `person_id` and no address, the person's own address counts; an address given here goes before it (the former one, say).
    """

    person_id: int | None = None
    email: str | None = None
    mobile: str | None = None
    language: str = ""


# --- mail in ----------------------------------------------------------------------------------------------------------


class MailKind(TextChoices):
    """What a received mail is. Only `PERSON` ever becomes an entry of anything; the others are kept and shown to the operator."""

    PERSON = "person", _("Written by a person")
    AUTO_REPLY = "auto_reply", _("Automatic reply")
    OUT_OF_OFFICE = "out_of_office", _("Out of office")
    BOUNCE = "bounce", _("Delivery failure")
    RECEIPT = "receipt", _("Delivery or reading receipt")
    LIST = "list", _("Mailing list or mass mail")
    OWN = "own", _("Our own mail coming back")


class Trust(TextChoices):
    """What the receiving mail server found out about a sender: `PASS` needs an aligned pass of DMARC, DKIM or SPF."""

    PASS = "pass", _("Confirmed")
    FAIL = "fail", _("Contradicted")
    NONE = "none", _("Not checked")


@dataclass(frozen=True, kw_only=True)
class MailAddress:
    """An address with the name that stood before it; both cleaned of control characters, the address lower case in its domain."""

    address: str
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class MailFile:
    """A file that came with a mail. `name` is one plain file name; `inline`: an image that the text shows by its `content_id`."""

    name: str
    content_type: str
    content: bytes = field(repr=False)
    inline: bool = False
    content_id: str = ""


@dataclass(frozen=True, kw_only=True)
class ParsedMail:
    """A mail read without trust in anything it says. `text` is the whole plain text, `html` is clean (no remote image, no script).

    `envelope_from` is None when nobody said it, empty for the null sender. `delivered_to` are the addresses that the receiving
    server wrote down. `marked` serves the splitting of replies: the text of the HTML with marks. `notices` are kept sentences
    (`kernel.sentences.told`) on what was left out, cut or not understood.
    """

    subject: str = ""
    sender: MailAddress | None = None
    senders: tuple[MailAddress, ...] = ()
    reply_to: tuple[MailAddress, ...] = ()
    to: tuple[MailAddress, ...] = ()
    cc: tuple[MailAddress, ...] = ()
    delivered_to: tuple[str, ...] = ()
    envelope_from: str | None = None
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    sent_at: datetime | None = None
    text: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    marked: str = field(default="", repr=False)
    files: tuple[MailFile, ...] = ()
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MailReply:
    """What the person wrote (`own`), apart from the signature and the quoted history: nothing of the text is lost between the three."""

    own: str = field(repr=False)
    signature: str = field(default="", repr=False)
    quoted: str = field(default="", repr=False)

    @property
    def cut(self) -> str:
        """Return what was cut, for showing folded below."""
        return "\n\n".join(each for each in (self.signature, self.quoted) if each)


@dataclass(frozen=True, kw_only=True)
class TakenMail:
    """A mail for the app that owns a thread: the address that it came to named this thread and this recipient.

    `mail_id` is messaging's row (the original is behind `messaging.queries.original_of`). `thread` is what the app gave to
    `send_message(thread=…)` (`ticket:1042`), `recipient` the address that the reply address was made for, `person_id` its
    person, if any. `verified`: the sender is that recipient and the receiving server confirmed it (ABUSE E16, E17); it is
    False only when the operator released the mail from quarantine, and then nothing of it may be taken for the recipient's.
    """

    mail_id: int
    thread: str
    recipient: str
    person_id: int | None
    verified: bool
    trust: Trust
    received_at: datetime
    mail: ParsedMail
    reply: MailReply


@dataclass(frozen=True, kw_only=True)
class MailAnswer:
    """What the receiver did: `taken` with `reference` (`interaction:77`), or not, with a kept sentence why: it is then quarantined."""

    taken: bool
    reference: str = ""
    reason: str = ""


class MailReceiver(Protocol):
    """What an app above registers for the threads whose key begins with its word (`register_mail_receiver("ticket", …)`).

    Called inside the transaction that marks the mail as handed over: what it writes and that mark stand or fall together, so
    that each mail is taken exactly once. It gets mails of kind `PERSON` alone, each Message-ID and content once. What it
    raises leaves the mail to be tried again, and after several tries in quarantine.
    """

    def receive_mail(self, *, actor: Actor, mail: TakenMail, now: datetime) -> MailAnswer:
        """Take one mail; `actor` is the system's (via `MAIL`)."""

    def mail_failed(self, *, actor: Actor, thread: str, recipient: str, reason: str, now: datetime) -> None:
        """Hear that a mail of this thread to `recipient` could not be delivered for good (`reason` is a kept sentence)."""


_receivers: dict[str, MailReceiver] = {}


def register_mail_receiver(word: str, receiver: MailReceiver) -> None:
    """Let an app above receive the mails of its threads (in its `AppConfig.ready`)."""
    _receivers[word] = receiver


def mail_receiver(thread: str) -> MailReceiver | None:
    """Return who receives the mails of a thread (`ticket:1042` → the receiver of `ticket`), or None."""
    return _receivers.get(thread.partition(":")[0])
