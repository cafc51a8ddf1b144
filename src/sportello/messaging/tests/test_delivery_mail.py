"""Mails on their way: the states that a mailer's answers lead to, leases, doubles."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from sportello.kernel.sentences import told
from sportello.kernel.testing import in_threads
from sportello.messaging import queries
from sportello.messaging.channels.email.types import MailInDoubt, MailRefused, OutMail
from sportello.messaging.delivery import mail
from sportello.messaging.models import Message
from sportello.messaging.states import State

Send = Callable[..., Message]


class Answers:
    """A mailer that answers as told, in order; the last answer stays."""

    def __init__(self, *answers: str | Exception) -> None:
        self.answers = list(answers)
        self.mails: list[OutMail] = []

    def send(self, out: OutMail) -> str:
        self.mails.append(out)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def stored(message: Message) -> Message:
    return queries.for_delivery(message.pk)


def test_a_mail_is_sent_and_its_record_says_what(send: Send, now: datetime) -> None:
    message = send()
    mailer = Answers("250 queued as 1")
    assert mail.deliver(message.pk, mailer=mailer, now=now) == State.SENT
    row = stored(message)
    assert (row.state, row.tries, row.answer, row.sent_at, row.ended_at) == ("sent", 1, "250 queued as 1", now, now)
    assert row.subject == "+39 351 000 0002: 80% of the threshold"
    assert "Used: 8,12 €" in row.text
    (out,) = mailer.mails
    assert (out.to, out.subject, out.text) == ("ada@example.test", row.subject, row.text)
    assert "Used: 8,12 €<br>" in out.html


def test_a_refusal_for_now_waits_longer_each_time_under_the_same_message_id(send: Send, now: datetime) -> None:
    message = send()
    mailer = Answers(MailRefused("452 full", later=True), MailRefused("452 full", later=True), "250 ok")
    assert mail.deliver(message.pk, mailer=mailer, now=now) == State.QUEUED
    assert stored(message).next_try_at == now + timedelta(seconds=10)
    assert mail.deliver(message.pk, mailer=mailer, now=now + timedelta(seconds=9)) == State.QUEUED
    assert len(mailer.mails) == 1
    again = now + timedelta(seconds=10)
    assert mail.deliver(message.pk, mailer=mailer, now=again) == State.QUEUED
    assert stored(message).next_try_at == again + timedelta(seconds=20)
    assert mail.deliver(message.pk, mailer=mailer, now=again + timedelta(seconds=20)) == State.SENT
    assert (stored(message).tries, len({out.message_id for out in mailer.mails})) == (3, 1)


def test_a_refusal_for_good_fails_and_erases_the_secret(send: Send, now: datetime) -> None:
    message = send(
        template="invitation", context={"organisation": "A", "days": "7"}, secret={"link": "/invitation/tok3n"}
    )
    assert mail.deliver(message.pk, mailer=Answers(MailRefused("550 no", later=False)), now=now) == State.FAILED
    row = stored(message)
    assert (row.state, row.answer, row.secret, row.ended_at) == ("failed", "550 no", None, now)


def test_a_mail_in_doubt_goes_again_under_the_same_message_id(send: Send, now: datetime) -> None:
    message = send()
    mailer = Answers(MailInDoubt("no answer"), "250 ok")
    assert mail.deliver(message.pk, mailer=mailer, now=now) == State.QUEUED
    assert mail.deliver(message.pk, mailer=mailer, now=now + timedelta(minutes=1)) == State.SENT
    assert len({out.message_id for out in mailer.mails}) == 1


def test_a_mail_that_is_worthless_by_now_is_not_sent(send: Send, now: datetime) -> None:
    message = send()
    mailer = Answers("250 ok")
    assert mail.deliver(message.pk, mailer=mailer, now=now + timedelta(days=4)) == State.FAILED
    assert (stored(message).answer, mailer.mails) == ("It could not be sent in time.", [])


def test_a_mail_left_by_a_dead_worker_is_taken_over_after_its_lease(send: Send, now: datetime) -> None:
    message = send()

    class Killed(BaseException):
        pass

    class Dies:
        def send(self, out: OutMail) -> str:
            raise Killed

    with pytest.raises(Killed):
        mail.deliver(message.pk, mailer=Dies(), now=now)
    mailer = Answers("250 ok")
    assert mail.deliver(message.pk, mailer=mailer, now=now + timedelta(minutes=1)) == State.SENDING
    assert mailer.mails == []
    later = now + mail.LEASE + timedelta(seconds=1)
    assert queries.due_emails(now=later, most=10) == [message.pk]
    assert mail.deliver(message.pk, mailer=mailer, now=later) == State.SENT
    assert (stored(message).tries, len(mailer.mails)) == (2, 1)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_l03_ten_workers_at_once_send_one_mail(send: Send, now: datetime) -> None:
    message = send()
    mailer = Answers("250 ok")
    states = in_threads(10, lambda _place: mail.deliver(message.pk, mailer=mailer, now=now))
    assert [state for state in states if isinstance(state, BaseException)] == []
    assert len(mailer.mails) == 1
    assert stored(message).state == State.SENT


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_l03_ten_workers_take_an_abandoned_mail_over_once(send: Send, now: datetime) -> None:
    message = send()
    Message._base_manager.filter(pk=message.pk).update(
        state="sending", tries=1, leased_until=now - timedelta(seconds=1)
    )
    mailer = Answers("250 ok")
    states = in_threads(10, lambda _place: mail.deliver(message.pk, mailer=mailer, now=now))
    assert [state for state in states if isinstance(state, BaseException)] == []
    assert (len(mailer.mails), stored(message).state, stored(message).tries) == (1, "sent", 2)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_l03_control_looking_and_then_sending_doubles(send: Send, now: datetime) -> None:
    message = send()
    mailer = Answers("250 ok")

    def naive(_place: int) -> None:
        row = stored(message)
        if row.state == State.QUEUED:
            time.sleep(0.2)  # the network
            mailer.send(mail._mail(row, queries.rendered(row, row.context, show_secrets=True)))
            row.__class__._base_manager.filter(pk=row.pk).update(state=State.SENT)

    in_threads(10, naive)
    assert len(mailer.mails) > 1


def test_e23_line_breaks_in_a_name_stay_out_of_the_subject(send: Send, now: datetime) -> None:
    message = send(
        template="invitation",
        context={"organisation": "Evil\r\nBcc: all@example.test", "days": "7"},
        secret={"link": "/invitation/x"},
    )
    mailer = Answers("250 ok")
    mail.deliver(message.pk, mailer=mailer, now=now)
    from sportello.messaging.channels.email.mime import to_mime

    assert to_mime(mailer.mails[0]).message().get_all("Bcc") is None
    assert mailer.mails[0].subject == "Invitation to the portal of Sportello"


def test_a_mail_whose_template_is_gone_fails_with_the_reason(send: Send, now: datetime) -> None:
    message = send()
    Message._base_manager.filter(pk=message.pk).update(template="of_an_app_that_is_gone")
    assert mail.deliver(message.pk, mailer=Answers("250 ok"), now=now) == State.FAILED
    assert told(stored(message).answer) == "It cannot be written (UnknownTemplate)."
