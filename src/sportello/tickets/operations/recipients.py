"""Recipients of mails: telling them no more, making their links void, knowing that mails do not arrive."""

from __future__ import annotations

from datetime import datetime

from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import NotPermitted
from sportello.messaging.operations import withdraw_reply_addresses
from sportello.tickets.events import LinksRevoked, RecipientBounced, RecipientStopped
from sportello.tickets.models import AccessLink, Ticket, TicketRecipient
from sportello.tickets.visibility import Audience, audience_of


@operation(section=Section.TICKETS)
def revoke_links(*, actor: Actor, ticket: Ticket, recipient: TicketRecipient, now: datetime) -> int:
    """Make all links of a recipient to its ticket void; return how many. The operator's for all, a partner's for its own (ABUSE E13)."""
    _check_theirs(actor, recipient)
    count = AccessLink.objects.for_(actor).filter(recipient=recipient, revoked_at=None).update(revoked_at=now)
    publish(
        LinksRevoked(
            organisation_id=actor.organisation_id,
            subject_type="ticket",
            subject_id=ticket.pk,
            code=ticket.code,
            address=recipient.address,
        )
    )
    return count


@operation(section=Section.TICKETS)
def stop_recipient(*, actor: Actor, ticket: Ticket, recipient: TicketRecipient, stopped: bool, now: datetime) -> None:
    """Tell a recipient of a ticket no more, or again; stopped, its links and answers count no more either."""
    _check_theirs(actor, recipient)
    recipient.ended_at, recipient.bounced = (now if stopped else None), ""
    recipient.save(update_fields=["ended_at", "bounced"])
    if stopped:
        thread = f"ticket:{ticket.pk}"
        withdraw_reply_addresses(actor=actor, thread=thread, recipient=recipient.address, now=now)
    publish(
        RecipientStopped(
            organisation_id=actor.organisation_id,
            subject_type="ticket",
            subject_id=ticket.pk,
            code=ticket.code,
            address=recipient.address,
            stopped=stopped,
        )
    )


@operation(section=None, why="the mail server says that an address cannot be reached; nobody asks for it")
def note_bounce(*, actor: Actor, recipient: TicketRecipient, reason: str) -> None:  # noqa: ARG001 - read by `operation`
    """Write down that mails about a ticket do not reach a recipient (`reason` is a kept sentence), for the ticket's page."""
    recipient.bounced = reason[:500]
    recipient.save(update_fields=["bounced"])
    ticket = recipient.ticket
    publish(
        RecipientBounced(
            organisation_id=None,
            subject_type="ticket",
            subject_id=ticket.pk,
            code=ticket.code,
            address=recipient.address,
        )
    )


def _check_theirs(actor: Actor, recipient: TicketRecipient) -> None:
    audience = audience_of(actor)
    if audience is not Audience.OPERATOR and not (
        audience is Audience.PARTNER and recipient.home_id == actor.organisation_id
    ):
        raise NotPermitted
