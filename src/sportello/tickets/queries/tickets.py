"""Tickets, their entries and files, as each reader may see them."""

from __future__ import annotations

from django.db.models import Prefetch, Q, Sum

from sportello.kernel.actor import Actor
from sportello.kernel.refusals import NotFound
from sportello.kernel.scope import ScopedQuerySet
from sportello.parties.models import Organisation
from sportello.parties.states import OrganisationKind
from sportello.tickets.models import (
    Interaction,
    Ticket,
    TicketFile,
    TicketForm,
    TicketLink,
    TicketType,
    Wholesaler,
)
from sportello.tickets.rules.opening import DIGITS
from sportello.tickets.states import OPEN


def tickets(actor: Actor) -> ScopedQuerySet[Ticket]:
    """Return the tickets that an actor sees, each with its customer, type and who works on it."""
    return Ticket.objects.for_(actor).select_related("organisation", "type", "assignee", "group")


def tickets_coded(actor: Actor, text: str) -> ScopedQuerySet[Ticket]:
    """Return the tickets that an actor sees whose code begins with a text, or whose number it is; the newest first."""
    code = "".join(text.split()).upper()
    found = Q(code__gte=code, code__lt=f"{code}\N{LATIN SMALL LETTER Z}") if code.startswith("TCK") else Q(pk__in=())
    if code.isascii() and code.isdigit() and len(code) == DIGITS:
        found |= Q(number=int(code))
    return tickets(actor).filter(found).order_by("-pk")


def ticket_of(actor: Actor, pk: int) -> Ticket:
    """Return a ticket that an actor sees, with all that its page shows. Raises `NotFound`."""
    rows = Ticket.objects.for_(actor).select_related(
        "organisation__partner", "type", "form", "assignee", "group", "merged_into", "opened_by"
    )
    return rows.get_or_refuse(pk=pk)


def entries(actor: Actor, ticket: Ticket, *, after: int = 0) -> list[Interaction]:
    """Return the entries of a ticket that an actor sees, in their order, with their files; `after` a place those that came since."""
    files = Prefetch("files", queryset=TicketFile.objects.for_(actor).order_by("place"), to_attr="listed_files")
    rows = Interaction.objects.for_(actor).filter(ticket=ticket, sequence__gt=after).order_by("sequence")
    return list(rows.prefetch_related(files))


def entry_of(actor: Actor, ticket: Ticket, sequence: int) -> Interaction:
    """Return one entry of a ticket that an actor sees. Raises `NotFound`."""
    return Interaction.objects.for_(actor).get_or_refuse(ticket=ticket, sequence=sequence)


def file_of(actor: Actor, ticket: Ticket, pk: int) -> TicketFile:
    """Return a file of an entry that an actor sees. Raises `NotFound`."""
    return TicketFile.objects.for_(actor).get_or_refuse(ticket=ticket, pk=pk)


def linked(actor: Actor, ticket: Ticket) -> list[Ticket]:
    """Return the tickets linked to a ticket that an actor sees."""
    pairs = TicketLink.objects.across_tenants(reason="which tickets are linked: each is read in the reader's reach")
    found = pairs.filter(Q(ticket=ticket) | Q(other=ticket)).values_list("ticket_id", "other_id")
    ids = {one for pair in found for one in pair} - {ticket.pk}
    return list(Ticket.objects.for_(actor).filter(pk__in=ids).order_by("pk")) if ids else []


def open_count(actor: Actor, organisation: Organisation | None = None) -> int:
    """Return how many open tickets an actor sees; of one customer, or of a partner's customers, when told."""
    rows = Ticket.objects.for_(actor).filter(state__in=OPEN)
    if organisation is not None and organisation.kind != OrganisationKind.OPERATOR:
        rows = rows.filter(Q(organisation=organisation) | Q(organisation__partner=organisation))
    return rows.count()


def bytes_of(ticket: Ticket) -> int:
    """Return how many bytes the files of a ticket have together."""
    rows = TicketFile.objects.across_tenants(reason="the room of a ticket whoever fills it").filter(ticket=ticket)
    return int(rows.aggregate(bytes=Sum("size"))["bytes"] or 0)


def is_wholesale(organisation: Organisation) -> bool:
    """Tell whether a customer is a wholesaler's, whose end customers take no part in tickets."""
    return Wholesaler.objects.filter(partner=organisation.partner_id or 0).exists()


def wholesalers() -> set[int]:
    """Return the ids of the partners that are wholesalers."""
    return set(Wholesaler.objects.values_list("partner_id", flat=True))


def active_types() -> list[TicketType]:
    """Return the types that partners and operator open tickets of, in the operator's order."""
    return list(TicketType.objects.filter(active=True, of_customers=False).order_by("position", "code"))


def types_of() -> list[TicketType]:
    """Return all types, in the operator's order."""
    return list(TicketType.objects.order_by("position", "code"))


def newest_form(kind: TicketType) -> TicketForm:
    """Return the newest form of a type. Raises `NotFound`."""
    found = TicketForm.objects.filter(type=kind).order_by("-version").first()
    if found is None:
        raise NotFound
    return found


def form_of(kind: TicketType, version: int) -> TicketForm:
    """Return one version of a type's form. Raises `NotFound`."""
    found = TicketForm.objects.filter(type=kind, version=version).first()
    if found is None:
        raise NotFound
    return found
