"""Every write to the inventory."""

from sportello.inventory.operations.assignment import AssignmentRefused, assign_lines
from sportello.inventory.operations.ends import end_due_lines
from sportello.inventory.operations.lines import LineChanges, add_line, change_line, end_line
from sportello.inventory.operations.loading import load_assignments, load_lines, prepare_lines
from sportello.inventory.operations.options import OptionActive, add_option, end_option
from sportello.inventory.operations.sims import change_sim, show_puk

__all__ = [
    "AssignmentRefused",
    "LineChanges",
    "OptionActive",
    "add_line",
    "add_option",
    "assign_lines",
    "change_line",
    "change_sim",
    "end_due_lines",
    "end_line",
    "end_option",
    "load_assignments",
    "load_lines",
    "prepare_lines",
    "show_puk",
]
