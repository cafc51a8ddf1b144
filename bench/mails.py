"""Mails taken by one worker: answers to tickets as people write them, kept on disk, read, and written into their tickets, one by one."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from datetime import datetime
from random import Random
from typing import Any

from bench.saying import say

MAILS, TICKETS, WARM = 1_000, 50, 20
FILE = 200_000
SUBJECT = "Bench: mails"
QUOTE = "\n".join(f"> {line}" for line in ["Buongiorno,", "abbiamo verificato la linea.", ""] * 10)
INTRODUCTION = "Il giorno lun 12 gen 2026 alle ore 10:15 Sportello <{to}> ha\nscritto:\n\n"
HTML = (
    '<div dir="ltr"><p>{text}</p></div><div class="gmail_quote"><div class="gmail_attr">Il giorno lun 12 gen 2026 ha scritto:</div>'
    '<blockquote class="gmail_quote">' + "<p>abbiamo verificato la linea</p>" * 40 + "</blockquote></div>"
)


def measured_mails() -> dict[str, Any]:
    """Take the mails, one after the other, and return how many a second.

    Of ten, three are HTML too, one holds a file of 200 kB, and one is an automatic reply, which is kept and no more.
    """
    from django.conf import settings
    from django.utils import timezone

    from sportello.messaging.incoming.taking import Raw, take
    from sportello.messaging.states import MailState

    settings.SPORTELLO |= {"MAIL_MOST_PER_HOUR": 10**9, "MAIL_TAKE_UNCONFIRMED": True, "TICKET_BYTES": 10**12}
    where = _recipients(timezone.now())
    say(f"taking {MAILS:,} mails into {TICKETS} tickets, by one worker ...")
    mails = [Raw(octets) for octets in _mails(where, WARM + MAILS)]
    for raw in mails[:WARM]:
        take(raw, now=timezone.now())
    times, handed, begun, cpu = [], 0, time.perf_counter(), time.process_time()
    for raw in mails[WARM:]:
        started = time.perf_counter()
        handed += take(raw, now=timezone.now()).state == MailState.HANDED_OVER
        times.append((time.perf_counter() - started) * 1000)
    seconds = time.perf_counter() - begun
    times.sort()
    return {
        "what": "mails taken, one worker",
        "mails": MAILS,
        "entries": handed,
        "seconds": round(seconds, 1),
        "mails_per_second": round(MAILS / seconds, 1),
        "cpu_ms": round((time.process_time() - cpu) * 1000 / MAILS, 1),
        "p50_ms": round(times[len(times) // 2], 1),
        "p95_ms": round(times[len(times) * 95 // 100], 1),
    }


def _recipients(now: datetime) -> list[tuple[str, str]]:
    """Open the tickets and tell of them, as the portal does; return each recipient's address with the one that their answers come to."""
    from sportello.kernel.actor import system_actor
    from sportello.messaging.incoming.routes import open_reply_address
    from sportello.messaging.models import Message
    from sportello.tickets.operations.telling import tell

    system, found = system_actor(reason="the bench answers tickets by mail"), []
    for number in range(TICKETS):
        ticket = _opened(number, now)
        tell(actor=system, ticket=ticket, place=1, now=now)
        told = Message.objects.across_tenants(reason="the bench").filter(thread=f"ticket:{ticket.pk}")
        found += [(one.address, open_reply_address(one)) for one in told]
    return found


def _opened(number: int, now: datetime) -> Any:
    from sportello.config.demo_base.daily_work import actor_of
    from sportello.parties.models import Organisation
    from sportello.tickets import queries
    from sportello.tickets.models import TicketType
    from sportello.tickets.operations import open_ticket
    from sportello.tickets.types import Callback

    ada = actor_of("ada.administrator")
    customer = Organisation.objects.for_(ada).select_related("partner").get_or_refuse(pk=ada.organisation_id)
    return open_ticket(
        actor=actor_of("pia.partner"),
        customer=customer,
        form=queries.newest_form(TicketType.objects.get(code="GENERIC")),
        subject=f"{SUBJECT} {number}",
        text="Linea lenta",
        answers={},
        contact=Callback(name="Rita Conti", phone="+393510000009"),
        now=now,
    )


def _mails(where: list[tuple[str, str]], count: int) -> Iterator[bytes]:
    dice, run = Random(5), time.time_ns()
    file = base64.encodebytes(dice.randbytes(FILE)).decode()
    for number in range(count):
        sender, to = where[number % len(where)]
        head = (
            f"From: <{sender}>\nTo: <{to}>\nSubject: R: ticket\nDate: Mon, 12 Jan 2026 10:20:00 +0100\n"
            f"Message-ID: <{run}.{number}@posta.example>\nMIME-Version: 1.0\n"
        )
        text = f"La linea è ancora lenta, prova numero {number}.\n\nGrazie"
        yield (head + _body(number % 10, text, to, file)).encode()


def _body(kind: int, text: str, to: str, file: str) -> str:
    plain = "Content-Type: text/plain; charset=utf-8\n\n" + text
    quoted = f"{plain}\n\n{INTRODUCTION.format(to=to)}{QUOTE}\n"
    if kind == 0:
        return f"Auto-Submitted: auto-replied\n{plain}\n"
    if kind == 1:
        named = "Content-Type: text/plain\nContent-Disposition: attachment; filename=log.txt"
        coded = f"{named}\nContent-Transfer-Encoding: base64\n\n{file}"
        return f"Content-Type: multipart/mixed; boundary=b\n\n--b\n{quoted}\n--b\n{coded}\n--b--\n"
    if kind < 5:
        html = f"Content-Type: text/html; charset=utf-8\n\n{HTML.format(text=text)}"
        return f"Content-Type: multipart/alternative; boundary=b\n\n--b\n{quoted}\n--b\n{html}\n--b--\n"
    return quoted
