"""Signing in as a person meets it: the rows of ABUSE A that one browser after the other can show."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from sportello.accounts import operations, queries
from sportello.accounts.models import OneTimeCode, Session, SignInGuard, TrustedDevice
from sportello.accounts.tests.conftest import PASSWORD, age_codes, other_than
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


@pytest.mark.parametrize(
    ("lifetime", "offset", "status"),
    [(30, -1, 302), (30, 0, 422), (30, 1, 422), (10, -1, 302), (10, 0, 422), (10, 1, 422)],
)
def test_a06_code_is_good_to_the_millisecond_before_its_end(
    world, outbox, browser, monkeypatch, settings, lifetime, offset, status
):
    settings.SPORTELLO = settings.SPORTELLO | {"CODE_LIFETIME": timedelta(minutes=lifetime)}
    one = browser()
    one.first()
    end = OneTimeCode.objects.get().expires_at
    monkeypatch.setattr(queries, "database_now", lambda: end + timedelta(milliseconds=offset))
    answer = one.second(outbox.codes()[0])
    assert answer.status_code == status
    if status == 422:
        assert "expired" in str(answer.context["form"].errors["code"])


def test_a06_the_database_clock_decides_not_the_web_nodes(world, outbox, browser, monkeypatch):
    one = browser()
    one.first()
    sent = OneTimeCode.objects.get()
    assert sent.expires_at - sent.sent_at == timedelta(minutes=30)
    assert abs(queries.database_now() - sent.sent_at) < timedelta(seconds=20)
    age_codes(31 * MINUTE)
    monkeypatch.setattr("django.utils.timezone.now", lambda: sent.sent_at - timedelta(hours=1))
    assert one.second(outbox.codes()[0]).status_code == 422


WAYS_TO_FAIL = ["unknown", "wrong", "deactivated", "no_phone", "locked"]


def refused(world, browser, way):
    """Return the answer to a first step that fails in one of five ways, the password right where that can be."""
    person = world.memberships["ada"].person
    with arrange():
        if way == "deactivated":
            person.deactivated_at = queries.database_now()
        if way == "no_phone":
            person.mobile_verified_at = None
        person.save()
    one = browser()
    if way == "locked":
        for _each in range(5):
            one.first(password="wrong")
    if way == "unknown":
        return one.first("nobody")
    return one.first(password="wrong" if way == "wrong" else PASSWORD)


@pytest.mark.parametrize("way", WAYS_TO_FAIL)
def test_a07_every_refusal_has_the_same_status_text_and_headers(world, outbox, browser, way):
    answer = refused(world, browser, way)
    control = browser().first("somebody-else", password="also wrong")
    assert answer.status_code == control.status_code == 422
    assert _plain(answer) == _plain(control)
    assert _fixed(answer) == _fixed(control)
    assert set(answer.cookies) == set(control.cookies)
    assert outbox.codes() == []
    known = {"unknown": "unknown", "wrong": "wrong_password", "deactivated": "deactivated", "no_phone": "no_second_step"}
    assert failures()[-2] == known.get(way, "locked")


def _fixed(page) -> dict[str, str]:
    """Return the headers but those that differ from one request to the next whoever asks."""
    return {name: "" if name in {"X-Request-Id", "Content-Length", "Expires"} else text for name, text in page.headers.items()}


def _plain(page) -> str:
    """Return the page without its CSRF tokens and what was typed as username."""
    text = re.sub(r"(csrfmiddlewaretoken\" value=\"|X-CSRFToken\": \")[^\"]+", "", page.content.decode())
    return re.sub(r'name="username" value="[^"]*"', "", text)


def test_a07_no_profile_any_more_reads_like_a_wrong_password(world, outbox, browser):
    with arrange():
        held = world.memberships["ada"]
        held.ended_at = queries.database_now()
        held.save()
    assert browser().first().status_code == 422
    assert failures() == ["deactivated"]


def test_a08_five_wrong_tries_void_the_code_and_ten_lock(world, outbox, browser):
    one = browser()
    one.first()
    code = outbox.codes()[0]
    wrong = other_than(code)
    texts = [str(one.second(wrong).context["form"].errors["code"]) for _each in range(5)]
    assert ["void" in text for text in texts] == [False, False, False, False, True]
    assert "void" in str(one.second(code).context["form"].errors["code"])
    for _each in range(3):
        assert one.second(wrong).status_code == 422
    tenth = one.second(wrong)
    assert tenth.status_code == 429
    assert 14 * 60 < int(tenth.headers["Retry-After"]) <= 15 * 60
    assert "locked until" in str(tenth.context["form"].errors["code"])
    assert one.second(code).status_code == 429
    assert one.is_in() is False
    assert ("account_locked", "ada@example.test") in outbox.told()
    assert kinds().count("sign_in.locked") == 1


def test_a09_a_new_code_does_not_reset_the_count(world, outbox, browser):
    one = browser()
    one.first()
    for _round in range(2):
        for _each in range(4):
            assert one.second(other_than(outbox.codes()[-1])).status_code == 422
        age_codes(2 * MINUTE)
        assert one.post("/sign-in/code/send/").status_code == 302
    assert len(outbox.codes()) == 3
    assert one.second(other_than(outbox.codes()[-1])).status_code == 422
    assert one.second(other_than(outbox.codes()[-1])).status_code == 429
    assert one.second(outbox.codes()[-1]).status_code == 429
    assert SignInGuard.objects.get(bucket__startswith="code:").locks == 1


def test_a09_the_lock_doubles_and_a_right_code_ends_it(world, outbox, browser):
    person = world.memberships["ada"].person_id
    one = browser()
    one.first()
    for lock in (15, 30):
        for _each in range(10):
            age_codes(timedelta(0))
            OneTimeCode.objects.update(wrong_tries=0)
            answer = one.second(other_than(outbox.codes()[-1]))
        assert answer.status_code == 429
        assert (lock - 1) * 60 < int(answer.headers["Retry-After"]) <= lock * 60
        SignInGuard.objects.update(locked_until=queries.database_now() - MINUTE)
    OneTimeCode.objects.update(wrong_tries=0)
    assert one.second(outbox.codes()[-1]).status_code == 302
    row = SignInGuard.objects.get(bucket=f"code:{person}")
    assert (row.failures, row.locks, row.locked_until) == (0, 0, None)


def test_locked_by_codes_the_first_step_reads_like_a_wrong_password(world, outbox, browser):
    one = browser()
    one.first()
    for _each in range(10):
        one.second(other_than(outbox.codes()[0]))
    assert browser().first().status_code == 422
    assert failures() == ["locked"]


def test_a10_spraying_from_one_address_is_stopped(world, outbox, browser, settings):
    settings.SPORTELLO = settings.SPORTELLO | {"ADDRESS_TRIES": 8}
    one = browser()
    for each in range(8):
        assert one.first(f"person{each}", password="guess").status_code == 422
    stopped = one.first("ada")
    assert stopped.status_code == 429
    assert 0 < int(stopped.headers["Retry-After"]) <= 600
    elsewhere = browser(REMOTE_ADDR="192.0.2.77")
    assert elsewhere.first("ada").status_code == 302


def test_a10_wrong_passwords_of_one_account_are_slowed_down(world, outbox, browser):
    one = browser()
    for _each in range(5):
        one.first(password="wrong")
    row = SignInGuard.objects.get(bucket__startswith="password:")
    assert (row.failures, row.locks) == (0, 1)
    assert one.first().status_code == 422
    SignInGuard.objects.filter(pk=row.pk).update(locked_until=queries.database_now() - MINUTE)
    assert one.first().status_code == 302
    assert ("account_locked", "ada@example.test") in outbox.told()


def test_a11_sends_of_a_stranger_do_not_use_up_those_of_a_trusted_device(world, outbox, browser):
    own, thief = browser(), browser()
    own.first()
    own.second(outbox.codes()[0])
    own.post("/sign-out/")
    age_codes(timedelta(hours=1))
    for _each in range(5):
        thief.first()
        thief.post("/sign-in/code/send/")
        age_codes(2 * MINUTE)
    assert len(outbox.codes()) == 6
    thief.post("/sign-in/code/send/")
    assert len(outbox.codes()) == 6
    assert own.first().status_code == 302
    assert len(outbox.codes()) == 7
    assert own.second(outbox.codes()[-1]).status_code == 302


def test_a12_a_trusted_device_is_served_while_strangers_are_locked_out(world, outbox, browser, settings):
    settings.SPORTELLO = settings.SPORTELLO | {"ADDRESS_TRIES": 6}
    own, thief = browser(), browser()
    own.first()
    own.second(outbox.codes()[0])
    own.post("/sign-out/")
    age_codes(timedelta(hours=1))
    for _each in range(6):
        thief.first(password="wrong")
    assert thief.first().status_code == 429
    assert own.first().status_code == 302
    assert TrustedDevice.objects.count() == 1


def test_a12_a_planted_device_token_becomes_nobodys(world, outbox, browser):
    one = browser()
    one.cookies["device"] = "planted"
    one.first()
    one.second(outbox.codes()[0])
    assert one.cookies["device"].value != "planted"


def test_a13_no_code_without_the_right_password(world, outbox, browser):
    browser().first(password="wrong")
    browser().first("nobody")
    assert outbox.sent == []


@pytest.mark.parametrize("mobile", ["+447911123456", "+390612345678", "+39899123456", ""])
def test_a13_no_code_to_other_prefixes_landlines_and_premium_numbers(world, outbox, browser, mobile):
    with arrange():
        person = world.memberships["ada"].person
        person.mobile = mobile
        person.save()
    assert browser().first().status_code == 422
    assert (outbox.sent, failures()) == ([], ["no_second_step"])


def test_a13_a_spent_budget_is_told_and_lets_nobody_in(world, outbox, browser):
    outbox.state = "failed"
    one = browser()
    one.first()
    page = one.get("/sign-in/code/")
    assert b"could not be sent" in page.content
    assert Event.append_only.get(kind="otp.sent").payload["queued"] is False


def test_a13_sends_are_limited_per_person(world, outbox, browser):
    one = browser()
    one.first()
    too_soon = one.post("/sign-in/code/send/")
    assert too_soon.status_code == 429
    assert 0 < int(too_soon.headers["Retry-After"]) <= 60
    for _each in range(4):
        age_codes(timedelta(seconds=61))
        assert one.post("/sign-in/code/send/").status_code == 302
    age_codes(timedelta(seconds=61))
    sixth = one.post("/sign-in/code/send/")
    assert sixth.status_code == 429
    assert 20 * 60 < int(sixth.headers["Retry-After"]) <= 30 * 60
    assert len(outbox.codes()) == 5


def test_a15_frozen_codes_are_not_sent_and_the_reason_is_told(world, outbox, browser, person):
    until = queries.database_now() + timedelta(hours=24)
    operations.freeze_codes(
        actor=system_actor(reason="SIM replaced"), person=person("ada"), until=until, reason="SIM replaced"
    )
    one = browser()
    assert one.first().status_code == 302
    assert outbox.codes() == []
    assert b"SIM card was changed" in one.get("/sign-in/code/").content
    assert kinds() == ["otp.frozen", "sign_in.first_step"]


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


@pytest.mark.parametrize("typed", ["١٢٣٤٥٦", "1234567", "12345", "123-456", "12345a", "१२३४५६", "１２３４５６"])
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


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "http:evil", "evil"])
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
    paths = ["/sign-in/", "/sign-in/code/", "/sign-in/code/send/", "/sign-out/", "/password/forgotten/", "/invitation/", "/act-as/"]
    for path in paths:
        answer = strict.post(path, {"username": "ada", "password": PASSWORD})
        assert answer.status_code == 403
        assert b"Please send it once more" in answer.content
    assert kinds().count("access.refused") == len(paths)
    assert outbox.sent == []


def test_demo_logins_are_offered_in_a_demo_alone(world, outbox, browser, settings):
    folder = settings.SPORTELLO["DATA_FOLDER"]
    folder.mkdir(exist_ok=True)
    login = {"username": "ada", "password": PASSWORD, "profile": "administrator", "organisation": "Alfa", "name": "Ada Prova"}
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
