"""The lists of dual billing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sportello.dual_billing.models import Enrolment, PrivateBill
from sportello.dual_billing.states import EnrolmentState, PaymentMethod, PaymentState
from sportello.kernel.ui.filters import Choice, Filter, Search
from sportello.kernel.ui.listing import BulkAction, Column, Kind, Listing
from sportello.kernel.ui.templatetags import ui

NUMBER, STATE = "line__number", "state"


def _page(row: Enrolment) -> str:
    return reverse("dual_billing:enrolment", args=[row.pk])


def _state(row: Enrolment | PrivateBill) -> str:
    return str(row.get_state_display())


class EnrolmentList(Listing[Enrolment]):
    """Employees whose private traffic is billed to them; never an amount of it, nor their tax code or account."""

    name = "dual_billing.enrolments"
    columns: ClassVar[Sequence[Column[Any]]] = (
        Column("number", _("Line"), value=lambda row: row.line.number, link=_page, kind=Kind.PHONE),
        Column("person", _("Employee"), value=lambda row: row.person.name),
        Column("payment", _("Payment"), value=lambda row: row.get_payment_method_display()),
        Column("start", _("First day"), value=lambda row: row.start_date, kind=Kind.DAY),
        Column("asked", _("Asked"), value=lambda row: row.asked_at, sort="asked_at", kind=Kind.INSTANT),
        Column("state", _("State"), value=_state, cell=lambda row: ui.state(row.state, row.get_state_display())),
    )
    filters: Sequence[Filter] = (
        Search(("line__number__startswith", "person__family_key__startswith", "person__given_key__startswith")),
        Choice("state", _("State"), EnrolmentState.choices),
        Choice("payment_method", _("Payment"), PaymentMethod.choices),
    )
    default_sort = "-asked_at"


class PrivateBillList(Listing[PrivateBill]):
    """The employees' bills, for the operator that issued them."""

    name = "dual_billing.bills"
    columns: ClassVar[Sequence[Column[Any]]] = (
        Column("number", _("Number"), value=lambda row: row.number),
        Column("person", _("Employee"), value=lambda row: row.person.name),
        Column("line", _("Line"), value=lambda row: row.enrolment.line.number, kind=Kind.PHONE),
        Column("customer", _("Customer"), value=lambda row: row.organisation.legal_name),
        Column("month", _("Month"), value=lambda row: row.month, sort="month", kind=Kind.DAY),
        Column("due", _("Due"), value=lambda row: row.due_date, kind=Kind.DAY),
        Column("total", _("Total"), value=lambda row: row.total, kind=Kind.MONEY),
        Column("state", _("State"), value=_state, cell=lambda row: ui.state(row.state, row.get_state_display())),
    )
    filters: Sequence[Filter] = (Choice("state", _("State"), PaymentState.choices),)
    default_sort = "-month"
    actions: ClassVar[Sequence[BulkAction]] = (
        BulkAction("paid", _("Mark as paid"), "dual_billing:paid", icon="circle-check"),
    )
