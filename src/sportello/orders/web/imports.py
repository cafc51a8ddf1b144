"""The pages that take files: an order of many rows, and results of the provisioning system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.http import HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sportello.inventory.models import Agreement, Line, Plan
from sportello.kernel.access import Reach, Section
from sportello.kernel.imports import ImportReport
from sportello.kernel.refusals import NotPermitted
from sportello.kernel.tabular import Table, TableRefused
from sportello.kernel.ui.imports import ImportColumn, ImportPages, with_examples
from sportello.kernel.web import PageRequest, page
from sportello.orders import operations, queries, rules
from sportello.orders.models import OrderForm
from sportello.orders.states import Effect, FieldKind
from sportello.orders.types import in_words
from sportello.parties import queries as parties
from sportello.parties.models import Organisation

EXAMPLES = {
    FieldKind.DAY: "2026-12-01",
    FieldKind.PHONE: "+393471234567",
    FieldKind.EMAIL: "mario.rossi@example.com",
    FieldKind.TAX_CODE: "RSSMRA80A01H501U",
    FieldKind.IBAN: "IT60X0542811101000000123456",
    FieldKind.ICCID: "8939010000000000017",
    FieldKind.YES_NO: "1",
}
OF_TYPE, OF_CUSTOMER = "type", "customer"


class OrderImport(ImportPages):
    """One order of many rows; its type stands in each of them."""

    purpose = "orders.orders"
    title = _("Order by file")
    lead = _("All rows become one order of one type. A file is sent whole or not at all.")
    address = "orders:import"
    back = "orders:new"
    back_label = _("New order")

    def shown_columns(self) -> Sequence[ImportColumn]:
        """Return the columns of the type that the address names, with examples that load as they are."""
        form = self._named()
        if form is None:
            return [ImportColumn(OF_TYPE, _("Code of the type; choose one to see its columns"), "PLAN-CHANGE")]
        columns = [ImportColumn(OF_TYPE, _("Code of the type, the same in each row"), form.type.code)]
        must, questions = operations.columns_of(form)
        if must:
            columns.append(ImportColumn("number", _("Number of the line"), self._number(form)))
        elif self.actor.reach is not Reach.CUSTOMER:
            columns.append(ImportColumn(OF_CUSTOMER, _("Code of the customer, the same in each row"), "C000001"))
        for one in questions:
            words = in_words(one.label)
            if one.kind is FieldKind.CHOICE:
                words = f"{words}: {', '.join(code for code, _labels in one.choices)}"
            columns.append(ImportColumn(one.key, words, self._value(one.kind), required=one.required))
        return columns

    def load(self, *, table: Table, apply: bool, expected: str) -> ImportReport:
        """Read the table as an order."""
        rows = list(table.rows)
        first, table = next(iter(rows), None), replace(table, rows=iter(rows))
        code = first[OF_TYPE].strip().upper() if first is not None and OF_TYPE in table.columns else ""
        form = next((one for one in queries.open_forms(self.actor) if one.type.code == code), None)
        if form is None:
            raise TableRefused(
                gettext("The column “type” must say what is ordered, by its code: this code is unknown.")
            )
        customer = self._customer(first[OF_CUSTOMER].strip() if first and OF_CUSTOMER in table.columns else "")
        return operations.load_orders(
            actor=self.actor, form=form, customer=customer, table=table, apply=apply, now=self.now, expected=expected
        )

    def _customer(self, code: str) -> Organisation | None:
        if self.actor.reach is Reach.CUSTOMER:
            return Organisation.objects.for_(self.actor).get_or_refuse(pk=self.actor.organisation_id)
        return parties.by_code(self.actor, [code]).get(code) if code else None

    def _named(self) -> OrderForm | None:
        code = self.request.GET.get(OF_TYPE, "")
        return next((one for one in queries.open_forms(self.actor) if one.type.code == code), None)

    def _number(self, form: OrderForm) -> str:
        spec = rules.SPECS[Effect(form.effect)]
        rows = Line.objects.for_(self.actor).filter(status__in=spec.statuses, kind__in=spec.kinds, active_to=None)
        return rows.order_by("number").values_list("number", flat=True).first() or "+393510000012"

    def _value(self, kind: FieldKind) -> str:
        if kind is FieldKind.PLAN:
            return Plan.objects.order_by("code").values_list("code", flat=True).first() or ""
        if kind is FieldKind.AGREEMENT:
            return Agreement.objects.for_(self.actor).order_by("code").values_list("code", flat=True).first() or ""
        return EXAMPLES.get(kind, "")


class ResultImport(ImportPages):
    """Results of the provisioning system."""

    purpose = "orders.results"
    title = _("Results of provisioning")
    lead = _("Each row ends an item of an order, or lets it wait. What is completed changes the inventory at once.")
    address = "orders:results"
    back = "orders:desk"
    back_label = _("Orders to work on")
    columns = (
        ImportColumn("order", _("Code of the order"), "ORD-2026-000001"),
        ImportColumn("item", _("Item: its place in the order"), "1", required=False),
        ImportColumn("number", _("Or the number of its line"), "", required=False),
        ImportColumn("outcome", _("completed, rejected or waiting"), "completed"),
        ImportColumn("reason", _("Why it was rejected, or what it waits for"), "", required=False),
        ImportColumn("new_number", _("The number of a new line"), "", required=False),
        ImportColumn("iccid", _("The ICCID of the SIM"), "", required=False),
        ImportColumn("imsi", _("The IMSI of the SIM"), "", required=False),
        ImportColumn("puk", _("The PUK of the SIM"), "", required=False),
        ImportColumn("agreement", _("After a takeover: customer code/agreement code"), "", required=False),
        ImportColumn("device", _("The device that was delivered"), "", required=False),
    )

    def shown_columns(self) -> Sequence[ImportColumn]:
        """Return the columns with the code of an order that is open now."""
        code = queries.to_work_on(self.actor).order_by("pk").values_list("code", flat=True).first()
        return with_examples(self.columns, {"order": code} if code else {})

    def load(self, *, table: Table, apply: bool, expected: str) -> ImportReport:
        """Read the table as results."""
        return operations.load_results(actor=self.actor, table=table, apply=apply, now=self.now, expected=expected)


@page(section=Section.CHANGES, methods=("GET", "POST"))
def import_orders(request: PageRequest, token: str = "") -> HttpResponse:
    """Hand in a file, look at each row, confirm."""
    return OrderImport(request).respond(token)


@page(section=Section.CHANGES, methods=("GET", "POST"))
def import_results(request: PageRequest, token: str = "") -> HttpResponse:
    """Hand in a file of results, look at each row, confirm."""
    if not rules.works(request.actor):
        raise NotPermitted
    return ResultImport(request).respond(token)
