"""Kinds of event, and the states of a message and of the parts of a text."""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from sportello.kernel.states import Transitions
from sportello.messaging.types import Channel, MailKind, Trust

__all__ = [
    "ALWAYS_ON",
    "ENDED",
    "MAIL_TRANSITIONS",
    "TRANSITIONS",
    "Channel",
    "Kind",
    "MailKind",
    "MailState",
    "PartState",
    "State",
    "Trust",
]


class Kind(TextChoices):
    """What a message is about; people choose per kind and channel."""

    SECURITY = "security", _("Sign-in and security")
    THRESHOLDS = "thresholds", _("Thresholds")
    BILLS = "bills", _("Bills")
    TICKETS = "tickets", _("Tickets")
    ORDERS = "orders", _("Orders")
    OPERATION = "operation", _("Running the portal")


ALWAYS_ON: Final = frozenset({Kind.SECURITY, Kind.OPERATION})
"""Kinds that nobody can switch off, and that quiet hours do not hold back."""


class State(TextChoices):
    """Where a message stands. `unknown`: handed over, and no answer ever came. `withheld`: its reader switched it off."""

    QUEUED = "queued", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")
    UNKNOWN = "unknown", _("In doubt")
    WITHHELD = "withheld", _("Switched off by the person")


TRANSITIONS: Final[Transitions] = {
    State.QUEUED: {State.SENDING, State.FAILED},
    State.SENDING: {State.QUEUED, State.SENT, State.DELIVERED, State.FAILED, State.UNKNOWN},
    State.SENT: {State.DELIVERED, State.FAILED},
    State.UNKNOWN: {State.QUEUED, State.SENT, State.DELIVERED, State.FAILED},
    State.DELIVERED: set(),
    State.FAILED: set(),
    State.WITHHELD: set(),
}

ENDED: Final = frozenset({State.DELIVERED, State.FAILED, State.WITHHELD})


class PartState(TextChoices):
    """Where one part of a text stands. `handed`: marked just before it is written, so that a crash leaves a trace."""

    READY = "ready", _("Ready")
    HANDED = "handed", _("Handed over")
    SUBMITTED = "submitted", _("Accepted")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")
    IN_DOUBT = "in_doubt", _("In doubt")


class MailState(TextChoices):
    """Where a received mail stands. `stored`: kept here, not yet handed to the app of its thread."""

    STORED = "stored", _("Waiting")
    HANDED_OVER = "handed_over", _("Taken")
    QUARANTINED = "quarantined", _("In quarantine")
    IGNORED = "ignored", _("Ignored")


MAIL_TRANSITIONS: Final[Transitions] = {
    MailState.STORED: {MailState.HANDED_OVER, MailState.QUARANTINED, MailState.IGNORED},
    MailState.QUARANTINED: {MailState.HANDED_OVER, MailState.IGNORED},
    MailState.HANDED_OVER: set(),
    MailState.IGNORED: set(),
}
