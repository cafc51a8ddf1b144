"""What may be set, by whom, and which steps a counter has passed."""

from sportello.thresholds.rules.counting import counts, steps_passed, used
from sportello.thresholds.rules.limits import check_terms, limit_units, parse_steps
from sportello.thresholds.rules.permission import check_can_change, check_can_set, check_can_set_on, check_kind

__all__ = [
    "check_can_change",
    "check_can_set",
    "check_can_set_on",
    "check_kind",
    "check_terms",
    "counts",
    "limit_units",
    "parse_steps",
    "steps_passed",
    "used",
]
