"""Mails that go round and round, and mails that belong to nothing: stopped, told to the operator, answered once or never."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from sportello.kernel.jobs.worker import run_due
from sportello.kernel.models import Event
from sportello.messaging.incoming.taking import Raw, take
from sportello.messaging.models import Message
from sportello.messaging.outbox import TOO_MANY
from sportello.messaging.states import Channel, State
from sportello.messaging.types import Recipient

pytestmark = pytest.mark.django_db
PASSED = "Authentication-Results: mx.portal.test; dmarc=pass header.from=example.test"


@pytest.fixture(autouse=True)
def portal(settings: Any, tmp_path: Any) -> None:
    settings.SPORTELLO = {
        **settings.SPORTELLO,
        "DATA_FOLDER": tmp_path,
        "MAIL_IN_ADDRESS": "tickets@reply.portal.test",
        "MAIL_AUTHSERV_IDS": ["mx.portal.test"],
        "MAIL_MOST_OUT_PER_HOUR": 3,
    }


def messages(template: str) -> list[Message]:
    rows = Message.objects.across_tenants(reason="a test").filter(template=template)
    return list(rows.order_by("pk"))


def notify(send: Any, to: str, thread: str, now: datetime) -> Message:
    return send(thread=thread, recipient=Recipient(email=to), channel=Channel.EMAIL, now=now)


def test_e20_mails_of_one_conversation_to_one_address_stop_and_the_operator_is_told_once(send, world, now):
    states = [notify(send, "ada@example.test", "ticket:7", now + timedelta(minutes=n)).state for n in range(5)]
    others = [
        notify(send, *where, now).state for where in (("bo@example.test", "ticket:7"), ("ada@example.test", "ticket:8"))
    ]
    later = notify(send, "ada@example.test", "ticket:7", now + timedelta(hours=2)).state
    assert states == [State.QUEUED] * 3 + [State.FAILED] * 2
    assert (others, later) == ([State.QUEUED] * 2, State.QUEUED)
    stopped = Message.objects.across_tenants(reason="a test").filter(answer=TOO_MANY)
    assert [one.secret for one in stopped] == [None, None]
    assert Event.append_only.filter(kind="messaging.loop_stopped").count() == 2
    run_due()
    assert [(one.address, one.context["limit"]) for one in messages("mail_loop_alert")] == [("olga@example.test", "3")]


def lost(sender: str, *, number: int = 1, more: str = PASSED, to: str = "tickets@reply.portal.test") -> Raw:
    raw = f"{more}\nFrom: {sender}\nTo: {to}\nSubject: Aiuto\nMessage-ID: <{number}@example.test>\n\nCome faccio? ({number})\n"
    return Raw(raw.encode())


def test_e19_a_known_person_whose_mail_belongs_to_nothing_is_told_once_a_week_and_nobody_else(world, now):
    for number in range(3):
        take(lost("Ada <ADA@example.test>", number=number), now=now)
    take(lost("stranger@example.test", number=4), now=now)
    take(lost("bo@example.test", number=5, more="X-Nothing: confirms"), now=now)
    take(lost("cy@example.test", number=6, more=f"{PASSED}\nAuto-Submitted: auto-replied"), now=now)
    run_due()
    assert [one.address for one in messages("mail_to_nowhere")] == ["ada@example.test"]


def test_e20_a_flood_that_comes_in_is_told_to_the_operator_once(send, world, now, settings):
    settings.SPORTELLO["MAIL_MOST_PER_HOUR"] = 2
    from sportello.messaging.incoming.routes import open_reply_address

    to = open_reply_address(notify(send, "ada@example.test", "ticket:7", now))
    for number in range(4):
        take(lost("ada@example.test", number=number, to=to), now=now)
    run_due()
    assert [one.context["address"] for one in messages("mail_loop_alert")] == ["ada@example.test"]
