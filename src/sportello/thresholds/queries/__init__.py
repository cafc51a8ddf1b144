"""Everything that is read about thresholds."""

from sportello.thresholds.queries.at_once import (
    barred_by_limit,
    barred_by_profile,
    barred_by_resuming,
    barred_by_terms,
    barred_in_profile,
)
from sportello.thresholds.queries.counting import current_month, reached, with_standing
from sportello.thresholds.queries.forecast import crossing_of, likely_to_cross
from sportello.thresholds.queries.many import bulk_change, customers_of_lines, lost_bulks, measures_of
from sportello.thresholds.queries.notices import Notice, notices
from sportello.thresholds.queries.portal import COUNTED_UP_TO, portal_notices, reader, unread, wants_notices
from sportello.thresholds.queries.profiles import (
    customer_acted_in,
    lines_by_profile,
    profile,
    profiles,
    term,
    terms_of_profiles,
    thresholds_of,
    watched_lines,
)
from sportello.thresholds.queries.reading import (
    Standing,
    at_limit,
    close_to_limit,
    crossings,
    lines_matching,
    own_lines,
    passed_this_period,
    standings,
    threshold,
    thresholds,
)
from sportello.thresholds.queries.report import Above, lines_above, lines_of_month, with_lines
from sportello.thresholds.queries.spent import spent_above
from sportello.thresholds.queries.standing import (
    bar,
    bars,
    cut_off_of,
    cut_offs,
    limits_beside,
    open_bars,
    same_threshold,
    tally_of,
)

__all__ = [
    "COUNTED_UP_TO",
    "Above",
    "Notice",
    "Standing",
    "at_limit",
    "bar",
    "barred_by_limit",
    "barred_by_profile",
    "barred_by_resuming",
    "barred_by_terms",
    "barred_in_profile",
    "bars",
    "bulk_change",
    "close_to_limit",
    "crossing_of",
    "crossings",
    "current_month",
    "customer_acted_in",
    "customers_of_lines",
    "cut_off_of",
    "cut_offs",
    "likely_to_cross",
    "limits_beside",
    "lines_above",
    "lines_by_profile",
    "lines_matching",
    "lines_of_month",
    "lost_bulks",
    "measures_of",
    "notices",
    "open_bars",
    "own_lines",
    "passed_this_period",
    "portal_notices",
    "profile",
    "profiles",
    "reached",
    "reader",
    "same_threshold",
    "spent_above",
    "standings",
    "tally_of",
    "term",
    "terms_of_profiles",
    "threshold",
    "thresholds",
    "thresholds_of",
    "unread",
    "wants_notices",
    "watched_lines",
    "with_lines",
    "with_standing",
]
