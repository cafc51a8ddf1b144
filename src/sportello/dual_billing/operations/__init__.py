"""Every write of dual billing."""

from sportello.dual_billing.operations.activating import activate_due, start_enrolment
from sportello.dual_billing.operations.asking import ask_enrolment, change_enrolment, take_consent
from sportello.dual_billing.operations.billing import mark_overdue, mark_paid, run_private_bills
from sportello.dual_billing.operations.correcting import correct_enrolment
from sportello.dual_billing.operations.ending import end_enrolment, end_what_is_lost
from sportello.dual_billing.operations.imports import load_enrolments
from sportello.dual_billing.operations.signing import accept_enrolment, decline_enrolment, send_signing_code

__all__ = [
    "accept_enrolment",
    "activate_due",
    "ask_enrolment",
    "change_enrolment",
    "correct_enrolment",
    "decline_enrolment",
    "end_enrolment",
    "end_what_is_lost",
    "load_enrolments",
    "mark_overdue",
    "mark_paid",
    "run_private_bills",
    "send_signing_code",
    "start_enrolment",
    "take_consent",
]
