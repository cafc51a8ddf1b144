"""What every mailer does, asked of the demo's mailbox and of SMTP against a real server."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from sportello.messaging.channels.email.mime import to_mime
from sportello.messaging.channels.email.simulator import SimulatedMailer
from sportello.messaging.channels.email.smtp import SmtpAccount, SmtpMailer
from sportello.messaging.channels.email.types import Mailer, MailInDoubt, MailRefused, OutMail
from tests.peers.smsc import free_port
from tests.peers.smtp import Mailbox, smtp_server

pytestmark = pytest.mark.peer

MAIL = OutMail(
    to="ada@acme.test",
    sender="Sportello <portal@operator.test>",
    subject="Il tuo invito è pronto €",
    text="Ciao Ada,\nil collegamento è questo.\n",
    html="<p>Ciao Ada, il collegamento è questo.</p>",
    message_id="m-17.abc@portal.test",
)


class Peer:
    def __init__(self, mailer: Mailer, mails: Callable[[], list[EmailMessage]]) -> None:
        self.mailer = mailer
        self.mails = mails


@pytest.fixture(params=["simulator", "smtp"])
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    if request.param == "simulator":
        taken: list[OutMail] = []
        yield Peer(SimulatedMailer(taken.append), lambda: [parsed(mail) for mail in taken])
        return
    mailbox = Mailbox()
    server = smtp_server(mailbox)
    server.start()
    yield Peer(SmtpMailer(SmtpAccount("127.0.0.1", server.port)), lambda: mailbox.mails)
    server.stop()


@pytest.fixture
def smtp() -> Iterator[tuple[SmtpMailer, Mailbox]]:
    mailbox = Mailbox()
    server = smtp_server(mailbox)
    server.start()
    yield SmtpMailer(SmtpAccount("127.0.0.1", server.port, timeout=2.0)), mailbox
    server.stop()


def parsed(mail: OutMail) -> EmailMessage:
    message = message_from_bytes(to_mime(mail).message().as_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage, kind: str) -> str:
    part: Any = message.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n")  # lines end as the wire asks


def test_a_mail_arrives_with_both_texts_and_the_headers_that_keep_robots_silent(peer: Peer) -> None:
    answer = peer.mailer.send(MAIL)
    (message,) = peer.mails()
    assert answer.startswith("250 ")
    assert (message["To"], message["From"], message["Subject"]) == (MAIL.to, MAIL.sender, MAIL.subject)
    assert message["Message-ID"] == "<m-17.abc@portal.test>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert body(message, "plain") == MAIL.text
    assert body(message, "html").strip() == MAIL.html


def test_a_mail_without_html_is_plain_text(peer: Peer) -> None:
    peer.mailer.send(replace(MAIL, html=""))
    assert peer.mails()[0].get_content_type() == "text/plain"


@pytest.mark.parametrize(
    "poisoned",
    [
        {"subject": "Ciao\r\nBcc: everybody@acme.test"},
        {"subject": "Ciao\nBcc: everybody@acme.test"},
        {"to": "ada@acme.test\r\nBcc: everybody@acme.test"},
        {"sender": "Sportello <portal@operator.test>\nBcc: x@acme.test"},
        {"headers": {"X-Ticket": "1\r\nBcc: x@acme.test"}},
        {"message_id": "a\r\nBcc: x@acme.test"},
    ],
)
def test_e23_a_line_break_in_a_header_is_refused_and_nothing_goes_out(peer: Peer, poisoned: dict[str, Any]) -> None:
    with pytest.raises(MailRefused, match="holds a line break") as refused:
        peer.mailer.send(replace(MAIL, **poisoned))
    assert refused.value.later is False
    assert peer.mails() == []


@pytest.mark.parametrize(
    ("to", "answer", "later"),
    [
        ("unknown@acme.test", "550 5.1.1 no such user", False),
        ("full@acme.test", "452 4.2.2 mailbox full, come back", True),
        ("spam@acme.test", "554 5.7.1 looks like spam", False),
    ],
)
def test_a_refusal_of_the_server_says_whether_a_later_try_may_work(
    smtp: tuple[SmtpMailer, Mailbox],
    to: str,
    answer: str,
    later: bool,
) -> None:
    with pytest.raises(MailRefused) as refused:
        smtp[0].send(replace(MAIL, to=to))
    assert (refused.value.answer, refused.value.later) == (answer, later)


def test_the_servers_answer_is_kept(smtp: tuple[SmtpMailer, Mailbox]) -> None:
    assert smtp[0].send(MAIL) == "250 2.0.0 queued as 4711"


def test_a_server_that_hangs_up_after_the_message_leaves_it_in_doubt(smtp: tuple[SmtpMailer, Mailbox]) -> None:
    with pytest.raises(MailInDoubt):
        smtp[0].send(replace(MAIL, to="cut@acme.test"))
    assert len(smtp[1].mails) == 1


def test_a_server_that_is_away_means_later() -> None:
    mailer = SmtpMailer(SmtpAccount("127.0.0.1", free_port()))
    with pytest.raises(MailRefused, match="cannot be reached") as refused:
        mailer.send(MAIL)
    assert refused.value.later is True


def test_a_server_that_never_speaks_means_later_within_the_time_limit() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        mailer = SmtpMailer(SmtpAccount("127.0.0.1", silent.getsockname()[1], timeout=0.3))
        with pytest.raises(MailRefused, match="cannot be reached") as refused:
            mailer.send(MAIL)
    assert refused.value.later is True


def test_passwords_and_texts_do_not_show_in_representations() -> None:
    assert "hush" not in repr(SmtpAccount("127.0.0.1", 25, "portal", "hush"))
    assert "collegamento" not in repr(MAIL)
