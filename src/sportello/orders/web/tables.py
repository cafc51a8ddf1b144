"""The lists of orders, of their items, and of the lines to order for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar, Final

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sportello.inventory import queries as inventory
from sportello.inventory.models import Line
from sportello.inventory.searching import LineSearch
from sportello.inventory.states import LineKind, LineStatus
from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.kernel.ui.filters import Choice, Days, Filter, Search, YesNo, words
from sportello.kernel.ui.formats import day
from sportello.kernel.ui.listing import BulkAction, Column, Kind, Listing
from sportello.kernel.ui.templatetags.ui import pill
from sportello.kernel.ui.templatetags.ui import state as drawn_state
from sportello.kernel.ui.types import Tone
from sportello.kernel.web import PageRequest
from sportello.orders import queries, rules
from sportello.orders.models import Order, OrderItem
from sportello.orders.states import OPEN, Effect, State, Subject

TONES: Final[dict[str, Tone]] = {
    State.DRAFT: "off",
    State.APPROVAL: "warn",
    State.SUBMITTED: "accent",
    State.ACCEPTED: "accent",
    State.IN_PROGRESS: "info",
    State.WAITING_CUSTOMER: "warn",
    State.WAITING_THIRD: "warn",
    State.COMPLETED: "good",
    State.REJECTED: "bad",
    State.CANCELLED: "off",
}
ME, NOBODY = "me", "nobody"


def state_pill(row: Order | OrderItem) -> object:
    """Draw where an order or an item stands."""
    return drawn_state(row.state, row.get_state_display(), TONES[row.state])


def expected_pill(row: Order) -> object:
    """Draw when an order is expected; in red when that is over."""
    drawn = day(row.expected_date)
    return pill(drawn, "bad", "clock") if is_late(row) else drawn


def is_late(row: Order) -> bool:
    """Tell whether an order should have been done by now."""
    return rules.is_late(row.state, row.expected_date, today=timezone.localdate())


def done(row: Order) -> str:
    """Return how many items of an order are completed, of how many."""
    return f"{row.done_count}/{row.item_count}"


class OrderSearch(Search):
    """Finds orders by the beginning of their code, or of a number that they are about, with or without the country's prefix."""

    def __init__(self, actor: Actor) -> None:
        """Take who searches: items are found inside their reach only."""
        super().__init__((), label=_("Code or number"))
        self.actor = actor

    def narrow(self, rows: QuerySet[Any], query: QueryDict) -> QuerySet[Any]:
        """Return the orders that hold every word."""
        for word in words(query.get(self.name, "")):
            rows = rows.filter(queries.found_by(self.actor, word))
        return rows


def _page(row: Order) -> str:
    return reverse("orders:order", args=[row.pk])


def _code(row: Order) -> object:
    return format_html('<span class="text-nowrap">{}</span>', row.code)


CODE: Final = Column[Order]("code", _("Code"), cell=_code, link=_page)
TYPE: Final = Column[Order]("type", _("Type"), value=lambda row: str(row.type))
CUSTOMER: Final = Column[Order]("organisation", _("Customer"), value=lambda row: row.organisation.legal_name)
STATE: Final = Column[Order]("state", _("State"), value=lambda row: str(row.get_state_display()), cell=state_pill)
ITEMS: Final = Column[Order]("items", _("Done"), value=done)
ASKED: Final = Column[Order]("submitted_at", _("Asked"), sort="submitted_at", kind=Kind.INSTANT)
EXPECTED: Final = Column[Order](
    "expected_date", _("Expected"), value=lambda row: row.expected_date, cell=expected_pill, kind=Kind.DAY
)
ENDED: Final = Column[Order]("ended_at", _("Ended"), kind=Kind.INSTANT)


class OrderList(Listing[Order]):
    """Orders of one customer, of all years."""

    name = "orders.orders"
    columns: ClassVar[Sequence[Column[Any]]] = (CODE, TYPE, STATE, ITEMS, ASKED, EXPECTED, ENDED)
    default_sort = "-submitted_at"

    def __init__(self, request: PageRequest, rows: QuerySet[Order]) -> None:
        """Take the request and the orders that its reader sees."""
        super().__init__(request, rows)
        self.filters = self.made_filters()

    def made_filters(self) -> Sequence[Filter]:
        """Return the filters of the reader."""
        return (
            OrderSearch(self.request.actor),
            Choice("state", _("State"), State.choices[1:]),
            Choice("type", _("Type"), cache(_types), field="type__code"),
            YesNo("open", _("On its way"), Q(state__in=OPEN)),
            YesNo("late", _("Late"), queries.late(timezone.localdate())),
            Days("asked", _("Asked"), field="submitted_at"),
        )


class CustomersOrderList(OrderList):
    """Orders of several customers."""

    name = "orders.customers_orders"
    columns: ClassVar[Sequence[Column[Any]]] = (CODE, CUSTOMER, TYPE, STATE, ITEMS, ASKED, EXPECTED, ENDED)

    def made_filters(self) -> Sequence[Filter]:
        """Return the filters of the reader: of the customer as well."""
        lookups = ("organisation__code__iexact", "organisation__legal_name__icontains")
        return (*super().made_filters(), Search(lookups, name="customer", label=_("Customer")))


class DeskList(CustomersOrderList):
    """Orders that the operator's people work on."""

    name = "orders.desk"
    columns: ClassVar[Sequence[Column[Any]]] = (
        CODE,
        CUSTOMER,
        TYPE,
        STATE,
        ITEMS,
        Column[Order]("queue", _("Queue"), value=lambda row: str(row.form.queue)),
        Column[Order]("assignee", _("In the hands of"), value=lambda row: row.assignee.name if row.assignee else ""),
        Column[Order](
            "expected_date",
            _("Expected"),
            value=lambda row: row.expected_date,
            cell=expected_pill,
            kind=Kind.DAY,
            sort="expected_date",
        ),
        ASKED,
    )
    default_sort = "expected_date"
    actions: ClassVar[Sequence[BulkAction]] = (
        BulkAction("take", _("Take"), "orders:take_many", icon="user-check"),
        BulkAction("complete", _("Complete"), "orders:complete_many", icon="circle-check"),
    )

    def made_filters(self) -> Sequence[Filter]:
        """Return the filters of the reader: of queue and hands as well."""
        return (
            Choice("queue", _("Queue"), cache(_queues), field="form__queue__code"),
            Choice("hands", _("In the hands of"), cache(_workers), apply=self._in_hands),
            *(one for one in super().made_filters() if one.name != "open"),
        )

    def _in_hands(self, rows: QuerySet[Any], wanted: str) -> QuerySet[Any]:
        if wanted == NOBODY:
            return rows.filter(assignee=None)
        return rows.filter(assignee=self.request.actor.person_id if wanted == ME else int(wanted))


def _types() -> list[tuple[str, str]]:
    return [(one.code, str(one)) for one in queries.types_of()]


def _queues() -> list[tuple[str, str]]:
    return [(one.code, str(one)) for one in queries.queues()]


def _workers() -> list[tuple[str, str]]:
    people = [(str(one.pk), one.name) for one in queries.people_to_work()]
    return [(ME, gettext("Me")), (NOBODY, gettext("Nobody")), *people]


def list_for(request: PageRequest) -> OrderList:
    """Return the list of orders for the reader: with the customer when they reach several."""
    wanted = OrderList if request.actor.reach is Reach.CUSTOMER else CustomersOrderList
    return wanted(request, queries.orders(request.actor))


class ItemList(Listing[OrderItem]):
    """The items of one order."""

    name = "orders.items"
    columns: ClassVar[Sequence[Column[Any]]] = (
        Column("place", _("Item"), sort="place", kind=Kind.NUMBER),
        Column("number", _("Number"), kind=Kind.PHONE),
        Column("person", _("Person"), value=lambda row: row.line.person.name if row.line and row.line.person else ""),
        Column("state", _("State"), value=lambda row: str(row.get_state_display()), cell=state_pill),
        Column("reason", _("Reason"), value=lambda row: row.reason),
        Column("ended_at", _("Ended"), kind=Kind.INSTANT),
    )
    filters: Sequence[Filter] = (Search(("number__startswith",)), Choice("state", _("State"), State.choices[1:]))
    default_sort = "place"


class OrderLineList(Listing[Line]):
    """Lines to order for; the filter of the type leaves those that stand as it needs."""

    name = "orders.lines"
    columns: ClassVar[Sequence[Column[Any]]] = (
        Column("number", _("Number"), sort="number", kind=Kind.PHONE),
        Column("customer", _("Customer"), value=lambda row: row.organisation.legal_name),
        Column("kind", _("Kind"), value=lambda row: str(row.get_kind_display())),
        Column("status", _("Status"), value=lambda row: str(row.get_status_display())),
        Column("person", _("Person"), value=lambda row: row.person.name if row.person else ""),
        Column("plan", _("Plan"), value=lambda row: row.plan.name if row.plan else ""),
    )
    default_sort = "number"
    actions: ClassVar[Sequence[BulkAction]] = (
        BulkAction("choose", _("Order for these lines"), "orders:choose", icon="arrow-right", tone="primary"),
    )

    def __init__(self, request: PageRequest) -> None:
        """Take the request; lines that have ended are left out."""
        rows = inventory.lines(request.actor).select_related("plan", "organisation")
        super().__init__(request, rows.exclude(status=LineStatus.TERMINATED))
        self.filters = [
            Choice("type", _("What to order"), cache(self._types), apply=self._fitting),
            LineSearch(request.actor),
            Choice("kind", _("Kind"), LineKind.choices),
            Choice("plan", _("Plan"), inventory.plans_in_use(request.actor), field="plan"),
            *self._of_reach(request.actor),
        ]

    def _of_reach(self, actor: Actor) -> list[Filter]:
        if actor.reach is not Reach.CUSTOMER:
            lookups = ("organisation__code__iexact", "organisation__legal_name__icontains")
            return [Search(lookups, name="customer", label=_("Customer"))]
        centres = inventory.cost_centre_choices(actor)
        return [Choice("cost_centre", _("Cost centre"), centres, field="cost_centre")] if centres else []

    def _types(self) -> list[tuple[str, str]]:
        return [(form.type.code, str(form.type)) for form in self._forms().values()]

    def _forms(self) -> dict[str, Any]:
        found = queries.open_forms(self.request.actor)
        return {form.type.code: form for form in found if queries.subject_of(form) is Subject.LINE}

    def _fitting(self, rows: QuerySet[Any], code: str) -> QuerySet[Any]:
        spec = rules.SPECS[Effect(self._forms()[code].effect)]
        return rows.filter(status__in=spec.statuses, kind__in=spec.kinds)
