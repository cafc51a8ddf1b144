"""The naive way of each race of `test_races.py`: look first, then write. It loses; so the races there are real ones."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from sportello.accounts import queries
from sportello.accounts.models import Invitation, OneTimeCode, PasswordReset, RecoveryCode, TotpDevice
from sportello.accounts.tests.test_races import issue
from sportello.kernel.testing.arranging import in_threads

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
WORK = 0.01
"""Seconds between the look and the write: less than hashing a password or opening a session takes."""


def test_a05_control_look_then_use_lets_a_superseded_code_in(world, outbox, settings):
    """Without the conditional UPDATE and the person's lock a code ends both superseded and used: two live ways in at once."""
    settings.SPORTELLO = settings.SPORTELLO | {
        "CODE_RESEND_AFTER": timedelta(minutes=-1),
        "CODE_SENDS_PER_LIFETIME": 10**6,
    }
    person_id = world.memberships["ada"].person_id

    def naive(row_id: int) -> bool:
        row = OneTimeCode.objects.get(pk=row_id)
        good = row.used_at is None and row.superseded_at is None
        time.sleep(WORK)
        return good and bool(OneTimeCode.objects.filter(pk=row_id).update(used_at=queries.database_now()))

    both = 0
    for each in range(15):
        issue(person_id, f"old {each}")
        row_id = OneTimeCode.objects.get(browser_hash=queries.browser_hash(f"old {each}")).pk
        in_threads(
            2, lambda place, row_id=row_id, each=each: issue(person_id, f"new {each}") if place else naive(row_id)
        )
        both += OneTimeCode.objects.filter(pk=row_id).exclude(used_at=None).exclude(superseded_at=None).count()
    assert both > 0


def rows_of(world) -> dict[str, tuple[Any, str]]:
    """Return one unused row of each kind that is good for one use, with the field that says so."""
    person, now = world.memberships["ada"].person, queries.database_now()
    later = now + timedelta(hours=1)
    return {
        "recovery code": (RecoveryCode.objects.create(person=person, code_hash="x"), "used_at"),
        "invitation": (
            Invitation.objects.create(person=person, token_hash="x", created_at=now, expires_at=later),
            "accepted_at",
        ),
        "reset link": (
            PasswordReset.objects.create(person=person, token_hash="x", created_at=now, expires_at=later),
            "used_at",
        ),
        "step of an app": (TotpDevice.objects.create(person=person, name="x", secret="x"), "confirmed_at"),
    }


@pytest.mark.parametrize("kind", ["recovery code", "invitation", "reset link", "step of an app"])
def test_a25_b05_control_look_then_use_lets_several_through(world, kind):
    row, field = rows_of(world)[kind]
    model = type(row)

    def naive(_place: int) -> bool:
        unused = getattr(model.objects.get(pk=row.pk), field) is None
        time.sleep(WORK)
        if unused:
            model.objects.filter(pk=row.pk).update(**{field: queries.database_now()})
        return unused

    assert sum(in_threads(10, naive)) > 1


@pytest.mark.parametrize("kind", ["recovery code", "invitation", "reset link", "step of an app"])
def test_a25_b05_one_conditional_update_lets_one_through(world, kind):
    """What the operations do, in the same harness as the control."""
    row, field = rows_of(world)[kind]
    unused = type(row).objects.filter(pk=row.pk, **{field: None})

    def once(_place: int) -> bool:
        time.sleep(WORK)
        return unused.update(**{field: queries.database_now()}) == 1

    assert sum(in_threads(10, once)) == 1
