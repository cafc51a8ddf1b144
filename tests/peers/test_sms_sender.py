"""The outbox and the long-lived sender against a real SMPP server: from the row to the receipt."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from sportello.kernel.actor import system_actor
from sportello.messaging import queries
from sportello.messaging.channels.sms.smpp import SmppAccount, SmppTransport
from sportello.messaging.delivery import texts
from sportello.messaging.models import Message, SenderLease, StoredReceipt
from sportello.messaging.operations import send_message
from sportello.messaging.sender import Sender
from sportello.messaging.states import Channel
from sportello.messaging.types import Recipient
from tests.peers.smsc import Smsc, free_port, smsc_in_thread

pytestmark = [pytest.mark.peer, pytest.mark.django_db(transaction=True)]

WARNING = {"line": "1", "measure": "Euro", "used": "1", "limit": "1", "percent": "80", "period": "11/2026"}


class Until(threading.Event):
    """Stops the sender when something is true, or after a while; asked in the sender's own thread."""

    def __init__(self, true: Callable[[], bool], seconds: float = 15.0) -> None:
        super().__init__()
        self._true, self._end = true, time.monotonic() + seconds

    def is_set(self) -> bool:
        if not super().is_set() and (self._true() or time.monotonic() > self._end):
            self.set()
        return super().is_set()


def sender(port: int) -> Sender:
    account = SmppAccount("127.0.0.1", port, "sportello", "secret", first_pause=0.05, longest_pause=0.2)
    return Sender(lambda: SmppTransport(account), lease=timedelta(seconds=3))


def queue(mobile: str, *, template: str = "threshold_warning", key: str = "1", **secret: str) -> Message:
    return send_message(
        actor=system_actor(reason="a test sends"),
        recipient=Recipient(mobile=mobile, language="it"),
        template=template,
        context=WARNING if template == "threshold_warning" else {"minutes": "30"},
        secret=secret or None,
        channel=Channel.SMS,
        organisation_id=None,
        idempotency_key=key,
    )


def state(message: Message) -> str:
    return queries.for_delivery(message.pk).state


def test_a_code_goes_from_the_outbox_to_the_phone_and_its_receipt_comes_back() -> None:
    message = queue("+393510000100", template="sign_in_code", code="482913")
    with smsc_in_thread(Smsc()) as smsc:
        sender(smsc.port).run(Until(lambda: state(message) == "delivered"))
    row = queries.for_delivery(message.pk)
    assert (row.state, row.tries, row.secret) == ("delivered", 1, None)
    assert [part.provider_id for part in queries.parts(row)] == ["1"]
    (arrived,) = smsc.arrived
    assert (arrived.source, arrived.source_ton, arrived.to) == ("Sportello", 5, "393510000100")
    assert arrived.octets.startswith(b"482913 ")


@pytest.mark.parametrize(
    ("suffix", "ends", "answer"),
    [
        ("02", "failed", "ESME_RINVSRCADR"),
        ("06", "sent", ""),
        ("07", "delivered", "DELIVRD"),
        ("08", "delivered", "DELIVRD"),
        ("09", "delivered", "DELIVRD"),
        ("10", "failed", "UNDELIV 001"),
    ],
)
def test_every_course_of_a_text_ends_in_its_state(suffix: str, ends: str, answer: str) -> None:
    message = queue(f"+3935100001{suffix}")
    with smsc_in_thread(Smsc()) as smsc:
        sender(smsc.port).run(Until(lambda: state(message) == ends))
    row = queries.for_delivery(message.pk)
    assert (row.state, row.answer, len(smsc.arrived)) == (ends, answer, len(queries.parts(row)))


def test_a22_with_the_centre_away_messages_wait_untouched_and_go_when_it_comes() -> None:
    port = free_port()
    message = queue("+393510000100")
    sender(port).run(Until(lambda: (lease := queries.sender()) is not None and "cannot connect" in lease.link))
    row = queries.for_delivery(message.pk)
    assert (row.state, row.tries) == ("queued", 0)
    with smsc_in_thread(Smsc(port)):
        sender(port).run(Until(lambda: state(message) == "delivered"))
    assert state(message) == "delivered"


def test_a_centre_that_stops_while_an_answer_is_due_leaves_the_text_in_doubt_once() -> None:
    message = queue("+393510000105")
    with smsc_in_thread(Smsc()) as smsc:
        sender(smsc.port).run(Until(lambda: len(smsc.arrived) == 1))
    # Stopping the sender without an answer is the same to the text as losing the line.
    assert state(message) == "unknown"
    with smsc_in_thread(Smsc()) as smsc:
        sender(smsc.port).run(Until(lambda: False, seconds=1.5))
        assert smsc.arrived == []


def test_a_text_left_by_a_killed_sender_is_sent_once_by_the_next() -> None:
    message = queue("+393510000100")
    assert len(texts.claim(now=timezone.now() - timedelta(minutes=5), most=10)) == 0
    Message._base_manager.filter(pk=message.pk).update(next_try_at=timezone.now() - timedelta(minutes=10))
    assert len(texts.claim(now=timezone.now() - timedelta(minutes=5), most=10)) == 1  # … killed here, five minutes ago
    SenderLease.objects.create(name="sms", worker="dead", leased_until=timezone.now() + timedelta(seconds=1))
    with smsc_in_thread(Smsc()) as smsc:
        sender(smsc.port).run(Until(lambda: state(message) == "queued"))
        Message._base_manager.filter(pk=message.pk).update(next_try_at=timezone.now())
        sender(smsc.port).run(Until(lambda: state(message) == "delivered"))
        assert (state(message), len(smsc.arrived)) == ("delivered", len(queries.parts(message)))


def test_a_receipt_that_comes_hours_later_is_received_by_the_standing_session() -> None:
    message = queue("+393510000106")
    with smsc_in_thread(Smsc()) as smsc:
        sender(smsc.port).run(Until(lambda: state(message) == "sent"))
        assert StoredReceipt.objects.count() == 0
        loop = smsc._loop.get_loop()

        def deliver() -> None:
            import asyncio

            asyncio.run_coroutine_threadsafe(smsc.receipt(b"id:00000001 stat:DELIVRD err:000"), loop)

        timer = threading.Timer(1.0, deliver)
        timer.start()
        sender(smsc.port).run(Until(lambda: state(message) == "delivered"))
        timer.join()
    assert state(message) == "delivered"


def test_only_the_holder_of_the_lease_binds() -> None:
    SenderLease.objects.create(name="sms", worker="another", leased_until=timezone.now() + timedelta(minutes=1))
    with smsc_in_thread(Smsc()) as smsc:
        sender(smsc.port).run(Until(lambda: False, seconds=1.0))
        assert smsc.binds == 0
        assert queries.sender().worker == "another"
