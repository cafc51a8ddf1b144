"""Every write of thresholds."""

from sportello.thresholds.operations.evaluating import evaluate
from sportello.thresholds.operations.setting import (
    cancel_threshold,
    change_threshold,
    resume_threshold,
    set_threshold,
    suspend_threshold,
)
from sportello.thresholds.operations.telling import tell

__all__ = [
    "cancel_threshold",
    "change_threshold",
    "evaluate",
    "resume_threshold",
    "set_threshold",
    "suspend_threshold",
    "tell",
]
