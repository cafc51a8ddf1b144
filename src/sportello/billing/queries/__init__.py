"""Every read worth a name about bills."""

from sportello.billing.queries.bills import (
    bill_of,
    bills,
    cost_centres_billed,
    files,
    lines_of,
    months_owned,
    open_bill,
    own_lines,
    parties_of,
    prices,
    sums_by_charge,
)
from sportello.billing.queries.customers import customer_meant, customers_like
from sportello.billing.queries.finding import candidates_for
from sportello.billing.queries.reconciling import Difference, reconciliation
from sportello.billing.queries.runs import EndedRun, ended_runs

__all__ = [
    "Difference",
    "EndedRun",
    "bill_of",
    "bills",
    "candidates_for",
    "cost_centres_billed",
    "customer_meant",
    "customers_like",
    "ended_runs",
    "files",
    "lines_of",
    "months_owned",
    "open_bill",
    "own_lines",
    "parties_of",
    "prices",
    "reconciliation",
    "sums_by_charge",
]
