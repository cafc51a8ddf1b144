"""How long a refusal takes says nothing about why (ABUSE A07).

Measured in processor time: on a machine that does nothing else it is what the caller waits, and other work does not falsify it.
"""

from __future__ import annotations

import statistics
import time
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import override_settings

from sportello.accounts import queries, rules
from sportello.accounts.models import SignInGuard
from sportello.accounts.tests.conftest import Browser
from sportello.kernel.testing.arranging import arrange
from sportello.kernel.testing.cast import PASSWORD


class LighterArgon2(Argon2PasswordHasher):
    """A third of the usual work, so that a thousand sign-ins end in a minute; what is left out still shows (see the control)."""

    memory_cost = 32 * 1024
    parallelism = 1


ARGON2 = [f"{__name__}.LighterArgon2"]
TRIES = 200
CLOSE = 0.015


def prepare(person, **changes):
    with arrange():
        person.set_password(PASSWORD)
        for name, value in changes.items():
            setattr(person, name, value)
        person.save()


@pytest.mark.timeout(900)
@pytest.mark.django_db
def test_a07_medians_of_two_hundred_tries_differ_by_less_than_fifteen_milliseconds(world, outbox, settings):
    settings.SPORTELLO = settings.SPORTELLO | {"ADDRESS_TRIES": 10**6, "PASSWORD_TRIES": 10**6}
    now = queries.database_now()
    with override_settings(PASSWORD_HASHERS=ARGON2):
        people = {name: world.memberships[name].person for name in ("ada", "bo", "cy", "pia")}
        prepare(people["ada"])
        prepare(people["bo"], deactivated_at=now)
        prepare(people["cy"], mobile_verified_at=None)
        prepare(people["pia"])
        ways = {
            "unknown": ("nobody", PASSWORD),
            "wrong": ("ada", "a wrong password"),
            "deactivated": ("bo", PASSWORD),
            "no_phone": ("cy", PASSWORD),
            "locked": ("pia", PASSWORD),
        }
        Browser().first("pia", "wrong")
        SignInGuard.objects.filter(bucket=rules.account_bucket("pia", None)).update(
            locked_until=now + timedelta(hours=1)
        )
        taken = {way: [] for way in ways}
        one = Browser()
        for _each in range(TRIES):  # in turns, so that what else the machine does meets all of them alike
            for way, (username, password) in ways.items():
                began = time.process_time()
                answer = one.first(username, password)
                taken[way].append(time.process_time() - began)
                assert answer.status_code == 422
    medians = {way: statistics.median(times) for way, times in taken.items()}
    assert max(medians.values()) - min(medians.values()) < CLOSE, medians


@pytest.mark.django_db
def test_a07_control_a_sign_in_that_hashes_nothing_for_unknown_people_would_show(world):
    with override_settings(PASSWORD_HASHERS=ARGON2):
        times = []
        for _each in range(20):
            began = time.process_time()
            queries.password_answer("nobody", PASSWORD)
            times.append(time.process_time() - began)
    assert statistics.median(times) > CLOSE, "the hash is what a naive sign-in leaves out for unknown usernames"
