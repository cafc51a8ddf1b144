"""Everything that is read about thresholds."""

from sportello.thresholds.queries.counting import current_month, reached, with_standing
from sportello.thresholds.queries.notices import Notice, notices
from sportello.thresholds.queries.portal import portal_notices, reader, unread
from sportello.thresholds.queries.reading import (
    Standing,
    close_to_limit,
    crossings,
    lines_matching,
    own_lines,
    passed_this_period,
    standings,
    threshold,
    thresholds,
)
from sportello.thresholds.queries.standing import bar, bars, cut_off_of, cut_offs, limits_beside, open_bars, tally_of

__all__ = [
    "Notice",
    "Standing",
    "bar",
    "bars",
    "close_to_limit",
    "crossings",
    "current_month",
    "cut_off_of",
    "cut_offs",
    "limits_beside",
    "lines_matching",
    "notices",
    "open_bars",
    "own_lines",
    "passed_this_period",
    "portal_notices",
    "reached",
    "reader",
    "standings",
    "tally_of",
    "threshold",
    "thresholds",
    "unread",
    "with_standing",
]
