"""What happened to messages and to the way they look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sportello.kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class MessageQueued(DomainEvent):
    """A message was written to the outbox; its row is the record, nothing of its content stands here."""

    kind: ClassVar[str] = "messaging.queued"
    template: str
    channel: str
    state: str


@dataclass(frozen=True, kw_only=True)
class MessageSentAgain(DomainEvent):
    """The operator sent a message again, as a new one."""

    kind: ClassVar[str] = "messaging.sent_again"
    new_message_id: int


@dataclass(frozen=True, kw_only=True)
class SmsBudgetSpent(DomainEvent):
    """The daily number of text messages of a customer, of a number, or of the whole installation was reached (ABUSE A13)."""

    kind: ClassVar[str] = "messaging.sms_budget_spent"
    bucket: str
    limit: int
    day: str


@dataclass(frozen=True, kw_only=True)
class TemplateChanged(DomainEvent):
    """The operator wrote its own text for a template."""

    kind: ClassVar[str] = "messaging.template_changed"


@dataclass(frozen=True, kw_only=True)
class TemplateReset(DomainEvent):
    """The operator went back to the text that comes with the portal."""

    kind: ClassVar[str] = "messaging.template_reset"


@dataclass(frozen=True, kw_only=True)
class PreferencesChanged(DomainEvent):
    """A person chose which messages to get, and when not."""

    kind: ClassVar[str] = "messaging.preferences_changed"
