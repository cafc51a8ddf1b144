"""States of a ticket, and the words for who wrote, by which way, what an entry is and how urgent a ticket is."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sportello.kernel.states import Transitions


class State(TextChoices):
    """Where a ticket stands (product/06)."""

    OPEN = "open", pgettext_lazy("a ticket", "Open")
    IN_PROGRESS = "in_progress", _("In progress")
    WAITING_PARTNER = "waiting_partner", _("Waiting for the partner")
    WAITING_CUSTOMER = "waiting_customer", _("Waiting for the customer")
    WAITING_SUPPLIER = "waiting_supplier", _("Waiting for the supplier")
    RESOLVED = "resolved", pgettext_lazy("a ticket", "Resolved")
    CLOSED = "closed", pgettext_lazy("a ticket", "Closed")
    REOPENED = "reopened", _("Reopened")


_WAITING = {State.WAITING_PARTNER, State.WAITING_CUSTOMER, State.WAITING_SUPPLIER}
_ENDS = {State.RESOLVED, State.CLOSED}

TRANSITIONS: Final[Transitions] = {
    State.OPEN: {State.IN_PROGRESS, *_WAITING, *_ENDS},
    State.IN_PROGRESS: {*_WAITING, *_ENDS},
    State.WAITING_PARTNER: {State.IN_PROGRESS, *_WAITING - {State.WAITING_PARTNER}, *_ENDS},
    State.WAITING_CUSTOMER: {State.IN_PROGRESS, *_WAITING - {State.WAITING_CUSTOMER}, *_ENDS},
    State.WAITING_SUPPLIER: {State.IN_PROGRESS, *_WAITING - {State.WAITING_SUPPLIER}, *_ENDS},
    State.RESOLVED: {State.CLOSED, State.REOPENED},
    State.CLOSED: {State.REOPENED},
    State.REOPENED: {State.IN_PROGRESS, *_WAITING, *_ENDS},
}

WAITING: Final = frozenset(_WAITING)
"""While a ticket waits, its service levels stand still."""
ENDED: Final = frozenset(_ENDS)
OPEN: Final = tuple(state for state in State if state not in ENDED)
"""What a list shows when nothing else is asked for."""
REOPENED_WITHIN: Final = timedelta(days=14)
"""How long after its end a new entry opens a ticket again (product/06)."""


class Priority(TextChoices):
    """How urgent a ticket is; kept as a digit, so that it sorts."""

    URGENT = "1", pgettext_lazy("priority", "Urgent")
    HIGH = "2", pgettext_lazy("priority", "High")
    NORMAL = "3", pgettext_lazy("priority", "Normal")
    LOW = "4", pgettext_lazy("priority", "Low")


class Party(TextChoices):
    """Whose words an entry holds."""

    OPERATOR = "operator", _("Operator")
    PARTNER = "partner", _("Partner")
    CUSTOMER = "customer", _("Customer")
    SUPPLIER = "supplier", _("Supplier")
    SYSTEM = "system", _("The portal")


class Channel(TextChoices):
    """The way an entry came."""

    WEB = "web", pgettext_lazy("a way in", "Portal")
    MAIL = "mail", _("E-mail")
    LINK = "link", _("Link of a mail")
    API = "api", "API"
    TAKEN_OVER = "old", pgettext_lazy("a way in", "Taken over")


class EntryKind(TextChoices):
    """What an entry is. A note is the operator's alone; the kinds after it say what was done to the ticket."""

    OPENING = "opening", _("Opening")
    MESSAGE = "message", pgettext_lazy("in a ticket", "Message")
    NOTE = "note", _("Internal note")
    STATE = "state", _("State")
    VISIBILITY = "visibility", _("Visibility")
    PRIORITY = "priority", _("Priority")
    ASSIGNMENT = "assignment", _("Assignment")
    TAGS = "tags", _("Tags")
    LINK = "link", _("Linked ticket")
    MERGE = "merge", _("Merged")


WORDS: Final = frozenset({EntryKind.OPENING, EntryKind.MESSAGE})
"""Kinds that the end customer may be shown."""
OPERATORS_OWN: Final = frozenset({EntryKind.NOTE, EntryKind.ASSIGNMENT, EntryKind.TAGS})
"""Kinds that nobody but the operator sees."""


class FieldKind(TextChoices):
    """What a field of the initial data asks for."""

    TEXT = "text", _("A line of text")
    LONG_TEXT = "long_text", _("Several lines of text")
    CHOICE = "choice", _("A choice")
    PHONE = "phone", _("A telephone number")
    IMEI = "imei", _("An IMEI")
    CONTRACT = "contract", _("Contract and site of the customer")


class Score(IntegerChoices):
    """How satisfied somebody is with a ticket that has ended."""

    VERY_BAD = 1, pgettext_lazy("satisfaction", "Very dissatisfied")
    BAD = 2, pgettext_lazy("satisfaction", "Dissatisfied")
    FAIR = 3, pgettext_lazy("satisfaction", "Neither")
    GOOD = 4, pgettext_lazy("satisfaction", "Satisfied")
    VERY_GOOD = 5, pgettext_lazy("satisfaction", "Very satisfied")


class Happening(TextChoices):
    """What people are mailed about; each organisation chooses."""

    OPENED = "opened", _("A ticket is opened")
    WRITTEN = "written", _("Somebody writes in a ticket")
    STATE = "state", _("A ticket changes its state")
    ENDED = "ended", _("A ticket is resolved or closed")
    ASKED = "asked", _("You are asked how satisfied you are with a ticket that ended")


class OldBase(TextChoices):
    """Where the tickets of an old base come from."""

    CSV = "csv", _("Table of entries (CSV, XLSX)")
    ZAMMAD = "zammad", "Zammad (JSON)"
    OSTICKET = "osticket", "osTicket (CSV)"


class ImportState(TextChoices):
    """Where the taking over of an old base stands."""

    READING = "reading", _("Being read")
    READY = "ready", _("To be confirmed")
    WRITING = "writing", _("Being written")
    DONE = "done", pgettext_lazy("an import", "Taken over")
    REFUSED = "refused", pgettext_lazy("an import", "Refused")
    DISCARDED = "discarded", pgettext_lazy("an import", "Thrown away")


IMPORT_TRANSITIONS: Final[Transitions] = {
    ImportState.READING: {ImportState.READY, ImportState.REFUSED},
    ImportState.READY: {ImportState.WRITING, ImportState.DISCARDED},
    ImportState.WRITING: {ImportState.DONE, ImportState.REFUSED},
    ImportState.DONE: set(),
    ImportState.REFUSED: set(),
    ImportState.DISCARDED: set(),
}
