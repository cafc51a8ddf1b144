"""Recipients of mails as actors: what a link or a reply may do is what its recipient may do now, not when the mail was sent (ABUSE E13)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from sportello.accounts.models import Membership
from sportello.kernel.access import REACH, Access, Profile, Section, access_of
from sportello.kernel.actor import Actor, Via
from sportello.parties.states import OrganisationState
from sportello.tickets.models import Ticket, TicketOptions, TicketRecipient
from sportello.tickets.states import REOPENED_WITHIN, Party

_AS: Final = {
    Party.OPERATOR: Profile.OPERATOR_AGENT,
    Party.PARTNER: Profile.PARTNER_AGENT,
    Party.CUSTOMER: Profile.ADMINISTRATOR,
}
"""As what an address acts that is no person's: an organisation's own mailbox."""


def actor_of(recipient: TicketRecipient, *, address: str = "", request_id: str = "") -> Actor | None:
    """Return the recipient as an actor with the rights of this moment, or None: removed, moved, closed, no longer theirs."""
    home = recipient.home
    profile = _profile(recipient)
    if profile is None or recipient.ended_at is not None or home.state == OrganisationState.CLOSED:
        return None
    actor = Actor(
        person_id=recipient.person_id,
        organisation_id=home.pk,
        profile=profile,
        reach=REACH[profile],
        via=Via.MAIL,
        name=recipient.person.name if recipient.person else recipient.address,
        address=address,
        request_id=request_id,
    )
    return replace(actor, frozen=home.state == OrganisationState.READ_ONLY)


def ticket_for(actor: Actor, recipient: TicketRecipient, *, now: datetime) -> Ticket | None:
    """Return the recipient's ticket if the actor still sees it and it did not end long ago."""
    rows = Ticket.objects.for_(actor).select_related("organisation__partner", "type", "form", "assignee", "group")
    ticket = rows.filter(pk=recipient.ticket_id).first()
    if ticket is None or (ticket.ended_at is not None and now - ticket.ended_at > REOPENED_WITHIN):
        return None
    return ticket


def _profile(recipient: TicketRecipient) -> Profile | None:
    if recipient.person_id is None:
        return _AS[Party(recipient.party)] if _is_still_theirs(recipient) else None
    if recipient.person is None or not recipient.person.is_active or recipient.person.email != recipient.address:
        return None
    held = Membership.objects.across_tenants(reason="what a recipient may do now", opens_wall=False)
    profiles = held.filter(person=recipient.person_id, organisation=recipient.home_id, ended_at=None)
    open_to = [Profile(one) for one in profiles.order_by("pk").values_list("profile", flat=True)]
    reading = [one for one in open_to if access_of(one, Section.TICKETS) is not Access.NONE]
    asking = [one for one in open_to if access_of(one, Section.ASSISTANCE) is not Access.NONE]
    return next(iter(reading + asking), None)


def _is_still_theirs(recipient: TicketRecipient) -> bool:
    """Tell whether an address that is no person's is still the one that its organisation uses for tickets."""
    rows = TicketOptions.objects.across_tenants(reason="whose address a recipient is")
    options = rows.filter(organisation=recipient.home_id).first()
    return recipient.address in {options.email if options and options.confirmed_at else "", recipient.home.email} - {""}
