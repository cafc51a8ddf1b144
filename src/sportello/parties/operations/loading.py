"""Customers from the file "customers" of the inventory files, version 1 (product/02): each row is a state of the world.

A column that is not in the file leaves what it names alone; an empty cell empties it. Loading again changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError
from django.utils.translation import gettext as _

from sportello.kernel.access import Reach, Section
from sportello.kernel.actor import Actor
from sportello.kernel.events import changed
from sportello.kernel.imports import (
    Faults,
    ImportReport,
    PreviewOutdated,
    RowReport,
    RowState,
    check_expected,
    every_fault,
    first_of_each,
    noted,
)
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput, NotPermitted
from sportello.kernel.tabular import Row, Table, check_columns
from sportello.parties import rules
from sportello.parties.events import CustomerMoved, OrganisationChanged, OrganisationCreated
from sportello.parties.models import Organisation
from sportello.parties.queries import by_code
from sportello.parties.rules import Registry
from sportello.parties.states import OrganisationKind, OrganisationState

REQUIRED: Final = ("customer_code", "legal_name")
OPTIONAL: Final = (
    "vat_number", "tax_code", "public_administration", "ipa_code", "partner_code", "province", "email",
)  # fmt: skip
REGISTRY_COLUMNS: Final = tuple(name for name in (*REQUIRED, *OPTIONAL) if name in Registry.__dataclass_fields__)
CHUNK: Final = 500


def load_customers(
    *,
    actor: Actor,
    table: Table,
    apply: bool,
    now: datetime,  # noqa: ARG001 - all loaders of files have one signature
    expected: str = "",
) -> ImportReport:
    """Return what the customers file does, row by row; with `apply` write all its rows, or none when one is wrong.

    The operator's file may hold new customers and move them between partners; a partner's file may change its own
    customers, and every other code is unknown to it (ABUSE C07). `expected` is the digest of the preview that was
    confirmed (F09). Raises `TableRefused`, `PreviewOutdated`, `NotPermitted`.
    """
    if actor.reach not in {Reach.ALL, Reach.PARTNER} or not actor.may(Section.ADMINISTRATION):
        raise NotPermitted
    if apply:
        return _apply(actor=actor, table=table, expected=expected)
    return _Plan(actor, table).report


@operation(section=Section.ADMINISTRATION)
def _apply(*, actor: Actor, table: Table, expected: str) -> ImportReport:
    plan = _Plan(actor, table)
    check_expected(plan.report, expected)
    if plan.report.wrong:
        return plan.report
    try:
        plan.write()
    except IntegrityError as taken:  # somebody wrote the same code meanwhile
        raise PreviewOutdated from taken
    return plan.report.done()


@dataclass
class _Change:
    """One row that writes: the organisation (new or read), what was, what will be, and the partners."""

    row: Organisation
    before: dict[str, object] = field(default_factory=dict)
    partner_before: Organisation | None = None

    @property
    def is_new(self) -> bool:
        return self.row.pk is None


class _Plan:
    """What a file does: the report, and the rows to write. Reads everything it needs in a few queries."""

    def __init__(self, actor: Actor, table: Table) -> None:
        check_columns(table.columns, REQUIRED, OPTIONAL)
        self.actor = actor
        self.columns = set(table.columns)
        self.changes: list[_Change] = []
        rows = list(table.rows)
        self.known = by_code(actor, [row["customer_code"] for row in rows])
        self.partners = by_code(actor, [row["partner_code"] for row in rows])
        self.first_line: dict[str, int] = {}
        reports = tuple(self._report(row) for row in rows)
        touched = {change.row.pk for change in self.changes if change.row.pk}
        self.report = ImportReport(
            rows=reports, notices=[str(each) for each in table.notices], organisations=frozenset(touched)
        )

    def write(self) -> None:
        """Write the planned rows and publish what happened to each."""
        new = [change.row for change in self.changes if change.is_new]
        old = [change for change in self.changes if not change.is_new]
        Organisation.objects.bulk_create(new, batch_size=CHUNK)
        for change in old:
            change.row.save(update_fields=[*REGISTRY_COLUMNS, "partner"])
        for row in new:
            publish(
                OrganisationCreated(
                    **_subject(row), code=row.code, name=row.legal_name,
                    changes=changed({}, _facts(row) | {"partner": str(row.partner or "")}),
                )
            )  # fmt: skip
        for change in old:
            _tell(change)

    def _report(self, row: Row) -> RowReport:
        code = row["customer_code"]
        faults: Faults = [(error.column, str(error.reason)) for error in row.errors]
        report = self._planned(row, code, faults)
        if not faults:
            return report
        told = first_of_each((_COLUMN_OF.get(field, field), reason) for field, reason in faults)
        return RowReport(row.line, RowState.WRONG, code, errors=told)

    def _planned(self, row: Row, code: str, faults: Faults) -> RowReport:
        """Return what the row does; what is wrong with it is put into `faults`, and then nothing is planned."""
        nobody = Organisation(kind=OrganisationKind.CUSTOMER, code=code)
        organisation = noted(faults, lambda: self._organisation(row, code), nobody)
        before = _facts(organisation) if organisation.pk else {}
        partner_before = organisation.partner if organisation.pk else None
        registry, wrong = every_fault(rules.checked, self._registry(row, organisation, faults), legal_name="-")
        faults += wrong
        partner = noted(faults, lambda: self._partner(row, organisation), None)
        if faults:
            return RowReport(row.line, RowState.WRONG, code)
        for name, value in asdict(registry).items():
            setattr(organisation, name, value)
        organisation.partner = partner
        changes = _words(before, _facts(organisation)) | _partner_words(partner_before, partner)
        if not changes:
            return RowReport(row.line, RowState.UNCHANGED, code)
        state = RowState.CHANGED if organisation.pk else RowState.NEW
        self.changes.append(_Change(organisation, before, partner_before))
        return RowReport(row.line, state, code, changes=changes)

    def _organisation(self, row: Row, code: str) -> Organisation:
        if code in self.first_line:
            raise InvalidInput(
                _("is there twice: first on line %(line)d") % {"line": self.first_line[code]}, field="customer_code"
            )
        self.first_line[code] = row.line
        known = self.known.get(code)
        if known is None:
            if not rules.may_manage_all(self.actor):
                raise InvalidInput(_("unknown customer"), field="customer_code")
            return Organisation(kind=OrganisationKind.CUSTOMER, code=rules.read_code(code))
        if known.kind != OrganisationKind.CUSTOMER:
            raise InvalidInput(_("is not the code of a customer"), field="customer_code")
        return known

    def _registry(self, row: Row, organisation: Organisation, faults: Faults) -> Registry:
        texts = self.columns.intersection(REGISTRY_COLUMNS) - {"public_administration"}
        present: dict[str, Any] = {name: row[name] for name in texts}
        registry = replace(Registry.of(organisation), **present)
        if "public_administration" in self.columns:
            truth = noted(faults, lambda: _truth(row["public_administration"]), registry.public_administration)
            registry = replace(registry, public_administration=truth)
        return registry

    def _partner(self, row: Row, organisation: Organisation) -> Organisation | None:
        if "partner_code" not in self.columns:
            return organisation.partner if organisation.pk else None
        code = row["partner_code"]
        partner = self.partners.get(code) if code else None
        if code and (partner is None or partner.kind != OrganisationKind.PARTNER):
            raise InvalidInput(_("unknown partner"), field="partner_code")
        if organisation.pk and organisation.partner_id != (partner.pk if partner else None):
            self._check_move(partner)
        return partner

    def _check_move(self, partner: Organisation | None) -> None:
        if not rules.may_run(self.actor):
            raise InvalidInput(_("your profile cannot move a customer to another partner"), field="partner_code")
        if partner is not None and partner.state != OrganisationState.ACTIVE:
            raise InvalidInput(_("the partner is not active"), field="partner_code")


_COLUMN_OF = {"code": "customer_code"}
"""Fields whose column has another name."""


def _truth(text: str) -> bool:
    if text not in {"0", "1", ""}:
        raise InvalidInput(_("is 1 for yes or 0 for no"), field="public_administration")
    return text == "1"


def _facts(organisation: Organisation) -> dict[str, object]:
    return {name: getattr(organisation, name) for name in REGISTRY_COLUMNS}


def _words(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, tuple[str, str]]:
    """Return what differs, in words: truth as 1 and 0, as the file has it."""
    differs = {name: (before.get(name, ""), value) for name, value in after.items() if before.get(name, "") != value}
    return {name: (_text(old), _text(new)) for name, (old, new) in differs.items() if (old, new) != ("", False)}


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _partner_words(before: Organisation | None, after: Organisation | None) -> dict[str, tuple[str, str]]:
    if before == after:
        return {}
    return {"partner_code": (before.code if before else "", after.code if after else "")}


def _tell(change: _Change) -> None:
    changes = changed(change.before, _facts(change.row))
    if changes:
        publish(OrganisationChanged(**_subject(change.row), name=change.row.legal_name, changes=changes))
    before, after = change.partner_before, change.row.partner
    if before != after:
        publish(
            CustomerMoved(
                **_subject(change.row), name=change.row.legal_name,
                from_partner_id=before.pk if before else None, to_partner_id=after.pk if after else None,
                changes=changed({"partner": str(before or "")}, {"partner": str(after or "")}),
            )
        )  # fmt: skip


def _subject(organisation: Organisation) -> dict[str, Any]:
    return {"organisation_id": organisation.pk, "subject_type": "organisation", "subject_id": organisation.pk}
