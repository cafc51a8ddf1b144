"""States of an enrolment in dual billing and of the employee's own bills."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sportello.kernel.states import Transitions


class EnrolmentState(TextChoices):
    """How far the dual billing of a line is (product/08)."""

    ASKED = "asked", pgettext_lazy("dual billing", "Asked")
    ACCEPTED = "accepted", pgettext_lazy("dual billing", "Accepted")
    ACTIVE = "active", pgettext_lazy("dual billing", "Active")
    ENDED = "ended", pgettext_lazy("dual billing", "Ended")


TRANSITIONS: Final[Transitions] = {
    EnrolmentState.ASKED: {EnrolmentState.ACCEPTED, EnrolmentState.ENDED},
    EnrolmentState.ACCEPTED: {EnrolmentState.ACTIVE, EnrolmentState.ENDED},
    EnrolmentState.ACTIVE: {EnrolmentState.ENDED},
    EnrolmentState.ENDED: set(),
}
OPEN: Final = (EnrolmentState.ASKED, EnrolmentState.ACCEPTED, EnrolmentState.ACTIVE)
SIGNED: Final = (EnrolmentState.ACCEPTED, EnrolmentState.ACTIVE)


class EndReason(TextChoices):
    """Why dual billing ended."""

    DECLINED = "declined", _("The employee declined")
    WITHDRAWN = "withdrawn", _("Ended by the administration")
    LEFT = "left", _("The employee left")
    LINE_LOST = "line_lost", _("The line went to somebody else, or ended")


class PaymentMethod(TextChoices):
    """How the employee pays the own bills (DOMAIN §5)."""

    BANK_TRANSFER = "bank_transfer", _("Bank transfer or debit (IBAN)")
    CARD = "card", _("Card")


class PaymentState(TextChoices):
    """Whether an employee's bill is paid."""

    DUE = "due", pgettext_lazy("bill", "To be paid")
    OVERDUE = "overdue", pgettext_lazy("bill", "Overdue")
    PAID = "paid", pgettext_lazy("bill", "Paid")


PAYMENT_TRANSITIONS: Final[Transitions] = {
    PaymentState.DUE: {PaymentState.OVERDUE, PaymentState.PAID},
    PaymentState.OVERDUE: {PaymentState.PAID},
    PaymentState.PAID: set(),
}
