"""Machines told from people, and failures for good from those for now, over a corpus of what programs write."""

from sportello.messaging.incoming.deciding import LIKE_A_MACHINE, decide
from sportello.messaging.incoming.kinds import WORDS_ALONE, Verdict, classify
from sportello.messaging.incoming.kinds.failures import is_permanent
from sportello.messaging.incoming.parsing import parse_mail
from sportello.messaging.states import MailState
from sportello.messaging.tests.automatic_corpus import AUTOMATIC, PEOPLE
from sportello.messaging.tests.failures_corpus import FAILURES
from sportello.messaging.types import MailKind, Trust

MACHINES = {MailKind.AUTO_REPLY, MailKind.OUT_OF_OFFICE, MailKind.BOUNCE, MailKind.LIST, MailKind.RECEIPT}


def octets_of(headers: str, text: str) -> bytes:
    sender = "" if "From:" in headers else "From: Bo Blu <bo@acme.test>\nReturn-Path: <bo@acme.test>\n"
    return f"{sender}{headers}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{text}\n".encode()


def verdict(headers: str, text: str) -> Verdict:
    octets = octets_of(headers, text)
    return classify(octets, parse_mail(octets))


def test_e21_failures_of_many_systems_are_known_and_their_permanence_too():
    wrong = []
    for name, (headers, text, permanent) in FAILURES.items():
        told = verdict(headers, text)
        found = all(each.permanent for each in told.failures) if told.failures else None
        if told.kind is not MailKind.BOUNCE or (permanent is not None and found is not permanent):
            wrong.append((name, told.kind, found))
    assert wrong == []
    assert len(FAILURES) > 60


def test_e20_automatic_replies_of_many_programs_are_no_persons_mails():
    assert [name for name, mail in AUTOMATIC.items() if verdict(*mail).kind not in MACHINES] == []
    assert len(AUTOMATIC) > 60


def test_what_people_write_of_absences_and_failures_stays_theirs():
    assert [(name, verdict(*mail)) for name, mail in PEOPLE.items() if verdict(*mail).kind is not MailKind.PERSON] == []


def test_e20_a_mail_that_only_reads_like_a_machines_goes_to_the_operator():
    """A person may write such words, so that the mail is neither taken nor lost."""
    octets = octets_of(*AUTOMATIC["away words only it"])
    mail = parse_mail(octets)
    told = classify(octets, mail)
    assert (told.kind, told.sign) == (MailKind.OUT_OF_OFFICE, WORDS_ALONE)
    decision = decide(
        mail,
        told.kind,
        recipient="bo@acme.test",
        withdrawn=False,
        trust=Trust.PASS,
        within_hour=0,
        most_per_hour=9,
        take_unconfirmed=False,
        in_doubt=told.sign == WORDS_ALONE,
    )
    assert (decision.state, decision.reason) == (MailState.QUARANTINED, LIKE_A_MACHINE)


def test_e21_permanence_is_of_the_address_not_of_the_way_there():
    told = {
        text: is_permanent(text)
        for text in (
            "550 5.4.1 Recipient address rejected: Access denied",
            "554 5.4.14 Hop count exceeded",
            "550 5.7.1 blocked using zen.spamhaus.org",
            "553 no such domain",
            "421 4.7.0 try again later: user unknown",
            "retry timeout exceeded",
            "5.2.1 The account is disabled",
        )
    }
    assert list(told.values()) == [True, False, False, True, False, False, True]


STATUSES = {
    ("failed", "5.1.1", "550 5.1.1 user unknown"): True,
    ("failed", "5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound"): True,
    ("failed", "5.1.2", "bad destination host"): True,
    ("failed", "5.2.1", "account disabled"): True,
    ("failed", "5.4.1", "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)"): True,
    ("failed", "5.4.4", "Host or domain name not found"): True,
    ("failed", "5.0.0", "550 no such user"): True,
    ("failed", "5.0.0", "552 Mailbox over quota"): False,
    ("failed", "5.2.2", "552 mailbox full"): False,
    ("failed", "5.3.4", "552 5.3.4 Message size exceeds fixed maximum message size"): False,
    ("failed", "5.4.7", "delivery time expired"): False,
    ("failed", "5.6.0", "content rejected"): False,
    ("failed", "5.7.1", "message rejected as spam"): False,
    ("failed", "5.7.26", "This mail is unauthenticated"): False,
    ("failed", "4.4.1", "Connection timed out"): False,
    ("delayed", "4.4.7", "will be retried"): False,
    ("delayed", "5.1.1", "whatever a server says of a delay"): False,
}


def test_e21_the_machine_part_of_a_report_tells_what_failed_for_good():
    told = {}
    for action, status, words in STATUSES:
        fields = (
            f"Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; bo@acme.test\nAction: {action}\nStatus: {status}\n"
            f"Diagnostic-Code: smtp; {words}\n"
        )
        head = (
            "From: MAILER-DAEMON@mx.test\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        )
        octets = f"{head}--b\n\nno\n--b\nContent-Type: message/delivery-status\n\n{fields}\n--b--\n".encode()
        (failure,) = classify(octets, parse_mail(octets)).failures
        told[action, status, words] = failure.permanent
    assert told == STATUSES
