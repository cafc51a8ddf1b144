"""Kinds and states of bills, their files and their payment."""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sportello.kernel.states import Transitions


class BillState(TextChoices):
    """Where a bill stands between the operator, the exchange system (SdI) and the administration (DOMAIN §6.2)."""

    ISSUED = "issued", pgettext_lazy("bill", "Issued")
    SENT = "sent", pgettext_lazy("bill", "Sent")
    DELIVERED = "delivered", pgettext_lazy("bill", "Delivered")
    UNDELIVERED = "undelivered", pgettext_lazy("bill", "Not delivered")
    DISCARDED = "discarded", pgettext_lazy("bill", "Discarded")
    ACCEPTED = "accepted", pgettext_lazy("bill", "Accepted")
    REFUSED = "refused", pgettext_lazy("bill", "Refused")
    ELAPSED = "elapsed", pgettext_lazy("bill", "Terms elapsed")


_ENDS: Final = {BillState.ACCEPTED, BillState.REFUSED, BillState.ELAPSED}
TRANSITIONS: Final[Transitions] = {
    # Messages of SdI are loaded in any order: an outcome may be there before the receipt that it followed.
    BillState.ISSUED: {
        BillState.SENT, BillState.DELIVERED, BillState.UNDELIVERED, BillState.DISCARDED, *_ENDS,
    },
    BillState.SENT: {BillState.DELIVERED, BillState.UNDELIVERED, BillState.DISCARDED, *_ENDS},
    BillState.UNDELIVERED: {BillState.DELIVERED, *_ENDS},
    BillState.DELIVERED: _ENDS,
    BillState.DISCARDED: set(),
    BillState.ACCEPTED: set(),
    BillState.REFUSED: set(),
    BillState.ELAPSED: set(),
}  # fmt: skip
VOID: Final = frozenset({BillState.DISCARDED, BillState.REFUSED})
"""States in which nothing is to be paid: SdI holds a discarded bill as not issued, a refused one is corrected by a new document."""


class SdiOutcome(TextChoices):
    """What the administration says of a bill (EsitoCommittente, DOMAIN §6.2)."""

    ACCEPTED = "EC01", pgettext_lazy("bill", "Accepted")
    REFUSED = "EC02", pgettext_lazy("bill", "Refused")


class PaymentState(TextChoices):
    """What is paid of a bill."""

    DUE = "due", pgettext_lazy("bill", "To be paid")
    PARTLY_PAID = "partly_paid", pgettext_lazy("bill", "Partly paid")
    OVERDUE = "overdue", pgettext_lazy("bill", "Overdue")
    PAID = "paid", pgettext_lazy("bill", "Paid")
    NOTHING_DUE = "nothing_due", pgettext_lazy("bill", "Nothing to pay")


_OTHER: Final = {
    state: set(PaymentState) - {state} for state in PaymentState
}  # a payment, its reversal and the calendar each lead anywhere but back to nothing due
PAYMENT_TRANSITIONS: Final[Transitions] = {
    PaymentState.DUE: _OTHER[PaymentState.DUE],
    PaymentState.PARTLY_PAID: _OTHER[PaymentState.PARTLY_PAID],
    PaymentState.OVERDUE: _OTHER[PaymentState.OVERDUE],
    PaymentState.PAID: _OTHER[PaymentState.PAID],
    PaymentState.NOTHING_DUE: set(),
}
OPEN: Final = frozenset({PaymentState.DUE, PaymentState.PARTLY_PAID, PaymentState.OVERDUE})


class FileState(TextChoices):
    """What became of a file."""

    LOADED = "loaded", _("Taken")
    WAITING = "waiting", _("Waiting")
    REFUSED = "refused", _("Refused")


FILE_TRANSITIONS: Final[Transitions] = {
    FileState.REFUSED: {FileState.WAITING, FileState.LOADED},
    FileState.WAITING: {FileState.LOADED, FileState.REFUSED},
    FileState.LOADED: set(),
}


class FileRule(TextChoices):
    """What a file is held against, by the word that is kept with each problem; checks of SdI are kept by their code."""

    SIZE = "size", _("Size")
    ENVELOPE = "envelope", _("File")
    SIGNATURE = "signature", _("Signature")
    NESTED = "nested", _("Signature")
    XML = "xml", _("XML")
    SCHEMA = "schema", _("Schema")
    RANGE = "range", _("Amounts and days")
    CURRENCY = "currency", _("Currency")
    TOTAL = "total", _("Total")
    WITHHOLDING = "withholding", _("Withheld tax")
    SUPPLIER = "supplier", _("Supplier")
    CUSTOMER = "customer", _("Customer")


def rule_words(rule: str) -> str:
    """Return what a file was held against, in words; a code of SdI says whose it is."""
    return str(dict(FileRule.choices).get(rule) or (f"SdI {rule}" if rule.isdigit() else rule))


def document_words(code: str) -> str:
    """Return what kind of document a code of FatturaPA is, in words, or the code where it has none."""
    return str(dict(DocumentType.choices).get(code, code))


class FileKind(TextChoices):
    """What a file holds."""

    BILL = "bill", _("Bill")
    NOTIFICATION = "notification", _("SdI message")
    UNKNOWN = "unknown", _("Unknown")


class Source(TextChoices):
    """The way a file came in."""

    PAGE = "page", _("Page")
    COMMAND = "command", _("Command")
    FOLDER = "folder", _("Drop folder")
    RUN = "run", _("Bill run")


class ChargeKind(TextChoices):
    """What a line of a bill is for."""

    FEE = "fee", _("Fees")
    TRAFFIC = "traffic", _("Traffic")
    DEVICE = "device", _("Devices")
    ONE_OFF = "one_off", _("One-off")
    DISCOUNT = "discount", _("Discounts")
    OTHER = "other", _("Other")


class NotificationKind(TextChoices):
    """The messages of SdI (DOMAIN §6.2), by the code in their file names."""

    RC = "RC", _("Delivered (RC)")
    NS = "NS", _("Discarded (NS)")
    MC = "MC", _("Delivery failed (MC)")
    NE = "NE", _("Outcome of the administration (NE)")
    EC = "EC", _("Outcome as sent by the administration (EC)")
    SE = "SE", _("Outcome discarded (SE)")
    DT = "DT", _("Time for an outcome has passed (DT)")
    AT = "AT", _("Transmitted, delivery impossible (AT)")


class ArchiveState(TextChoices):
    """Where an archive of bills stands."""

    PENDING = "pending", _("Being made")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")
    EXPIRED = "expired", _("Expired")


ARCHIVE_TRANSITIONS: Final[Transitions] = {
    ArchiveState.PENDING: {ArchiveState.READY, ArchiveState.FAILED},
    ArchiveState.READY: {ArchiveState.EXPIRED},
    ArchiveState.FAILED: {ArchiveState.EXPIRED},
    ArchiveState.EXPIRED: set(),
}


class PaymentMethod(TextChoices):
    """How a document asks to be paid (ModalitaPagamento); the code itself where a way has no name here."""

    MP01 = "MP01", _("Cash")
    MP02 = "MP02", _("Cheque")
    MP05 = "MP05", _("Bank transfer")
    MP08 = "MP08", _("Payment card")
    MP09 = "MP09", _("Direct debit")
    MP12 = "MP12", _("Bank receipt (RIBA)")
    MP18 = "MP18", _("Postal account slip")
    MP19 = "MP19", _("SEPA direct debit")
    MP20 = "MP20", _("SEPA direct debit (core)")
    MP21 = "MP21", _("SEPA direct debit (B2B)")
    MP23 = "MP23", _("PagoPA")


class DocumentType(TextChoices):
    """Kinds of documents of FatturaPA that bills are (TipoDocumento); the code itself where a kind has no name here."""

    TD01 = "TD01", _("Invoice")
    TD02 = "TD02", _("Advance on an invoice")
    TD03 = "TD03", _("Advance on a fee")
    TD04 = "TD04", _("Credit note")
    TD05 = "TD05", _("Debit note")
    TD06 = "TD06", _("Fee note")
    TD07 = "TD07", _("Simplified invoice")
    TD08 = "TD08", _("Simplified credit note")
    TD09 = "TD09", _("Simplified debit note")
    TD24 = "TD24", _("Deferred invoice")
    TD25 = "TD25", _("Deferred invoice, triangular")


CREDIT_NOTES: Final = frozenset({DocumentType.TD04, DocumentType.TD08})
"""Documents whose amounts are in the customer's favour, though written without a sign."""
