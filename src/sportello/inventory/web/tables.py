"""The lists of lines and agreements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sportello.inventory import queries
from sportello.inventory.loading.read import ASSIGNMENT_COLUMNS, LINE_COLUMNS
from sportello.inventory.models import Agreement, Line
from sportello.inventory.searching import LineSearch, belonging_filters
from sportello.inventory.states import LineKind, LineStatus
from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.kernel.ui.filters import Choice, Filter, Search, YesNo
from sportello.kernel.ui.listing import BulkAction, Column, Kind, Listing
from sportello.kernel.ui.templatetags.ui import state
from sportello.kernel.web import PageRequest


def _column(name: str, value: Callable[[Line], Any]) -> Column[Line]:
    return Column(name, name, value=value)


IMPORTED: Final = {
    column.name: column
    for column in (
        _column("customer_code", lambda row: row.organisation.code),
        _column("agreement_code", lambda row: row.agreement.code),
        _column("number", lambda row: row.number),
        _column("kind", lambda row: row.kind),
        _column("plan", lambda row: row.plan.code if row.plan else ""),
        _column("status", lambda row: row.status),
        _column("active_from", lambda row: row.active_from.isoformat()),
        _column("active_to", lambda row: row.active_to.isoformat() if row.active_to else ""),
        _column("iccid", lambda row: row.sim.iccid if row.sim else ""),
        _column("person_code", lambda row: row.person.code if row.person else ""),
        _column("cost_centre", lambda row: row.cost_centre.code if row.cost_centre else ""),
        _column("site", lambda row: row.site.name if row.site else ""),
        _column("dual_billing", lambda row: str(int(row.dual_billing))),
    )
}
"""The columns of the files that lines and assignments come in."""


class LineList(Listing[Line]):
    """Lines of one customer."""

    name = "inventory.lines"
    columns: ClassVar[Sequence[Column[Any]]] = (
        Column("number", _("Number"), sort="number", link=lambda row: reverse("inventory:line", args=[row.pk]), kind=Kind.PHONE),
        Column("kind", _("Kind"), value=lambda row: str(row.get_kind_display())),
        Column("status", _("Status"), value=lambda row: str(row.get_status_display()),
               cell=lambda row: drawn_status(row.status, row.get_status_display())),
        Column("person", _("Person"), value=lambda row: row.person.name if row.person else ""),
        Column("plan", _("Plan"), value=lambda row: row.plan.name if row.plan else ""),
        Column("cost_centre", _("Cost centre"), value=lambda row: row.cost_centre.code if row.cost_centre else "",
               sort="cost_centre__code"),
        Column("site", _("Site"), value=lambda row: row.site.name if row.site else "", sort="site__name"),
        Column("agreement", _("Agreement"), value=lambda row: row.agreement.code, shown=False),
        Column("active_from", _("Active from"), sort="active_from", kind=Kind.DAY),
        Column("active_to", _("Active to"), kind=Kind.DAY, shown=False),
        Column("iccid", _("SIM"), value=lambda row: row.sim.iccid if row.sim else "", shown=False),
        Column("device", _("Device"), shown=False),
        Column("dual_billing", _("Dual billing"), value=lambda row: int(row.dual_billing), shown=False),
    )  # fmt: skip
    default_sort = "number"
    import_columns = tuple(IMPORTED[name] for name in ASSIGNMENT_COLUMNS)
    actions = (BulkAction("assign", _("Assign"), "inventory:assign", icon="user-check"),)

    def __init__(self, request: PageRequest, rows: QuerySet[Line]) -> None:
        """Take the rows; those that have ended are left out unless their status or a search asks for them."""
        asked = request.GET.get("status") or request.GET.get("q")
        super().__init__(request, rows if asked else rows.exclude(status=LineStatus.TERMINATED))
        self.filters = line_filters(request.actor)


class CustomersLineList(LineList):
    """Lines of several customers: for the operator and partners, sorted by what has an index over all of them."""

    name = "inventory.customers_lines"
    import_columns = tuple(IMPORTED[name] for name in LINE_COLUMNS)
    columns: ClassVar[Sequence[Column[Any]]] = (
        LineList.columns[0],
        Column("organisation", _("Customer"), value=lambda row: row.organisation.legal_name),
        Column("organisation_code", _("Customer code"), value=lambda row: row.organisation.code, shown=False),
        *(
            Column(
                one.name, one.label, one.value, one.cell, kind=one.kind, shown=one.shown and one.name != "site",
                sort=one.sort if one.name == "active_from" else None,
            )
            for one in LineList.columns[1:]
        ),
    )  # fmt: skip


class AgreementList(Listing[Agreement]):
    """Agreements."""

    name = "inventory.agreements"
    columns = (
        Column("code", _("Code"), sort="code", link=lambda row: reverse("inventory:agreement", args=[row.pk])),
        Column("name", _("Name"), sort="name"),
        Column("organisation", _("Customer"), value=lambda row: row.organisation.legal_name),
        Column("convention", _("Convention"), sort="convention"),
        Column("active_from", _("Active from"), kind=Kind.DAY),
        Column("active_to", _("Active to"), kind=Kind.DAY),
    )
    filters = (
        Search(("code__istartswith", "name__icontains", "convention__icontains", "organisation__legal_name__icontains")),
    )
    default_sort = "code"


def line_list(request: PageRequest) -> LineList:
    """Return the list of lines for the reader: with the customer when they reach several."""
    rows = queries.lines_listed(request.actor, whole="export" in request.GET)
    return (LineList if request.actor.reach is Reach.CUSTOMER else CustomersLineList)(request, rows)


def drawn_status(status: str, label: object) -> object:
    """Draw the status of a line."""
    tones = {LineStatus.ORDERED.value: "info", LineStatus.TERMINATED.value: "off"}
    return state(status, label, tones.get(status, ""))


def line_filters(actor: Actor) -> list[Filter]:
    """Return the filters of the list of lines."""
    filters: list[Filter] = [
        LineSearch(actor),
        Choice("status", _("Status"), LineStatus.choices),
        Choice("kind", _("Kind"), LineKind.choices),
        Choice("plan", _("Plan"), queries.plans_in_use(actor), field="plan"),
    ]
    return [
        *filters,
        *belonging_filters(actor),
        YesNo("person", _("Assigned to a person"), Q(person__isnull=False)),
        YesNo("dual", _("Dual billing"), Q(dual_billing=True)),
    ]
