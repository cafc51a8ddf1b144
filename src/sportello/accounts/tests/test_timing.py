"""How long a refusal takes says nothing about why (ABUSE A07).

Counted first: every way to fail does the same work, one hash and as many queries. Then measured, in processor time (on a machine that
does nothing else it is what the caller waits, and other work does not falsify it) and in turns, as a ratio of medians: an absolute
number of milliseconds would be about the machine. The control leaves the hash out and shows in the same figure.
"""

from __future__ import annotations

import statistics
import time
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from sportello.accounts import queries, rules
from sportello.accounts.models import SignInGuard
from sportello.accounts.tests.conftest import Browser
from sportello.kernel.testing.arranging import arrange
from sportello.kernel.testing.cast import PASSWORD


class CountingArgon2(Argon2PasswordHasher):
    """The portal's hasher with a third of its work, that counts how often it works."""

    memory_cost = 32 * 1024
    parallelism = 1
    worked: int = 0

    def encode(self, password, salt):
        type(self).worked += 1
        return super().encode(password, salt)

    def verify(self, password, encoded):
        type(self).worked += 1
        return super().verify(password, encoded)


ARGON2 = [f"{__name__}.CountingArgon2"]
TRIES = 15
ALIKE = 1.35
"""How far apart the medians may lie; leaving the hash out makes them lie apart by more than twice as much."""


def prepare(person, **changes):
    with arrange():
        person.set_password(PASSWORD)
        for name, value in changes.items():
            setattr(person, name, value)
        person.save()


@pytest.fixture
def ways(world, outbox, settings):
    """Return (username, password) for each way to fail, the password right where that can be."""
    settings.SPORTELLO = settings.SPORTELLO | {"ADDRESS_TRIES": 10**6, "PASSWORD_TRIES": 10**6}
    now = queries.database_now()
    with override_settings(PASSWORD_HASHERS=ARGON2):
        people = {name: world.memberships[name].person for name in ("ada", "bo", "cy", "pia")}
        prepare(people["ada"])
        prepare(people["bo"], deactivated_at=now)
        prepare(people["cy"], mobile_verified_at=None)
        prepare(people["pia"])
        Browser().first("pia", "wrong")
        locked = SignInGuard.objects.filter(bucket=rules.account_bucket("pia", None))
        locked.update(locked_until=now + timedelta(hours=1))
        yield {
            "unknown": ("nobody", PASSWORD),
            "wrong": ("ada", "a wrong password"),
            "deactivated": ("bo", PASSWORD),
            "no_phone": ("cy", PASSWORD),
            "locked": ("pia", PASSWORD),
        }


def medians(work, ways, tries=TRIES):
    """Return the median processor time of `work` for each way, taken in turns: what else the machine does meets all of them alike."""
    taken = {way: [] for way in ways}
    for _each in range(tries):
        for way, (username, password) in ways.items():
            began = time.process_time()
            work(username, password)
            taken[way].append(time.process_time() - began)
    return {way: statistics.median(times) for way, times in taken.items()}


def apart(found):
    return max(found.values()) / min(found.values())


@pytest.mark.django_db
def test_a07_every_way_to_fail_does_the_same_work(ways):
    one, work = Browser(), {}
    for _round in range(2):  # the first one writes the rows that count failures
        for way, (username, password) in ways.items():
            before = CountingArgon2.worked
            with CaptureQueriesContext(connection) as captured:
                assert one.first(username, password).status_code == 422
            asked = [each["sql"] for each in captured.captured_queries if "sportello.reach" not in each["sql"]]
            work[way] = (CountingArgon2.worked - before, len(asked))
    assert {hashes for hashes, _queries in work.values()} == {1}
    counted = [number for _hashes, number in work.values()]
    assert max(counted) - min(counted) <= 3, work  # each far below a millisecond beside the hash


@pytest.mark.django_db
def test_a07_medians_of_the_ways_to_fail_are_alike(ways):
    one = Browser()
    found = medians(one.first, ways)
    assert apart(found) < ALIKE, found


@pytest.mark.django_db
def test_a07_control_a_sign_in_that_hashes_nothing_for_unknown_people_would_show(ways, monkeypatch):
    honest = queries.password_answer
    one = Browser()

    def naive(username, password):
        if username != "nobody":
            honest(username, password)
        one.get("/sign-in/")  # what else a request does

    assert apart(medians(naive, ways, tries=5)) > 2 * ALIKE
