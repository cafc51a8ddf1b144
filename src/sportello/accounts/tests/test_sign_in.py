"""Signing in as a person meets it: steps, codes and where they lead (ABUSE A02 to A06, A17 to A24, B07, B08)."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client

from sportello.accounts import operations, queries, types
from sportello.accounts.models import (
    Invitation,
    KeptForm,
    OneTimeCode,
    PasswordReset,
    RecoveryCode,
    Session,
    SignInGuard,
    TotpDevice,
    TrustedDevice,
)
from sportello.accounts.tests.conftest import PASSWORD, age_codes, other_than
from sportello.accounts.web.sign_in import whole_minute
from sportello.kernel.actor import system_actor
from sportello.kernel.models import Event
from sportello.kernel.testing.arranging import arrange

MINUTE = timedelta(minutes=1)


def kinds() -> list[str]:
    return list(Event.append_only.order_by("pk").values_list("kind", flat=True))


def failures() -> list[str]:
    rows = Event.append_only.filter(kind="sign_in.failed").order_by("pk")
    return [row.payload["failure"] for row in rows]


def test_a_person_signs_in_with_password_and_code(world, outbox, browser):
    one = browser()
    page = one.get("/sign-in/?next=/account/password/")
    assert page.status_code == 200
    step = one.first(next="/account/password/")
    assert (step.status_code, step.headers["Location"]) == (302, "/sign-in/code/")
    assert [(each.template, each.to, each.context) for each in outbox.sent] == [
        ("sign_in_code", "+393510000001", {"minutes": "30"})
    ]
    assert b"001" in one.get("/sign-in/code/").content
    done = one.second(outbox.codes()[0])
    assert (done.status_code, done.headers["Location"]) == (302, "/account/password/")
    assert one.get("/account/password/").status_code == 200
    assert kinds() == ["sign_in.first_step", "otp.sent", "sign_in.succeeded"]
    came_in = Event.append_only.get(kind="sign_in.succeeded")
    assert (came_in.person_id, came_in.payload["second_step"]) == (world.memberships["ada"].person_id, "sms")


def test_username_in_capitals_and_with_spaces_is_the_same(world, outbox, browser):
    assert browser().first(" ADA ").status_code == 302


def test_empty_fields_are_errors_at_the_fields(world, outbox, browser):
    page = browser().post("/sign-in/", {"username": "", "password": ""})
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"username", "password"}
    assert kinds() == []


def test_who_is_signed_in_is_sent_on_from_the_sign_in_page(signed_in):
    page = signed_in("ada").get("/sign-in/?next=/account/")
    assert (page.status_code, page.headers["Location"]) == (302, "/account/")


def test_a02_used_code_is_refused_in_the_same_and_in_another_browser(world, outbox, browser):
    one, two = browser(), browser()
    one.first()
    pending = one.cookies["first-step"].value
    code = outbox.codes()[0]
    one.second(code)
    copy = browser()
    copy.cookies["first-step"] = pending
    replay = copy.second(code)
    assert replay.status_code == 422
    age_codes(2 * MINUTE)
    two.first()
    other = two.second(code)
    assert other.status_code == 422
    texts = {str(page.context["form"].errors["code"]) for page in (replay, other)}
    assert len(texts) == 1
    assert "not right, or it was used before" in texts.pop()
    assert (copy.is_in(), two.is_in()) == (False, False)
    assert kinds().count("otp.replay") == 2
    assert kinds().count("sign_in.succeeded") == 1
    assert two.second(outbox.codes()[1]).status_code == 302


def test_a03_first_code_is_void_after_a_second_start(world, outbox, browser):
    one = browser()
    one.first()
    age_codes(2 * MINUTE)
    one.first()
    first, second = outbox.codes()
    assert one.second(first if first != second else other_than(second)).status_code == 422
    assert one.is_in() is False
    assert one.second(second).status_code == 302
    assert one.is_in() is True


def test_a03_within_the_pause_a_second_start_keeps_the_code_on_the_phone(world, outbox, browser):
    one = browser()
    one.first()
    one.first()
    assert len(outbox.codes()) == 1
    assert one.second(outbox.codes()[0]).status_code == 302


def test_a17_a_code_belongs_to_the_browser_that_asked_for_it(world, outbox, browser):
    one, two = browser(), browser()
    one.first()
    age_codes(2 * MINUTE)
    two.first()
    first, second = outbox.codes()
    answer = one.second(second)
    assert answer.status_code == 422
    assert "newer attempt replaced this one" in str(answer.context["form"].errors["code"])
    assert two.second(first if first != second else other_than(second)).status_code == 422
    assert two.second(second).status_code == 302


def test_a18_half_signed_in_opens_nothing(world, outbox, browser):
    one = browser()
    one.first()
    assert "session" not in one.cookies
    for path in ("/", "/account/", "/account/sessions/", "/act-as/", "/search/"):
        page = one.get(path)
        assert (page.status_code, page.headers["Location"].partition("?")[0]) == (302, "/sign-in/")
    assert one.post("/account/sessions/end-others/").status_code == 302
    assert Session.objects.count() == 0


def test_a18_a_forged_first_step_is_nobodys(world, outbox, browser):
    one = browser()
    one.first()
    value = one.cookies["first-step"].value
    for forged in (value[:-2] + "xx", "x" + value, json.dumps({"person": 1})):
        one.cookies["first-step"] = forged
        answer = one.second(outbox.codes()[0])
        assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/")


def test_a18_the_first_step_dies_with_the_password_and_with_the_access(world, outbox, browser, person):
    one = browser()
    one.first()
    ada = person("ada")
    with arrange():
        ada.set_password("another long password here")
        ada.save()
    assert one.get("/sign-in/code/").status_code == 302
    with arrange():
        ada.set_password(PASSWORD)
        ada.deactivated_at = queries.database_now()
        ada.save()
    assert one.second(outbox.codes()[0]).status_code == 302
    assert Session.objects.count() == 0


def test_a19_every_step_has_a_new_key(world, outbox, browser):
    one = browser()
    one.get("/sign-in/")
    csrf = one.cookies["csrf"].value
    one.cookies["session"] = "planted by somebody"
    one.first()
    step = one.cookies["first-step"].value
    one.second(outbox.codes()[0])
    session = one.cookies["session"].value
    assert len({csrf, step, session, "planted by somebody"}) == 4
    assert one.cookies["csrf"].value != csrf
    assert one.cookies["first-step"].value == ""
    assert Session.objects.get().key_hash == hashlib.sha256(session.encode()).hexdigest()


@pytest.mark.parametrize(
    "typed", ["١٢٣٤٥٦", "1234567", "12345", "123-456", "12345a", "१२३४५६", "\uff11\uff12\uff13\uff14\uff15\uff16"]
)
def test_a21_anything_but_six_ascii_digits_is_an_error_and_no_try(world, outbox, browser, typed):
    one = browser()
    one.first()
    answer = one.second(typed)
    assert answer.status_code == 422
    assert "six digits" in str(answer.context["form"].errors["code"])
    assert OneTimeCode.objects.get().wrong_tries == 0


def test_a21_spaces_are_stripped_and_leading_zeros_work(world, outbox, browser, monkeypatch):
    monkeypatch.setattr("sportello.accounts.rules.secrets.randbelow", lambda _most: 123)
    one = browser()
    one.first()
    assert outbox.codes() == ["000123"]
    assert one.second(" 000 123 ").status_code == 302


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "http:evil", "evil"]
)
def test_a24_next_leads_nowhere_else(world, outbox, browser, path):
    one = browser()
    one.first(next=path)
    assert one.second(outbox.codes()[0]).headers["Location"] == "/"


def test_a24_next_keeps_its_query(world, outbox, browser):
    one = browser()
    page = one.get("/account/sessions/?a=1")
    assert page.headers["Location"] == "/sign-in/?next=%2Faccount%2Fsessions%2F%3Fa%3D1"
    one.first(next="/account/sessions/?a=1")
    assert one.second(outbox.codes()[0]).headers["Location"] == "/account/sessions/?a=1"


def test_code_page_without_a_first_step_sends_back(world, browser):
    for answer in (browser().get("/sign-in/code/"), browser().post("/sign-in/code/send/")):
        assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/")


def test_b07_every_post_of_the_door_needs_a_csrf_token(world, outbox):
    strict = Client(enforce_csrf_checks=True)
    paths = [
        "/sign-in/",
        "/sign-in/code/",
        "/sign-in/code/send/",
        "/sign-out/",
        "/password/forgotten/",
        "/invitation/",
        "/act-as/",
    ]
    for path in paths:
        answer = strict.post(path, {"username": "ada", "password": PASSWORD})
        assert answer.status_code == 403
        assert b"Please send it once more" in answer.content
    assert kinds().count("access.refused") == len(paths)
    assert outbox.sent == []


def test_demo_logins_are_offered_in_a_demo_alone(world, outbox, browser, settings):
    folder = settings.SPORTELLO["DATA_FOLDER"]
    folder.mkdir(exist_ok=True)
    login = {
        "username": "ada",
        "password": PASSWORD,
        "profile": "administrator",
        "organisation": "Alfa",
        "name": "Ada Prova",
    }
    (folder / "demo-logins.json").write_text(json.dumps([login | {"line": "+39"}]))
    assert b"Ada Prova" not in browser().get("/sign-in/").content
    settings.SPORTELLO = settings.SPORTELLO | {"DEMO": True}
    page = browser().get("/sign-in/").content.decode()
    assert "Ada Prova" in page
    assert PASSWORD not in page
    filled = browser().get("/sign-in/?as=ada").content.decode()
    assert f'value="{PASSWORD}"' in filled
    wrong = browser().first(password=PASSWORD + "x")
    assert PASSWORD not in wrong.content.decode()


def test_b08_settings_name_is_used(world, outbox, browser):
    one = browser()
    one.first()
    one.second(outbox.codes()[0])
    cookie = one.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["max-age"]) == (True, "Lax", "/", "")


def test_a_password_hashed_by_an_older_way_is_hashed_anew_at_the_first_step(world, outbox, browser, person, settings):
    assert person("ada").password.startswith("md5$")
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    one = browser()
    assert one.first().status_code == 302
    assert person("ada").password.startswith("argon2$")
    assert one.second(outbox.codes()[0]).status_code == 302


def test_a_wrong_code_after_the_right_one_was_used_is_wrong(world, outbox, browser):
    one = browser()
    one.first()
    value = one.cookies["first-step"].value
    one.second(outbox.codes()[0])
    copy = browser()
    copy.cookies["first-step"] = value
    answer = copy.second(other_than(outbox.codes()[0]))
    assert "not right" in str(answer.context["form"].errors["code"])
    assert kinds()[-1] == "otp.wrong"


def test_losing_the_access_between_page_and_code_sends_back(world, outbox, browser, person, monkeypatch):
    one = browser()
    one.first()
    ada = person("ada")
    read = queries.second_steps

    def read_once(row):
        monkeypatch.setattr(queries, "second_steps", lambda _row: [])
        return read(row)

    monkeypatch.setattr(queries, "second_steps", read_once)
    answer = one.second(outbox.codes()[0])
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/")
    assert queries.person_at_the_door(ada.pk) == ada
    assert Session.objects.count() == 0


def test_a_new_code_that_cannot_go_is_told(world, outbox, browser, person):
    one = browser()
    one.first()
    age_codes(2 * MINUTE)
    outbox.state = "failed"
    assert b"could not be sent" in one.post("/sign-in/code/send/", follow=True).content
    age_codes(2 * MINUTE)
    until = queries.database_now() + timedelta(hours=1)
    operations.freeze_codes(actor=system_actor(reason="SIM"), person=person("ada"), until=until, reason="SIM")
    assert b"SIM card was changed" in one.post("/sign-in/code/send/", follow=True).content


def test_signing_in_needs_somebody_who_sends_messages(world, monkeypatch):
    monkeypatch.setattr(types, "_senders", [])
    with pytest.raises(LookupError):
        types.message_sender()


def test_rows_of_signing_in_name_themselves_without_secrets(world, outbox, browser):
    one = browser()
    one.first()
    code = outbox.codes()[0]
    one.second(code)
    person = world.memberships["ada"].person
    now = queries.database_now()
    rows = [
        OneTimeCode.objects.get(), Session.objects.get(), SignInGuard.objects.first(), TrustedDevice.objects.get(),
        KeptForm(person=person, path="/x/"), Invitation(person=person), PasswordReset(person=person),
        RecoveryCode(person=person), TotpDevice(person=person, name="Phone", secret="JBSWY3DP"), person, world.memberships["ada"],
    ]  # fmt: skip
    words = [str(row) for row in rows]
    assert words[4:] == [
        f"{person.pk} /x/",
        f"{person.pk}",
        f"{person.pk}",
        f"{person.pk}",
        "Phone",
        "Ada Prova",
        f"{person.pk} administrator",
    ]
    assert words[0] == f"{person.pk} sign_in {now:%Y-%m-%d}" + words[0][-6:]
    assert not any(code in word for word in words)


def test_a_second_browser_within_the_pause_is_told_of_the_code_that_was_sent_elsewhere(world, outbox, browser):
    one, two = browser(), browser()
    one.first()
    two.first()
    assert "A code was sent a moment ago for a sign-in begun elsewhere" in two.get("/sign-in/code/").content.decode()
    assert len(outbox.codes()) == 1
    assert "begun elsewhere" not in one.get("/sign-in/code/").content.decode()


def test_times_of_a_code_are_written_in_24_hours_without_seconds_in_english_too(world, outbox, browser):
    one = browser()
    one.first()
    page = one.get("/sign-in/code/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert re.search(r"The code was sent at \d\d:\d\d to .* It is good until \d\d:\d\d, for", page)
    assert re.search(r"possible from \d\d:\d\d<", page)


def test_minute_that_is_shown_is_never_too_early():
    moment = datetime(2026, 11, 22, 17, 35, 23, tzinfo=UTC)
    assert whole_minute(moment) == datetime(2026, 11, 22, 17, 36, tzinfo=UTC)
    assert whole_minute(moment.replace(second=0)) == moment.replace(second=0)
