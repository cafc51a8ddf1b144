"""The page that asks for many employees by file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sportello.dual_billing import operations
from sportello.inventory.models import Line
from sportello.inventory.states import LineKind
from sportello.kernel.access import Section
from sportello.kernel.imports import ImportReport
from sportello.kernel.tabular import Table
from sportello.kernel.ui.imports import ImportColumn, ImportPages
from sportello.kernel.web import PageRequest, page


class EnrolmentImport(ImportPages):
    """Employees for dual billing, a line in each row."""

    purpose = "dual_billing.enrolments"
    title = _("Ask for dual billing by file")
    lead = _(
        "Each row asks the user of a line, or changes what is kept of them. Loading the same file again changes nothing."
    )
    address = "dual_billing:import"
    back = "dual_billing:index"
    back_label = _("Dual billing")
    columns = (
        ImportColumn("number", _("Number of the line"), "+393510000012"),
        ImportColumn("tax_code", _("Tax code of the employee"), "RSSMRA80A01H501U"),
        ImportColumn("address", _("Street and number"), "Via Roma 1"),
        ImportColumn("postcode", _("Postcode"), "00184"),
        ImportColumn("city", _("City"), "Roma"),
        ImportColumn("province", _("Province"), "RM", required=False),
        ImportColumn("email", _("The employee's e-mail"), "mario.rossi@example.com"),
        ImportColumn("payment_method", _("bank_transfer or card"), "bank_transfer"),
        ImportColumn("iban", _("For a bank transfer or debit"), "IT60X0542811101000000123456", required=False),
        ImportColumn("card_reference", _("For a card: the payment service's reference"), "", required=False),
        ImportColumn("start_date", _("First day, like 2026-12-01"), "2026-12-01"),
        ImportColumn("messages", _("1: messages to numbers outside the agreement are private"), "0", required=False),
        ImportColumn("roaming", _("1: roaming is private"), "0", required=False),
        ImportColumn("data_apn", _("1: data by the private access point are private"), "0", required=False),
    )

    def shown_columns(self) -> Sequence[ImportColumn]:
        """Return the columns with a number and a day that load as they are."""
        rows = Line.objects.for_(self.actor).filter(kind=LineKind.MOBILE, active_to=None, dual_billing=False)
        number = rows.exclude(person=None).order_by("number").values_list("number", flat=True).first()
        own = {"start_date": f"{timezone.localdate(self.now):%Y-%m-%d}"} | ({"number": number} if number else {})
        return [replace(column, example=own.get(column.name, column.example)) for column in self.columns]

    def load(self, *, table: Table, apply: bool, expected: str) -> ImportReport:
        """Read the table as employees for dual billing."""
        return operations.load_enrolments(actor=self.actor, table=table, apply=apply, now=self.now, expected=expected)


@page(section=Section.DUAL_BILLING, methods=("GET", "POST"))
def import_enrolments(request: PageRequest, token: str = "") -> HttpResponse:
    """Hand in a file, look at each row, confirm."""
    return EnrolmentImport(request).respond(token)
