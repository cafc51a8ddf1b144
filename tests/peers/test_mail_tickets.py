"""Tickets by mail over real servers: a notification leaves by SMTP, a mail program answers, the text lands on its ticket."""

from __future__ import annotations

import json
import logging
import os
import smtplib
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from sportello.messaging.channels.email.smtp import SmtpAccount, SmtpMailer
from sportello.messaging.delivery.mail import deliver
from sportello.messaging.incoming.imap import watch
from sportello.messaging.incoming.lmtp import LmtpServer
from sportello.messaging.incoming.taking import Raw, take
from sportello.messaging.models import Message, ReceivedMail
from sportello.messaging.states import MailState, State
from sportello.tickets import queries
from sportello.tickets.models import Interaction
from sportello.tickets.states import EntryKind, Party
from sportello.tickets.tests.factories import SYSTEM, recent, told
from tests.peers.killed_mail_worker import OURS, STEPS
from tests.peers.mailserver import MailServers, missing

pytestmark = [
    pytest.mark.peer,
    pytest.mark.django_db,
    pytest.mark.xdist_group("mailservers"),
    pytest.mark.skipif(bool(missing()), reason=missing()),
]
WITHIN = 30.0
logger = logging.getLogger(__name__)
QUOTE = "\n\nIl giorno mer 18 nov 2026 alle ore 10:00 Sportello <\n{to}> ha\nscritto:\n\n{quoted}\n"


@pytest.fixture(autouse=True)
def portal(settings, tmp_path: Path) -> None:
    settings.SPORTELLO = {
        **settings.SPORTELLO,
        "DATA_FOLDER": tmp_path,
        "MAIL_IN_ADDRESS": OURS,
        "MAIL_TAKE_UNCONFIRMED": True,  # the servers of this test sign nothing
    }


@pytest.fixture
def ticket(world, pia, olga):
    """A ticket of A that its people see."""
    return recent(pia, world.a, visible_by=olga, shown=True)


def notified(servers: MailServers, message: Message) -> EmailMessage:
    """Send the mail of a ticket through Postfix and read it as its recipient does."""
    mailer = SmtpMailer(SmtpAccount("127.0.0.1", servers.smtp))
    assert deliver(message.pk, mailer=mailer, now=timezone.now()) == State.SENT
    return servers.newest(message.address)


def answered(servers: MailServers, got: EmailMessage, text: str, sender: str) -> None:
    """Answer a mail as a mail program does, what it said quoted below."""
    body = got.get_body(("plain",))
    assert body is not None
    quoted = "\n".join(f"> {line}" for line in body.get_content().splitlines())
    reply = EmailMessage()
    reply["From"], reply["To"], reply["Subject"] = sender, got["Reply-To"], f"R: {got['Subject']}"
    reply["Message-ID"], reply["In-Reply-To"] = f"<{time.time_ns()}@example.test>", got["Message-ID"]
    reply.set_content(text + QUOTE.format(to=got["Reply-To"], quoted=quoted))
    with smtplib.SMTP("127.0.0.1", servers.smtp) as smtp:
        smtp.send_message(reply)


def words_by_mail(ticket) -> list[tuple[str, str, str, bool]]:
    rows = Interaction.objects.for_(SYSTEM).filter(ticket=ticket, channel="mail", kind=EntryKind.MESSAGE)
    return list(rows.order_by("sequence").values_list("author_name", "party", "text", "shown"))


class Idle:
    """The mail worker in this thread; what its mailbox waits for happens in another one."""

    def __init__(self, servers: MailServers) -> None:
        self.stop, self.signed_in, self.times = threading.Event(), threading.Event(), [0.0, 0.0]
        self._account = servers.account(OURS)

    def run(self, answer: Callable[[], None]) -> float:
        """Let somebody answer while the worker waits; return the seconds from the mail's leaving to its being taken."""
        program = threading.Thread(target=self._answer, args=(answer,))
        late = threading.Timer(WITHIN, self.stop.set)
        program.start()
        late.start()
        watch(self._account, self._take, stop=self.stop, heard=lambda _said: self.signed_in.set())
        late.cancel()
        program.join()
        return self.times[1] - self.times[0]

    def _answer(self, answer: Callable[[], None]) -> None:
        assert self.signed_in.wait(WITHIN)
        self.times[0] = time.perf_counter()
        answer()

    def _take(self, raw: Raw) -> None:
        mail = take(raw, now=timezone.now())  # in the connection of the test: `taker` would take a new one
        self.times[1] = time.perf_counter()
        if isinstance(mail, ReceivedMail) and mail.state == MailState.HANDED_OVER:
            self.stop.set()


def test_an_answer_by_mail_lands_on_its_ticket_as_its_writer(servers, ticket, ada, pia):
    got = notified(servers, told(ticket, 2)["ada@example.test"])
    seconds = Idle(servers).run(lambda: answered(servers, got, "Perché è muto?\n\nAda", "Ada <ada@example.test>"))
    logger.info("from the mail's leaving to its entry: %.3f s", seconds)  # seen with --log-cli-level=INFO
    assert words_by_mail(ticket) == [("Ada Prova", Party.CUSTOMER, "Perché è muto?\n\nAda", False)]
    entry = queries.ticket_of(pia, ticket.pk).entries.for_(pia).order_by("-sequence")[0]
    assert (entry.text, got["Reply-To"] in entry.cut) == ("Perché è muto?\n\nAda", True)
    assert sorted(told(ticket, entry.sequence)) == ["olga@example.test", "pia@example.test"]
    assert list(queries.walk()) == []


def test_an_answer_straight_by_lmtp_lands_on_its_ticket(servers, ticket, settings):
    settings.SPORTELLO["MAIL_IN_ADDRESS"] = "tickets@lmtp.portal.test"
    got = notified(servers, told(ticket, 2)["ada@example.test"])
    came, kept = threading.Event(), list[Raw]()
    server = LmtpServer(
        lambda raw: (kept.append(raw), came.set()), host="127.0.0.1", port=servers.portal, most_octets=60_000_000
    )
    server.start()
    try:
        answered(servers, got, "Arrivo alle 9.", "ada@example.test")
        assert came.wait(WITHIN)
    finally:
        server.stop()
    assert [take(raw, now=timezone.now()).state for raw in kept] == [MailState.HANDED_OVER]
    assert words_by_mail(ticket) == [("Ada Prova", Party.CUSTOMER, "Arrivo alle 9.", False)]


def test_e16_an_answer_of_somebody_else_to_the_same_address_stays_outside(servers, ticket):
    got = notified(servers, told(ticket, 2)["ada@example.test"])
    reached = threading.Event()

    def both() -> None:
        answered(servers, got, "Chiudete tutto", "eve@cliente.test")
        answered(servers, got, "Sono io", "ada@example.test")
        reached.set()

    Idle(servers).run(both)
    assert reached.is_set()
    assert words_by_mail(ticket) == [("Ada Prova", Party.CUSTOMER, "Sono io", False)]
    assert sorted(ReceivedMail.objects.values_list("sender", "state")) == [
        ("ada@example.test", MailState.HANDED_OVER),
        ("eve@cliente.test", MailState.QUARANTINED),
    ]


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="the worker gets a copy of this test's database: SQLite alone"
)
def test_e24_a_worker_killed_at_each_step_takes_each_mail_once(servers, ticket, tmp_path):
    told(ticket, 2)
    (tmp_path / "sportello.sqlite3").write_bytes(connection.connection.serialize())
    words = [str(tmp_path), str(ticket.pk), "ada@example.test", str(servers.imap), str(servers.smtp)]
    secret = {"SPORTELLO_SECRET_KEY": django_settings.SECRET_KEY}
    done = subprocess.run(
        [sys.executable, "-m", "tests.peers.killed_mail_worker", *words, str(servers.folder / "mail" / OURS)],
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
        env={"PATH": "/usr/bin", "PYTHONPATH": os.pathsep.join(["src", "."]), **secret},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "killed": [9] * len(STEPS),
        "texts": STEPS,
        "wrong": 0,
        "states": ["handed_over"] * len(STEPS),
        "inbox": 0,
    }
