"""What messaging does after a commit: bring out what was queued, tell the operator of spent budgets."""

from __future__ import annotations

from sportello.kernel.actor import system_actor
from sportello.kernel.events import handles
from sportello.kernel.models import Event
from sportello.messaging import operations, queries, tasks
from sportello.messaging.channels import choice
from sportello.messaging.events import MailLoopStopped, MailReceived, MessageQueued, MessageSentAgain, SmsBudgetSpent
from sportello.messaging.states import Channel, State
from sportello.messaging.types import Recipient


@handles(MessageQueued)
def deliver(event: Event) -> None:
    """Hand the new message to its way out."""
    _deliver(int(event.subject_id))


@handles(MessageSentAgain)
def deliver_again(event: Event) -> None:
    """Hand the repeated message to its way out."""
    _deliver(event.payload["new_message_id"])


@handles(SmsBudgetSpent)
def alert_operator(event: Event) -> None:
    """Mail every administrator of the operator, once per day and bucket."""
    facts = {name: str(event.payload[name]) for name in ("bucket", "limit", "day")}
    for person in queries.operator_administrators():
        operations.send_message(
            actor=system_actor(reason="a daily budget of text messages is spent"),
            recipient=Recipient(person_id=person.pk),
            template="sms_breaker_alert",
            context=facts,
            channel=Channel.EMAIL,
            organisation_id=person.organisation_id,
            idempotency_key=f"sms-breaker:{facts['day']}:{facts['bucket']}:{person.pk}",
        )


@handles(MailLoopStopped)
def alert_of_loop(event: Event) -> None:
    """Mail every administrator of the operator, once per hour, thread and address."""
    facts = {name: str(event.payload[name]) for name in ("address", "limit", "thread")}
    for person in queries.operator_administrators():
        operations.send_message(
            actor=system_actor(reason="machines seem to answer each other by mail"),
            recipient=Recipient(person_id=person.pk),
            template="mail_loop_alert",
            context=facts,
            channel=Channel.EMAIL,
            organisation_id=person.organisation_id,
            idempotency_key=f"mail-loop:{event.payload['hour']}:{facts['thread']}:{facts['address']}:{person.pk}"[:200],
        )


@handles(MailReceived)
def answer_from_nowhere(event: Event) -> None:
    """Tell a person of the portal, at most once a week, that a mail of theirs belongs to nothing.

    Nobody else is answered: a sender may be forged, and the answer would go to its victim (ABUSE E19).
    """
    person = queries.lost_writer(int(event.subject_id))
    if person is None:
        return
    year, week, _day = event.at.isocalendar()
    operations.send_message(
        actor=system_actor(reason="a mail of a known person came to no ticket"),
        recipient=Recipient(person_id=person.pk),
        template="mail_to_nowhere",
        context={},
        channel=Channel.EMAIL,
        organisation_id=person.organisation_id,
        idempotency_key=f"mail-to-nowhere:{person.pk}:{year}-{week}",
    )


def _deliver(message_id: int) -> None:
    message = queries.for_delivery(message_id)
    if message.state != State.QUEUED:
        return
    if message.channel == Channel.EMAIL:
        tasks.deliver_mail.enqueue(message.pk)
    elif choice.sms_is_simulated():  # a real centre is served by the sender, which looks by itself
        tasks.deliver_simulated_texts.enqueue()
