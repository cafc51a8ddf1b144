"""A whole order from a file: a line in each row, with the answers of that row; all rows or none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from sportello.inventory.models import Line
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.chunks import in_chunks
from sportello.kernel.crypto import new_token
from sportello.kernel.imports import Faults, ImportReport, RowReport, RowState, check_expected, first_of_each
from sportello.kernel.phones import InvalidPhoneNumber, normalise
from sportello.kernel.refusals import NotPermitted
from sportello.kernel.tabular import Row, Table, check_columns
from sportello.orders import queries, rules
from sportello.orders.models import OrderForm
from sportello.orders.operations.drafting import MOST_ROWS
from sportello.orders.operations.submitting import place_order
from sportello.orders.queries.judging import Fault
from sportello.orders.states import FieldKind, Subject
from sportello.orders.types import AskedRow, Question, Request
from sportello.parties.models import Organisation

OF_THE_FILE: Final = ("type", "customer")
"""Columns that say the same in each row: the code of the type, the code of the customer."""


def columns_of(form: OrderForm) -> tuple[list[str], list[Question]]:
    """Return the columns that a file of this form must have, and the questions that its columns answer."""
    asked = [question for question in form.questions if question.kind is not FieldKind.FILE]
    about_line = queries.subject_of(form) is Subject.LINE
    asked = [question for question in asked if not (about_line and question.key == "number")]
    return (["number"] if about_line else []), asked


def load_orders(
    *,
    actor: Actor,
    form: OrderForm,
    customer: Organisation | None,
    table: Table,
    apply: bool,
    now: datetime,
    expected: str = "",
) -> ImportReport:
    """Return what each row would ask for; with `apply` place one order of all of them, or none when one is wrong.

    `customer`: whose order it is where its rows name no lines. A number that is not in reach is an unknown line (ABUSE C07).
    Raises `TableRefused`, `PreviewOutdated`, `NotPermitted`.
    """
    if not actor.may(Section.CHANGES) or not rules.may_ask(actor, form):
        raise NotPermitted
    plan = _Plan(actor, form, customer, table, now)
    report = plan.report()
    if not apply:
        return report
    check_expected(report, expected)
    if report.wrong or plan.customer is None:
        return report
    place_order(
        actor=actor, customer=plan.customer, form=form, request=plan.request, key=f"file:{new_token()}", now=now
    )
    return report.done()


class _Plan:
    def __init__(
        self, actor: Actor, form: OrderForm, customer: Organisation | None, table: Table, now: datetime
    ) -> None:
        must, self.questions = columns_of(form)
        required = [*must, *(question.key for question in self.questions if question.required)]
        optional = [question.key for question in self.questions if not question.required]
        check_columns(table.columns, required, [*OF_THE_FILE, *optional])
        self.actor, self.form, self.now, self.table = actor, form, now, table
        self.rows = list(table.rows)
        self.by_line = bool(must)
        self.lines = self._lines() if self.by_line else {}
        self.customer = customer or self._customer()
        self.request = Request(rows=[self._asked(row) for row in self.rows])

    def report(self) -> ImportReport:
        faults = self._faults()
        rows = tuple(self._report(row, faults.get(place)) for place, row in enumerate(self.rows, 1))
        reached = frozenset({self.customer.pk}) if self.customer else frozenset()
        return ImportReport(rows=rows, notices=[str(notice) for notice in self.table.notices], organisations=reached)

    def _lines(self) -> Mapping[str, Line]:
        numbers = sorted({self._number(row) for row in self.rows} - {""})
        rows = Line.objects.for_(self.actor).filter(active_to=None).select_related("organisation")
        return {line.number: line for some in in_chunks(numbers) for line in rows.filter(number__in=some)}

    def _customer(self) -> Organisation | None:
        """Return whose lines the file names: of the first line that is found."""
        found = (self.lines.get(self._number(row)) for row in self.rows)
        return next((line.organisation for line in found if line is not None), None)

    def _asked(self, row: Row) -> AskedRow:
        answers = {question.key: row[question.key] for question in self.questions if row[question.key]}
        line = self.lines.get(self._number(row)) if self.by_line else None
        return AskedRow(line_id=line.pk if line else None, answers=answers)

    def _number(self, row: Row) -> str:
        try:
            return normalise(row["number"])
        except InvalidPhoneNumber:
            return row["number"].strip()

    def _faults(self) -> dict[int, Fault]:
        if self.customer is None:
            return {}
        about = queries.About(form=self.form, organisation=self.customer)
        judged = queries.judge(self.actor, about, self.request, now=self.now)
        found = {fault.place: fault for fault in judged.faults}
        unproven = set(judged.unproven)
        for item in judged.items:
            number = item.answers["number"].value if "number" in item.answers else item.number
            if number in unproven:
                sentence = _("needs a code by SMS: order it on the page")
                found[item.place] = Fault(place=item.place, number=number, field="number", sentence=sentence)
        return found

    def _report(self, row: Row, fault: Fault | None) -> RowReport:
        errors: Faults = [(error.column, str(error.reason)) for error in row.errors]
        if "type" in self.table.columns and row["type"] not in {"", self.form.type.code}:
            errors.append(("type", _("A file asks for one type: make a file of each.")))
        if len(self.rows) > MOST_ROWS:
            errors.append(("", str(rules.too_many_rows(MOST_ROWS))))
        if self.by_line and self._number(row) not in self.lines:
            errors.append(("number", _("unknown line")))
        elif self.customer is None:
            errors.append(("", _("Choose the customer first.")))
        elif fault is not None:
            errors.append((fault.field, fault.sentence))
        key = row["number"] if "number" in self.table.columns else str(row.line)
        if errors:
            return RowReport(row.line, RowState.WRONG, key, errors=first_of_each(errors))
        changes = {one.key: ("", self._shown(one, row[one.key])) for one in self.questions if row[one.key]}
        return RowReport(row.line, RowState.NEW, key, changes=changes)

    def _shown(self, question: Question, text: str) -> str:
        return rules.masked(text) if question.kind in {FieldKind.TAX_CODE, FieldKind.IBAN} else text
