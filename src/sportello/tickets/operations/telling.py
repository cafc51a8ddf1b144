"""Telling of tickets by mail: each reader gets what it may see at this moment, with a link of its own (ABUSE C09, E04, E09)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from sportello.kernel.actor import Actor
from sportello.kernel.crypto import keyed_hash, new_token
from sportello.kernel.operations import operation, publish
from sportello.messaging.operations import send_message
from sportello.messaging.types import Channel, Recipient
from sportello.tickets import messages, queries, visitors
from sportello.tickets.events import RecipientsTold
from sportello.tickets.models import AccessLink, Interaction, Ticket, TicketFile, TicketRecipient
from sportello.tickets.queries.around import TOKEN_PURPOSE
from sportello.tickets.queries.whom import Reader, readers, wishes_of
from sportello.tickets.states import ENDED, EntryKind, Happening, Party, State

LANGUAGE_OF_COUNTRY: Final = {"IT": "it", "ES": "es"}
_OF_WORDS: Final = {
    EntryKind.OPENING: Happening.OPENED,
    EntryKind.MESSAGE: Happening.WRITTEN,
    EntryKind.NOTE: Happening.WRITTEN,
}


@dataclass(frozen=True)
class _News:
    """What is told of the entry at a place: of which happening, whose words, and to the customer alone when they were only shown to it."""

    ticket: Ticket
    place: int
    happening: Happening
    entry: Interaction
    customer_only: bool = False


@operation(
    section=None, why="the worker tells of what was permitted when it was done; each reader's rights are asked anew"
)
def tell(*, actor: Actor, ticket: Ticket, place: int, now: datetime) -> int:
    """Mail those concerned about the entry at a place of a ticket's chain; return how many mails were written. Again writes none."""
    ticket = queries.ticket_of(actor, ticket.pk)  # as it stands now: what was hidden meanwhile is not told
    news = _news(actor, ticket, place)
    mails = sum(_tell(actor, news, reader, now) for reader in readers(ticket)) if news else 0
    if mails:
        publish(
            RecipientsTold(
                organisation_id=None, subject_type="ticket", subject_id=ticket.pk, code=ticket.code, mails=mails
            )
        )
    return mails


def _news(actor: Actor, ticket: Ticket, place: int) -> _News | None:
    rows = Interaction.objects.for_(actor).filter(ticket=ticket)
    entry = rows.get(sequence=place)
    kind = EntryKind(entry.kind)
    if kind in _OF_WORDS:
        return _News(ticket, place, _OF_WORDS[kind], entry)
    if kind is EntryKind.STATE:
        return _News(ticket, place, Happening.ENDED if entry.data["to"] in ENDED else Happening.STATE, entry)
    if kind is EntryKind.VISIBILITY and entry.data["visible"]:
        shown = entry.data.get("entry")
        happening = Happening.WRITTEN if shown else Happening.OPENED
        return _News(ticket, place, happening, rows.get(sequence=shown or 1), customer_only=True)
    return None


def _tell(actor: Actor, news: _News, reader: Reader, now: datetime) -> int:
    if not _is_wanted(news, reader):
        return 0
    ticket, recipient = news.ticket, recipient_of(news.ticket, reader, now)
    seen_by = visitors.actor_of(recipient)
    if seen_by is None or AccessLink.objects.for_(actor).filter(recipient=recipient, made_for=news.place).exists():
        return 0
    language = language_of(reader)
    context = _context(seen_by, news, language)
    if context is None:
        return 0
    send_message(
        actor=actor,
        recipient=Recipient(person_id=recipient.person_id, email=recipient.address, language=language),
        template=_TEMPLATES[news.happening],
        context=context,
        secret={"link": reverse("tickets:link", args=[_link(recipient, news.place, now)])},
        channel=Channel.EMAIL,
        organisation_id=reader.home.pk,
        idempotency_key=f"ticket:{ticket.pk}:{news.place}:{recipient.pk}",
        thread=f"ticket:{ticket.pk}",
        now=now,
    )
    return 1


def _is_wanted(news: _News, reader: Reader) -> bool:
    """Tell whether a reader is to hear of it: nobody of the own words, everybody of what their organisation chose."""
    entry = news.entry
    if news.customer_only and reader.party is not Party.CUSTOMER:
        return False
    if entry.author_address == reader.address or (reader.person and reader.person.pk == entry.author_id):
        return False
    return news.happening in wishes_of(reader.home.pk, reader.party)


_TEMPLATES: Final = {
    Happening.OPENED: messages.OPENED,
    Happening.WRITTEN: messages.WRITTEN,
    Happening.STATE: messages.STATE,
    Happening.ENDED: messages.STATE,
}


def _context(seen_by: Actor, news: _News, language: str) -> dict[str, str] | None:
    """Return the words of a mail as its reader may see them, by the scope of pages; None when the reader sees nothing of it."""
    ticket = Ticket.objects.for_(seen_by).filter(pk=news.ticket.pk).select_related("organisation", "type").first()
    if ticket is None:
        return None
    entry = Interaction.objects.for_(seen_by).filter(pk=news.entry.pk).first()
    with translation.override(language):
        context = {"code": ticket.code, "subject": ticket.subject, "customer": ticket.organisation.legal_name}
        if news.happening in {Happening.STATE, Happening.ENDED}:
            return context | {"state": str(State(news.entry.data["to"]).label), "author": signature(news.entry)}
        if news.happening is Happening.OPENED:
            return context | {"type": str(ticket.type), "author": signature(news.entry), "text": _text(seen_by, entry)}
        return context | {"author": signature(entry), "text": _text(seen_by, entry)} if entry else None


def language_of(reader: Reader) -> str:
    """Return the language that a reader is written in: a person's own, else that of the organisation's country."""
    return reader.person.language if reader.person else LANGUAGE_OF_COUNTRY.get(reader.home.country, "it")


def signature(entry: Interaction) -> str:
    """Return who wrote an entry, with the party, in the active language."""
    party = Party(entry.party)
    return f"{entry.author_name} ({party.label})" if entry.author_name else str(party.label)


def _text(seen_by: Actor, entry: Interaction | None) -> str:
    if entry is None:
        return ""
    names = list(
        TicketFile.objects.for_(seen_by).filter(interaction=entry).order_by("place").values_list("name", flat=True)
    )
    files = _("Files: %(names)s") % {"names": ", ".join(names)} if names else ""
    return "\n\n".join(filter(None, [entry.text, files]))


def recipient_of(ticket: Ticket, reader: Reader, now: datetime) -> TicketRecipient:
    """Return the row of a reader, as what it reads now."""
    rows = TicketRecipient.objects.across_tenants(reason="a ticket is told to all parties, whoever wrote in it")
    row = rows.filter(ticket=ticket, address=reader.address).select_related("home", "person").first()
    if row is None:
        row = TicketRecipient(
            ticket=ticket, organisation_id=ticket.organisation_id, address=reader.address, added_at=now
        )
    if (row.home_id, row.party, row.person_id) != (
        reader.home.pk,
        reader.party,
        reader.person.pk if reader.person else None,
    ):
        row.home, row.party, row.person = reader.home, reader.party, reader.person
        row.save()
    return row


def _link(recipient: TicketRecipient, place: int, now: datetime) -> str:
    """Write a link for a recipient and return its token, which is kept nowhere (ABUSE E10)."""
    token = new_token(192)
    AccessLink.objects.create(
        organisation_id=recipient.organisation_id,
        recipient=recipient,
        made_for=place,
        token_hash=keyed_hash(TOKEN_PURPOSE, token),
        made_at=now,
        expires_at=now + settings.SPORTELLO["TICKET_LINK_LIFETIME"],
    )
    return token
