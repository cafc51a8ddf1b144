"""What happened to dual billing. `subject` is the line; never an IBAN, a tax code, or anything of private traffic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from sportello.dual_billing.states import EndReason
from sportello.kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class DualBillingAsked(DomainEvent):
    """Dual billing of a line was asked for; its user is to accept it."""

    kind = "dual_billing.asked"
    sentence = _("Dual billing of line %(number)s was asked for %(name)s")
    number: str
    name: str
    enrolment_id: int


@dataclass(frozen=True, kw_only=True)
class DualBillingDataChanged(DomainEvent):
    """The data of an employee who is billed directly were changed."""

    kind = "dual_billing.data_changed"
    sentence = _("The data for dual billing of line %(number)s were changed")
    news = False
    number: str


@dataclass(frozen=True, kw_only=True)
class DualBillingAccepted(DomainEvent):
    """The employee signed the terms with a one-time code."""

    kind = "dual_billing.accepted"
    sentence = _("%(name)s accepted dual billing of line %(number)s")
    number: str
    name: str
    terms_version: str
    active_from: datetime


@dataclass(frozen=True, kw_only=True)
class DualBillingStarted(DomainEvent):
    """Dual billing of a line is active: private traffic goes to the employee."""

    kind = "dual_billing.started"
    sentence = _("Dual billing of line %(number)s is active")
    number: str
    active_from: datetime


@dataclass(frozen=True, kw_only=True)
class DualBillingEnded(DomainEvent):
    """Dual billing of a line ended; from `active_to` on all traffic is the customer's."""

    kind = "dual_billing.ended"
    sentence = _("Dual billing of line %(number)s ended: %(why)s")
    words = {"why": dict(EndReason.choices)}
    number: str
    why: str
    active_to: datetime | None
    enrolment_id: int


@dataclass(frozen=True, kw_only=True)
class DualBillingCorrected(DomainEvent):
    """The operator corrected from when to when dual billing of a line counted; the records of that time are placed again."""

    kind = "dual_billing.corrected"
    sentence = _("The time of dual billing of line %(number)s was corrected: %(reason)s")
    number: str
    reason: str
    enrolment_id: int
    since: datetime


@dataclass(frozen=True, kw_only=True)
class DualBillingFileTaken(DomainEvent):
    """A file of employees for dual billing was taken whole."""

    kind = "dual_billing.file_taken"
    sentence = _("A file for dual billing was taken: %(rows)s rows")
    rows: int


@dataclass(frozen=True, kw_only=True)
class ConsentTaken(DomainEvent):
    """Somebody took the consent document of an employee out of the portal."""

    kind = "dual_billing.consent_taken"
    sentence = _("The consent document for line %(number)s was taken")
    news = False
    number: str


@dataclass(frozen=True, kw_only=True)
class PrivateBillsMade(DomainEvent):
    """The employees' own bills of a month were made; of the installation, since no customer may see even a number of them."""

    kind = "dual_billing.bills_made"
    sentence = _("%(bills)s bills of employees were made for %(month)s")
    month: str
    bills: int


@dataclass(frozen=True, kw_only=True)
class PrivateBillsPaid(DomainEvent):
    """The operator marked employees' bills as paid."""

    kind = "dual_billing.bills_paid"
    sentence = _("%(bills)s bills of employees were marked as paid")
    bills: int


@dataclass(frozen=True, kw_only=True)
class PrivateBillsOverdue(DomainEvent):
    """Employees' bills passed their day of payment."""

    kind = "dual_billing.bills_overdue"
    sentence = _("%(bills)s bills of employees are overdue")
    news = False
    bills: int
