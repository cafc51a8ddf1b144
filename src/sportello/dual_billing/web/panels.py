"""What pages show of an enrolment: to the administration with secrets masked, to the person whole."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from sportello.dual_billing import rules
from sportello.dual_billing.models import Enrolment
from sportello.dual_billing.states import EnrolmentState, PaymentMethod
from sportello.kernel.ui import formats
from sportello.kernel.ui.types import Steps

Facts = list[tuple[str, Any]]


def facts_for_administration(row: Enrolment) -> Facts:
    """Return what is kept of the employee; tax code and account masked (ABUSE H06)."""
    return _facts(row, whole=False)


def facts_for_person(row: Enrolment) -> Facts:
    """Return to the person what is kept of them, whole."""
    return _facts(row, whole=True)


def _facts(row: Enrolment, *, whole: bool) -> Facts:
    account = row.iban if row.payment_method == PaymentMethod.BANK_TRANSFER else row.card_reference
    code, account = (text if whole else rules.masked(text) for text in (row.tax_code, account))
    address = ", ".join(filter(None, [row.address, f"{row.postcode} {row.city}", row.province]))
    options = [
        label
        for held, label in (
            (row.messages, _("messages to numbers outside the agreement")),
            (row.roaming, _("roaming")),
            (row.data_apn, _("data by the private access point")),
        )
        if held
    ]
    return [
        (_("Tax code"), code),
        (_("Address"), address),
        (_("E-mail"), row.email),
        (_("Payment"), f"{row.get_payment_method_display()} · {account}"),
        (_("First day"), formats.day(row.start_date)),
        (_("Private beside the prefix"), ", ".join(options) or _("nothing")),
        *_past(row),
    ]


def _past(row: Enrolment) -> Facts:
    moments = [
        (_("Asked"), row.asked_at),
        (_("Accepted"), row.accepted_at),
        (_("Counts from"), row.active_from),
        (_("Counted until"), row.active_to),
    ]
    facts: Facts = [(label, formats.instant(at)) for label, at in moments if at is not None]
    return [*facts, (_("Why it ended"), row.get_end_reason_display())] if row.end_reason else facts


def steps_of(row: Enrolment) -> Steps | None:
    """Return how far it is; None where it has ended."""
    order = [EnrolmentState.ASKED, EnrolmentState.ACCEPTED, EnrolmentState.ACTIVE]
    if row.state not in order:
        return None
    return Steps(labels=[str(state.label) for state in order], current=order.index(EnrolmentState(row.state)) + 1)
