"""What may be set, by whom, and which steps a counter has passed."""

from sportello.thresholds.rules.counting import counts, steps_passed, used
from sportello.thresholds.rules.limits import (
    check_beside,
    check_cut_off,
    check_network,
    check_terms,
    limit_units,
    parse_steps,
)
from sportello.thresholds.rules.periods import Span, days_of, present_span, span_of
from sportello.thresholds.rules.permission import (
    check_can_change,
    check_can_consent,
    check_can_manage,
    check_can_set,
    check_can_set_on,
    check_kind,
)

__all__ = [
    "Span",
    "check_beside",
    "check_can_change",
    "check_can_consent",
    "check_can_manage",
    "check_can_set",
    "check_can_set_on",
    "check_cut_off",
    "check_kind",
    "check_network",
    "check_terms",
    "counts",
    "days_of",
    "limit_units",
    "parse_steps",
    "present_span",
    "span_of",
    "steps_passed",
    "used",
]
