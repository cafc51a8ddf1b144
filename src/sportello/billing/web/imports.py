"""The page that loads payments from a file."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sportello.billing import operations, queries
from sportello.billing.models import Payment
from sportello.kernel.imports import ImportReport
from sportello.kernel.money import CENT
from sportello.kernel.tabular import Table, amount_text
from sportello.kernel.ui.imports import ImportColumn, ImportPages, not_taken, with_examples


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
        ImportColumn(
            "amount", _("EUR, with a point and two decimals: 1234.56; below zero takes a payment back"), "1234.56"
        ),
        ImportColumn("paid_on", _("Day of the payment"), "2026-03-31"),
        ImportColumn("year", _("Year of the bill, where the number alone does not tell"), "2026", required=False),
        ImportColumn("reverses", _("Reference of the payment that is taken back"), "", required=False),
        ImportColumn("note", _("Anything worth keeping"), "", required=False),
    )

    def shown_columns(self) -> Sequence[ImportColumn]:
        """Return the columns with the example of a bill that is open, so that the example loads where there is one."""
        row = queries.open_bill(self.actor)
        if row is None:
            return self.columns
        known = Payment.objects.for_(self.actor)
        own = {
            "reference": not_taken("CRO-2026-000123", lambda one: known.filter(reference=one).exists()),
            "bill": row.number,
            "amount": amount_text((row.payable - row.paid).quantize(CENT)),
            "paid_on": timezone.localdate(self.now).isoformat(),
            "year": str(row.year),
        }
        return with_examples(self.columns, own)

    def load(self, *, table: Table, apply: bool, expected: str) -> ImportReport:
        """Read the table as payments."""
        return operations.load_payments(actor=self.actor, table=table, apply=apply, now=self.now, expected=expected)
