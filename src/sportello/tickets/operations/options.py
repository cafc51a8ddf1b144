"""Options of organisations: where they are told of tickets, and of what. A new address is confirmed by its own mailbox (ABUSE E28)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.crypto import keyed_hash, keyed_hashes, new_token
from sportello.kernel.events import changed
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput, NotFound, NotPermitted
from sportello.messaging.operations import send_message
from sportello.messaging.types import Channel, Recipient
from sportello.parties.models import Organisation
from sportello.parties.states import OrganisationKind
from sportello.tickets import messages, rules
from sportello.tickets.events import AddressAsked, AddressConfirmed, OptionsChanged
from sportello.tickets.models import TicketOptions, Wholesaler
from sportello.tickets.operations.telling import LANGUAGE_OF_COUNTRY
from sportello.tickets.queries.around import ASKED_PURPOSE
from sportello.tickets.states import Happening

CONFIRM_WITHIN: Final = timedelta(days=2)


@operation(section=Section.TICKETS)
def set_happenings(*, actor: Actor, organisation: Organisation, happenings: Iterable[Happening]) -> None:
    """Choose what an organisation is mailed about: its own people choose for it."""
    row, wanted = _own(actor, organisation), sorted(one.value for one in happenings)
    before, row.happenings = row.happenings, wanted
    row.save()
    _told(organisation, {"happenings": before}, {"happenings": wanted})


@operation(section=Section.TICKETS)
def ask_address(*, actor: Actor, organisation: Organisation, email: str, now: datetime) -> None:
    """Enter the address that an organisation is told of its tickets at; it counts once the link sent there is confirmed.

    Empty: the organisation has none any more, at once. Raises `InvalidInput` when it is the confirmed one already.
    """
    row = _own(actor, organisation)
    email = email.strip().lower()
    if email and email == row.email and row.confirmed_at:
        raise InvalidInput(_("This address is confirmed already."), field="email")
    row.asked_email, row.asked_hash, row.asked_until = email, "", None
    if not email:
        row.email, row.confirmed_at = "", None
        row.save()
        _told(organisation, {"email": "x"}, {"email": ""})
        return
    token = new_token(192)
    row.asked_hash, row.asked_until = keyed_hash(ASKED_PURPOSE, token), now + CONFIRM_WITHIN
    row.save()
    send_message(
        actor=actor,
        recipient=Recipient(email=email, language=LANGUAGE_OF_COUNTRY.get(organisation.country, "it")),
        template=messages.ADDRESS,
        context={"organisation": organisation.legal_name, "days": str(CONFIRM_WITHIN.days)},
        secret={"link": reverse("tickets:confirm_address", args=[token])},
        channel=Channel.EMAIL,
        organisation_id=organisation.pk,
        idempotency_key=f"ticket-address:{row.asked_hash}",
        now=now,
    )
    publish(
        AddressAsked(
            organisation_id=organisation.pk, subject_type="organisation", subject_id=organisation.pk, address=email
        )
    )


@operation(section=None, why="who holds the link that was sent to an address answers for the address")
def confirm_address(*, actor: Actor, token: str, now: datetime) -> TicketOptions:  # noqa: ARG001 - read by `operation`
    """Let the address of a link count from now on; the same link works once. Raises `NotFound`."""
    row = asked_by(token, now=now)
    changed_rows = TicketOptions.objects.across_tenants(
        reason="a link says by itself whose address it confirms"
    ).filter(pk=row.pk, asked_hash=row.asked_hash)
    if not changed_rows.update(
        email=row.asked_email, confirmed_at=now, asked_email="", asked_hash="", asked_until=None
    ):
        raise NotFound
    publish(
        AddressConfirmed(
            organisation_id=row.organisation_id,
            subject_type="organisation",
            subject_id=row.organisation_id,
            address=row.asked_email,
        )
    )
    return row


def asked_by(token: str, *, now: datetime) -> TicketOptions:
    """Return the options whose address a token confirms, while it may. Raises `NotFound`."""
    rows = TicketOptions.objects.across_tenants(reason="a link says by itself whose address it confirms")
    return rows.select_related("organisation").get_or_refuse(
        asked_hash__in=keyed_hashes(ASKED_PURPOSE, token), asked_until__gt=now
    )


@operation(section=Section.TICKETS)
def set_wholesale(*, actor: Actor, partner: Organisation, wholesale: bool) -> None:
    """Say that a partner is a wholesaler, whose end customers take no part in tickets, or that it is none (ABUSE E07)."""
    rules.check_can_work(actor)
    if partner.kind != OrganisationKind.PARTNER:
        raise InvalidInput(_("Only a partner is a wholesaler."))
    rows = Wholesaler.objects.filter(partner=partner)
    before = rows.exists()
    if wholesale and not before:
        Wholesaler.objects.create(partner=partner)
    elif not wholesale:
        rows.delete()
    _told(partner, {"wholesale": before}, {"wholesale": wholesale})


def _own(actor: Actor, organisation: Organisation) -> TicketOptions:
    """Return an organisation's options for its own people; a new row keeps what it was mailed about so far."""
    if actor.organisation_id != organisation.pk:
        raise NotPermitted
    return _row(actor, organisation)


def _row(actor: Actor, organisation: Organisation) -> TicketOptions:
    from sportello.tickets.queries.whom import FIRST_WISHES, PARTY_OF_KIND

    found = TicketOptions.objects.for_(actor).filter(organisation=organisation).first()
    wishes = FIRST_WISHES[PARTY_OF_KIND[OrganisationKind(organisation.kind)]]
    return found or TicketOptions(organisation=organisation, happenings=sorted(one.value for one in wishes))


def _told(organisation: Organisation, before: dict[str, object], after: dict[str, object]) -> None:
    publish(
        OptionsChanged(
            organisation_id=organisation.pk,
            subject_type="organisation",
            subject_id=organisation.pk,
            changes=changed(before, after),
        )
    )
