"""The operator's pages of mails that came in."""

from datetime import UTC, datetime

import pytest

from sportello.messaging import types
from sportello.messaging.delivery import mail as delivery
from sportello.messaging.delivery import simulated
from sportello.messaging.incoming import addresses
from sportello.messaging.incoming.taking import Raw, take
from sportello.messaging.models import AddressStanding, ReceivedMail, ReplyAddress, SimulatedMail
from sportello.messaging.states import MailState
from sportello.messaging.tests.test_incoming_taking import Receiver, answer

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
ATTACK = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def portal(settings, tmp_path, monkeypatch):
    settings.SPORTELLO = {**settings.SPORTELLO, "DATA_FOLDER": tmp_path, "MAIL_IN_ADDRESS": "tickets@reply.portal.test"}
    monkeypatch.setitem(types._receivers, "ticket", Receiver())


def came(number: int, *, to: str = "tickets@reply.portal.test") -> ReceivedMail:
    return take(Raw(answer(to, number=number, text=f"n. {number} {ATTACK}", subject=f"Re: {ATTACK}")), now=NOW)


def to_a_ticket() -> str:
    ReplyAddress.objects.get_or_create(
        token_hash=addresses.reply_hash("ticket:7", "ada@example.test"),
        defaults={"thread": "ticket:7", "recipient": "ada@example.test", "made_at": NOW},
    )
    return addresses.reply_address("ticket:7", "ada@example.test")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_a_fixed_number_of_queries(signed_in, rows, django_assert_max_num_queries):
    for number in range(rows):
        came(number)
    olga = signed_in("olga")
    with django_assert_max_num_queries(14):
        assert len(olga.get("/messages/received/").context["listing"].rows) == rows


def test_e22_a_mail_is_shown_as_text_and_its_original_is_a_file(signed_in):
    mail = came(1)
    olga = signed_in("olga")
    page = olga.get(f"/messages/received/{mail.pk}/")
    assert ATTACK not in page.content.decode()
    assert "n. 1 &lt;script&gt;alert(1)&lt;/script&gt;" in page.content.decode()
    original = olga.get(f"/messages/received/{mail.pk}/original/")
    assert original["Content-Disposition"] == f'attachment; filename="mail-{mail.pk}.eml"'
    assert original["Content-Type"] == "application/octet-stream"
    assert original.content == answer(
        "tickets@reply.portal.test", number=1, text=f"n. 1 {ATTACK}", subject=f"Re: {ATTACK}"
    )


def test_the_operator_lets_a_mail_through_or_leaves_it_aside(signed_in):
    first, second = came(1, to=to_a_ticket()), came(2, to=to_a_ticket())
    olga = signed_in("olga")
    olga.post(f"/messages/received/{first.pk}/release/")
    olga.post(f"/messages/received/{second.pk}/drop/")
    states = dict(ReceivedMail.objects.values_list("pk", "state"))
    assert states == {first.pk: MailState.HANDED_OVER, second.pk: MailState.IGNORED}


def test_what_came_to_no_ticket_cannot_be_let_through(signed_in):
    mail = came(1)
    assert signed_in("olga").post(f"/messages/received/{mail.pk}/release/").status_code == 409
    mail.refresh_from_db()
    assert mail.state == MailState.QUARANTINED


def test_e21_paused_addresses_are_shown_and_let_go(signed_in):
    AddressStanding.objects.create(address="ada@example.test", failures=3, paused_at=NOW, reason="550")
    olga = signed_in("olga")
    assert "ada@example.test" in olga.get("/messages/received/").content.decode()
    olga.post("/messages/received/resume/", {"address": "ada@example.test"})
    assert AddressStanding.objects.get().paused_at is None


@pytest.mark.parametrize("who", ["ada", "bo", "pia"])
def test_nobody_but_the_operator_sees_a_mail(signed_in, who):
    mail = came(1, to=to_a_ticket())
    other = signed_in(who)
    for page in ("", f"{mail.pk}/", f"{mail.pk}/original/"):
        assert other.get(f"/messages/received/{page}").status_code in {403, 404}
    for word in ("release", "drop"):
        assert other.post(f"/messages/received/{mail.pk}/{word}/").status_code in {403, 404}
    mail.refresh_from_db()
    assert mail.state == MailState.QUARANTINED


def test_a_mail_of_the_demos_mailbox_is_answered_into_its_thread_and_no_other_is(client, settings, send):
    settings.SPORTELLO |= {"DEMO": True, "MAIL_AUTHSERV_IDS": ["mx.portal.test"]}
    receiver = types.mail_receiver("ticket:7")
    for number, thread in enumerate(("ticket:7", "")):
        message = send(thread=thread, idempotency_key=f"demo:{number}")
        delivery.deliver(message.pk, mailer=simulated.mailer(now=NOW), now=NOW)
    first, second = SimulatedMail.objects.order_by("pk")
    assert client.get(f"/simulator/?mail={first.pk}").context["answerable"] is True
    assert client.get(f"/simulator/?mail={second.pk}").context["answerable"] is False
    page = client.post(f"/simulator/mail/{first.pk}/answer/", {"text": "Domani va bene."})
    assert page.context["state"] == "Taken"
    assert [mail.reply.own for mail in receiver.mails] == ["Domani va bene."]
    assert client.post(f"/simulator/mail/{first.pk}/answer/", {"text": " "}).context["form"].errors
    assert client.get(f"/simulator/mail/{second.pk}/answer/").status_code == 404
    settings.SPORTELLO |= {"DEMO": False}
    assert client.get(f"/simulator/mail/{first.pk}/answer/").status_code == 404
