"""Signing while the terms are changed, and asking twice at once, on real connections; each beside the naive way failing (ABUSE F09, H06)."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from sportello.dual_billing import operations, queries, rules
from sportello.dual_billing.models import Enrolment
from sportello.dual_billing.states import TRANSITIONS, EnrolmentState
from sportello.dual_billing.tests.factories import data
from sportello.dual_billing.tests.test_operations import (  # noqa: F401 - the fixtures are used by name
    CODE,
    SYSTEM,
    ask,
    line,
    now_of,
    session,
    td,
)
from sportello.kernel.operations import bulk_write
from sportello.kernel.states import advance
from sportello.kernel.testing import in_threads, wait_until_somebody_waits
from sportello.messaging.models import Message

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def changed_while(td, row, signing, *, others_wait):  # noqa: F811
    """Change the options in a transaction that `signing` begins under; return how both ended."""
    changed, read = threading.Event(), threading.Event()

    def work(place):
        if place:
            changed.wait(timeout=30)
            return signing(read)
        with transaction.atomic():
            values = data(start_date=row.start_date, messages=True, roaming=True)
            operations.change_enrolment(actor=td, enrolment=row, data=values, now=timezone.now())
            changed.set()
            wait_until_somebody_waits() if others_wait else read.wait(timeout=30)
        return "changed"

    return in_threads(2, work)


def test_f09_signing_under_a_change_waits_for_it_and_signs_nothing_that_was_not_shown(world, line, td, bo, session):  # noqa: F811
    now = timezone.now()
    row = ask(td, line, now, start_date=timezone.localdate())
    shown = rules.digest_of_terms(row)
    operations.send_signing_code(actor=bo, enrolment=row, session=session, now=now)

    def signing(_read):
        return operations.accept_enrolment(actor=bo, enrolment=row, session=session, typed=CODE, shown=shown, now=now)

    results = changed_while(td, row, signing, others_wait=True)
    assert (results[0], type(results[1])) == ("changed", rules.TermsChanged)
    assert (now_of(row).state, now_of(row).roaming) == ("asked", True)


def test_f09_control_without_the_lock_what_was_never_shown_is_signed(world, line, td, bo, session):  # noqa: F811
    row = ask(td, line, timezone.now(), start_date=timezone.localdate())
    shown = rules.digest_of_terms(row)

    def naive(read):
        with bulk_write(actor=bo):
            seen = queries.own_enrolment(bo, row.pk)
            rules.check_shown(seen, shown)
            read.set()
            advance(seen, EnrolmentState.ACCEPTED, transitions=TRANSITIONS)
        return "signed"

    assert changed_while(td, row, naive, others_wait=False) == ["changed", "signed"]
    assert (now_of(row).state, now_of(row).roaming) == ("accepted", True)


def test_h06_line_asked_for_by_two_at_once_is_asked_once_and_told_once(world, line, td, ada):  # noqa: F811
    actors = [td, ada]
    results = in_threads(2, lambda place: ask(actors[place], line).pk)
    assert sorted(type(one).__name__ for one in results) == ["EnrolledAlready", "int"]
    assert Enrolment.objects.for_(SYSTEM).count() == 1
    assert Message.objects.for_(SYSTEM).filter(template="dual_billing_asked").count() == 1


def test_h06_control_both_look_before_either_asks_and_the_look_alone_stops_nobody(world, line, td, ada):  # noqa: F811
    actors, looked, free = [td, ada], threading.Barrier(2), []

    def naive(place):
        with bulk_write(actor=actors[place]):
            taken = queries.open_of_line(actors[place], line) is not None
            looked.wait(timeout=30)
            rules.check_can_ask(line, taken=taken, now=timezone.now())
            free.append(place)
            row = Enrolment(organisation=line.organisation, line=line, person=line.person, asked_at=timezone.now())
            operations.asking.put(row, data())
            row.save()

    results = in_threads(2, naive)
    assert sorted(free) == [0, 1]
    assert sorted(type(one) for one in results if one is not None) == [IntegrityError]
