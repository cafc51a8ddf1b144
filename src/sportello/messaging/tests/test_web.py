"""The pages: message log, wording, own choice, simulator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils.html import strip_tags

from sportello.messaging import queries
from sportello.messaging.channels.choice import refuse_simulators_in_production
from sportello.messaging.delivery import mail, simulated
from sportello.messaging.models import Message, SimulatedMail, TemplateOverride
from sportello.messaging.states import Channel
from sportello.messaging.web.forms import choosable

Send = Callable[..., Message]
SignedIn = Callable[[str], Client]
WORDING = "/messages/texts/threshold_warning/en/email/"


@pytest.fixture
def demo(settings: Any) -> None:
    settings.SPORTELLO = {**settings.SPORTELLO, "DEMO": True}


def test_the_log_lists_every_message_and_finds_by_address_and_state(
    signed_in: SignedIn, send: Send, send_code: Send, now: datetime
) -> None:
    send()
    send_code()
    simulated.deliver_texts(now=now)
    olga = signed_in("olga")
    assert addresses(olga, "/messages/") == {"ada@example.test", "+39 351 000 0001"}
    assert addresses(olga, "/messages/?state=delivered") == {"+39 351 000 0001"}
    assert addresses(olga, "/messages/?q=ada@") == {"ada@example.test"}


def addresses(browser: Client, address: str) -> set[str]:
    """Return whom the listed messages went to, as the page shows them; a mail address may break where it says so."""
    listing = browser.get(address).context["listing"]
    column = next(each for each in listing.columns if each.name == "address")
    return {strip_tags(str(column.cell(row))).replace("\xa0", " ") for row in listing.rows}


@pytest.mark.parametrize("rows", [1, 3])
def test_the_log_takes_a_fixed_number_of_queries(
    signed_in: SignedIn, send: Send, world: Any, rows: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(rows):
        send(organisation_id=world.a.pk)
    olga = signed_in("olga")
    with django_assert_max_num_queries(14):
        olga.get("/messages/")


@pytest.mark.parametrize("name", ["ada", "bo", "pia"])
@pytest.mark.parametrize("address", ["/messages/", "/messages/texts/", WORDING])
def test_only_the_operator_sees_log_and_wording(signed_in: SignedIn, name: str, address: str) -> None:
    assert signed_in(name).get(address).status_code == 403


def test_a20_a_message_shows_its_words_with_secrets_hidden_before_and_after_delivery(
    signed_in: SignedIn, send_code: Send, now: datetime
) -> None:
    message, olga = send_code(), signed_in("olga")
    for _ in range(2):
        shown = olga.get(f"/messages/{message.pk}/").content.decode()
        assert ("•••••• is your code" in shown, "482913" in shown) == (True, False)
        simulated.deliver_texts(now=now)
    assert "DELIVRD" in shown


def test_send_again_posts_and_leads_to_the_new_message(signed_in: SignedIn, send: Send, now: datetime) -> None:
    message, olga = send(), signed_in("olga")
    mail.deliver(message.pk, mailer=simulated.mailer(now=now), now=now)
    answer = post(olga, f"/messages/{message.pk}/again/")
    again = Message.objects.across_tenants(reason="a test looks").get(again_of=message)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/messages/{again.pk}/")


def test_send_again_of_a_code_is_refused_and_the_button_says_why(
    signed_in: SignedIn, send_code: Send, now: datetime
) -> None:
    message, olga = send_code(), signed_in("olga")
    simulated.deliver_texts(now=now)
    assert "erased once it is handed over" in olga.get(f"/messages/{message.pk}/").content.decode()
    assert post(olga, f"/messages/{message.pk}/again/").status_code == 409


def post(client: Client, address: str, **data: str) -> Any:
    """Post as the page would: with the membership that the form was opened as."""
    import re

    page = client.get("/account/notifications/").content.decode()
    acting = re.search(r'name="_acting" value="(\d+)"', page)
    return client.post(address, {**({"_acting": acting[1]} if acting else {}), **data})


def test_a_wording_is_edited_previewed_and_reset(signed_in: SignedIn) -> None:
    olga = signed_in("olga")
    assert "has reached" in olga.get(WORDING).content.decode()
    typed = {"subject": "Own {{ percent }}", "text": "Own words {{ line }} <i>"}
    shown = post(olga, f"{WORDING}preview/", **typed).content.decode()
    assert ("Own 80" in shown, "Own words +39 351 000 0001 &lt;i&gt;" in shown, "<html" in shown) == (True, True, False)
    assert TemplateOverride.objects.count() == 0
    assert post(olga, WORDING, **typed).status_code == 302
    assert "Own words" in olga.get(WORDING).content.decode()
    assert post(olga, f"{WORDING}reset/").status_code == 302
    assert TemplateOverride.objects.count() == 0


def test_a_wording_with_an_unknown_variable_stays_in_the_form_with_the_reason(signed_in: SignedIn) -> None:
    answer = post(signed_in("olga"), WORDING, subject="x", text="{{ nobody }} is not there")
    shown = answer.content.decode()
    assert (answer.status_code, "is not there" in shown, "does not exist here" in shown) == (422, True, True)
    assert TemplateOverride.objects.count() == 0


@pytest.mark.parametrize(
    "address",
    [
        "/messages/texts/nonsense/en/email/",
        "/messages/texts/invitation/fr/email/",
        "/messages/texts/invitation/en/sms/",
        "/messages/999999/",
    ],
)
def test_what_is_not_there_is_not_found(signed_in: SignedIn, address: str) -> None:
    assert signed_in("olga").get(address).status_code == 404


def test_a_person_switches_warnings_off_and_sets_quiet_hours(signed_in: SignedIn, world: Any) -> None:
    bo = signed_in("bo")
    ways = [f"{kind.value}_{way.value}" for kind, way in choosable()]
    kept = {name: "on" for name in ways if name != "thresholds_sms"}
    answer = post(bo, "/account/notifications/", **kept, quiet_from="22:00", quiet_to="07:00")
    person_id = world.memberships["bo"].person_id
    assert answer.status_code == 302
    assert queries.unwanted(person_id) == {("thresholds", "sms")}
    hours = queries.quiet_hours(person_id)
    assert (f"{hours.starts:%H:%M}", f"{hours.ends:%H:%M}") == ("22:00", "07:00") if hours else False
    assert queries.unwanted(world.memberships["ada"].person_id) == set()


def test_half_quiet_hours_stay_in_the_form_with_the_reason(signed_in: SignedIn) -> None:
    answer = post(signed_in("bo"), "/account/notifications/", quiet_from="22:00")
    assert (answer.status_code, "a beginning and an end" in answer.content.decode()) == (422, True)


def test_outside_the_demo_the_simulator_is_not_there(client: Client, db: None) -> None:
    assert client.get("/simulator/").status_code == 404
    assert client.get("/simulator/mail/1/").status_code == 404


@pytest.mark.usefixtures("demo")
def test_the_simulator_shows_code_and_mail_to_a_newcomer(
    client: Client, send: Send, send_code: Send, world: Any, now: datetime
) -> None:
    assert "No text yet" in client.get("/simulator/").content.decode()
    code = send_code()
    invitation = send(
        template="invitation", context={"organisation": "A", "days": "7"}, secret={"link": "/invitation/tok3n"}
    )
    simulated.deliver_texts(now=now)
    mail.deliver(invitation.pk, mailer=simulated.mailer(now=now), now=now)
    page = client.get("/simulator/").content.decode()
    assert ("482913 is your code" in page, "Ada Prova" in page, code.address.removeprefix("+") in page) == (True,) * 3
    assert '<a href="http://127.0.0.1:8000/invitation/tok3n">' in page


@pytest.mark.usefixtures("demo")
def test_the_simulator_looks_again_and_gets_only_what_is_new(client: Client, send_code: Send, now: datetime) -> None:
    headers = {"HX-Request": "true"}
    assert client.get(f"/simulator/?mark={queries.simulator_mark()}", headers=headers).status_code == 204
    mark = queries.simulator_mark()
    send_code()
    simulated.deliver_texts(now=now)
    fresh = client.get(f"/simulator/?mark={mark}", headers=headers)
    assert (fresh.status_code, b"482913" in fresh.content, b"<html" in fresh.content) == (200, True, False)


@pytest.mark.usefixtures("demo")
def test_a_mail_is_shown_in_a_sandbox_that_runs_and_loads_nothing(client: Client, send: Send, now: datetime) -> None:
    message = send(context={**send().context, "measure": "<script>alert(1)</script>"})
    mail.deliver(message.pk, mailer=simulated.mailer(now=now), now=now)
    answer = client.get(f"/simulator/mail/{SimulatedMail.objects.get().pk}/")
    policy = answer.headers["Content-Security-Policy"]
    assert ("sandbox" in policy, "default-src 'none'" in policy, "script-src" in policy) == (True, True, False)
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert b"&lt;script&gt;alert(1)" in answer.content


@pytest.mark.parametrize("changes", [{"DEMO": True}, {"SMS_TRANSPORT": "simulator"}, {"EMAIL_TRANSPORT": "simulator"}])
def test_simulators_and_production_settings_do_not_start_together(settings: Any, changes: dict[str, Any]) -> None:
    real = {"DEMO": False, "SMS_TRANSPORT": "smpp", "EMAIL_TRANSPORT": "smtp"}
    settings.MODE = "production"
    settings.SPORTELLO = {**settings.SPORTELLO, **real}
    refuse_simulators_in_production()
    settings.SPORTELLO = {**settings.SPORTELLO, **changes}
    with pytest.raises(ImproperlyConfigured, match="cannot be used with production settings"):
        refuse_simulators_in_production()


def test_the_texts_page_marks_the_operators_own_words(signed_in: SignedIn, now: datetime) -> None:
    TemplateOverride.objects.create(
        template="invitation", language="it", channel=Channel.EMAIL, subject="x", text="{{ link }}", changed_at=now
    )
    assert signed_in("olga").get("/messages/texts/").content.decode().count("own wording") == 1
