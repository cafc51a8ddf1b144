"""Every write of thresholds."""

from sportello.thresholds.operations.barring import ask_network_again, consent, lift_bar, lift_bars
from sportello.thresholds.operations.by_file import load_thresholds
from sportello.thresholds.operations.cut_offs import set_cut_off
from sportello.thresholds.operations.enrolling import enrol_lines, inherit_profiles
from sportello.thresholds.operations.evaluating import evaluate, turn_periods
from sportello.thresholds.operations.in_bulk import choose_many, run_bulk, start_bulk, stop_bulk, stop_lost_bulks
from sportello.thresholds.operations.profiles import add_term, end_profile, make_profile, remove_term, set_default
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
    "add_term",
    "ask_network_again",
    "cancel_threshold",
    "change_threshold",
    "choose_many",
    "consent",
    "end_profile",
    "enrol_lines",
    "evaluate",
    "inherit_profiles",
    "lift_bar",
    "lift_bars",
    "load_thresholds",
    "make_profile",
    "mark_notices_seen",
    "remove_term",
    "resume_threshold",
    "resume_thresholds",
    "run_bulk",
    "set_cut_off",
    "set_default",
    "set_threshold",
    "start_bulk",
    "stop_bulk",
    "stop_lost_bulks",
    "suspend_threshold",
    "suspend_thresholds",
    "tell",
    "turn_periods",
]
