"""Files that people hand in to change many rows at once: upload, preview of every row, confirmation, all or nothing."""

from sportello.kernel.imports.faults import Faults, every_fault, first_of_each, noted
from sportello.kernel.imports.report import (
    ImportReport,
    PreviewOutdated,
    RowReport,
    RowState,
    check_expected,
    order_of_states,
)

__all__ = [
    "Faults",
    "ImportReport",
    "PreviewOutdated",
    "RowReport",
    "RowState",
    "check_expected",
    "every_fault",
    "first_of_each",
    "noted",
    "order_of_states",
]
