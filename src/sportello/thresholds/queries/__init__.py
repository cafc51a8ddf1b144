"""Everything that is read about thresholds."""

from sportello.thresholds.queries.counting import current_month, reached, with_standing
from sportello.thresholds.queries.notices import Notice, notices
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

__all__ = [
    "Notice",
    "Standing",
    "close_to_limit",
    "crossings",
    "current_month",
    "lines_matching",
    "notices",
    "own_lines",
    "passed_this_period",
    "reached",
    "standings",
    "threshold",
    "thresholds",
    "with_standing",
]
