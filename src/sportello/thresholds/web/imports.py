"""Thresholds by file."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext_lazy

from sportello.kernel.access import Section
from sportello.kernel.imports import ImportReport
from sportello.kernel.tabular import Table
from sportello.kernel.ui.imports import ImportColumn, ImportPages
from sportello.kernel.web import PageRequest, page
from sportello.thresholds import operations, rules


class ThresholdsImport(ImportPages):
    """Thresholds by file."""

    purpose = "thresholds.thresholds"
    title = gettext_lazy("Set thresholds by file")
    lead = gettext_lazy("Each row is a threshold as it is to be: handing in the same file again changes nothing.")
    columns = (
        ImportColumn("number", gettext_lazy("One of your lines, in E.164 form."), "+393510000001"),
        ImportColumn("traffic", gettext_lazy("data, voice, sms or all."), "data"),
        ImportColumn("limit", gettext_lazy("A number with a decimal point, in the unit beside it."), "50"),
        ImportColumn("unit", gettext_lazy("eur, gb, mb, min or count."), "eur"),
        ImportColumn("zone", gettext_lazy("any, national, eu or extra_eu. Empty: any."), "any", required=False),
        ImportColumn("period", gettext_lazy("month, bill or day. Empty: month."), "month", required=False),
        ImportColumn(
            "kind", gettext_lazy("informational or enforcing. Empty: informational."), "informational", required=False
        ),
        ImportColumn(
            "steps",
            gettext_lazy("Percentages, separated by semicolons. Empty: 50; 80; 100."),
            "50; 80; 100",
            required=False,
        ),
    )
    address = "thresholds:import"
    back = "thresholds:index"
    back_label = gettext_lazy("Thresholds")

    def load(self, *, table: Table, apply: bool, expected: str) -> ImportReport:
        """Take the file as the reader's."""
        return operations.load_thresholds(actor=self.actor, table=table, apply=apply, now=self.now, expected=expected)


@page(section=Section.THRESHOLDS, methods=("GET", "POST"))
def import_thresholds(request: PageRequest, token: str = "") -> HttpResponse:
    """Hand in a file of thresholds, look at what it does, confirm."""
    rules.check_can_manage(request.actor)
    return ThresholdsImport(request).respond(token)
