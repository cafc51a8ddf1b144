"""What happened to bills."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from sportello.billing.states import NotificationKind, SdiOutcome
from sportello.kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class BillLoaded(DomainEvent):
    """A bill came in and was found to be a customer's."""

    kind = "billing.loaded"
    sentence = _("Bill %(number)s came in: %(total)s EUR")
    number: str
    total: Decimal
    issue_date: date
    file_id: int


@dataclass(frozen=True, kw_only=True)
class BillFileRefused(DomainEvent):
    """A file was not taken; `rules` are those that it broke."""

    kind = "billing.file_refused"
    sentence = _("The file %(name)s was refused")
    name: str
    sha256: str
    rules: list[str]


@dataclass(frozen=True, kw_only=True)
class BillFileWaits(DomainEvent):
    """A right file whose customer is unknown or in doubt was put before the operator."""

    kind = "billing.file_waits"
    sentence = _("The file %(name)s waits for the operator")
    name: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class BillFileAssigned(DomainEvent):
    """The operator said whose the bills of a file are."""

    kind = "billing.file_assigned"
    sentence = _("The operator assigned the file %(name)s: %(why)s")
    name: str
    why: str


@dataclass(frozen=True, kw_only=True)
class NotificationReceived(DomainEvent):
    """A message of SdI came in; `about` is the file that it names."""

    kind = "billing.notification"
    sentence = _("SdI says %(message)s about %(about)s")
    words = {
        "message": {kind.value: kind.label for kind in NotificationKind},
        "outcome": {outcome.value: outcome.label for outcome in SdiOutcome},
    }
    message: str
    about: str
    outcome: str = ""


@dataclass(frozen=True, kw_only=True)
class BillSent(DomainEvent):
    """A bill was handed to SdI."""

    kind = "billing.sent"
    sentence = _("Bill %(number)s was sent")
    number: str


@dataclass(frozen=True, kw_only=True)
class PaymentRecorded(DomainEvent):
    """Money came in for a bill."""

    kind = "billing.payment"
    sentence = _("%(amount)s EUR paid on bill %(number)s")
    number: str
    reference: str
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class PaymentReversed(DomainEvent):
    """A payment was taken back."""

    kind = "billing.payment_reversed"
    sentence = _("The payment %(reversed)s of %(amount)s EUR on bill %(number)s was taken back")
    number: str
    reference: str
    reversed: str
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class BillOverdue(DomainEvent):
    """The day by which a bill was to be paid has passed."""

    kind = "billing.overdue"
    sentence = _("Bill %(number)s is overdue")
    number: str
    due_date: date
    open_amount: Decimal


@dataclass(frozen=True, kw_only=True)
class BillReminded(DomainEvent):
    """A reminder of a bill was written; `what` says which."""

    kind = "billing.reminded"
    sentence = _("A reminder of bill %(number)s was written")
    number: str
    what: str
    messages: int


@dataclass(frozen=True, kw_only=True)
class BillLineDisputed(DomainEvent):
    """A customer disputes a line of a bill; tickets open one for it."""

    kind = "billing.line_disputed"
    sentence = _("Line %(position)s of bill %(number)s is disputed: %(reason)s")
    number: str
    line_id: int
    position: int
    amount: Decimal
    reason: str


@dataclass(frozen=True, kw_only=True)
class ArchiveAsked(DomainEvent):
    """Somebody asked for the bills of a period as one archive."""

    kind = "billing.archive_asked"
    sentence = _("An archive of the bills from %(first)s to %(last)s was asked for")
    first: date
    last: date


@dataclass(frozen=True, kw_only=True)
class ArchiveMade(DomainEvent):
    """An archive of bills is ready, or could not be made."""

    kind = "billing.archive_made"
    sentence = _("An archive of bills was asked for")
    bills: int
    state: str


@dataclass(frozen=True, kw_only=True)
class ArchivesRemoved(DomainEvent):
    """Archives of bills went past their time."""

    kind = "billing.archives_removed"
    sentence = _("Old archives of bills were removed")
    archives: int


@dataclass(frozen=True, kw_only=True)
class BillsDownloaded(DomainEvent):
    """Somebody took a bill or an archive out of the portal; `what` is pdf, original or archive."""

    kind = "billing.downloaded"
    sentence = _("%(name)s was downloaded (%(what)s)")
    words = {"what": {"pdf": _("PDF"), "original": _("original"), "archive": _("archive")}}
    what: str
    name: str


@dataclass(frozen=True, kw_only=True)
class BillRunAsked(DomainEvent):
    """Somebody asked for the bills of a month."""

    kind = "billing.run_asked"
    sentence = _("A bill run of %(month)s was asked for")
    month: date


@dataclass(frozen=True, kw_only=True)
class BillRunMade(DomainEvent):
    """A bill run made the bills of a month."""

    kind = "billing.run_made"
    sentence = _("%(bills)s bills of %(month)s were made")
    month: date
    bills: int


@dataclass(frozen=True, kw_only=True)
class BillRunEnded(DomainEvent):
    """A bill run went through every customer; `failures` names those that it could not bill, and why (kept sentences)."""

    kind = "billing.run_ended"
    sentence = _("The bill run of %(month)s ended: %(bills)s bills, %(failed)s customers without")
    month: date
    bills: int
    failed: int
    failures: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class TermsSet(DomainEvent):
    """How an agreement is billed was set."""

    kind = "billing.terms_set"
    sentence = _("Terms of payment were set")
    agreement: str
    cig: str
    cup: str


@dataclass(frozen=True, kw_only=True)
class PricesSet(DomainEvent):
    """The price list of bill runs was set."""

    kind = "billing.prices_set"
    sentence = _("Prices were set")
    rows: int
