"""Mail in both directions over real servers: Postfix and Dovecot of Debian, started by the test."""

from __future__ import annotations

import smtplib
import time
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from sportello.kernel.actor import system_actor
from sportello.messaging import types
from sportello.messaging.channels.email.smtp import SmtpAccount, SmtpMailer
from sportello.messaging.delivery.mail import deliver
from sportello.messaging.incoming.imap import fetch_all, signed_in
from sportello.messaging.incoming.lmtp import LmtpServer
from sportello.messaging.incoming.taking import Raw, take
from sportello.messaging.models import AddressStanding, Message, ReceivedMail
from sportello.messaging.operations import send_message
from sportello.messaging.states import Channel, MailState, State
from sportello.messaging.tests.test_incoming_taking import Receiver
from sportello.messaging.types import MailKind, Recipient
from tests.peers.mailserver import MailServers, missing

pytestmark = [
    pytest.mark.peer,
    pytest.mark.xdist_group("mailservers"),
    pytest.mark.skipif(bool(missing()), reason=missing()),
]
CONTEXT = {
    "line": "+39 351 000 0002",
    "measure": "Euro",
    "used": "8",
    "limit": "10",
    "percent": "80",
    "period": "11/2026",
}
OURS = "tickets@reply.portal.test"


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Receiver:
    found = Receiver()
    monkeypatch.setitem(types._receivers, "ticket", found)
    return found


@pytest.fixture(autouse=True)
def portal(settings, tmp_path: Path) -> None:
    settings.SPORTELLO = {
        **settings.SPORTELLO,
        "DATA_FOLDER": tmp_path,
        "MAIL_IN_ADDRESS": OURS,
        "MAIL_TAKE_UNCONFIRMED": True,  # the servers of this test sign nothing
    }


def now() -> datetime:
    return datetime.now(UTC)


def notify(servers: MailServers, to: str, key: str) -> Message:
    """Send a mail of a ticket through the outbox and Postfix."""
    message = send_message(
        actor=system_actor(reason="a test"),
        recipient=Recipient(email=to, language="it"),
        template="threshold_warning",
        context=CONTEXT,
        channel=Channel.EMAIL,
        organisation_id=None,
        idempotency_key=key,
        thread="ticket:7",
    )
    assert deliver(message.pk, mailer=SmtpMailer(SmtpAccount("127.0.0.1", servers.smtp)), now=now()) == State.SENT
    return message


def take_next(servers: MailServers, *, wanted: int = 1, within: float = 30) -> list[ReceivedMail]:
    """Wait with IDLE for what comes to our mailbox, and take it."""
    account, taken = servers.account(OURS), []
    with signed_in(account) as mailbox:
        until = time.monotonic() + within
        while len(taken) < wanted and time.monotonic() < until:
            fetch_all(mailbox, account, lambda raw: taken.append(take(raw, now=now())))
            if len(taken) < wanted:
                mailbox.idle.wait(timeout=1)
    return taken


@pytest.mark.django_db
def test_an_answer_written_with_a_mail_program_is_taken_once(servers, receiver):
    notify(servers, "ada@cliente.test", "loop")
    got = servers.newest("ada@cliente.test")
    assert got["Return-Path"].startswith("<tickets+b")
    quoted = "\n".join(f"> {line}" for line in got.get_body(("plain",)).get_content().splitlines())
    reply = EmailMessage()
    reply["From"], reply["To"], reply["Subject"] = "Ada <ada@cliente.test>", got["Reply-To"], "Re: " + got["Subject"]
    reply["Message-ID"], reply["In-Reply-To"] = "<1@cliente.test>", got["Message-ID"]
    reply.set_content(
        f"Perché è già finito?\n\nIl giorno lun 15 gen 2025 alle ore 17:03 Sportello <\n{got['Reply-To']}> ha\nscritto:\n\n{quoted}\n"
    )
    with smtplib.SMTP("127.0.0.1", servers.smtp) as smtp:
        smtp.send_message(reply)
        smtp.send_message(reply)  # a server on the way sends it twice
    taken = take_next(servers, wanted=2)
    assert [mail.reply.own for mail in receiver.mails] == ["Perché è già finito?"]
    assert [mail.state for mail in taken] == [MailState.HANDED_OVER] * 2
    assert ReceivedMail.objects.count() == 1


@pytest.mark.django_db
def test_a_mail_straight_by_lmtp_is_kept_for_each_recipient_and_strangers_addresses_bounce(servers, receiver, settings):
    settings.SPORTELLO["MAIL_IN_ADDRESS"] = "tickets@lmtp.portal.test"
    notify(servers, "bo@cliente.test", "lmtp")
    to = servers.newest("bo@cliente.test")["Reply-To"]
    kept: list[Raw] = []
    server = LmtpServer(kept.append, host="127.0.0.1", port=servers.portal, most_octets=60_000_000)
    server.start()
    try:
        with smtplib.SMTP("127.0.0.1", servers.smtp) as smtp:
            text = f"From: bo@cliente.test\nTo: {to}\nSubject: Re: x\nMessage-ID: <2@cliente.test>\n\nEccomi.\n"
            smtp.sendmail("bo@cliente.test", [to, "tickets@lmtp.portal.test"], text)
        until = time.monotonic() + 30
        while len(kept) < 2 and time.monotonic() < until:
            time.sleep(0.02)
        with smtplib.LMTP("127.0.0.1", servers.portal) as lmtp, pytest.raises(smtplib.SMTPRecipientsRefused):
            lmtp.sendmail("x@cliente.test", ["someone@else.test"], "Subject: x\n\nx\n")
    finally:
        server.stop()
    assert len(kept) == 2
    assert {take(raw, now=now()).state for raw in kept} == {
        MailState.HANDED_OVER
    }  # one mail: both copies are the ticket's
    assert [(mail.reply.own, mail.recipient) for mail in receiver.mails] == [("Eccomi.", "bo@cliente.test")]


@pytest.mark.django_db
def test_a_failure_that_postfix_reports_fails_the_message(servers, receiver):
    server = LmtpServer(lambda _raw: None, host="127.0.0.1", port=servers.portal, most_octets=60_000_000)
    server.start()
    try:
        message = notify(servers, "nobody@lmtp.portal.test", "bounce")
        (report,) = take_next(servers)
    finally:
        server.stop()
    message.refresh_from_db()
    assert (report.kind, report.state, message.state) == (MailKind.BOUNCE, MailState.IGNORED, State.FAILED)
    assert receiver.failed == [("ticket:7", "nobody@lmtp.portal.test")]
    assert AddressStanding.objects.get().failures == 1
