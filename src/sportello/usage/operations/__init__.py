"""Every write of usage."""

from sportello.usage.operations.clear_numbers import ask_clear_numbers, open_clear_numbers
from sportello.usage.operations.documentation import ask_documentation, prepare_documentation, take_documentation
from sportello.usage.operations.dropped import take_dropped
from sportello.usage.operations.expiry import end_given_up, expire_prepared
from sportello.usage.operations.exports import ask_export, prepare_export, small_sheet, take_export
from sportello.usage.operations.loading import Taken, load_file
from sportello.usage.operations.placing_again import place_again
from sportello.usage.operations.reports import (
    change_report,
    create_report,
    move_report,
    run_due_reports,
    run_report_now,
)
from sportello.usage.operations.unusual_rule import set_unusual_rule
from sportello.usage.operations.upkeep import forget_old_records, merge_small_parts, sweep_store

__all__ = [
    "Taken",
    "ask_clear_numbers",
    "ask_documentation",
    "ask_export",
    "change_report",
    "create_report",
    "end_given_up",
    "expire_prepared",
    "forget_old_records",
    "load_file",
    "merge_small_parts",
    "move_report",
    "open_clear_numbers",
    "place_again",
    "prepare_documentation",
    "prepare_export",
    "run_due_reports",
    "run_report_now",
    "set_unusual_rule",
    "small_sheet",
    "sweep_store",
    "take_documentation",
    "take_dropped",
    "take_export",
]
