"""Taking mails: who is believed, what is kept, and each exactly once."""

import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from sportello.kernel.actor import system_actor
from sportello.kernel.refusals import WrongState
from sportello.kernel.sentences import in_english
from sportello.messaging import operations, queries, types
from sportello.messaging.channels.email.types import OutMail
from sportello.messaging.delivery import mail as delivery
from sportello.messaging.incoming import addresses, keeping, taking
from sportello.messaging.incoming.authentication import trust_in
from sportello.messaging.incoming.parsing.headers import split_headers
from sportello.messaging.incoming.taking import Raw, take
from sportello.messaging.models import AddressStanding, Message, ReceivedMail
from sportello.messaging.states import MailState, State
from sportello.messaging.types import MailAnswer, MailKind, TakenMail, Trust

pytestmark = pytest.mark.django_db
OPERATOR = system_actor(reason="a test")
PASSED = "Authentication-Results: mx.portal.test; dmarc=pass header.from=example.test"


@dataclass
class Receiver:
    """What an app above would be."""

    answer: MailAnswer = field(default_factory=lambda: MailAnswer(taken=True, reference="interaction:1"))
    mails: list[TakenMail] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    broken: int = 0

    def receive_mail(self, *, actor, mail, now):
        if self.broken:
            self.broken -= 1
            raise RuntimeError("the app fails")
        self.mails.append(mail)
        return self.answer

    def mail_failed(self, *, actor, thread, recipient, reason, now):
        self.failed.append((thread, recipient))


class Mailer:
    def __init__(self):
        self.mails: list[OutMail] = []

    def send(self, mail):
        self.mails.append(mail)
        return "250 ok"


@pytest.fixture(autouse=True)
def portal(settings, tmp_path):
    settings.SPORTELLO = {
        **settings.SPORTELLO,
        "DATA_FOLDER": tmp_path,
        "MAIL_IN_ADDRESS": "tickets@reply.portal.test",
        "MAIL_AUTHSERV_IDS": ["mx.portal.test"],
        "MAIL_MOST_PER_HOUR": 3,
    }


@pytest.fixture
def receiver(monkeypatch) -> Iterator[Receiver]:
    found = Receiver()
    monkeypatch.setitem(types._receivers, "ticket", found)
    return found


@pytest.fixture
def sent(send, now):
    """Send a mail of a thread and return it as it went out."""

    def send_one(thread="ticket:7", **changes) -> tuple[Message, OutMail]:
        message = send(thread=thread, **changes)
        mailer = Mailer()
        delivery.deliver(message.pk, mailer=mailer, now=now)
        return Message.objects.across_tenants(reason="a test").get(pk=message.pk), mailer.mails[0]

    return send_one


def answer(to: str, *, text="Domani.", sender="ada@example.test", number=1, more=PASSED, subject="Re: Guasto") -> bytes:
    return (
        f"{more}\nFrom: Ada <{sender}>\nTo: <{to}>\nSubject: {subject}\nMessage-ID: <{number}@example.test>\n\n{text}\n\nIl 15/01/2025 17:03, Sportello ha scritto:\n> ciao\n"
    ).encode()


def test_a_mail_of_a_thread_carries_an_address_for_the_answer_and_one_for_its_failure(sent):
    message, out = sent()
    assert out.reply_to == addresses.reply_address("ticket:7", "ada@example.test")
    assert len(out.reply_to.partition("@")[0]) == len("tickets+r") + 32  # 160 bits
    assert out.envelope_from == addresses.bounce_address(message.pk)
    assert addresses.find([out.envelope_from]).messages == (message.pk,)
    assert out.headers["In-Reply-To"] == "<thread-ticket-7@testserver>".replace("testserver", queries.portal().host)
    assert out.headers["X-Sportello-Instance"] == addresses.instance()


def test_each_recipient_and_thread_has_an_address_of_its_own():
    made = {
        addresses.reply_address(thread, to) for thread in ("ticket:7", "ticket:8") for to in ("ada@a.test", "bo@a.test")
    }
    assert len(made) == 4


def test_an_answer_reaches_the_app_of_its_thread_once_with_the_persons_own_words(sent, receiver, now):
    _message, out = sent()
    raw = Raw(answer(out.reply_to))
    first, second = take(raw, now=now), take(raw, now=now)
    (mail,) = receiver.mails
    assert (first.pk, first.state, first.reference) == (second.pk, MailState.HANDED_OVER, "interaction:1")
    assert (mail.thread, mail.recipient, mail.verified, mail.trust) == (
        "ticket:7",
        "ada@example.test",
        True,
        Trust.PASS,
    )
    assert (mail.reply.own, mail.reply.quoted) == ("Domani.", "Il 15/01/2025 17:03, Sportello ha scritto:\n> ciao")


def test_the_original_is_kept_for_the_portals_user_alone(sent, receiver, now):
    raw = answer(sent()[1].reply_to)
    path = keeping.path_of(take(Raw(raw), now=now).fingerprint)
    assert path.read_bytes() == raw
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_e24_the_same_mail_by_another_way_with_other_trace_headers_is_one(sent, receiver, now):
    raw = answer(sent()[1].reply_to)
    take(Raw(raw), now=now)
    take(Raw(b"Received: from mx by mx2\r\nX-Spam: no\r\n" + raw.replace(b"\n", b"\r\n")), now=now)
    assert (len(receiver.mails), ReceivedMail.objects.count()) == (1, 1)


def test_e24_another_mail_under_a_message_id_in_use_is_not_lost(sent, receiver, now):
    to = sent()[1].reply_to
    take(Raw(answer(to, text="Uno.")), now=now)
    take(Raw(answer(to, text="Due.")), now=now)
    assert [mail.reply.own for mail in receiver.mails] == ["Uno.", "Due."]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sender": "eve@example.test"}, "The sender is not the person whom the reply address was made for."),
        ({"more": PASSED.replace("pass", "fail")}, "The sender's domain denies having sent it (SPF, DKIM or DMARC)."),
        ({"more": "X-A: b"}, "The sender could not be confirmed (no SPF, DKIM or DMARC)."),
        (
            {"more": PASSED.replace("mx.portal", "mx.evil")},
            "The sender could not be confirmed (no SPF, DKIM or DMARC).",
        ),
        ({"more": PASSED + "\nFrom: eve@evil.test"}, "The mail names more than one sender."),
    ],
)
def test_e16_e17_a_sender_who_is_not_the_recipient_or_not_confirmed_is_quarantined(
    sent, receiver, now, changes, reason
):
    mail = take(Raw(answer(sent()[1].reply_to, **changes)), now=now)
    assert (mail.state, in_english(mail.reason), receiver.mails) == (MailState.QUARANTINED, reason, [])
    assert queries.due_emails(now=now, most=9) == []  # nothing is sent out for it (E19)


@pytest.mark.parametrize(
    "to", ["tickets@reply.portal.test", "tickets+r" + "a" * 32 + "@reply.portal.test", "boss@reply.portal.test"]
)
def test_e18_e19_a_ticket_number_in_the_subject_is_not_enough(sent, receiver, now, to):
    sent()
    mail = take(Raw(answer(to, subject="Re: [TCKXDSL0000007]")), now=now)
    assert (mail.state, receiver.mails) == (MailState.QUARANTINED, [])
    assert in_english(mail.reason) == "It came to no address that answers are taken at."


def test_e19_unknown_senders_get_no_answer(receiver, now):
    take(Raw(answer("tickets@reply.portal.test")), now=now)
    assert Message.objects.across_tenants(reason="a test").count() == 0


def test_e16_no_single_changed_letter_of_an_address_is_taken(sent):
    local, _at, domain = sent()[1].reply_to.partition("@")
    known = addresses.find([f"{local}@{domain}"]).replies
    forged = [
        f"{local[:at]}{letter}{local[at + 1 :]}@{domain}"
        for at in range(len("tickets+r"), len(local))
        for letter in "ab7"
        if local[at] != letter
    ]
    assert all(addresses.find([each]).replies != known for each in forged)


@pytest.mark.parametrize(
    "mangle",
    [
        str.upper,
        str.title,
        lambda to: to.replace("+", "="),
        lambda to: to.replace("tickets+", "tickets-"),
        lambda to: to.replace("+", "=2B"),
    ],
)
def test_e29_an_address_that_a_gateway_mangled_is_still_found(sent, receiver, now, mangle):
    to = mangle(sent()[1].reply_to)
    assert take(Raw(answer(to)), now=now).state == MailState.HANDED_OVER


def test_e29_a_mail_to_two_threads_goes_to_each_by_the_address_that_it_was_delivered_to(sent, receiver, now):
    first, second = sent("ticket:7")[1].reply_to, sent("ticket:8")[1].reply_to
    raw = answer(f"{first}>, <{second}")
    for to in (second, first, second):
        take(Raw(raw, "ada@example.test", (to,)), now=now)
    take(Raw(b"Delivered-To: " + first.encode() + b"\n" + raw), now=now)
    assert [mail.thread for mail in receiver.mails] == ["ticket:8", "ticket:7"]


def test_e29_the_reply_to_of_an_answer_does_not_count(sent, receiver, now):
    raw = answer(sent()[1].reply_to, sender="eve@evil.test", more=PASSED + "\nReply-To: ada@example.test")
    assert take(Raw(raw), now=now).state == MailState.QUARANTINED


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ("Auto-Submitted: auto-replied", MailKind.AUTO_REPLY),
        ("Return-Path: <>", MailKind.AUTO_REPLY),
        ("List-Id: <x.y>", MailKind.LIST),
        ("Precedence: bulk", MailKind.LIST),
    ],
)
def test_e20_what_a_machine_sends_is_kept_and_goes_nowhere(sent, receiver, now, headers, kind):
    mail = take(Raw(answer(sent()[1].reply_to, more=f"{PASSED}\n{headers}")), now=now)
    assert (mail.kind, mail.state, receiver.mails) == (kind, MailState.IGNORED, [])


def test_e20_our_own_mail_coming_back_is_ignored(sent, receiver, now):
    own = f"{PASSED}\nX-Sportello-Instance: {addresses.instance()}"
    assert take(Raw(answer(sent()[1].reply_to, more=own)), now=now).kind == MailKind.OWN
    assert receiver.mails == []


def test_e20_more_mails_than_a_person_writes_in_an_hour_stop(sent, receiver, now):
    to = sent()[1].reply_to
    states = [take(Raw(answer(to, number=n, text=f"n. {n}")), now=now + timedelta(minutes=n)).state for n in range(5)]
    later = take(Raw(answer(to, number=9, text="dopo")), now=now + timedelta(hours=2)).state
    assert states == [MailState.HANDED_OVER] * 3 + [MailState.QUARANTINED] * 2
    assert later == MailState.HANDED_OVER


def report(to: str, *, status="5.1.1", action="failed", copy="", number=1) -> Raw:
    raw = (
        f"From: MAILER-DAEMON@mx.test\nTo: <{to}>\nMessage-ID: <b{number}@mx.test>\nSubject: Undelivered\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        f"--b\n\nno\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; ada@example.test\nAction: {action}\nStatus: {status}\n"
        f"--b\nContent-Type: message/rfc822\n\nMessage-ID: <{copy}>\n\n--b--\n"
    )
    return Raw(raw.encode(), "", (to,))


def test_e21_a_recipient_is_paused_after_three_mails_that_failed_for_good(sent, receiver, send, now):
    for number in range(3):
        message, out = sent()
        take(report(out.envelope_from, number=number), now=now)
        take(report(out.envelope_from, number=number + 10), now=now)  # told twice, counted once
        message.refresh_from_db()
        assert message.state == State.FAILED
    assert receiver.failed == [("ticket:7", "ada@example.test")] * 3
    assert [each.address for each in queries.paused_addresses()] == ["ada@example.test"]
    stopped = send(thread="ticket:7")
    assert (stopped.state, in_english(stopped.answer)[:50]) == (
        State.FAILED,
        "Mails to this address came back several times, so ",
    )
    operations.resume_address(actor=OPERATOR, address="Ada@example.test")
    assert send(thread="ticket:7").state == State.QUEUED


def test_e21_failures_for_now_and_reports_on_nothing_of_ours_count_for_nothing(sent, receiver, now):
    message, out = sent()
    take(report(out.envelope_from, action="delayed", status="4.4.1"), now=now)
    take(report("tickets@reply.portal.test", number=2), now=now)
    take(report(out.envelope_from.replace("+b", "+ba"), number=3), now=now)
    take(report("tickets@reply.portal.test", copy="message-1.123@portal.test", number=4), now=now)
    message.refresh_from_db()
    assert (message.state, AddressStanding.objects.count(), receiver.failed) == (State.SENT, 0, [])


def test_e21_a_report_to_another_address_is_known_by_the_copy_that_it_carries(sent, receiver, now):
    _message, out = sent()
    take(report("tickets@reply.portal.test", copy=out.message_id), now=now)
    assert AddressStanding.objects.get().failures == 1


def test_an_app_that_fails_gets_the_mail_again_and_at_last_the_operator_does(sent, receiver, now):
    receiver.broken = 2
    mail = take(Raw(answer(sent()[1].reply_to)), now=now)
    assert (mail.state, mail.tries, queries.due_mails(now=now, most=9)) == (MailState.STORED, 1, [])
    hour = now + timedelta(hours=1)
    assert [taking.hand_over(mail.pk, now=hour) for _ in range(2)] == [MailState.STORED, MailState.HANDED_OVER]
    receiver.broken = 99
    other = take(Raw(answer(sent()[1].reply_to, number=2, text="x")), now=now)
    assert [taking.hand_over(other.pk, now=hour) for _ in range(4)][-1] == MailState.QUARANTINED
    other.refresh_from_db()
    assert in_english(other.reason) == "It could not be taken after 5 tries (RuntimeError)."


def test_e27_what_the_app_does_not_take_is_quarantined_with_its_reason(sent, receiver, now):
    receiver.answer = MailAnswer(taken=False, reason="The ticket is closed.")
    mail = take(Raw(answer(sent()[1].reply_to)), now=now)
    assert (mail.state, mail.reason) == (MailState.QUARANTINED, "The ticket is closed.")


def test_the_operator_lets_a_mail_through_as_not_verified_or_leaves_it(sent, receiver, now):
    forged = take(Raw(answer(sent()[1].reply_to, sender="eve@example.test")), now=now)
    assert operations.release_mail(actor=OPERATOR, mail=forged, now=now) == MailState.HANDED_OVER
    assert [mail.verified for mail in receiver.mails] == [False]
    refused = take(Raw(answer(sent()[1].reply_to, sender="eve@example.test", number=4)), now=now)
    receiver.answer = MailAnswer(taken=False, reason="The ticket is closed.")
    assert operations.release_mail(actor=OPERATOR, mail=refused, now=now) == MailState.QUARANTINED
    refused.refresh_from_db()
    assert refused.reason == "The ticket is closed."
    unknown = take(Raw(answer("tickets@reply.portal.test", number=5)), now=now)
    with pytest.raises(WrongState):
        operations.release_mail(actor=OPERATOR, mail=unknown, now=now)
    operations.drop_mail(actor=OPERATOR, mail=unknown, now=now)
    assert unknown.state == MailState.IGNORED


def test_withdrawn_addresses_are_deaf_until_the_recipient_is_told_again(sent, receiver, now):
    to = sent()[1].reply_to
    operations.withdraw_reply_addresses(actor=OPERATOR, thread="ticket:7", now=now)
    assert take(Raw(answer(to)), now=now).state == MailState.QUARANTINED
    sent()
    assert take(Raw(answer(to, number=2, text="x")), now=now).state == MailState.HANDED_OVER


def test_a_thread_that_nobody_receives_goes_into_quarantine(sent, now):
    mail = take(Raw(answer(sent("order:1")[1].reply_to)), now=now)
    assert (mail.state, in_english(mail.reason)) == (
        MailState.QUARANTINED,
        "No part of the portal takes answers to this.",
    )


@pytest.mark.parametrize(
    ("header", "trust"),
    [
        ("mx; dmarc=pass (p=none) header.from=acme.test", Trust.PASS),
        ("mx; dmarc=pass header.from=evil.test", Trust.NONE),
        ("mx; dmarc=fail header.from=acme.test; dkim=pass header.d=acme.test", Trust.FAIL),
        ("mx 1; dkim=pass header.d=acme.test", Trust.PASS),
        ("mx; dkim=pass header.d=mail.acme.test", Trust.PASS),
        ("mx; dkim=pass header.d=evil.test; spf=pass smtp.mailfrom=x@evil.test", Trust.FAIL),
        ("mx; dkim=none; spf=pass smtp.mailfrom=bo@acme.test", Trust.PASS),
        ("mx; spf=softfail smtp.mailfrom=bo@acme.test", Trust.FAIL),
        ("mx; none", Trust.NONE),
        ("other; dmarc=pass header.from=acme.test", Trust.NONE),
        ("evil; dmarc=pass (mx; dmarc=pass) header.from=acme.test", Trust.NONE),
        ("", Trust.NONE),
        (";;;=;dkim", Trust.NONE),
        ("mx; dkim=pass header.d=test", Trust.FAIL),
    ],
)
def test_e17_the_findings_of_our_own_server_alone_are_believed(header, trust):
    forged_below = b"\nAuthentication-Results: mx; dmarc=pass header.from=acme.test" if trust is Trust.FAIL else b""
    headers, _end = split_headers(b"Authentication-Results: " + header.encode() + forged_below + b"\n\n", most=9999)
    assert trust_in(headers, "bo@acme.test", servers=["MX"]) == trust


def test_received_mails_are_the_operators_alone(sent, receiver, now):
    take(Raw(answer(sent()[1].reply_to)), now=now)
    assert queries.received_mails(OPERATOR).count() == 1
    customer = type(OPERATOR)(person_id=1, organisation_id=1, profile=None, reach="customer")
    assert queries.received_mails(customer).count() == 0
    assert isinstance(now, datetime)
