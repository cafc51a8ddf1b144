"""Employees for dual billing from a file: each row is a line and what is entered of its user; all rows or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from sportello.dual_billing import queries, rules
from sportello.dual_billing.events import DualBillingFileTaken
from sportello.dual_billing.models import Enrolment
from sportello.dual_billing.operations.asking import FIELDS, SECRETS, ask_enrolment, change_enrolment, stored
from sportello.dual_billing.states import OPEN, EnrolmentState, PaymentMethod
from sportello.dual_billing.types import EnrolmentData
from sportello.inventory.models import Line
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.calendar import local_day
from sportello.kernel.imports import Faults, ImportReport, RowReport, RowState, check_expected, first_of_each
from sportello.kernel.operations import operation, publish
from sportello.kernel.phones import InvalidPhoneNumber, normalise
from sportello.kernel.refusals import InvalidInput, NotPermitted, Refusal
from sportello.kernel.tabular import Row, Table, check_columns

REQUIRED: Final = ("number", "tax_code", "address", "postcode", "city", "email", "payment_method", "start_date")
OPTIONAL: Final = ("province", "iban", "card_reference", "messages", "roaming", "data_apn")
FLAGS: Final = ("messages", "roaming", "data_apn")
MOST_ROWS: Final = 5_000


@dataclass(frozen=True)
class _Change:
    line: Line
    known: Enrolment | None
    data: EnrolmentData


def load_enrolments(*, actor: Actor, table: Table, apply: bool, now: datetime, expected: str = "") -> ImportReport:
    """Return what the file does, row by row; with `apply` write all its rows, or none when one is wrong.

    A number that is not in reach is an unknown line (ABUSE C07, H06). Raises `TableRefused`, `PreviewOutdated`, `NotPermitted`.
    """
    if not actor.may(Section.DUAL_BILLING):
        raise NotPermitted
    if apply:
        return apply_enrolments(actor=actor, table=table, now=now, expected=expected)
    return _Plan(actor, table, now).report


@operation(section=Section.DUAL_BILLING)
def apply_enrolments(*, actor: Actor, table: Table, now: datetime, expected: str) -> ImportReport:
    """Write all rows of a file for dual billing, or none when one is wrong. Raises `PreviewOutdated`."""
    plan = _Plan(actor, table, now)
    check_expected(plan.report, expected)
    if plan.report.wrong:
        return plan.report
    for change in plan.changes:
        if change.known is None:
            ask_enrolment(actor=actor, line=change.line, data=change.data, now=now)
        else:
            change_enrolment(actor=actor, enrolment=change.known, data=change.data, now=now)
    publish(DualBillingFileTaken(organisation_id=actor.organisation_id, rows=len(plan.report.rows)))
    return plan.report.done()


class _Plan:
    """What a file does: `report` for the reader, `changes` for the writer."""

    def __init__(self, actor: Actor, table: Table, now: datetime) -> None:
        check_columns(table.columns, REQUIRED, OPTIONAL)
        self.actor, self.now, self.columns = actor, now, set(table.columns)
        self.changes: list[_Change] = []
        rows = list(table.rows)
        self.lines = self._lines(rows)
        self.known = {
            row.line_id: row
            for row in queries.enrolments(actor).filter(
                line__in=[line.pk for line in self.lines.values()], state__in=OPEN
            )
        }
        self.first_line: dict[int, int] = {}
        self.report = ImportReport(
            rows=tuple(self._report(row) for row in rows),
            notices=[str(notice) for notice in table.notices],
            organisations=frozenset(line.organisation_id for line in self.lines.values()),
        )

    def _lines(self, rows: list[Row]) -> Mapping[str, Line]:
        numbers = {number for row in rows if (number := _number(row["number"]))}
        lines = Line.objects.for_(self.actor).filter(number__among=numbers, active_to=None)
        return {line.number: line for line in lines.select_related("person", "organisation")}

    def _report(self, row: Row) -> RowReport:
        errors: Faults = [(error.column, str(error.reason)) for error in row.errors]
        line = self.lines.get(_number(row["number"]))
        if line is None:
            errors.append(("number", _("unknown line")))
            return _wrong(row, errors)
        first = self.first_line.setdefault(line.pk, row.line)
        if first != row.line:
            errors.append(("number", _("is there twice: first on line %(line)d") % {"line": first}))
        return _wrong(row, errors) if errors else self._planned(row, line)

    def _planned(self, row: Row, line: Line) -> RowReport:
        known = self.known.get(line.pk)
        try:
            wanted = rules.checked(self._data(row, known), country=line.organisation.country, known=known)
            if known is None:
                rules.check_can_ask(line, taken=False, now=self.now)
            if known is None or wanted.start_date != known.start_date:
                rules.check_start(wanted.start_date, today=local_day(self.now, ZoneInfo(line.organisation.time_zone)))
        except Refusal as refusal:
            field = refusal.field if isinstance(refusal, InvalidInput) else "number"
            return _wrong(row, [(field or "", str(refusal))])
        changes = _words(stored(known) if known else None, wanted)
        if not changes:
            return RowReport(row.line, RowState.UNCHANGED, line.number)
        self.changes.append(_Change(line, known, wanted))
        return RowReport(row.line, RowState.CHANGED if known else RowState.NEW, line.number, changes=changes)

    def _data(self, row: Row, known: Enrolment | None) -> EnrolmentData:
        try:
            start = date.fromisoformat(row["start_date"])
        except ValueError as wrong:
            raise InvalidInput(_("Write the day like 2026-03-31."), field="start_date") from wrong
        flags: dict[str, Any] = {name: self._flag(row, name, known) for name in FLAGS}
        texts: dict[str, Any] = {name: row[name] for name in FIELDS if name not in {*FLAGS, "start_date"}}
        data = EnrolmentData(**texts, **flags, start_date=start)
        if known is None or known.state == EnrolmentState.ASKED:
            return data
        signed = {name: getattr(known, name) for name in ("start_date", *FLAGS)}
        return replace(data, **signed)

    def _flag(self, row: Row, name: str, known: Enrolment | None) -> bool:
        if name not in self.columns or not row[name]:
            return bool(known and getattr(known, name))
        if row[name] not in {"0", "1"}:
            raise InvalidInput(_("is none of: 0, 1"), field=name)
        return row[name] == "1"


def _number(text: str) -> str:
    try:
        return normalise(text)
    except InvalidPhoneNumber:
        return ""


def _wrong(row: Row, errors: Faults) -> RowReport:
    return RowReport(row.line, RowState.WRONG, row["number"], errors=first_of_each(errors))


def _words(before: EnrolmentData | None, after: EnrolmentData) -> dict[str, tuple[str, str]]:
    """Return what changes in words; secrets masked, for a preview is stored and shown."""
    changes = {}
    for name in FIELDS:
        old, new = (_word(name, getattr(data, name) if data else "") for data in (before, after))
        same = before is not None and getattr(before, name) == getattr(after, name)
        if not same and (old or new) and not (before is None and new == "0"):
            changes[name] = (old, new)
    return changes


def _word(name: str, value: object) -> str:
    if name in SECRETS:
        return rules.masked(str(value)) if value else ""
    if isinstance(value, bool):
        return str(int(value))
    return str(PaymentMethod(value).label) if isinstance(value, PaymentMethod) else str(value)
