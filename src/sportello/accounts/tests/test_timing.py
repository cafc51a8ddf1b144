"""How long a refusal takes says nothing about why (ABUSE A07)."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta

import pytest
from django.test import override_settings

from sportello.accounts import queries
from sportello.accounts.models import SignInGuard
from sportello.accounts.tests.conftest import Browser
from sportello.kernel.testing.arranging import arrange
from sportello.kernel.testing.cast import PASSWORD

ARGON2 = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
TRIES = 200
CLOSE = 0.015


def prepare(person, **changes):
    with arrange():
        person.set_password(PASSWORD)
        for name, value in changes.items():
            setattr(person, name, value)
        person.save()


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
        from sportello.accounts import rules

        SignInGuard.objects.filter(bucket=rules.account_bucket("pia", None)).update(locked_until=now + timedelta(hours=1))
        taken = {way: [] for way in ways}
        one = Browser()
        for _each in range(TRIES):  # in turns, so that what else the machine does meets all of them alike
            for way, (username, password) in ways.items():
                began = time.perf_counter()
                answer = one.first(username, password)
                taken[way].append(time.perf_counter() - began)
                assert answer.status_code == 422
    medians = {way: statistics.median(times) for way, times in taken.items()}
    assert max(medians.values()) - min(medians.values()) < CLOSE, medians
