"""Wrong passwords in parallel are counted one by one (ABUSE A10, A12), each beside the naive way that compares them all."""

from __future__ import annotations

import threading
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction

from sportello.accounts import operations, queries, rules
from sportello.accounts.models import SignInGuard
from sportello.accounts.operations import guards, sign_in
from sportello.accounts.types import Browser as Caller
from sportello.accounts.types import FirstStep, PasswordAnswer
from sportello.kernel.actor import system_actor
from sportello.kernel.models import Event
from sportello.kernel.testing.arranging import in_threads

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def guess(world, *, name: str = "ada", address: str = "192.0.2.1", right: bool = False) -> FirstStep | None:
    """Take the first step with a password that was compared already, as the page hands it in."""
    person = world.memberships[name].person if name in world.memberships else None
    return operations.start_sign_in(
        actor=system_actor(reason="sign-in"),
        answer=PasswordAnswer(
            username=name, person_id=person and person.pk, right=right, encoded=person.password if person else ""
        ),
        browser=Caller(address=address, name="test"),
        now=queries.database_now(),
    )


def compared() -> dict[str, int]:
    """Return how many first steps failed, by reason: `locked` ones tell nothing of the password."""
    rows = Event.append_only.filter(kind="sign_in.failed")
    return dict(Counter(row.payload["failure"] for row in rows))


def unlocked(number: int) -> Any:
    """Return guards whose count all of a race read before any of them has counted."""
    read = threading.Barrier(number)

    def hold(bucket: str, *, now: Any) -> rules.Count:
        count = queries.guard_count(bucket, now=now)
        read.wait(timeout=30)
        return count

    return SimpleNamespace(
        hold=hold, failed=guards.failed, clear=guards.clear, check_free=lambda *_asked, **_more: None
    )


def test_a12_of_thirty_wrong_passwords_at_once_five_are_compared(world, outbox):
    results = in_threads(30, lambda place: guess(world, address=f"192.0.{place}.1"))
    assert results == [None] * 30
    assert compared() == {"wrong_password": 5, "locked": 25}
    assert Event.append_only.filter(kind="sign_in.locked").count() == 1
    assert guess(world, right=True) is None


def test_a12_control_count_read_without_the_lock_compares_them_all(world, outbox, monkeypatch):
    monkeypatch.setattr(sign_in, "guards", unlocked(12))
    in_threads(12, lambda place: guess(world, address=f"192.0.{place}.1"))
    assert compared() == {"wrong_password": 12}


def test_a10_of_twelve_accounts_tried_at_once_from_one_address_five_are_compared(world, outbox, settings):
    settings.SPORTELLO = settings.SPORTELLO | {"ADDRESS_TRIES": 5}
    results = in_threads(12, lambda place: guess(world, name=f"nobody{place}"))
    assert sorted(type(each).__name__ for each in results) == ["NoneType"] * 5 + ["TooManyFromHere"] * 7
    assert compared() == {"unknown": 5}


def test_a10_control_address_looked_at_without_the_lock_lets_all_twelve_through(world, outbox, settings, monkeypatch):
    settings.SPORTELLO = settings.SPORTELLO | {"ADDRESS_TRIES": 5}
    monkeypatch.setattr(sign_in, "guards", unlocked(12))
    assert in_threads(12, lambda place: guess(world, name=f"nobody{place}")) == [None] * 12
    assert compared() == {"unknown": 12}


def test_a12_account_under_attack_keeps_no_other_account_waiting(world, outbox):
    """The lock is one account's and one address's, not the table's: else the second would wait for the first, and time out."""
    held, through = threading.Event(), threading.Event()

    def work(place: int) -> Any:
        if place == 0:
            with transaction.atomic():
                guess(world)
                held.set()
                return through.wait(timeout=20)
        held.wait(timeout=30)
        first = guess(world, name="cy", address="198.51.100.7", right=True)
        through.set()
        return first is not None

    assert in_threads(2, work) == [True, True]
    assert SignInGuard.objects.get(bucket=rules.account_bucket("ada", None)).failures == 1
