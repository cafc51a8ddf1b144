"""What is read of dual billing."""

from sportello.dual_billing.queries.bills import bill, bill_lines, bills, own_bills, unbilled
from sportello.dual_billing.queries.enrolments import (
    enrolment,
    enrolments,
    is_enrolled,
    left_at,
    line_named,
    lost_at,
    open_of_line,
    own_enrolment,
    own_enrolments,
)
from sportello.dual_billing.queries.spending import OwnMonth, own_months

__all__ = [
    "OwnMonth",
    "bill",
    "bill_lines",
    "bills",
    "enrolment",
    "enrolments",
    "is_enrolled",
    "left_at",
    "line_named",
    "lost_at",
    "open_of_line",
    "own_bills",
    "own_enrolment",
    "own_enrolments",
    "own_months",
    "unbilled",
]
