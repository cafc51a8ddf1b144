"""Answers by mail: what messaging hands over becomes an entry of its recipient's ticket (rule 5), never shown to the customer (rule 3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from django.conf import settings
from django.utils.translation import gettext_noop

from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation
from sportello.kernel.refusals import Refusal
from sportello.kernel.sentences import kept, untranslated
from sportello.messaging.types import MailAnswer, MailFile, TakenMail
from sportello.tickets import queries, rules, visitors
from sportello.tickets.models import TicketRecipient
from sportello.tickets.operations.entries import write
from sportello.tickets.operations.recipients import note_bounce
from sportello.tickets.rules.opening import LONGEST_TEXT
from sportello.tickets.states import Channel, EntryKind, Party
from sportello.tickets.types import NewFile, Wording, Writer

WORD: Final = "ticket"
_THREAD: Final = re.compile(r"ticket:([0-9]{1,18})")
_NO_RECIPIENT: Final = gettext_noop("Nobody is told of this ticket at that address any more.")
_NO_RIGHTS: Final = gettext_noop(
    "The recipient may not write in this ticket any more, or it ended more than 14 days ago."
)
_NOT_TAKEN: Final = gettext_noop(
    "The file “%(name)s” was left out: it is empty, too big, or not of a kind that is taken."
)
_NO_ROOM: Final = gettext_noop("The file “%(name)s” was left out: there is no more room for it.")
_UNVERIFIED: Final = gettext_noop("The sender was not confirmed: the operator let this mail through.")


class TicketMail:
    """The receiver of the threads `ticket:…`; implements `messaging.types.MailReceiver`."""

    def receive_mail(self, *, actor: Actor, mail: TakenMail, now: datetime) -> MailAnswer:
        """Write a mail into its ticket, or say in a kept sentence why not: it is then quarantined, never lost."""
        return take_mail(actor=actor, mail=mail, now=now)

    def mail_failed(self, *, actor: Actor, thread: str, recipient: str, reason: str, now: datetime) -> None:
        """Note on the ticket that mails do not reach a recipient."""
        row = _recipient(thread, recipient)
        if row is not None:
            note_bounce(actor=actor, recipient=row, reason=reason)


@operation(section=None, why="the secret in the address that a mail came to is the recipient's right; it is asked anew")
def take_mail(*, actor: Actor, mail: TakenMail, now: datetime) -> MailAnswer:
    """Write a mail into its ticket as its recipient; one that the operator let through unverified as a note of the operator's alone.

    The author is the recipient whatever the mail says of itself (ABUSE E16). What of it cannot be kept is left out with a notice.
    """
    recipient = _recipient(mail.thread, mail.recipient)
    if recipient is None:
        return MailAnswer(taken=False, reason=_NO_RECIPIENT)
    visitor = visitors.actor_of(recipient)
    ticket = visitors.ticket_for(visitor, recipient, now=now) if visitor else None
    if visitor is None or ticket is None or visitor.frozen:
        return MailAnswer(taken=False, reason=_NO_RIGHTS)
    files, words = _content(mail, queries.bytes_of(ticket))
    kind = EntryKind.MESSAGE if mail.verified else EntryKind.NOTE
    by = visitor if mail.verified else actor
    try:
        entry = write(
            by, ticket, _writer(recipient, mail), kind, words, files=files, key=f"mail:{mail.mail_id}", now=now
        )
    except Refusal as refusal:
        return MailAnswer(taken=False, reason=untranslated(refusal.sentence))
    return MailAnswer(taken=True, reference=f"interaction:{entry.pk}")


def _recipient(thread: str, address: str) -> TicketRecipient | None:
    found = _THREAD.fullmatch(thread)
    rows = TicketRecipient.objects.across_tenants(reason="a mail comes to the ticket of its recipient")
    wanted = rows.filter(ticket_id=int(found[1]), address__iexact=address, ended_at=None) if found else rows.none()
    return wanted.select_related("ticket", "home", "person__organisation").first()


def _writer(recipient: TicketRecipient, mail: TakenMail) -> Writer:
    if not mail.verified:
        sender = mail.mail.sender.address if mail.mail.sender else ""
        return Writer(party=Party.SYSTEM, channel=Channel.MAIL, name=sender, address=sender)
    return Writer(
        party=Party(recipient.party),
        channel=Channel.MAIL,
        person_id=recipient.person_id,
        name=recipient.person.name if recipient.person else recipient.address,
        address=recipient.address,
    )


def _content(mail: TakenMail, taken: int) -> tuple[list[NewFile], Wording]:
    notices = list(mail.mail.notices) + ([] if mail.verified else [_UNVERIFIED])
    own, files = mail.reply.own, []
    if len(own) > LONGEST_TEXT:
        files.append(NewFile(name="message.txt", content=own.encode()))
        own = own[:LONGEST_TEXT]
        notices.append(gettext_noop("The text was too long: all of it is in the file message.txt."))
    for file, notice in _files(mail.mail.files, taken):
        if notice:
            notices.append(notice)
        else:
            files.append(file)
    return files, Wording(text=own, cut=mail.reply.cut, html=mail.mail.html, notices=notices)


def _files(files: Sequence[MailFile], taken: int) -> Iterator[tuple[NewFile, str]]:
    """Yield each file of a mail with why it is left out, if it is; the original mail keeps it for the operator."""
    most, room = settings.SPORTELLO["TICKET_FILES_PER_ENTRY"] - 1, settings.SPORTELLO["TICKET_BYTES"] - taken
    for file in files:
        name = rules.cleaned_name(file.name)
        new = NewFile(name=name, content=file.content, content_type=file.content_type)
        notice = ""
        try:
            rules.check_can_keep(name=name, content=file.content, most_bytes=settings.SPORTELLO["TICKET_FILE_BYTES"])
        except rules.FileRefused:
            notice = kept(_NOT_TAKEN, name=name)
        if not notice and (most < 1 or room < len(file.content)):
            notice = kept(_NO_ROOM, name=name)
        if not notice:
            most, room = most - 1, room - len(file.content)
        yield new, notice
