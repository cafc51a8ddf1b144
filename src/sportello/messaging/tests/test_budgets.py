"""Texts count per number, customer and installation, and no more go than a budget lets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from time import sleep
from typing import Any

import pytest
from django.db.models import F

from sportello.kernel.jobs.worker import run_due
from sportello.kernel.sentences import told
from sportello.kernel.testing import in_threads
from sportello.kernel.testing.cast import World
from sportello.messaging import queries
from sportello.messaging.delivery import simulated, texts
from sportello.messaging.models import Message, SimulatedText, SmsSpending
from sportello.messaging.states import Channel
from sportello.messaging.types import Recipient

Send = Callable[..., Message]


def all_messages() -> list[Message]:
    return list(Message.objects.across_tenants(reason="a test looks").order_by("pk"))


def with_settings(settings: Any, **changes: Any) -> None:
    settings.SPORTELLO = {**settings.SPORTELLO, **changes}


def budgets() -> dict[str, int]:
    return dict(SmsSpending.objects.order_by("bucket").values_list("bucket", "parts"))


def test_a13_texts_count_per_number_customer_and_installation(send_code: Send, world: World, now: datetime) -> None:
    send_code(organisation_id=world.a.pk)
    send_code()
    simulated.deliver_texts(now=now)
    assert budgets() == {"all": 2, "number:+393510000001": 2, f"organisation:{world.a.pk}": 1}


@pytest.mark.parametrize(
    ("setting", "bucket"),
    [
        ("SMS_DAILY_BUDGET", "all"),
        ("SMS_DAILY_BUDGET_PER_CUSTOMER", "organisation:"),
        ("SMS_DAILY_BUDGET_PER_NUMBER", "number:"),
    ],
)
def test_a13_a_spent_budget_fails_the_next_text_and_tells_the_operator_once(  # noqa: PLR0917
    send_code: Send, world: World, now: datetime, settings: Any, setting: str, bucket: str
) -> None:
    with_settings(settings, **{setting: 2})
    for _ in range(4):
        send_code(organisation_id=world.a.pk)
    simulated.deliver_texts(now=now)
    assert SimulatedText.objects.count() == 2
    late = send_code(organisation_id=world.a.pk)
    assert (late.state, told(late.answer).partition("(")[2][: len(bucket)]) == ("failed", bucket)
    assert sorted(budgets().values()) == [2, 2, 2]
    run_due()
    alerts = [message for message in all_messages() if message.template == "sms_breaker_alert"]
    assert [alert.address for alert in alerts] == ["olga@example.test"]
    assert (alerts[0].context["limit"], alerts[0].context["day"]) == ("2", "2026-11-22")
    assert send_code(organisation_id=world.a.pk, now=now + timedelta(days=1)).state == "queued"


def test_a13_another_customer_is_not_stopped_by_the_first_ones_budget(
    send_code: Send, world: World, now: datetime, settings: Any
) -> None:
    with_settings(settings, SMS_DAILY_BUDGET_PER_CUSTOMER=1)
    send_code(organisation_id=world.a.pk)
    simulated.deliver_texts(now=now)
    assert send_code(organisation_id=world.a.pk).state == "failed"
    assert send_code(organisation_id=world.b.pk).state == "queued"


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a13_parallel_senders_do_not_pass_the_budget(send: Send, now: datetime, settings: Any) -> None:
    with_settings(settings, SMS_DAILY_BUDGET=10)
    for number in range(40):
        send(channel=Channel.SMS, recipient=Recipient(mobile=f"+39351000{number:04}", language="en"))
    taken = in_threads(8, lambda _place: len(texts.claim(now=now, most=5)))
    assert [each for each in taken if isinstance(each, BaseException)] == []
    assert sum(int(str(each)) for each in taken) == 10
    assert budgets()["all"] == 10


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a13_control_reading_the_budget_before_adding_to_it_passes_it(now: datetime) -> None:
    """Parallel senders see the same old sum, and each of them has room."""
    row = SmsSpending.objects.create(day=queries.sms_day(now), bucket="all", parts=9)

    def naive(_place: int) -> bool:
        room = SmsSpending.objects.get(pk=row.pk).parts < 10
        sleep(0.01)  # choosing the part, writing its lease
        if room:
            SmsSpending.objects.filter(pk=row.pk).update(parts=F("parts") + 1)
        return room

    assert sum(each is True for each in in_threads(8, naive)) > 1
    assert budgets()["all"] > 10
