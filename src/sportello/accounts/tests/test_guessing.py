"""Guessing, locking and pumping: what the door answers, counts and sends (ABUSE A07 to A15)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from sportello.accounts import operations, queries
from sportello.accounts.models import (
    OneTimeCode,
    SignInGuard,
    TrustedDevice,
)
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
    known = {
        "unknown": "unknown",
        "wrong": "wrong_password",
        "deactivated": "deactivated",
        "no_phone": "no_second_step",
    }
    assert failures()[-2] == known.get(way, "locked")


def _fixed(page) -> dict[str, str]:
    """Return the headers but those that differ from one request to the next whoever asks."""
    return {
        name: "" if name in {"X-Request-Id", "Content-Length", "Expires"} else text
        for name, text in page.headers.items()
    }


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
    assert failures() == ["no_profile"]


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


def test_locking_a_username_that_nobody_has_tells_nobody(world, outbox, browser):
    for _each in range(5):
        browser().first("nobody")
    assert (outbox.sent, kinds().count("sign_in.locked")) == ([], 1)


def test_a12_wrong_passwords_at_a_trusted_device_lock_that_device_alone(world, outbox, browser):
    own = browser()
    own.first()
    own.second(outbox.codes()[0])
    own.post("/sign-out/")
    for _each in range(5):
        own.first(password="wrong")
    assert own.first().status_code == 422
    assert SignInGuard.objects.filter(bucket__startswith="address:", failures__gt=0).count() == 0
    assert browser().first().status_code == 302
