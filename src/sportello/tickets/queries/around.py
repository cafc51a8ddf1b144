"""What stands around tickets: contracts to choose from, people and groups, service levels, recipients, links, options."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Q

from sportello.accounts.models import Person
from sportello.inventory.models import Agreement, Line
from sportello.inventory.states import LineStatus
from sportello.kernel.access import OPERATOR_PROFILES, Profile, Section, access_of
from sportello.kernel.access import Access as Cell
from sportello.kernel.actor import Actor
from sportello.kernel.calendar import WorkingCalendar
from sportello.kernel.crypto import keyed_hashes
from sportello.parties.models import Organisation
from sportello.tickets.models import (
    AccessLink,
    GroupMember,
    SavedAnswer,
    ServiceLevel,
    Ticket,
    TicketGroup,
    TicketOptions,
    TicketRecipient,
    TicketType,
)
from sportello.tickets.types import Contract, FormField

MOST_CONTRACTS: Final = 500
TOKEN_PURPOSE: Final = "ticket-link"  # noqa: S105 - what the hash is for
ASKED_PURPOSE: Final = "ticket-address"
WORKERS: Final = sorted(one for one in OPERATOR_PROFILES if access_of(one, Section.TICKETS) is not Cell.NONE)


def contracts_of(actor: Actor, customer: Organisation, question: FormField) -> dict[str, Contract]:
    """Return the contracts and sites of a customer that a question offers, by their value: lines of its kinds, else the agreements."""
    rows = Line.objects.for_(actor).filter(organisation=customer, kind__in=list(question.lines))
    rows = rows.exclude(status=LineStatus.TERMINATED).select_related("agreement", "site").order_by("number", "pk")
    lines = {f"line:{row.pk}": _of_line(row) for row in rows[:MOST_CONTRACTS]}
    if lines:
        return lines
    agreements = Agreement.objects.for_(actor).filter(organisation=customer).order_by("code")[:MOST_CONTRACTS]
    return {f"agreement:{row.pk}": Contract(value=f"agreement:{row.pk}", shown=_named(row)) for row in agreements}


def _of_line(row: Line) -> Contract:
    where = ", ".join(filter(None, [row.site.name, row.site.city])) if row.site else ""
    shown = " · ".join(filter(None, [_named(row.agreement), row.number, where]))
    province = row.site.province if row.site else ""
    return Contract(value=f"line:{row.pk}", shown=shown, line_id=row.pk, province=province)


def _named(agreement: Agreement) -> str:
    return f"{agreement.code} {agreement.name}".strip()


def people_to_assign() -> list[Person]:
    """Return the operator's people who work on tickets."""
    rows = Person.objects.across_tenants(reason="the operator's own people", opens_wall=False)
    held = rows.filter(memberships__profile__in=WORKERS, memberships__ended_at=None, deactivated_at=None)
    return list(held.distinct().order_by("family_name", "given_name", "pk"))


def administrators_of(organisation_id: int) -> list[Person]:
    """Return a customer's active administrators who have an address."""
    rows = Person.objects.across_tenants(reason="whom a customer's tickets are told to", opens_wall=False)
    held = rows.filter(
        memberships__organisation=organisation_id,
        memberships__profile=Profile.ADMINISTRATOR,
        memberships__ended_at=None,
        deactivated_at=None,
    )
    return list(held.exclude(email="").distinct().order_by("pk"))


def groups() -> list[TicketGroup]:
    """Return the operator's groups by name."""
    return list(TicketGroup.objects.order_by("name"))


def people_of(group: TicketGroup) -> list[Person]:
    """Return the people of a group who work on tickets now."""
    ids = set(GroupMember.objects.filter(group=group).values_list("person_id", flat=True))
    return [one for one in people_to_assign() if one.pk in ids] if ids else []


def levels() -> list[ServiceLevel]:
    """Return all service levels: those of every type first, then type by type, the most urgent first."""
    return list(
        ServiceLevel.objects.select_related("type").order_by(F("type__position").asc(nulls_first=True), "priority")
    )


def minutes_of(kind: TicketType, priority: str) -> tuple[int, int] | None:
    """Return (answer, resolution) in minutes for a type and a priority: of the type itself, else of all, else None."""
    rows = ServiceLevel.objects.filter(Q(type=kind) | Q(type=None), priority=priority)
    found = rows.order_by(F("type").asc(nulls_last=True)).first()
    return (found.answer_minutes, found.resolution_minutes) if found else None


def calendar() -> WorkingCalendar:
    """Return the operator's working calendar: country and patron saint of the settings, nine to six."""
    saint: str = settings.SPORTELLO["PATRON_SAINT"]
    month_day = tuple(int(part) for part in saint.split("-")) if saint else None
    patron = (month_day[0], month_day[1]) if month_day else None
    return WorkingCalendar(
        country=settings.SPORTELLO["COUNTRY"], patron_saint=patron, time_zone=ZoneInfo(settings.TIME_ZONE)
    )


def answers_saved() -> list[SavedAnswer]:
    """Return the operator's saved answers by title."""
    return list(SavedAnswer.objects.order_by("title"))


def options_of(organisation_id: int) -> TicketOptions | None:
    """Return the ticket options of an organisation, or None when it never chose any."""
    rows = TicketOptions.objects.across_tenants(reason="whom a ticket is told to, whoever wrote in it")
    return rows.filter(organisation=organisation_id).first()


def recipients(ticket: Ticket) -> list[TicketRecipient]:
    """Return all that are or were told of a ticket."""
    rows = TicketRecipient.objects.across_tenants(reason="a ticket is told to all parties, whoever wrote in it")
    return list(rows.filter(ticket=ticket).select_related("home", "person").order_by("pk"))


def live_link(token: str, *, now: datetime) -> AccessLink | None:
    """Return the link of a token (looked up by its keyed hash), unless it expired or was revoked or its recipient ended."""
    rows = AccessLink.objects.across_tenants(reason="a link says by itself which ticket it opens")
    found = rows.filter(token_hash__in=keyed_hashes(TOKEN_PURPOSE, token)).select_related(*_BEHIND_LINK).first()
    return found if found and is_live(found, now=now) else None


def link_by_id(pk: int, *, now: datetime) -> AccessLink | None:
    """Return a live link by its id, for a browser that exchanged its token already."""
    rows = AccessLink.objects.across_tenants(reason="a link says by itself which ticket it opens")
    found = rows.filter(pk=pk).select_related(*_BEHIND_LINK).first()
    return found if found and is_live(found, now=now) else None


def is_live(link: AccessLink, *, now: datetime) -> bool:
    """Tell whether a link was neither revoked nor expired, and its recipient is still told."""
    return link.revoked_at is None and now < link.expires_at and link.recipient.ended_at is None


_BEHIND_LINK: Final = ("recipient__ticket", "recipient__person__organisation", "recipient__home")
