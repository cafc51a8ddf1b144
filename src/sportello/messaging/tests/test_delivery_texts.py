"""Texts on their way: claiming, parts, what the centre says in whatever order, takeover."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from sportello.kernel.sentences import told
from sportello.kernel.testing import in_threads
from sportello.messaging import queries
from sportello.messaging.channels.sms.segmentation import decode_part, joined
from sportello.messaging.channels.sms.types import (
    InboundSms,
    InDoubt,
    OutPart,
    PartRef,
    Receipt,
    ReceiptState,
    Refused,
    SmsEvent,
    Submitted,
)
from sportello.messaging.delivery import simulated, texts
from sportello.messaging.models import Message, MessagePart, ReceivedText, SimulatedText, StoredReceipt
from sportello.messaging.states import Channel, State

Send = Callable[..., Message]


def stored(message: Message) -> Message:
    return queries.for_delivery(message.pk)


def state_and_parts(message: Message) -> tuple[str, list[str]]:
    return stored(message).state, [part.state for part in queries.parts(message)]


def hand_over(now: datetime) -> list[OutPart]:
    parts = texts.claim(now=now, most=10)
    texts.mark_handed(parts)
    return parts


def text_of(parts: list[OutPart]) -> str:
    return joined(decode_part(p.octets, data_coding=p.data_coding, esm_class=p.esm_class) for p in parts)


def test_a_text_is_sent_then_delivered(send_code: Send, now: datetime) -> None:
    message = send_code()
    (part,) = hand_over(now)
    assert (part.to, part.sender.value, part.validity) == ("+393510000001", "Sportello", timedelta(minutes=30))
    assert text_of([part]).startswith("482913 is your code to sign in to Sportello.")
    assert text_of([part]).endswith("\n\n@127.0.0.1 #482913")
    assert state_and_parts(message) == ("sending", ["handed"])
    texts.record(Submitted(part.ref, "abc"), now=now)
    assert state_and_parts(message) == ("sent", ["submitted"])
    texts.record(Receipt("abc", ReceiptState.DELIVERED, ""), now=now + timedelta(seconds=3))
    row = stored(message)
    assert (row.state, row.answer, row.ended_at) == ("delivered", "DELIVRD", now + timedelta(seconds=3))


def test_a22_a_receipt_before_the_answer_is_kept_and_matched(send_code: Send, now: datetime) -> None:
    message = send_code()
    (part,) = hand_over(now)
    texts.record(Receipt("abc", ReceiptState.DELIVERED, ""), now=now)
    assert state_and_parts(message) == ("sending", ["handed"])
    texts.record(Submitted(part.ref, "abc"), now=now)
    assert state_and_parts(message) == ("delivered", ["delivered"])


def test_a22_a_receipt_told_twice_changes_nothing_the_second_time(send_code: Send, now: datetime) -> None:
    message = send_code()
    (part,) = hand_over(now)
    texts.record(Submitted(part.ref, "abc"), now=now)
    for _ in range(2):
        texts.record(Receipt("abc", ReceiptState.DELIVERED, ""), now=now)
    texts.record(Receipt("abc", ReceiptState.EXPIRED, ""), now=now)
    assert state_and_parts(message) == ("delivered", ["delivered"])
    assert StoredReceipt.objects.filter(part__message=message).count() == 3


def test_a_final_receipt_may_follow_an_intermediate_one(send_code: Send, now: datetime) -> None:
    message = send_code()
    (part,) = hand_over(now)
    texts.record(Submitted(part.ref, "abc"), now=now)
    texts.record(Receipt("abc", ReceiptState.ACCEPTED, ""), now=now)
    assert state_and_parts(message) == ("sent", ["submitted"])
    texts.record(Receipt("abc", ReceiptState.UNDELIVERABLE, "001"), now=now)
    assert (stored(message).state, stored(message).answer) == ("failed", "UNDELIV 001")


def test_an_unmatched_receipt_waits_for_its_part(send_code: Send, now: datetime) -> None:
    message = send_code()
    (part,) = hand_over(now)
    texts.record(Submitted(part.ref, "abc"), now=now)
    receipt = StoredReceipt.objects.create(provider_id="abc", state="DELIVRD", received_at=now)
    assert texts.match_receipts(now=now) == 1
    receipt.refresh_from_db()
    assert (receipt.part_id, stored(message).state) == (queries.parts(message)[0].pk, "delivered")
    assert texts.match_receipts(now=now) == 0


def test_a22_a_throttled_code_goes_again_later_with_the_same_code(send_code: Send, now: datetime) -> None:
    message = send_code()
    (part,) = hand_over(now)
    texts.record(Refused(part.ref, "ESME_RTHROTTLED", later=True), now=now)
    row = stored(message)
    assert (row.state, row.tries, row.next_try_at) == ("queued", 1, now + timedelta(seconds=10))
    assert hand_over(now + timedelta(seconds=9)) == []
    (again,) = hand_over(now + timedelta(seconds=10))
    assert again.octets == part.octets


def test_a_wrong_number_fails_for_good(send_code: Send, now: datetime) -> None:
    message = send_code()
    (part,) = hand_over(now)
    texts.record(Refused(part.ref, "ESME_RINVDSTADR", later=False), now=now)
    assert (stored(message).state, stored(message).answer) == ("failed", "ESME_RINVDSTADR")
    assert [p.octets for p in queries.parts(message)] == [""]
    assert hand_over(now + timedelta(days=1)) == []


def long_text(send: Send) -> Message:
    from sportello.messaging.tests.conftest import THRESHOLD

    return send(channel=Channel.SMS, context={**THRESHOLD, "measure": "€" * 200})


def test_a_long_text_is_as_far_as_its_slowest_part(send: Send, now: datetime) -> None:
    message = long_text(send)
    parts = hand_over(now)
    assert len(parts) == 4
    for number, part in enumerate(parts):
        assert stored(message).state == "sending"
        texts.record(Submitted(part.ref, f"id-{number}"), now=now)
    assert stored(message).state == "sent"
    for number in range(4):
        assert stored(message).state == "sent"
        texts.record(Receipt(f"id-{number}", ReceiptState.DELIVERED, ""), now=now)
    assert stored(message).state == "delivered"


def test_only_the_parts_that_were_refused_go_again(send: Send, now: datetime) -> None:
    message = long_text(send)
    first, second, third, fourth = hand_over(now)
    for part in (first, third, fourth):
        texts.record(Submitted(part.ref, f"id-{part.ref.part}"), now=now)
    texts.record(Refused(second.ref, "ESME_RMSGQFUL", later=True), now=now)
    assert stored(message).state == "queued"
    again = hand_over(now + timedelta(minutes=1))
    assert again == [second.__class__(**{**vars(second), "validity": again[0].validity})]
    texts.record(Submitted(second.ref, "id-1"), now=now)
    assert stored(message).state == "sent"


def test_one_part_that_cannot_be_delivered_fails_the_text(send: Send, now: datetime) -> None:
    message = long_text(send)
    for part in hand_over(now):
        texts.record(Submitted(part.ref, f"id-{part.ref.part}"), now=now)
    texts.record(Receipt("id-2", ReceiptState.EXPIRED, ""), now=now)
    assert (stored(message).state, stored(message).answer) == ("failed", "EXPIRED")


def test_a_warning_in_doubt_is_not_sent_again_by_itself(send: Send, now: datetime) -> None:
    message = send(channel=Channel.SMS)
    (part,) = hand_over(now)
    texts.record(InDoubt(part.ref, "connection lost"), now=now)
    assert (stored(message).state, stored(message).answer) == ("unknown", "connection lost")
    assert hand_over(now + timedelta(days=2)) == []


def test_a_late_answer_settles_the_doubt(send: Send, now: datetime) -> None:
    message = send(channel=Channel.SMS)
    (part,) = hand_over(now)
    texts.record(InDoubt(part.ref, "no answer in time"), now=now)
    texts.record(Submitted(part.ref, "abc"), now=now)
    texts.record(Receipt("abc", ReceiptState.DELIVERED, ""), now=now)
    assert state_and_parts(message) == ("delivered", ["delivered"])


def test_a_code_in_doubt_goes_again_because_the_same_code_twice_does_no_harm(send_code: Send, now: datetime) -> None:
    message = send_code()
    (part,) = hand_over(now)
    texts.record(InDoubt(part.ref, "connection lost"), now=now)
    assert stored(message).state == "queued"
    (again,) = hand_over(now + timedelta(seconds=10))
    assert text_of([again]).startswith("482913 ")


def test_killed_before_the_hand_over_the_next_sender_sends_it_once(send: Send, now: datetime) -> None:
    message = send(channel=Channel.SMS)
    assert len(texts.claim(now=now, most=10)) == 1  # … and here the process is killed
    assert texts.claim(now=now, most=10) == []
    assert texts.recover(now=now + timedelta(minutes=1)) == 0
    assert texts.recover(now=now + timedelta(minutes=3)) == 1
    assert state_and_parts(message) == ("queued", ["ready"])
    assert len(hand_over(now + timedelta(minutes=4))) == 1


def test_killed_after_the_hand_over_a_warning_is_in_doubt_and_never_doubled(send: Send, now: datetime) -> None:
    message = send(channel=Channel.SMS)
    hand_over(now)  # … and here the process is killed
    assert texts.recover(now=now + timedelta(minutes=3)) == 1
    assert state_and_parts(message) == ("unknown", ["in_doubt"])
    assert hand_over(now + timedelta(minutes=4)) == []


def test_urgent_texts_go_first(send: Send, send_code: Send, now: datetime) -> None:
    warnings = [send(channel=Channel.SMS) for _ in range(3)]
    code = send_code(urgent=True)
    claimed = texts.claim(now=now, most=2)
    assert [part.ref.pk for part in claimed] == [code.pk, warnings[0].pk]


def test_a_code_that_is_too_old_is_not_sent(send_code: Send, now: datetime) -> None:
    message = send_code()
    assert hand_over(now + timedelta(minutes=30)) == []
    row = stored(message)
    assert (row.state, row.answer, row.secret) == ("failed", "It could not be sent in time.", None)


def test_a_text_to_a_prefix_that_was_closed_meanwhile_is_not_sent(
    send_code: Send, now: datetime, settings: object
) -> None:
    message = send_code()
    settings.SPORTELLO = {**settings.SPORTELLO, "SMS_ALLOWED_PREFIXES": ["+34"]}  # type: ignore[attr-defined]
    assert hand_over(now) == []
    assert (stored(message).state, stored(message).answer) == ("failed", "Text messages do not go to this country.")


@pytest.mark.parametrize(
    "event",
    [
        Submitted(PartRef(999999, 0), "x"),
        Refused(PartRef(999999, 0), "x", later=True),
        InDoubt(PartRef(999999, 0), "x"),
        Receipt("", ReceiptState.UNKNOWN, ""),
        Receipt("nobody", ReceiptState.DELIVERED, ""),
    ],
)
@pytest.mark.django_db
def test_events_about_nothing_we_know_are_survived(event: SmsEvent, now: datetime) -> None:
    texts.record(event, now=now)
    assert MessagePart.objects.count() == 0


@pytest.mark.django_db
def test_a_text_from_a_phone_is_kept(now: datetime) -> None:
    texts.record(InboundSms("393510000001", "40404", "Perché?"), now=now)
    assert list(ReceivedText.objects.values_list("sender", "to", "text")) == [("393510000001", "40404", "Perché?")]


def test_the_simulator_puts_long_texts_together(send: Send, now: datetime) -> None:
    message = long_text(send)
    assert simulated.deliver_texts(now=now) == 4
    (text,) = SimulatedText.objects.all()
    assert (text.number, text.text) == ("+393510000001", stored(message).text)
    assert stored(message).state == State.DELIVERED
    assert simulated.deliver_texts(now=now) == 0


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_l03_ten_senders_at_once_take_each_text_once(send: Send, now: datetime) -> None:
    messages = {send(channel=Channel.SMS).pk for _ in range(30)}
    taken = in_threads(10, lambda _place: [part.ref.pk for part in texts.claim(now=now, most=5)])
    claimed = [pk for each in taken if isinstance(each, list) for pk in each]
    assert [each for each in taken if isinstance(each, BaseException)] == []
    assert len(claimed) == len(set(claimed))
    assert set(claimed) <= messages


def test_a13_a_spent_budget_stops_texts_at_the_hand_over_too(send: Send, now: datetime, settings: object) -> None:
    settings.SPORTELLO = {**settings.SPORTELLO, "SMS_DAILY_BUDGET": 3}  # type: ignore[attr-defined]
    sent = [send(channel=Channel.SMS) for _ in range(5)]
    assert len(hand_over(now)) == 3
    states = [(stored(message).state, told(stored(message).answer)) for message in sent]
    refusal = ("failed", "The number of text messages allowed per day is reached (all).")
    assert states == [("sending", "")] * 3 + [refusal] * 2


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"context": {"line": "1"}}, "It cannot be written (ContextIncomplete)."),
        ({"template": "of_an_app_that_is_gone"}, "It cannot be written (UnknownTemplate)."),
        ({"address": "+390612345678"}, "This is not a mobile number: text messages cannot reach it."),
    ],
)
def test_a_text_that_cannot_be_written_fails_and_does_not_hold_up_the_next(
    send: Send, now: datetime, changes: dict[str, object], answer: str
) -> None:
    broken, good = send(channel=Channel.SMS), send(channel=Channel.SMS)
    Message._base_manager.filter(pk=broken.pk).update(**changes)
    assert [part.ref.pk for part in hand_over(now)] == [good.pk]
    assert (stored(broken).state, told(stored(broken).answer)) == ("failed", answer)


def test_a_text_with_a_secret_of_a_lost_key_fails_and_does_not_hold_up_the_next(send_code: Send, now: datetime) -> None:
    from django.db import connection

    broken, good = send_code(), send_code()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE messaging_message SET secret = 'of another key' WHERE id = %s", [broken.pk])
    assert [part.ref.pk for part in hand_over(now)] == [good.pk]
    assert told(stored(broken).answer) == "It cannot be written (CannotDecrypt)."


def test_a_text_of_256_parts_fails(send: Send, now: datetime) -> None:
    from sportello.messaging.tests.conftest import THRESHOLD

    message = send(channel=Channel.SMS, context={**THRESHOLD, "measure": "a" * 153 * 256})
    assert hand_over(now) == []
    assert told(stored(message).answer) == "It cannot be written (TextTooLong)."
