"""Every write of thresholds."""

from sportello.thresholds.operations.evaluating import evaluate
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
    "evaluate",
    "resume_threshold",
    "resume_thresholds",
    "set_threshold",
    "suspend_threshold",
    "suspend_thresholds",
    "tell",
]
