"""Every write about bills."""

from sportello.billing.operations.archives import (
    ask_for_archive,
    fail_archive,
    make_archive,
    record_download,
    remove_old_archives,
)
from sportello.billing.operations.assigning import assign_file
from sportello.billing.operations.disputes import dispute_line
from sportello.billing.operations.dropped import take_dropped
from sportello.billing.operations.loading import NUMBER_TAKEN, Outcome, load_file
from sportello.billing.operations.payment_files import load_payments
from sportello.billing.operations.payments import record_payment, reverse_payment
from sportello.billing.operations.reminding import remind, see_what_is_due
from sportello.billing.operations.running import RunFailed, ask_for_run, end_run, run_bills, set_prices, set_terms
from sportello.billing.operations.sending import mark_sent

__all__ = [
    "NUMBER_TAKEN",
    "Outcome",
    "RunFailed",
    "ask_for_archive",
    "ask_for_run",
    "assign_file",
    "dispute_line",
    "end_run",
    "fail_archive",
    "load_file",
    "load_payments",
    "make_archive",
    "mark_sent",
    "record_download",
    "record_payment",
    "remind",
    "remove_old_archives",
    "reverse_payment",
    "run_bills",
    "see_what_is_due",
    "set_prices",
    "set_terms",
    "take_dropped",
]
