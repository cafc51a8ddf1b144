"""Called numbers: masked everywhere; whole to the line's own user alone, for minutes, after a fresh code (ABUSE G14, G15)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from sportello.kernel.actor import system_actor
from sportello.kernel.models import Event
from sportello.kernel.testing import arrange
from sportello.messaging.models import Message, SmsSpending
from sportello.messaging.queries import sms_day
from sportello.usage import operations
from sportello.usage import types as usage_types
from sportello.usage.models import ClearNumbers
from sportello.usage.tests.factories import NOW, new_line, row, usage_file

SYSTEM = system_actor(reason="a test of usage")
BOS, ADAS = "+393200000001", "+393200000002"
ASK, OPEN = "/traffic/numbers/ask/", "/traffic/numbers/"


@pytest.fixture
def lines(world):
    """Bo's line with a call of the company's and a personal one; another of customer A, Ada's own."""
    found = {
        "bo": new_line(world.a, BOS, person=world.memberships["bo"].person, dual=True),
        "a": new_line(world.a, ADAS, person=world.memberships["ada"].person),
    }
    operations.load_file(
        actor=SYSTEM,
        path=usage_file(
            row(record_id="1", msisdn=BOS, amount="11.11", other_party="+393470000111"),
            row(record_id="2", msisdn=BOS, amount="22.22", other_party="+393470000222", personal="1"),
            row(record_id="3", msisdn=ADAS, amount="33.33", other_party="+393470000333"),
        ),
        now=NOW,
    )
    return found


def records(browser, line) -> str:
    shown = browser.get(reverse("usage:records", args=[line.pk]), {"month": "2026-11"})
    assert shown.status_code == 200
    return shown.content.decode()


def code_sent() -> str:
    """Return the six digits of the last code."""
    message = Message.objects.for_(SYSTEM).filter(template="fresh_code").latest("pk")
    return str(json.loads(message.secret)["code"])


def opened(browser) -> object:
    answer = browser.post(ASK, {"back": "/traffic/lines/1/records/?month=2026-11"})
    assert answer.url == "/traffic/numbers/?back=%2Ftraffic%2Flines%2F1%2Frecords%2F%3Fmonth%3D2026-11"
    return browser.post(answer.url, {"code": code_sent()})


def test_g15_own_user_sees_numbers_whole_after_a_fresh_code(lines, signed_in) -> None:
    bo = signed_in("bo")
    assert "Show whole numbers" in records(bo, lines["bo"])
    answer = opened(bo)
    assert answer.url == "/traffic/lines/1/records/?month=2026-11"
    shown = records(bo, lines["bo"])
    assert ("+393470000111" in shown, "+393470000222" in shown, "are shown whole until" in shown) == (True, True, True)
    taken = bo.post(
        "/traffic/exports/ask/", {"content": "records", "form": "csv", "from": "2026-11", "line": lines["bo"].pk}
    )
    assert "+393470000222" in b"".join(taken.streaming_content).decode()
    assert Event.append_only.filter(kind="usage.clear_numbers_opened").count() == 1


def test_g15_numbers_are_masked_again_when_the_minutes_are_over(lines, signed_in) -> None:
    bo = signed_in("bo")
    opened(bo)
    with arrange():
        ClearNumbers.objects.for_(SYSTEM).update(until=timezone.now() - timedelta(seconds=1))
    assert "+393470000***" in records(bo, lines["bo"])
    assert "0111" not in records(bo, lines["bo"])


def test_g15_numbers_stay_masked_in_another_session_of_the_same_person(lines, signed_in) -> None:
    opened(signed_in("bo"))
    assert "0111" not in records(signed_in("bo"), lines["bo"])


@pytest.mark.parametrize("name", ["ada", "olga"])
def test_g15_administrators_never_see_numbers_whole(lines, signed_in, name) -> None:
    browser = signed_in(name)
    assert [browser.post(ASK).status_code, browser.get(OPEN).status_code, browser.post(OPEN).status_code] == [
        403,
        403,
        403,
    ]
    assert "Show whole numbers" not in records(browser, lines["a"])
    assert "0333" not in records(browser, lines["a"])


def test_wrong_code_opens_nothing_and_says_so(lines, signed_in) -> None:
    bo = signed_in("bo")
    bo.post(ASK)
    wrong = "000000" if code_sent() != "000000" else "111111"
    answer = bo.post(OPEN, {"code": wrong})
    assert (answer.status_code, "This code is not right" in answer.content.decode()) == (422, True)
    assert bo.post(OPEN, {"code": ""}).status_code == 422
    assert ClearNumbers.objects.for_(SYSTEM).count() == 0
    assert "0111" not in records(bo, lines["bo"])


def test_many_wrong_codes_lock(lines, signed_in, settings) -> None:
    bo = signed_in("bo")
    bo.post(ASK)
    right = code_sent()
    wrong = "000000" if right != "000000" else "111111"
    answers = [
        bo.post(OPEN, {"code": wrong}).content.decode() for _try in range(settings.SPORTELLO["CODE_LOCK_AFTER"] + 1)
    ]
    assert "locked for a while" in answers[-1]
    assert "locked for a while" in bo.post(OPEN, {"code": right}).content.decode()


def test_code_that_cannot_go_out_is_said(lines, signed_in, settings) -> None:
    bo = signed_in("bo")
    SmsSpending.objects.create(day=sms_day(timezone.now()), bucket="all", parts=settings.SPORTELLO["SMS_DAILY_BUDGET"])
    answer = bo.post(ASK, follow=True)
    assert "The code could not be sent" in answer.content.decode()


def test_second_code_within_a_minute_is_refused_where_it_was_asked_for(lines, signed_in) -> None:
    bo = signed_in("bo")
    bo.post(ASK)
    back = reverse("usage:records", args=[lines["bo"].pk])
    answer = bo.post(ASK, {"back": back})
    assert answer.url == back
    assert "Please wait before you ask for another one" in bo.get(back).content.decode()


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/traffic/" + "x" * 500, "/account/", ""])
def test_only_addresses_of_traffic_are_led_back_to(lines, signed_in, back) -> None:
    assert signed_in("bo").get(OPEN, {"back": back}).context["back"] == "/traffic/"


def test_company_and_personal_parts_are_told_apart_to_the_person_alone(lines, world, signed_in) -> None:
    line = reverse("usage:line", args=[lines["bo"].pk])
    bo = signed_in("bo").get(line, {"month": "2026-11"})
    assert [(tile.label, tile.value) for tile in bo.context["payers"]] == [
        ("Your employer pays", "€11.11"),
        ("You pay", "€22.22"),
    ]
    assert signed_in("ada").get(line, {"month": "2026-11"}).context["payers"] == []
    new_line(world.a, "+393200000009", person=world.memberships["bo"].person)
    own = signed_in("bo").get(reverse("usage:index"))
    assert [tile.value for tile in own.context["payers"]] == ["€11.11", "€22.22"]


def test_person_without_personal_traffic_sees_no_parts(world, signed_in) -> None:
    line = new_line(world.a, BOS, person=world.memberships["bo"].person)
    operations.load_file(actor=SYSTEM, path=usage_file(row(record_id="1", msisdn=BOS)), now=NOW)
    assert signed_in("bo").get(reverse("usage:line", args=[line.pk]), {"month": "2026-11"}).context["payers"] == []


def test_parts_on_screen_are_rounded_as_every_other_page_rounds_them(world, signed_in, monkeypatch) -> None:
    monkeypatch.setattr(usage_types, "_terms_sources", [])  # the file's marker alone says what is private
    line = new_line(world.a, BOS, person=world.memberships["bo"].person)
    rows = [
        row(record_id="1", msisdn=BOS, amount="61.265"),
        row(record_id="2", msisdn=BOS, amount="11.705", personal="1"),
    ]
    operations.load_file(actor=SYSTEM, path=usage_file(*rows), now=NOW)
    shown = signed_in("bo").get(reverse("usage:line", args=[line.pk]), {"month": "2026-11"}).context
    assert [tile.value for tile in [*shown["payers"], shown["tiles"][0]]] == ["€61.27", "€11.71", "€72.97"]
