"""What happened to messages and to the way they look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from sportello.kernel.events import DomainEvent, Sentence, Words
from sportello.messaging.catalogue import TITLES
from sportello.messaging.states import Channel, MailKind, MailState


@dataclass(frozen=True, kw_only=True)
class MessageQueued(DomainEvent):
    """A message was written to the outbox; its row is the record, nothing of its content stands here."""

    kind: ClassVar[str] = "messaging.queued"
    sentence: ClassVar[Sentence] = _("A message was written: %(template)s (%(channel)s)")
    words: ClassVar[Mapping[str, Words]] = {"template": TITLES, "channel": dict(Channel.choices)}
    news: ClassVar[bool] = False
    template: str
    channel: str
    state: str


@dataclass(frozen=True, kw_only=True)
class MessageSentAgain(DomainEvent):
    """The operator sent a message again, as a new one."""

    kind: ClassVar[str] = "messaging.sent_again"
    sentence: ClassVar[Sentence] = _("A message was sent again")
    news: ClassVar[bool] = False
    new_message_id: int


@dataclass(frozen=True, kw_only=True)
class SmsBudgetSpent(DomainEvent):
    """The daily number of text messages of a customer, of a number, or of the whole installation was reached (ABUSE A13)."""

    kind: ClassVar[str] = "messaging.sms_budget_spent"
    sentence: ClassVar[Sentence] = _("The day's budget of text messages was reached: %(limit)s")
    bucket: str
    limit: int
    day: str


@dataclass(frozen=True, kw_only=True)
class MailLoopStopped(DomainEvent):
    """So many mails of one thread went to, or came from, one address within an hour that machines seem to answer each other (ABUSE E20)."""

    kind: ClassVar[str] = "messaging.loop_stopped"
    sentence: ClassVar[Sentence] = _("Mails were stopped: %(address)s, more than %(limit)s in an hour")
    thread: str
    address: str
    limit: int
    hour: str


@dataclass(frozen=True, kw_only=True)
class MailReceived(DomainEvent):
    """A mail came in and was kept; its row is the record."""

    kind: ClassVar[str] = "messaging.mail_received"
    sentence: ClassVar[Sentence] = _("A mail came in: %(mail_kind)s")
    words: ClassVar[Mapping[str, Words]] = {"mail_kind": dict(MailKind.choices)}
    news: ClassVar[bool] = False
    mail_kind: str


@dataclass(frozen=True, kw_only=True)
class MailSettled(DomainEvent):
    """A mail was taken by the app of its thread, put in quarantine, or ignored."""

    kind: ClassVar[str] = "messaging.mail_settled"
    sentence: ClassVar[Sentence] = _("A mail that came in: %(state)s")
    words: ClassVar[Mapping[str, Words]] = {"state": dict(MailState.choices)}
    news: ClassVar[bool] = False
    state: str
    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class MailFailed(DomainEvent):
    """A mail of ours came back."""

    kind: ClassVar[str] = "messaging.mail_failed"
    sentence: ClassVar[Sentence] = _("A mail to %(address)s came back")
    news: ClassVar[bool] = False
    address: str
    permanent: bool


@dataclass(frozen=True, kw_only=True)
class RecipientPaused(DomainEvent):
    """Mails to an address came back for good several times: nothing more is sent there (ABUSE E21)."""

    kind: ClassVar[str] = "messaging.recipient_paused"
    sentence: ClassVar[Sentence] = _("Mails to %(address)s are paused: they came back several times")
    address: str


@dataclass(frozen=True, kw_only=True)
class RecipientResumed(DomainEvent):
    """Mails go to an address again."""

    kind: ClassVar[str] = "messaging.recipient_resumed"
    sentence: ClassVar[Sentence] = _("Mails go to %(address)s again")
    address: str


@dataclass(frozen=True, kw_only=True)
class ReplyAddressesWithdrawn(DomainEvent):
    """Answers to a thread are not taken at these addresses any more."""

    kind: ClassVar[str] = "messaging.reply_addresses_withdrawn"
    sentence: ClassVar[Sentence] = _("Answers by mail are not taken any more")
    news: ClassVar[bool] = False
    thread: str
    recipient: str = ""


@dataclass(frozen=True, kw_only=True)
class TemplateChanged(DomainEvent):
    """The operator wrote its own text for a template."""

    kind: ClassVar[str] = "messaging.template_changed"
    sentence: ClassVar[Sentence] = _("The text of a message was changed")


@dataclass(frozen=True, kw_only=True)
class TemplateReset(DomainEvent):
    """The operator went back to the text that comes with the portal."""

    kind: ClassVar[str] = "messaging.template_reset"
    sentence: ClassVar[Sentence] = _("The text of a message was set back to the one that comes with the portal")


@dataclass(frozen=True, kw_only=True)
class PreferencesChanged(DomainEvent):
    """A person chose which messages to get, and when not."""

    kind: ClassVar[str] = "messaging.preferences_changed"
    sentence: ClassVar[Sentence] = _("Chose which messages to get, and when")
    news: ClassVar[bool] = False


def loop_stopped(what: str, pk: int, *, thread: str, address: str, limit: int, now: datetime) -> MailLoopStopped:
    """Return the event of a mail, sent or received, that too many others went before within the hour."""
    return MailLoopStopped(
        organisation_id=None,
        subject_type=what,
        subject_id=pk,
        thread=thread,
        address=address,
        limit=limit,
        hour=f"{now:%Y-%m-%dT%H}",
    )
