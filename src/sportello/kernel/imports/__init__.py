"""Files that people hand in to change many rows at once: upload, preview of every row, confirmation, all or nothing."""

from sportello.kernel.imports.report import (
    ImportReport,
    PreviewOutdated,
    RowReport,
    RowState,
    check_expected,
    order_of_states,
)

__all__ = ["ImportReport", "PreviewOutdated", "RowReport", "RowState", "check_expected", "order_of_states"]
