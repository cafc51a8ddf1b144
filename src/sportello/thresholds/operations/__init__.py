"""Every write of thresholds."""

from sportello.thresholds.operations.barring import consent, lift_bar, lift_bars
from sportello.thresholds.operations.evaluating import evaluate, turn_periods
from sportello.thresholds.operations.reading import mark_notices_seen
from sportello.thresholds.operations.setting import (
    cancel_threshold,
    change_threshold,
    resume_threshold,
    resume_thresholds,
    set_threshold,
    suspend_threshold,
    suspend_thresholds,
)
from sportello.thresholds.operations.telling import tell

__all__ = [
    "cancel_threshold",
    "change_threshold",
    "consent",
    "evaluate",
    "lift_bar",
    "lift_bars",
    "mark_notices_seen",
    "resume_threshold",
    "resume_thresholds",
    "set_threshold",
    "suspend_threshold",
    "suspend_thresholds",
    "tell",
    "turn_periods",
]
