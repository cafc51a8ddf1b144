"""Profiles that become the default, end and are given to lines at the same instant, each beside the naive way failing."""

import threading

import pytest
from django.db import transaction

from sportello.kernel.actor import system_actor
from sportello.kernel.models import Event
from sportello.kernel.testing import in_threads, wait_until_somebody_waits
from sportello.thresholds import operations
from sportello.thresholds.models import Enrolment, LineProfile
from sportello.thresholds.operations import profiles
from sportello.thresholds.tests.factories import NOW, a_line

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

SYSTEM = system_actor(reason="a test looks")


def made(ada, world, name, *, default=False):
    return operations.make_profile(actor=ada, organisation=world.a, name=name, default=default, now=NOW)


def defaults():
    return list(LineProfile.objects.for_(SYSTEM).filter(default=True).values_list("name", flat=True))


def kinds(results):
    return sorted(type(one).__name__ for one in results)


def while_it_ends(ada, row, then):
    """End a profile and let `then` begin before that is committed; return what came of both."""
    ended = threading.Event()

    def work(place):
        if place == 0:
            with transaction.atomic():
                operations.end_profile(actor=ada, profile=LineProfile.objects.for_(ada).get(pk=row.pk), now=NOW)
                ended.set()
                wait_until_somebody_waits()
        else:
            ended.wait(timeout=30)
            then()

    return kinds(in_threads(2, work))


def test_profiles_made_and_chosen_as_default_at_once_leave_one_default(world, ada):
    rows = [made(ada, world, f"Profile {place}") for place in range(4)]

    def work(place):
        if place < 4:
            operations.set_default(actor=ada, profile=rows[place], default=True)
        else:
            made(ada, world, f"Profile {place}", default=True)

    assert in_threads(8, work) == [None] * 8
    assert len(defaults()) == 1


def test_profiles_of_one_name_made_at_once_as_default_are_one_and_the_others_read_the_right_sentence(world, ada):
    results = in_threads(6, lambda _place: made(ada, world, "Executives", default=True))
    assert kinds(results) == ["LineProfile"] + ["ProfileThere"] * 5
    assert defaults() == ["Executives"]


def test_control_defaults_moved_without_the_lock_run_into_the_constraint(world, ada, monkeypatch):
    looked = threading.Barrier(2)
    rows = [made(ada, world, f"Profile {place}") for place in range(2)]
    naive = profiles._no_default

    def look_then_write(actor, organisation):
        naive(actor, organisation)
        looked.wait(timeout=30)

    monkeypatch.setattr(profiles, "_hold", lambda _profile: None)
    monkeypatch.setattr(profiles, "_no_default", look_then_write)
    results = in_threads(2, lambda place: operations.set_default(actor=ada, profile=rows[place], default=True))
    assert kinds(results) == ["IntegrityError", "NoneType"]


def test_profile_ended_four_times_at_once_ends_once(world, ada):
    row = made(ada, world, "Executives")
    copies = [LineProfile.objects.for_(ada).get(pk=row.pk) for _place in range(4)]
    results = in_threads(4, lambda place: operations.end_profile(actor=ada, profile=copies[place], now=NOW))
    assert kinds(results) == ["ProfileGone"] * 3 + ["int"]
    assert Event.append_only.filter(kind="thresholds.profile_ended").count() == 1


def test_profile_that_ends_meanwhile_becomes_no_default_and_gets_no_lines(world, ada):
    row, other, line = made(ada, world, "Executives"), made(ada, world, "Drivers"), a_line(world.a)
    assert while_it_ends(ada, row, lambda: operations.set_default(actor=ada, profile=row, default=True)) == [
        "NoneType",
        "ProfileGone",
    ]
    joining = lambda: operations.enrol_lines(actor=ada, lines=[line], profile=other, now=NOW)  # noqa: E731
    assert while_it_ends(ada, other, joining) == ["NoneType", "ProfileGone"]
    assert (defaults(), Enrolment.objects.for_(SYSTEM).count()) == ([], 0)


def test_control_profile_read_before_the_lock_becomes_the_default_though_it_has_ended(world, ada, monkeypatch):
    row = made(ada, world, "Executives")
    monkeypatch.setattr(profiles, "_hold", lambda _profile: profiles.hold_evaluations())
    choosing = lambda: operations.set_default(actor=ada, profile=row, default=True)  # noqa: E731
    assert while_it_ends(ada, row, choosing) == ["NoneType", "NoneType"]
    assert defaults() == ["Executives"]
