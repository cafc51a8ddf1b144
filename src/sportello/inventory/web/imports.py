"""Handing in files of lines and of assignments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from sportello.inventory import operations, queries, rules
from sportello.kernel.access import Section
from sportello.kernel.imports import ImportReport
from sportello.kernel.imports.uploads import Write
from sportello.kernel.tabular import Table
from sportello.kernel.ui.imports import ImportColumn, ImportPages, not_taken, with_examples
from sportello.kernel.web import PageRequest, page

EXAMPLE_SIM: Final = "8939010000000000017"
PERSON = ImportColumn("person_code", _("The person who holds it; must be there already. Empty: nobody."), "E0001", required=False)
COST_CENTRE = ImportColumn("cost_centre", _("Code of the cost centre; created when new. Empty: none."), "CC10", required=False)
SITE = ImportColumn("site", _("Name of the site; created when new. Empty: none."), "Sede centrale", required=False)


class LinesImport(ImportPages):
    """The operator's file of lines."""

    purpose = "inventory.lines"
    title = _("Hand in a file of lines")
    lead = _("Each row is a state of the world: handing in the same file again changes nothing.")
    columns = (
        ImportColumn("customer_code", _("The operator's code of the customer."), "C00001"),
        ImportColumn("agreement_code", _("Code of the agreement; created when new."), "AG1"),
        ImportColumn("number", _("E.164, or the access code of an xDSL."), "+393510000001"),
        ImportColumn("kind", _("mobile, fixed, xdsl, voip, extension or data."), "mobile"),
        ImportColumn("plan", _("Code of the plan; created when new. Empty: none."), "BASE"),
        ImportColumn("status", _("ordered, active, suspended or terminated."), "active"),
        ImportColumn("active_from", _("A day, or an instant with its offset."), "2026-01-31"),
        ImportColumn("active_to", _("The first day on which it is not held any more. Empty: open."), "", required=False),
        ImportColumn("iccid", _("The SIM's 19 or 20 digits."), EXAMPLE_SIM, required=False),
        PERSON,
        COST_CENTRE,
        SITE,
        ImportColumn("dual_billing", _("1 or 0."), "0", required=False),
    )
    address = "inventory:import_lines"
    back = "inventory:lines"
    back_label = _("Lines")

    def shown_columns(self) -> Sequence[ImportColumn]:
        """Return the columns with codes of one of the operator's customers, and a number and a SIM that nobody has."""
        own = queries.example_of_lines(self.actor)
        own["number"] = not_taken("+393510000001", queries.number_is_taken)
        own["iccid"] = "" if queries.sim_is_taken(EXAMPLE_SIM) else EXAMPLE_SIM
        return with_examples(self.columns, own)

    def load(self, *, table: Table, apply: bool, expected: str) -> ImportReport:
        """Take the file as the operator's."""
        return operations.load_lines(actor=self.actor, table=table, apply=apply, now=self.now, expected=expected)

    def prepare(self, *, table: Table, expected: str) -> Write:
        """Judge the file and draw up its rows before others wait for it."""
        return operations.prepare_lines(actor=self.actor, table=table, now=self.now, expected=expected)


class AssignmentsImport(ImportPages):
    """A customer's file of who holds which line."""

    purpose = "inventory.assignments"
    title = _("Assign lines by file")
    lead = _("A column that is not in the file leaves what it names alone; an empty cell empties it.")
    columns = (
        ImportColumn("number", _("One of your lines, in E.164 form, or the access code of an xDSL."), "+393510000001"),
        PERSON,
        COST_CENTRE,
        SITE,
    )
    address = "inventory:import_assignments"
    back = "inventory:lines"
    back_label = _("Lines")

    def shown_columns(self) -> Sequence[ImportColumn]:
        """Return the columns with one of the reader's lines, and codes of its customer."""
        return with_examples(self.columns, queries.example_of_assignments(self.actor))

    def load(self, *, table: Table, apply: bool, expected: str) -> ImportReport:
        """Take the file for lines inside the reader's reach."""
        return operations.load_assignments(actor=self.actor, table=table, apply=apply, now=self.now, expected=expected)


@page(section=Section.ADMINISTRATION, methods=("GET", "POST"))
def import_lines(request: PageRequest, token: str = "") -> HttpResponse:
    """Hand in a file of lines, look at what each row would do, confirm."""
    rules.check_runs_network(request.actor)
    return LinesImport(request).respond(token)


@page(section=Section.ADMINISTRATION, methods=("GET", "POST"))
def import_assignments(request: PageRequest, token: str = "") -> HttpResponse:
    """Hand in a file of assignments, look at what each row would do, confirm."""
    return AssignmentsImport(request).respond(token)
