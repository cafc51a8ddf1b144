"""Results of the provisioning system from a file: each row ends an item, or lets it wait; all rows or none.

The preview does everything and takes it back: what it shows is what the file would do, refusals of the inventory included.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.chunks import in_chunks
from sportello.kernel.imports import Faults, ImportReport, RowReport, RowState, check_expected, first_of_each
from sportello.kernel.operations import operation, publish
from sportello.kernel.phones import InvalidPhoneNumber, normalise
from sportello.kernel.refusals import InvalidInput, NotPermitted, Refusal
from sportello.kernel.tabular import Row, Table, check_columns
from sportello.orders import queries, rules
from sportello.orders.events import ResultsLoaded
from sportello.orders.models import Order, OrderItem
from sportello.orders.operations.completing import complete
from sportello.orders.operations.moving import append, locked, move_items, places, settle
from sportello.orders.operations.working import accept, reject
from sportello.orders.states import OPEN, State, StepKind

REQUIRED: Final = ("order", "outcome")
OPTIONAL: Final = ("item", "number", "reason", "new_number", "iccid", "imsi", "puk", "agreement", "device")
OUTCOMES: Final = ("completed", "rejected", "waiting")
MOST_ROWS: Final = 5_000
_PLACE: Final = re.compile(r"[0-9]{1,6}", re.ASCII)


class _Rehearsed(Exception):
    """Take everything back, and carry the report out."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__()
        self.report = report


def load_results(*, actor: Actor, table: Table, apply: bool, now: datetime, expected: str = "") -> ImportReport:
    """Return what the file does, row by row; with `apply` write all its rows, or none when one is wrong.

    Columns: `order` (code), `item` (place) or `number`, `outcome` (completed, rejected, waiting), `reason`, and what the work brought.
    Raises `TableRefused`, `PreviewOutdated`, `NotPermitted`.
    """
    if not rules.works(actor):
        raise NotPermitted
    try:
        return apply_results(actor=actor, table=table, expected=expected, rehearse=not apply, now=now)
    except _Rehearsed as done:
        return done.report


@operation(section=Section.CHANGES)
def apply_results(*, actor: Actor, table: Table, expected: str, rehearse: bool, now: datetime) -> ImportReport:
    """Write all rows of a file of results, or none when one is wrong; a rehearsal takes everything back. Raises `PreviewOutdated`."""
    rules.check_works(actor)
    report = _Loading(actor, table, now).report()
    if rehearse or report.wrong:
        raise _Rehearsed(report)
    check_expected(report, expected)
    publish(ResultsLoaded(organisation_id=actor.organisation_id, rows=len(report.rows)))
    return report.done()


class _Loading:
    """A file of results, written row by row; a row that is refused leaves nothing behind."""

    def __init__(self, actor: Actor, table: Table, now: datetime) -> None:
        check_columns(table.columns, REQUIRED, OPTIONAL)
        self.actor, self.now, self.notices = actor, now, table.notices
        self.rows = list(table.rows)
        self.orders = self._orders()
        self.organisations: set[int] = set()
        self.first: dict[int, int] = {}

    def report(self) -> ImportReport:
        rows = tuple(self._report(row) for row in self.rows)
        return ImportReport(
            rows=rows, notices=[str(one) for one in self.notices], organisations=frozenset(self.organisations)
        )

    def _orders(self) -> Mapping[str, Order]:
        codes = sorted({row["order"].strip().upper() for row in self.rows})
        found = queries.orders(self.actor)
        return {str(one.code): one for some in in_chunks(codes) for one in found.filter(code__in=some)}

    def _report(self, row: Row) -> RowReport:
        errors: Faults = [(error.column, str(error.reason)) for error in row.errors]
        order = self.orders.get(row["order"].strip().upper())
        if order is None:
            errors.append(("order", _("unknown order")))
        if row["outcome"] not in OUTCOMES:
            errors.append(("outcome", _("is none of: %(codes)s") % {"codes": ", ".join(OUTCOMES)}))
        if errors or order is None:
            return _wrong(row, errors)
        self.organisations.add(order.organisation_id)
        try:
            with transaction.atomic():
                item = self._item(order, row)
                before, after = item.get_state_display(), self._write(order, item, row)
        except Refusal as refusal:
            field = refusal.field if isinstance(refusal, InvalidInput) and refusal.field else ""
            column = {"number": "new_number"}.get(field, field)
            return _wrong(row, [(column if column in {*REQUIRED, *OPTIONAL} else "", str(refusal))])
        changes = {"state": (str(before), str(after.label))} | {
            key: ("", row[key]) for key in OPTIONAL[3:] if key != "puk" and row[key]
        }
        return RowReport(row.line, RowState.CHANGED, f"{order.code} {row['item'] or row['number']}", changes=changes)

    def _item(self, order: Order, row: Row) -> OrderItem:
        items = queries.items_of(self.actor, order)
        if row["item"]:
            items = items.filter(place=int(row["item"])) if _PLACE.fullmatch(row["item"]) else items.none()
        elif row["number"]:
            items = items.filter(number=_number(row["number"], order))
        found = list(items.filter(state__in=OPEN)[:2])
        if len(found) != 1:
            raise InvalidInput(_("names no single open item of this order"), field="item")
        first = self.first.setdefault(found[0].pk, row.line)
        if first != row.line:
            raise InvalidInput(_("is there twice: first on line %(line)d") % {"line": first}, field="item")
        return found[0]

    def _write(self, order: Order, item: OrderItem, row: Row) -> State:
        held = locked(self.actor, order)
        if held.state == State.SUBMITTED:
            accept(self.actor, held, now=self.now)
            item.refresh_from_db()
        if row["outcome"] == "rejected":
            reject(self.actor, held, [item], row["reason"], now=self.now)
            return State.REJECTED
        if row["outcome"] == "waiting":
            said = rules.check_note(row["reason"], field="reason")
            move_items([item], State.WAITING_THIRD, now=self.now)
            settle(held, now=self.now)
            append(held, StepKind.THIRD_PARTY, self.actor, now=self.now, note=said, data=places([item]))
            return State.WAITING_THIRD
        result = {key: row[key] for key in ("iccid", "imsi", "puk", "agreement", "device")}
        result["number"] = row["new_number"]
        complete(self.actor, held, [item], {item.place: result}, note=row["reason"], now=self.now)
        return State.COMPLETED


def _number(text: str, order: Order) -> str:
    try:
        return normalise(text, order.organisation.country)
    except InvalidPhoneNumber:
        return text.strip()


def _wrong(row: Row, errors: Faults) -> RowReport:
    key = f"{row['order']} {row['item'] or row['number']}".strip()
    return RowReport(row.line, RowState.WRONG, key, errors=first_of_each(errors))
