"""The page that loads payments from a file."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sportello.billing import operations
from sportello.kernel.imports import ImportReport
from sportello.kernel.tabular import Table
from sportello.kernel.ui.imports import ImportColumn, ImportPages


class PaymentImport(ImportPages):
    """Payments of bills, each once by its reference."""

    purpose = "billing.payments"
    title = _("Load payments")
    lead = _("Each row is a payment, and counts once by its reference. Loading the same file again changes nothing.")
    address = "billing:import_payments"
    back = "billing:index"
    back_label = _("Bills")
    columns = (
        ImportColumn("reference", _("The payment's own reference, unique for ever"), "CRO-2026-000123"),
        ImportColumn("bill", _("Number of the bill"), "2026/T0000001"),
        ImportColumn("amount", _("EUR with two decimals; below zero takes a payment back"), "1234.56"),
        ImportColumn("paid_on", _("Day of the payment"), "2026-03-31"),
        ImportColumn("year", _("Year of the bill, where the number alone does not tell"), "2026", required=False),
        ImportColumn("reverses", _("Reference of the payment that is taken back"), "", required=False),
        ImportColumn("note", _("Anything worth keeping"), "", required=False),
    )

    def load(self, *, table: Table, apply: bool, expected: str) -> ImportReport:
        """Read the table as payments."""
        return operations.load_payments(actor=self.actor, table=table, apply=apply, now=self.now, expected=expected)
