"""The page that loads customers from a file."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from sportello.kernel.imports import ImportReport
from sportello.kernel.tabular import Table
from sportello.kernel.ui.imports import ImportColumn, ImportPages, not_taken, with_examples
from sportello.parties import operations, queries


class CustomerImport(ImportPages):
    """The customers file of the inventory files, version 1."""

    purpose = "parties.customers"
    title = _("Import customers")
    lead = _("Each row is a customer as it should be. Loading the same file again changes nothing.")
    address = "parties:import_customers"
    back = "parties:organisations"
    back_label = _("Customers")
    columns = (
        ImportColumn("customer_code", _("The operator's code of the customer"), "C-1001"),
        ImportColumn("legal_name", _("Legal name"), "Comune di Esempio"),
        ImportColumn("vat_number", _("VAT number, with its check digit"), "00743110157", required=False),
        ImportColumn("tax_code", _("Tax code, with its check character"), "00743110157", required=False),
        ImportColumn("public_administration", _("1 for a public administration, else 0"), "1", required=False),
        ImportColumn("ipa_code", _("Six characters (IPA), or seven (SdI) for others"), "UFABCD", required=False),
        ImportColumn("partner_code", _("Code of the partner, or empty"), "", required=False),
        ImportColumn("province", _("Letters of the province"), "MI", required=False),
        ImportColumn("email", _("Address for messages"), "telefonia@comune.example", required=False),
    )

    def shown_columns(self) -> Sequence[ImportColumn]:
        """Return the columns with the code of a partner that is there, and of a customer that is not."""
        partner = next((row.code for row in queries.partners(self.actor).order_by("code")[:1]), "")
        every = queries.organisations(self.actor)
        code = not_taken("C-1001", lambda code: every.filter(code=code).exists())
        return with_examples(self.columns, {"customer_code": code, "partner_code": partner})

    def load(self, *, table: Table, apply: bool, expected: str) -> ImportReport:
        """Read the table as the customers file."""
        return operations.load_customers(actor=self.actor, table=table, apply=apply, now=self.now, expected=expected)
