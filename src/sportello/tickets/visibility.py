"""Who sees which tickets and entries: the one place. Every way out (page, list, count, search, mail, export, file, live) asks here.

The source's five rules for the end customer (`002_…`, «semplici regole»): opens none; sees a ticket only once the operator made it
visible; of it only entries of the web form that their writer marked; none of a ticket that is not visible; answers by mail only.
End customers of a wholesaler take no part at all.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from django.db.models import Q

from sportello.kernel.access import Reach, Section
from sportello.kernel.actor import Actor
from sportello.kernel.scope import organisations_of_partner
from sportello.tickets.states import OPERATORS_OWN, WORDS, Channel, EntryKind, Party


class Audience(enum.Enum):
    """As what somebody reads a ticket."""

    OPERATOR = "operator"
    PARTNER = "partner"
    CUSTOMER = "customer"
    NOBODY = "nobody"


_OF_REACH = {Reach.ALL: Audience.OPERATOR, Reach.PARTNER: Audience.PARTNER, Reach.CUSTOMER: Audience.CUSTOMER}
PARTY_OF = {Audience.OPERATOR: Party.OPERATOR, Audience.PARTNER: Party.PARTNER, Audience.CUSTOMER: Party.CUSTOMER}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What decides whether an entry is shown: of its ticket, and of itself."""

    ticket_visible: bool
    wholesale: bool
    kind: str
    channel: str
    shown: bool


def audience_of(actor: Actor) -> Audience:
    """Return as what an actor reads tickets; a section that is closed to the profile makes it nobody.

    Whoever has technical assistance alone (employees, referents) reads as an end customer the requests that they made themselves.
    """
    if actor.may(Section.TICKETS):
        return _OF_REACH.get(actor.reach, Audience.NOBODY)
    asks = actor.may(Section.ASSISTANCE) and actor.reach in {Reach.CUSTOMER, Reach.OWN}
    return Audience.CUSTOMER if asks else Audience.NOBODY


def sees_ticket(audience: Audience, *, ticket_visible: bool, wholesale: bool) -> bool:
    """Tell whether an audience in reach of a ticket's customer sees the ticket (rules 2 and 4)."""
    if audience is Audience.CUSTOMER:
        return ticket_visible and not wholesale
    return audience in {Audience.OPERATOR, Audience.PARTNER}


def sees_entry(audience: Audience, standing: Standing) -> bool:
    """Tell whether an audience sees an entry: the same as `entries_seen`, for facts at hand (mails, live updates)."""
    if not sees_ticket(audience, ticket_visible=standing.ticket_visible, wholesale=standing.wholesale):
        return False
    if audience is Audience.CUSTOMER:
        return standing.shown and may_be_shown(kind=standing.kind, channel=standing.channel)
    return audience is Audience.OPERATOR or EntryKind(standing.kind) not in OPERATORS_OWN


def may_be_shown(*, kind: str, channel: str) -> bool:
    """Tell whether the end customer could be shown such an entry at all: words of the web form only (rule 3); the database holds it too."""
    return EntryKind(kind) in WORDS and channel == Channel.WEB


def tickets_seen(actor: Actor, *, path: str = "") -> Q:
    """Return the condition on tickets (behind `path`) inside a reach that is neither everything nor nothing."""
    audience = audience_of(actor)
    if audience is Audience.PARTNER:
        # As ids, not as a join: the lists of a partner begin with its customers, not with everybody's tickets.
        return Q(**{f"{path}organisation__in": organisations_of_partner(actor)})
    if audience is Audience.CUSTOMER:
        mine = Q(**{f"{path}organisation": actor.organisation_id, f"{path}visible_to_customer": True})
        if not actor.may(Section.TICKETS):
            mine &= Q(**{f"{path}opened_by": actor.person_id or 0})
        return mine & ~Q(**{f"{path}organisation__partner__ticket_wholesaler__isnull": False})
    return Q(pk__in=())


def entries_seen(actor: Actor, *, path: str = "", ticket: str = "ticket__") -> Q:
    """Return the condition on entries (behind `path`) inside a reach that is neither everything nor nothing."""
    seen = tickets_seen(actor, path=ticket)
    if audience_of(actor) is Audience.CUSTOMER:
        words = {f"{path}shown": True, f"{path}channel": Channel.WEB, f"{path}kind__in": sorted(WORDS)}
        return seen & Q(**words)
    return seen & ~Q(**{f"{path}kind__in": sorted(OPERATORS_OWN)})


def takes_part(*, party: Party, wholesale: bool) -> bool:
    """Tell whether a party may write at all: customers of a wholesaler never (ABUSE E07)."""
    return not (party is Party.CUSTOMER and wholesale)
