"""What may be set, by whom, and which steps a counter has passed."""

from sportello.thresholds.rules.counting import counts, overlap, steps_passed, used
from sportello.thresholds.rules.limits import (
    check_beside,
    check_cut_off,
    check_limit,
    check_network,
    check_terms,
    limit_units,
    parse_steps,
)
from sportello.thresholds.rules.many import (
    MOST_AT_ONCE,
    MOST_IN_ONE_REQUEST,
    PieceTaken,
    check_measure,
    check_not_too_many,
    check_number_chosen,
    check_one_customer,
    only_measure,
)
from sportello.thresholds.rules.periods import Span, days_of, present_span, span_of
from sportello.thresholds.rules.permission import (
    check_can_change,
    check_can_consent,
    check_can_manage,
    check_can_set,
    check_can_set_on,
    check_kind,
    check_seen,
)
from sportello.thresholds.rules.profiles import (
    check_can_edit_profile,
    check_profile_stands,
    check_same_customer,
    checked_name,
)

__all__ = [
    "MOST_AT_ONCE",
    "MOST_IN_ONE_REQUEST",
    "PieceTaken",
    "Span",
    "check_beside",
    "check_can_change",
    "check_can_consent",
    "check_can_edit_profile",
    "check_can_manage",
    "check_can_set",
    "check_can_set_on",
    "check_cut_off",
    "check_kind",
    "check_limit",
    "check_measure",
    "check_network",
    "check_not_too_many",
    "check_number_chosen",
    "check_one_customer",
    "check_profile_stands",
    "check_same_customer",
    "check_seen",
    "check_terms",
    "checked_name",
    "counts",
    "days_of",
    "limit_units",
    "only_measure",
    "overlap",
    "parse_steps",
    "present_span",
    "span_of",
    "steps_passed",
    "used",
]
