"""The lists of tickets, and of customers to open one for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar, Final

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sportello.kernel.ui.filters import Choice, Days, Filter, Search, YesNo
from sportello.kernel.ui.listing import Column, Kind, Listing
from sportello.kernel.ui.templatetags.ui import instant, pill
from sportello.kernel.ui.templatetags.ui import state as drawn_state
from sportello.kernel.ui.types import Tone
from sportello.kernel.web import PageRequest
from sportello.parties.models import Organisation
from sportello.tickets import queries
from sportello.tickets.models import Ticket
from sportello.tickets.states import ENDED, Priority, State
from sportello.tickets.visibility import Audience, audience_of
from sportello.tickets.web.filters import CustomerFilter, FullText, StateFilter, Typed

STATE_TONES: Final[dict[str, Tone]] = {
    State.OPEN: "accent",
    State.IN_PROGRESS: "info",
    State.WAITING_PARTNER: "warn",
    State.WAITING_CUSTOMER: "warn",
    State.WAITING_SUPPLIER: "warn",
    State.RESOLVED: "good",
    State.CLOSED: "off",
    State.REOPENED: "accent",
}
PRIORITY_TONES: Final[dict[str, Tone]] = {Priority.URGENT: "bad", Priority.HIGH: "warn"}
ME, NOBODY = "me", "nobody"


def state_pill(row: Ticket) -> SafeString:
    """Draw where a ticket stands."""
    return drawn_state(row.state, row.get_state_display(), STATE_TONES[row.state])


def priority_pill(row: Ticket) -> SafeString:
    """Draw how urgent a ticket is; what is usual stays plain."""
    label = row.get_priority_display()
    tone = PRIORITY_TONES.get(row.priority)
    return pill(label, tone) if tone else format_html("{}", label)


def due_pill(row: Ticket) -> object:
    """Draw when a ticket is due; in red when that is over."""
    due = next_due(row)
    if due is None:
        return ""
    drawn = instant(due)
    return pill(drawn, "bad", "clock") if due < timezone.now() else drawn


def next_due(row: Ticket) -> Any:
    """Return when the next thing of a ticket is due: the first answer, then the resolution; nothing while it waits or after its end."""
    if row.state in ENDED or row.waits_since is not None:
        return None
    return row.resolution_due_at if row.answered_at else row.answer_due_at or row.resolution_due_at


def worker_of(row: Ticket) -> str:
    """Return who works on a ticket."""
    return " · ".join(filter(None, [row.assignee.name if row.assignee else "", row.group.name if row.group else ""]))


def overdue() -> Q:
    """Return the condition on open tickets whose answer or resolution is overdue."""
    now = timezone.now()
    late = Q(resolution_due_at__lt=now) | Q(answered_at=None, answer_due_at__lt=now)
    return late & Q(waits_since=None) & ~Q(state__in=sorted(ENDED))


def _subject(row: Ticket) -> object:
    return format_html('<a href="{}">{}</a>', reverse("tickets:ticket", args=[row.pk]), row.subject)


def _tags(row: Ticket) -> str:
    return ", ".join(row.tags)


CODE: Final = Column[Ticket]("code", _("Code"), link=lambda row: reverse("tickets:ticket", args=[row.pk]))
OPENED: Final = Column[Ticket]("opened_at", _("Opened"), sort="opened_at", kind=Kind.INSTANT)
CUSTOMER: Final = Column[Ticket]("organisation", _("Customer"), value=lambda row: row.organisation.legal_name)
SUBJECT: Final = Column[Ticket]("subject", _("Subject"), cell=_subject)
TYPE: Final = Column[Ticket]("type", _("Type"), value=lambda row: str(row.type))
STATE: Final = Column[Ticket]("state", _("State"), value=lambda row: row.get_state_display(), cell=state_pill)
PRIORITY: Final = Column[Ticket](
    "priority", _("Priority"), sort="priority", value=lambda row: row.get_priority_display(), cell=priority_pill
)
LAST: Final = Column[Ticket]("last_at", _("Last entry"), sort="last_at", kind=Kind.INSTANT)


class TicketList(Listing[Ticket]):
    """Tickets of one customer, as its own people see them."""

    name = "tickets.tickets"
    columns: ClassVar[Sequence[Column[Any]]] = (CODE, SUBJECT, TYPE, STATE, OPENED, LAST)
    default_sort = "-opened_at"

    def __init__(self, request: PageRequest, rows: QuerySet[Ticket]) -> None:
        """Take the request and the tickets that its reader sees."""
        super().__init__(request, rows)
        self.filters = self.made_filters()

    def made_filters(self) -> Sequence[Filter]:
        """Return the filters of the reader."""
        return (
            FullText(self.request.actor),
            StateFilter("state", _("State")),
            Choice("type", _("Type"), cache(_types), field="type__code"),
            Typed("number", _("Number"), "code__istartswith", number=True),
            Typed("subject", _("Subject"), "subject__icontains"),
            Days("opened", _("Opened"), field="opened_at"),
        )

    def _fetched(
        self, rows: QuerySet[Ticket], lookup: str, anchor: str | None, *, backwards: bool, most: int
    ) -> list[Ticket]:
        """Return first which tickets, then what is drawn of them: the database sorts ids, without all that stands beside them."""
        slim = rows.select_related(None).only("pk", lookup)
        found = super()._fetched(slim, lookup, anchor, backwards=backwards, most=most)
        drawn = self.rows.in_bulk([row.pk for row in found])
        return [drawn[row.pk] for row in found if row.pk in drawn]


class PartnerTicketList(TicketList):
    """Tickets of a partner's customers."""

    name = "tickets.customers_tickets"
    columns: ClassVar[Sequence[Column[Any]]] = (CODE, CUSTOMER, SUBJECT, TYPE, STATE, PRIORITY, OPENED, LAST)

    def made_filters(self) -> Sequence[Filter]:
        """Return the filters of the reader: of the customer and its province as well."""
        return (
            *super().made_filters(),
            CustomerFilter(self.request.actor),
            Typed("province", _("Province"), "province__iexact"),
            YesNo("visible", _("Visible to the customer"), Q(visible_to_customer=True)),
        )


class OperatorTicketList(PartnerTicketList):
    """All tickets, with who works on them and what is due."""

    name = "tickets.all_tickets"
    columns: ClassVar[Sequence[Column[Any]]] = (
        CODE,
        CUSTOMER,
        SUBJECT,
        STATE,
        PRIORITY,
        Column[Ticket]("worker", _("Assigned to"), value=worker_of),
        Column[Ticket]("due", _("Due"), value=next_due, cell=due_pill, kind=Kind.INSTANT),
        OPENED,
        Column[Ticket]("type", _("Type"), value=lambda row: str(row.type), shown=False),
        Column[Ticket]("province", _("Province"), shown=False),
        Column[Ticket]("tags", _("Tags"), value=_tags, shown=False),
        Column[Ticket]("last_at", _("Last entry"), sort="last_at", kind=Kind.INSTANT, shown=False),
    )

    def made_filters(self) -> Sequence[Filter]:
        """Return the filters of the reader: of the work as well."""
        return (
            *super().made_filters(),
            Choice("assignee", _("Assigned to"), cache(_workers), apply=self._assigned),
            Choice("group", _("Group"), cache(_groups), field="group"),
            Choice("priority", _("Priority"), Priority.choices),
            YesNo("overdue", _("Overdue"), overdue()),
        )

    def _assigned(self, rows: QuerySet[Any], wanted: str) -> QuerySet[Any]:
        if wanted == NOBODY:
            return rows.filter(assignee=None)
        return rows.filter(assignee=self.request.actor.person_id if wanted == ME else int(wanted))


def _types() -> list[tuple[str, str]]:
    return [(one.code, str(one)) for one in queries.types_of()]


def _workers() -> list[tuple[str, str]]:
    people = [(str(one.pk), one.name) for one in queries.people_to_assign()]
    return [(ME, gettext("Me")), (NOBODY, gettext("Nobody")), *people]


def _groups() -> list[tuple[str, str]]:
    return [(str(one.pk), one.name) for one in queries.groups()]


LISTS: Final[dict[Audience, type[TicketList]]] = {
    Audience.OPERATOR: OperatorTicketList,
    Audience.PARTNER: PartnerTicketList,
    Audience.CUSTOMER: TicketList,
}


def list_for(request: PageRequest) -> TicketList:
    """Return the list of tickets as its reader sees it."""
    wanted = LISTS.get(audience_of(request.actor), TicketList)
    return wanted(request, queries.tickets(request.actor))


class TicketCustomerList(Listing[Organisation]):
    """Customers to open a ticket for."""

    name = "tickets.customers"
    columns: ClassVar[Sequence[Column[Any]]] = (
        Column[Organisation](
            "legal_name", _("Customer"), sort="legal_name", link=lambda row: reverse("tickets:new", args=[row.pk])
        ),
        Column[Organisation]("code", _("Code"), sort="code"),
        Column[Organisation]("province", _("Province")),
        Column[Organisation]("partner", _("Partner"), value=lambda row: row.partner.legal_name if row.partner else ""),
    )
    filters = (
        Search(
            ("legal_name__icontains", "code__istartswith", "vat_number__startswith"),
            label=_("Name, code or VAT number"),
        ),
    )
    default_sort = "legal_name"
