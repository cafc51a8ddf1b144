"""What may be done with bills: pure rules."""

from sportello.billing.rules.assignment import Candidate, CustomerContradicted, Verdict, check_can_assign, whose
from sportello.billing.rules.disputes import check_can_dispute
from sportello.billing.rules.payment import check_can_pay, check_can_reverse, due_date_of, payment_state

__all__ = [
    "Candidate",
    "CustomerContradicted",
    "Verdict",
    "check_can_assign",
    "check_can_dispute",
    "check_can_pay",
    "check_can_reverse",
    "due_date_of",
    "payment_state",
    "whose",
]
