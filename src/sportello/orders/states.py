"""States of orders and of their items, and the words for what an order changes, asks, checks, and whose step it was."""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sportello.kernel.states import Transitions


class State(TextChoices):
    """Where an order or one of its items stands (product/05; DOMAIN §8.2). Draft and approval are of orders alone."""

    DRAFT = "draft", pgettext_lazy("an order", "Draft")
    APPROVAL = "approval", _("Waiting for approval")
    SUBMITTED = "submitted", pgettext_lazy("an order", "Submitted")
    ACCEPTED = "accepted", pgettext_lazy("an order", "Accepted")
    IN_PROGRESS = "in_progress", _("In progress")
    WAITING_CUSTOMER = "waiting_customer", _("Waiting for the customer")
    WAITING_THIRD = "waiting_third", _("Waiting for a third party")
    COMPLETED = "completed", pgettext_lazy("an order", "Completed")
    REJECTED = "rejected", pgettext_lazy("an order", "Rejected")
    CANCELLED = "cancelled", pgettext_lazy("an order", "Cancelled")


_ENDS = {State.COMPLETED, State.REJECTED, State.CANCELLED}

TRANSITIONS: Final[Transitions] = {
    State.DRAFT: {State.APPROVAL, State.SUBMITTED, State.CANCELLED},
    State.APPROVAL: {State.SUBMITTED, State.REJECTED, State.CANCELLED},
    State.SUBMITTED: {State.ACCEPTED, State.REJECTED, State.CANCELLED},
    State.ACCEPTED: {State.IN_PROGRESS, State.WAITING_CUSTOMER, State.WAITING_THIRD, *_ENDS},
    State.IN_PROGRESS: {State.WAITING_CUSTOMER, State.WAITING_THIRD, *_ENDS},
    State.WAITING_CUSTOMER: {State.IN_PROGRESS, State.WAITING_THIRD, *_ENDS},
    State.WAITING_THIRD: {State.IN_PROGRESS, State.WAITING_CUSTOMER, *_ENDS},
    State.COMPLETED: set(),
    State.REJECTED: set(),
    State.CANCELLED: set(),
}

ENDED: Final = frozenset(_ENDS)
UNSENT: Final = frozenset({State.DRAFT, State.APPROVAL})
"""Before the operator has anything to do with it."""
WORKED_ON: Final = (State.ACCEPTED, State.IN_PROGRESS, State.WAITING_CUSTOMER, State.WAITING_THIRD)
"""What an agent has taken in hand."""
OPEN: Final = (State.APPROVAL, State.SUBMITTED, *WORKED_ON)
"""Asked for, and not ended."""
CANCELLABLE: Final = frozenset({State.APPROVAL, State.SUBMITTED, State.ACCEPTED, State.WAITING_CUSTOMER})
"""While the customer may still cancel: before the work begins, or while it stands still for the customer (product/05)."""


class Subject(TextChoices):
    """What the items of an order are about."""

    LINE = "line", _("Lines that are there")
    NEW = "new", _("New lines")
    ORGANISATION = "organisation", _("The organisation itself")


class Effect(TextChoices):
    """What the completion of an item changes in the inventory (product/05; DOMAIN §8.2)."""

    NEW_LINE = "new_line", _("Adds a line")
    NEW_SIM = "new_sim", _("Puts another SIM into the line")
    ACTIVATE = "activate", _("Makes the line active")
    PLAN = "plan", _("Changes the plan")
    OPTION_ON = "option_on", _("Makes an option active")
    OPTION_OFF = "option_off", _("Ends an option")
    PORT_IN = "port_in", _("Brings a number in")
    PORT_OUT = "port_out", _("Lets the number go to another operator")
    TAKEOVER = "takeover", _("Passes the line to another holder")
    SUSPEND = "suspend", _("Suspends the line")
    REACTIVATE = "reactivate", _("Makes a suspended line active again")
    TERMINATE = "terminate", _("Ends the line")
    REGISTRY = "registry", _("Changes the registry data")
    SITE = "site", _("Adds or changes a delivery address")
    COST_CENTRE = "cost_centre", _("Changes the cost centre")
    DEVICE = "device", _("Notes the device on the line")
    DUAL_START = "dual_start", _("Asks the employee for dual billing")
    DUAL_STOP = "dual_stop", _("Ends dual billing")
    WORK = "work", _("Nothing in the inventory: work alone")


class Check(TextChoices):
    """What is asked besides the form, by the types that switch it on (DOMAIN §8.1)."""

    REPORT = "report", _("Theft and loss need the police report")
    HOLDER = "holder", _("The holder's tax code must fit the customer")
    NUMBER_CODE = "number_code", _("A code by SMS proves the number")
    HANGING = "hanging", _("Warn of what hangs on the line")


class FieldKind(TextChoices):
    """What a field asks for."""

    TEXT = "text", _("A line of text")
    LONG_TEXT = "long_text", _("Several lines of text")
    CHOICE = "choice", _("A choice")
    YES_NO = "yes_no", _("Yes or no")
    DAY = "day", _("A day")
    PHONE = "phone", _("A telephone number")
    EMAIL = "email", _("An e-mail address")
    TAX_CODE = "tax_code", _("A tax code (kept encrypted)")
    IBAN = "iban", _("An IBAN (kept encrypted)")
    ICCID = "iccid", _("The number of a SIM")
    PLAN = "plan", _("A plan")
    OPTION = "option", _("An option")
    COST_CENTRE = "cost_centre", _("A cost centre of the customer")
    SITE = "site", _("A site of the customer")
    PERSON = "person", _("A person of the customer")
    AGREEMENT = "agreement", _("An agreement of the customer")
    FILE = "file", _("A file (PDF, JPEG or PNG)")


SECRET: Final = frozenset({FieldKind.TAX_CODE, FieldKind.IBAN})
"""Kinds whose answers lie encrypted and are shown masked."""


class StepKind(TextChoices):
    """What a step of the history is."""

    ASKED = "asked", pgettext_lazy("an order", "Asked for")
    APPROVED = "approved", _("Approved")
    ACCEPTED = "accepted", pgettext_lazy("an order", "Accepted")
    TAKEN = "taken", _("Taken in hand")
    HANDED_OVER = "handed_over", pgettext_lazy("an order", "Handed over")
    STARTED = "started", _("Work begun")
    QUESTION = "question", _("Question to the customer")
    ANSWER = "answer", _("Answer of the customer")
    THIRD_PARTY = "third_party", _("Waiting for a third party")
    RESUMED = "resumed", _("Work goes on")
    COMPLETED = "completed", pgettext_lazy("an order", "Completed")
    REJECTED = "rejected", pgettext_lazy("an order", "Rejected")
    CANCELLED = "cancelled", pgettext_lazy("an order", "Cancelled")
    NOTE = "note", _("Internal note")


INTERNAL: Final = frozenset({StepKind.TAKEN, StepKind.HANDED_OVER, StepKind.NOTE})
"""Steps that the operator's people alone see."""
