"""The outbox: one row per wish, in the caller's transaction; what stops a message, and what the operator may do."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from sportello.kernel.actor import Actor, system_actor
from sportello.kernel.jobs.worker import run_due
from sportello.kernel.models import Event, Job
from sportello.kernel.refusals import InvalidInput, NotPermitted
from sportello.kernel.sentences import told
from sportello.kernel.testing import in_threads
from sportello.kernel.testing.cast import World
from sportello.messaging import operations, queries, rules
from sportello.messaging.catalogue import UnknownTemplate
from sportello.messaging.delivery import simulated
from sportello.messaging.models import Message, SimulatedMail, SimulatedText
from sportello.messaging.outbox import NoAddress
from sportello.messaging.rendering import ContextIncomplete, ForeignLink
from sportello.messaging.states import Channel, Kind, State
from sportello.messaging.tests.conftest import THRESHOLD
from sportello.messaging.types import Recipient

Send = Callable[..., Message]
INVITATION: dict[str, Any] = {
    "template": "invitation",
    "context": {"organisation": "Comune di Alfa", "days": "7"},
    "secret": {"link": "/invitation/tok3n"},
}


def all_messages() -> list[Message]:
    return list(Message.objects.across_tenants(reason="a test looks").order_by("pk"))


def with_settings(settings: Any, **changes: Any) -> None:
    settings.SPORTELLO = {**settings.SPORTELLO, **changes}


def test_a_message_is_one_row_and_one_event(send: Send, world: World, now: datetime) -> None:
    person = world.memberships["ada"].person
    message = send(recipient=Recipient(person_id=person.pk), organisation_id=world.a.pk)
    row = queries.for_delivery(message.pk)
    assert (row.address, row.language, row.person, row.organisation) == ("ada@example.test", "en", person, world.a)
    assert (row.state, row.context, row.secret, row.queued_at) == ("queued", THRESHOLD, None, now)
    event = Event.append_only.get(kind="messaging.queued")
    assert (event.organisation_id, event.subject_id) == (world.a.pk, str(message.pk))
    assert event.payload == {"template": "threshold_warning", "channel": "email", "state": "queued"}


def test_the_same_key_gives_the_same_row(send: Send) -> None:
    first = send(idempotency_key="once")
    assert send(idempotency_key="once", context={**THRESHOLD, "percent": "90"}).pk == first.pk
    assert len(all_messages()) == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_l03_the_same_key_from_twenty_threads_gives_one_row(send: Send) -> None:
    rows = in_threads(20, lambda _place: send(idempotency_key="once").pk)
    assert [row for row in rows if isinstance(row, BaseException)] == []
    assert len(set(rows)) == 1
    assert len(all_messages()) == 1


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_for_a_change_that_was_rolled_back(send: Send) -> None:
    class Broken(Exception):
        pass

    with pytest.raises(Broken), transaction.atomic():
        send()
        raise Broken
    run_due()
    assert all_messages() == []
    assert (Job.objects.count(), SimulatedMail.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_after_the_commit_the_worker_brings_mail_and_text_to_the_simulator_once(send: Send, send_code: Send) -> None:
    from django.utils import timezone

    mail, code = send(now=timezone.now()), send_code(now=timezone.now())
    run_due()
    run_due()
    assert list(SimulatedMail.objects.values_list("to", flat=True)) == ["ada@example.test"]
    assert [text.text.split()[0] for text in SimulatedText.objects.all()] == ["482913"]
    assert [queries.for_delivery(each.pk).state for each in (mail, code)] == ["sent", "delivered"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_sending_leaves_a_mail_that_the_next_sends_once(send: Send) -> None:
    from django.utils import timezone

    from sportello.messaging.delivery import mail
    from sportello.messaging.tasks import deliver_due

    message = send(now=timezone.now())
    past = timezone.now() - mail.LEASE - timedelta(seconds=1)
    Message._base_manager.filter(pk=message.pk).update(state=State.SENDING, tries=1, leased_until=past)
    assert deliver_due.func() == 1
    run_due()
    assert deliver_due.func() == 0
    run_due()
    assert queries.for_delivery(message.pk).state == "sent"
    assert SimulatedMail.objects.count() == 1


def test_a20_the_secret_is_in_no_table_in_clear_and_gone_after_the_hand_over(send_code: Send, now: datetime) -> None:
    message = send_code(secret={"code": "739164"})
    assert "739164" not in everything_stored()
    assert json.loads(queries.for_delivery(message.pk).secret or "") == {"code": "739164"}
    simulated.deliver_texts(now=now)
    row = queries.for_delivery(message.pk)
    assert (row.state, row.secret) == ("delivered", None)
    assert row.text.startswith("•••••• is your code")
    assert row.text.endswith("#••••••")
    assert [part.octets for part in queries.parts(message)] == [""]
    assert "739164" not in everything_stored()
    assert b"739164".hex() not in everything_stored()


@pytest.mark.django_db(transaction=True)
def test_a20_nothing_is_logged_and_no_job_holds_the_secret(send_code: Send, caplog: pytest.LogCaptureFixture) -> None:
    from django.utils import timezone

    with caplog.at_level("DEBUG"):
        send_code(secret={"code": "739164"}, now=timezone.now())
        send_code(**{**INVITATION, "channel": Channel.EMAIL, "secret": {"link": "/invitation/s3cr3t"}})
        run_due()
    stored = everything_stored()
    for secret in ("739164", "s3cr3t"):
        assert secret not in caplog.text
        assert secret not in stored


def everything_stored() -> str:
    """Return every value of every table as text; of an index of words, the tables that it keeps them in."""
    found = []
    with connection.cursor() as cursor:
        virtual = "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%'"
        indexes = {name for (name,) in cursor.execute(virtual).fetchall()} if connection.vendor == "sqlite" else set()
        for table in set(connection.introspection.table_names()) - indexes:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            found += [repr(row) for row in cursor.fetchall()]
    return "\n".join(found)


@pytest.mark.parametrize(
    "link",
    ["https://evil.test/invitation/x", "//evil.test/x", "http://127.0.0.1:8000.evil.test/x", "javascript:x", "x"],
)
def test_b10_a_link_out_of_the_portal_is_refused(send: Send, link: str) -> None:
    with pytest.raises(ForeignLink):
        send(**{**INVITATION, "secret": {"link": link}})
    assert all_messages() == []


@pytest.mark.parametrize("link", ["/invitation/x", "http://127.0.0.1:8000/invitation/x"])
def test_b10_the_host_of_a_link_comes_from_the_settings(send: Send, link: str, now: datetime) -> None:
    message = send(**{**INVITATION, "secret": {"link": link}})
    rendered = queries.rendered(message, message.context | {"link": link}, show_secrets=True)
    assert "\nhttp://127.0.0.1:8000/invitation/x\n" in rendered.text
    assert '<a class="button" href="http://127.0.0.1:8000/invitation/x">' in rendered.html


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"template": "nonsense"}, UnknownTemplate),
        ({"context": {"line": "1"}}, ContextIncomplete),
        ({"recipient": Recipient(language="it")}, NoAddress),
        ({"template": "sign_in_code", "context": {"minutes": "1"}, "secret": {"code": "1"}}, NoAddress),
    ],
)
def test_what_no_message_can_be_made_of_is_refused(send: Send, changes: dict[str, Any], error: type) -> None:
    with pytest.raises(error):
        send(**changes)
    assert all_messages() == []


def test_without_a_channel_the_first_that_the_person_wants_and_has_is_taken(send: Send, world: World) -> None:
    ada = Recipient(person_id=world.memberships["ada"].person_id)
    assert send(recipient=ada, channel=None).channel == Channel.EMAIL
    switch_off(world.actor("ada"), (Kind.THRESHOLDS, Channel.EMAIL))
    assert send(recipient=ada, channel=None).channel == Channel.SMS
    assert send(recipient=ada, channel=Channel.EMAIL).state == State.WITHHELD
    switch_off(world.actor("ada"), (Kind.THRESHOLDS, Channel.EMAIL), (Kind.THRESHOLDS, Channel.SMS))
    assert (send(recipient=ada, channel=None).state, send(recipient=ada, channel=None).channel) == ("withheld", "email")


def test_a_former_address_goes_before_the_persons_own(send: Send, world: World) -> None:
    person_id = world.memberships["ada"].person_id
    former = Recipient(person_id=person_id, email="former@example.test")
    message = send(recipient=former, template="contact_changed", context={"what": "e-mail"}, channel=None)
    assert (message.address, message.channel) == ("former@example.test", "email")
    phone = Recipient(person_id=person_id, mobile="+393510000099")
    message = send(recipient=phone, template="contact_changed", context={"what": "mobile"}, channel=None)
    assert (message.address, message.channel) == ("+393510000099", "sms")


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("+390612345678", "This is not a mobile number: text messages cannot reach it."),
        ("+39899123456", "This is not a mobile number: text messages cannot reach it."),
        ("+447911123456", "Text messages do not go to this country."),
        ("3510000001", "Write the mobile number with its country code, as in +39 351 2345678."),
    ],
)
def test_a23_a_number_that_must_not_be_texted_fails_at_once_and_is_refused_at_enrolment(
    send_code: Send, number: str, answer: str
) -> None:
    message = send_code(recipient=Recipient(mobile=number, language="en"))
    assert (message.state, told(message.answer), message.secret) == ("failed", answer, None)
    with pytest.raises(rules.NumberNotReachable, match=answer.replace("+", r"\+")):
        rules.check_can_text(number, prefixes=queries.allowed_prefixes())


def test_the_union_stands_for_its_prefixes(settings: Any) -> None:
    with_settings(settings, SMS_ALLOWED_PREFIXES=["+378", "EU"])
    assert {"+39", "+34", "+49", "+378"} <= set(queries.allowed_prefixes())
    assert "+44" not in queries.allowed_prefixes()


def test_c09_messages_of_two_tenants_rendered_in_turns_keep_their_own_words(send: Send, world: World) -> None:
    turns = [("ada", "Comune di Alfa"), ("cy", "Beta S.r.l."), ("ada", "Comune di Alfa"), ("cy", "Beta S.r.l.")]
    messages = [
        send(
            recipient=Recipient(person_id=world.memberships[name].person_id),
            organisation_id=world.memberships[name].organisation_id,
            template="invitation",
            context={"organisation": organisation, "days": str(number)},
            secret={"link": f"/invitation/{name}{number}"},
        )
        for number, (name, organisation) in enumerate(turns)
    ]
    simulated_mails(messages)
    for number, (name, organisation) in enumerate(turns):
        mail = SimulatedMail.objects.order_by("pk")[number]
        other = "Beta" if name == "ada" else "Alfa"
        assert mail.to == f"{name}@example.test"
        for said in (mail.text, mail.html):
            assert (organisation in said, f"/invitation/{name}{number}" in said, other in said) == (True, True, False)
            assert f"Hello {name.title()}," in said


def simulated_mails(messages: list[Message]) -> None:
    from sportello.messaging.delivery import mail

    for message in messages:
        mail.deliver(message.pk, mailer=simulated.mailer(now=message.queued_at), now=message.queued_at)


def test_c09_a_customer_sees_only_messages_of_its_own(send: Send, world: World, ada: Actor, cy: Actor) -> None:
    for name in ("ada", "bo", "cy"):
        held = world.memberships[name]
        send(recipient=Recipient(person_id=held.person_id), organisation_id=held.organisation_id)
    assert {row.address for row in queries.messages(ada)} == {"ada@example.test", "bo@example.test"}
    assert {row.address for row in queries.messages(cy)} == {"cy@example.test"}
    assert {row.address for row in queries.messages(world.actor("bo"))} == {"bo@example.test"}


def switch_off(actor: Actor, *pairs: tuple[Kind, Channel]) -> None:
    operations.set_preferences(actor=actor, unwanted=set(pairs), quiet_from=None, quiet_to=None)


def test_security_cannot_be_switched_off(ada: Actor) -> None:
    with pytest.raises(InvalidInput, match="cannot be switched off"):
        switch_off(ada, (Kind.SECURITY, Channel.SMS))


def test_half_a_pair_of_quiet_hours_is_refused(ada: Actor) -> None:
    with pytest.raises(InvalidInput, match="a beginning and an end"):
        operations.set_preferences(actor=ada, unwanted=set(), quiet_from=time(22), quiet_to=None)


def test_quiet_hours_hold_back_texts_but_not_codes_nor_urgent_ones(
    send: Send, send_code: Send, world: World, ada: Actor, now: datetime
) -> None:
    operations.set_preferences(actor=ada, unwanted=set(), quiet_from=time(10), quiet_to=time(13))
    person = Recipient(person_id=world.memberships["ada"].person_id)
    noon = now.replace(hour=12)  # 13:00 in Rome; `now` is 11:00 there
    assert send(recipient=person, channel=Channel.SMS).next_try_at == noon
    assert send(recipient=person, channel=Channel.SMS, urgent=True).next_try_at == now
    assert send(recipient=person, channel=Channel.EMAIL).next_try_at == now
    assert send_code(recipient=person).next_try_at == now


def test_send_again_makes_a_new_message_with_the_same_words(send: Send, olga: Actor, now: datetime) -> None:
    message = send()
    simulated_mails([message])
    later = now + timedelta(hours=1)
    again = operations.send_again(actor=olga, message=queries.for_delivery(message.pk), now=later)
    assert (again.again_of, again.context, again.address, again.state) == (
        message,
        THRESHOLD,
        message.address,
        "queued",
    )
    event = Event.append_only.get(kind="messaging.sent_again")
    assert (event.subject_id, event.payload) == (str(message.pk), {"new_message_id": again.pk})


def test_send_again_twice_in_one_double_click_sends_once(send: Send, olga: Actor, now: datetime) -> None:
    message = send()
    simulated_mails([message])
    seen = [queries.for_delivery(message.pk) for _click in range(2)]
    first = operations.send_again(actor=olga, message=seen[0], now=now)
    with pytest.raises(rules.SentAgainAlready):
        operations.send_again(actor=olga, message=seen[1], now=now + timedelta(milliseconds=200))
    simulated_mails([first])
    assert operations.send_again(actor=olga, message=queries.for_delivery(first.pk), now=now).again_of == first


def test_send_again_is_refused_for_codes_for_what_is_on_its_way_and_for_customers(
    send: Send, send_code: Send, olga: Actor, ada: Actor, now: datetime
) -> None:
    with pytest.raises(rules.SecretErased):
        operations.send_again(actor=olga, message=send_code(), now=now)
    with pytest.raises(rules.StillOnItsWay):
        operations.send_again(actor=olga, message=send(), now=now)
    with pytest.raises(NotPermitted):
        operations.send_again(actor=ada, message=send(), now=now)


@pytest.mark.django_db
def test_a_system_actor_has_no_preferences() -> None:
    with pytest.raises(InvalidInput, match="Only a person"):
        switch_off(system_actor(reason="a test tries"))
