"""Codes and locks end by the database's clock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sportello.accounts import queries
from sportello.accounts.models import (
    OneTimeCode,
)
from sportello.accounts.tests.conftest import age_codes

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("lifetime", "offset", "status"),
    [(30, -1, 302), (30, 0, 422), (30, 1, 422), (10, -1, 302), (10, 0, 422), (10, 1, 422)],
)
def test_a06_code_is_good_to_the_millisecond_before_its_end(  # noqa: PLR0917
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


@pytest.mark.parametrize(("node", "jump"), [("web", -2), ("web", 2), ("database", -2)])
def test_a27_a_clock_that_jumps_on_a_web_node_revives_no_code_and_ends_none(  # noqa: PLR0917
    world, outbox, browser, monkeypatch, node, jump
):
    """The life of a code is measured on the database's clock alone; the last case is the control: that clock does decide."""
    dead, live = browser(), browser()
    dead.first()
    age_codes(31 * MINUTE)
    live.first("bo")
    at = queries.database_now() + timedelta(hours=jump)
    place = "django.utils.timezone.now" if node == "web" else "sportello.accounts.queries.database_now"
    monkeypatch.setattr(place, lambda: at)
    revived, let_in = dead.second(outbox.codes()[0]).status_code, live.second(outbox.codes()[1]).status_code
    assert (revived, let_in) == ((422, 302) if node == "web" else (302, 302))


def test_a27_a_lock_lasts_on_the_databases_clock(world, outbox, browser, monkeypatch):
    for _each in range(5):
        browser().first(password="wrong")
    ahead = queries.database_now() + timedelta(hours=2)
    monkeypatch.setattr("django.utils.timezone.now", lambda: ahead)
    assert browser().first().status_code == 422
    monkeypatch.setattr("sportello.accounts.queries.database_now", lambda: ahead)
    assert browser().first().status_code == 302
