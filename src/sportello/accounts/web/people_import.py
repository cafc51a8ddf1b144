"""The page that loads people from a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sportello.accounts import operations
from sportello.accounts.models import Person
from sportello.accounts.rules.people import grantable
from sportello.kernel.access import Profile
from sportello.kernel.imports import ImportReport
from sportello.kernel.tabular import Table
from sportello.kernel.ui.imports import ImportColumn, ImportPages, not_taken, with_examples
from sportello.parties import queries as parties


class PeopleImport(ImportPages):
    """The people file of the inventory files, version 1."""

    purpose = "accounts.people"
    title = _("Import people")
    lead = _("Each row is a person as they should be. Loading the same file again changes nothing.")
    address = "accounts:import_people"
    back = "accounts:people"
    back_label = _("People")
    columns = (
        ImportColumn("customer_code", _("The operator's code of the organisation"), "C-1001"),
        ImportColumn("person_code", _("Your code of the person, unique in the organisation"), "4711"),
        ImportColumn("given_name", _("Given name"), "Elena"),
        ImportColumn("family_name", _("Family name"), "Verdi"),
        ImportColumn("email", _("E-mail"), "elena.verdi@comune.example", required=False),
        ImportColumn("mobile", _("Mobile for one-time codes, in E.164"), "+393510000012", required=False),
        ImportColumn("cost_centre", _("Code of the cost centre; a new one is made"), "CC-100", required=False),
        ImportColumn(
            "profiles", _("Profiles, separated by ; (all that the person is to hold)"), "employee", required=False
        ),
    )

    def shown_columns(self) -> Sequence[ImportColumn]:
        """Return the columns with the reader's own customer, a person who is not there yet, and the profiles that the reader may give."""
        organisation = parties.example_customer(self.actor)
        codes = ", ".join(sorted(grantable(self.actor, organisation) - {Profile.CLIENT_MANAGER}))
        meaning = gettext("Profiles, separated by ; (all that the person is to hold): %(codes)s") % {"codes": codes}
        people = Person.objects.for_(self.actor).filter(organisation=organisation)
        shown = with_examples(
            self.columns,
            {
                "customer_code": organisation.code,
                "person_code": not_taken("4711", lambda code: people.filter(code=code).exists()),
            },
        )
        return [replace(column, meaning=meaning) if column.name == "profiles" else column for column in shown]

    def load(self, *, table: Table, apply: bool, expected: str) -> ImportReport:
        """Read the table as the people file."""
        return operations.load_people(actor=self.actor, table=table, apply=apply, now=self.now, expected=expected)
