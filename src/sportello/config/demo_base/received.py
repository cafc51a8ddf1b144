"""Mails that came in lately: answers to tickets, a forged sender, one to nowhere, an absence and a failure, each taken as any mail is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from django.conf import settings

from sportello.kernel.actor import Via, system_actor
from sportello.messaging.incoming import addresses
from sportello.messaging.incoming.taking import Raw, take
from sportello.messaging.models import Message
from sportello.messaging.states import MailState, State
from sportello.tickets.models import Interaction, Ticket, TicketRecipient
from sportello.tickets.operations.telling import tell
from sportello.tickets.states import Party

REASON = "answering the mails of the demo"
ADSL, AUDIO = "Linea ADSL non allineata in sede", "Audio a senso unico"
QUOTE = """

Il giorno {day:%d/%m/%Y} alle ore {day:%H:%M} Sportello <{to}>
ha scritto:

> C'è una risposta nel ticket.
> Per rispondere basta rispondere a questa e-mail.
"""
ABSENT = "Sono fuori ufficio fino a lunedì. Per urgenze: +39 055 2645555."
FAILED = """From: Mail Delivery System <MAILER-DAEMON@mx.fonteferlana.example>
To: <{failure_to}>
Subject: Undelivered Mail Returned to Sender
Date: {date}
Message-ID: <20260112.4F2A1@mx.fonteferlana.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="4F2A1"

--4F2A1
Content-Type: text/plain

<{to}>: mailbox unknown

--4F2A1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.fonteferlana.example

Final-Recipient: rfc822; {to}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 mailbox unknown

--4F2A1--
"""


@dataclass(frozen=True)
class Sent:
    """A mail of a ticket that reached somebody: where its answers and its failure come back to."""

    to: str
    subject: str
    answer_to: str
    failure_to: str


def tell_of_tickets() -> None:
    """Write the mails of the tickets that are answered, as the worker would: it finds them written, and writes none again."""
    system = system_actor(reason=REASON, via=Via.COMMAND)
    for subject in (ADSL, AUDIO):
        ticket = _ticket(subject)
        for place, at in Interaction.objects.for_(system).filter(ticket=ticket).values_list("sequence", "at"):
            tell(actor=system, ticket=ticket, place=place, now=at)


def receive_mails(now: datetime) -> Iterator[str]:
    """Let people and machines answer the mails that tickets sent; without an address for answers none comes."""
    if not addresses.base():
        yield "no mails received: the settings name no address for them"
        return
    states = [take(Raw(octets), now=at).state for octets, at in _mails(now)]
    yield f"{len(states)} mails received, {states.count(MailState.HANDED_OVER)} of them answers to tickets"


def _mails(now: datetime) -> list[tuple[bytes, datetime]]:
    adsl, audio, lost = _sent(ADSL, Party.PARTNER), _sent(AUDIO, Party.CUSTOMER), _sent(ADSL, Party.CUSTOMER, last=True)
    hours = [now - timedelta(hours=each) for each in (26, 20, 19, 18, 17, 9)]
    return [
        (_failure(lost, hours[0]), hours[0]),
        (_answer(adsl, "Il tecnico passa domani tra le 9 e le 11.\n\nGrazie", hours[1]), hours[1]),
        (_absence(adsl, hours[2]), hours[2]),
        (_answer(audio, "Ora si sente bene, anche dall'esterno.", hours[3]), hours[3]),
        (_answer(audio, "Chiudete pure tutto.", hours[4], sender="rita.conti@posta.example"), hours[4]),
        (_to_nowhere(hours[5]), hours[5]),
    ]


def _sent(subject: str, party: Party, *, last: bool = False) -> Sent:
    """Return a mail that a ticket sent to the first (or last) of its recipients of one party."""
    ticket = _ticket(subject)
    people = TicketRecipient.objects.across_tenants(reason=REASON).filter(ticket=ticket, party=party, ended_at=None)
    mails = Message.objects.across_tenants(reason=REASON).filter(
        thread=f"ticket:{ticket.pk}", state=State.SENT, address__in=people.values("address")
    )
    mail = mails.order_by("-address" if last else "address", "pk")[0]
    return Sent(
        to=mail.address,
        subject=mail.subject,
        answer_to=addresses.reply_address(mail.thread, mail.address),
        failure_to=addresses.bounce_address(mail.pk),
    )


def _ticket(subject: str) -> Ticket:
    return Ticket.objects.across_tenants(reason=REASON).get(subject=subject)


def _mail(*, sender: str, to: str, subject: str, text: str, at: datetime) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Date"] = sender, to, subject, format_datetime(at)
    mail["Message-ID"] = make_msgid(domain="posta.example")
    mail.set_content(text)
    return mail


def _answer(sent: Sent, text: str, at: datetime, *, sender: str = "") -> bytes:
    quote = QUOTE.format(day=at - timedelta(hours=3), to=sent.answer_to)
    writer = sender or sent.to
    mail = _mail(sender=writer, to=sent.answer_to, subject=f"R: {sent.subject}", text=text + quote, at=at)
    domain = writer.rpartition("@")[2]
    for server in settings.SPORTELLO["MAIL_AUTHSERV_IDS"][:1]:  # what the operator's mail server would have found out
        mail["Authentication-Results"] = f"{server}; dmarc=pass header.from={domain}"
    return mail.as_bytes()


def _absence(sent: Sent, at: datetime) -> bytes:
    subject = f"Risposta automatica: {sent.subject}"
    mail = _mail(sender=sent.to, to=sent.answer_to, subject=subject, text=ABSENT, at=at)
    mail["Auto-Submitted"] = "auto-replied"
    return mail.as_bytes()


def _to_nowhere(at: datetime) -> bytes:
    text = "Buongiorno,\nvorrei un preventivo per otto linee.\n\nPaolo Neri\nOfficine Neri"
    sender = "Paolo Neri <paolo@officineneri.example>"
    return _mail(sender=sender, to=addresses.base(), subject="Richiesta di preventivo", text=text, at=at).as_bytes()


def _failure(sent: Sent, at: datetime) -> bytes:
    return FAILED.format(to=sent.to, failure_to=sent.failure_to, date=format_datetime(at)).encode()
