"""What happened to messages and to the way they look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from sportello.kernel.events import DomainEvent, Sentence, Words
from sportello.messaging.catalogue import TITLES
from sportello.messaging.states import Channel


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
