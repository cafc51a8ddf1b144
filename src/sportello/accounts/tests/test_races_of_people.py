"""People invited, deactivated, reactivated and written at the same instant, each beside the naive way failing (ABUSE B05)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from sportello.accounts import operations, queries
from sportello.accounts.models import Invitation, Person
from sportello.accounts.operations import invitations, people
from sportello.accounts.queries import directory
from sportello.accounts.rules.people import PersonData
from sportello.kernel.models import Event
from sportello.kernel.testing.arranging import in_threads, wait_until_somebody_waits

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def invite(world, person: Person) -> None:
    operations.invite_person(actor=world.actor("ada"), person=person, now=queries.database_now())


def deactivate(world, person: Person) -> None:
    operations.deactivate_person(actor=world.actor("ada"), person=person, now=queries.database_now())


def open_invitations() -> int:
    return Invitation.objects.filter(accepted_at=None, revoked_at=None).count()


def names(results: list[Any]) -> list[str]:
    return sorted(type(each).__name__ for each in results)


def after(first: Callable[[], None], then: Callable[[], None]) -> list[str]:
    """Let `then` begin before `first` is committed; return what came of both."""
    begun = threading.Event()

    def work(place: int) -> None:
        if place == 0:
            with transaction.atomic():
                first()
                begun.set()
                wait_until_somebody_waits()
        else:
            begun.wait(timeout=30)
            then()

    return names(in_threads(2, work))


def test_b05_person_invited_ten_times_at_once_has_one_good_link(world, outbox):
    bo = world.memberships["bo"].person
    assert in_threads(10, lambda _place: invite(world, bo)) == [None] * 10
    assert (Invitation.objects.count(), open_invitations()) == (10, 1)
    assert len(outbox.links()) == 10


def test_b05_control_inviting_without_the_persons_lock_leaves_both_links_good(world, outbox, monkeypatch):
    voided = threading.Barrier(2)
    real = invitations.new_token

    def after_both_voided(bits: int) -> str:
        voided.wait(timeout=30)
        return real(bits)

    monkeypatch.setattr(invitations, "locked_person", queries.known_person)
    monkeypatch.setattr(invitations, "new_token", after_both_voided)
    bo = world.memberships["bo"].person
    assert in_threads(2, lambda _place: invite(world, bo)) == [None, None]
    assert open_invitations() == 2


def test_b05_invitation_and_deactivation_at_once_leave_no_link_for_after_the_reactivation(world, outbox, person):
    deactivated_first = after(
        lambda: deactivate(world, person("bo")), lambda: invite(world, world.memberships["bo"].person)
    )
    assert (deactivated_first, open_invitations()) == (["NoneType", "WrongState"], 0)
    operations.reactivate_person(actor=world.actor("ada"), person=person("bo"))
    invited_first = after(
        lambda: invite(world, person("bo")), lambda: deactivate(world, world.memberships["bo"].person)
    )
    assert (invited_first, open_invitations()) == (["NoneType", "NoneType"], 0)
    operations.reactivate_person(actor=world.actor("ada"), person=person("bo"))
    assert open_invitations() == 0


def test_b05_control_invitation_by_the_row_read_before_the_deactivation_is_good_after_the_reactivation(
    world, outbox, person, monkeypatch
):
    bo = person("bo")
    monkeypatch.setattr(invitations, "locked_person", lambda _person_id: bo)
    deactivate(world, person("bo"))
    invite(world, bo)
    operations.reactivate_person(actor=world.actor("ada"), person=person("bo"))
    assert open_invitations() == 1


def test_person_deactivated_and_reactivated_ten_times_at_once_moves_once(world, outbox, person):
    for move, kind in ((deactivate, "person.deactivated"), (_reactivate, "person.reactivated")):
        rows = [person("bo") for _place in range(10)]
        results = in_threads(10, lambda place, move=move, rows=rows: move(world, rows[place]))
        assert names(results) == ["NoneType"] + ["StateChanged"] * 9
        assert Event.append_only.filter(kind=kind).count() == 1
    assert person("bo").is_active is True


def _reactivate(world, row: Person) -> None:
    operations.reactivate_person(actor=world.actor("ada"), person=row)


def test_control_person_deactivated_by_rows_read_before_is_told_twice(world, outbox, person, monkeypatch):
    rows = [person("bo"), person("bo")]
    monkeypatch.setattr(people, "_locked", lambda row: row)
    assert in_threads(2, lambda place: deactivate(world, rows[place])) == [None, None]
    assert Event.append_only.filter(kind="person.deactivated").count() == 2


def written(world, _place: int) -> str:
    data = PersonData(given_name="Mario", family_name="Rossi", email="")
    return str(operations.create_person(actor=world.actor("ada"), organisation=world.a, data=data).username)


def test_ten_people_of_one_name_written_at_once_have_ten_usernames(world, outbox):
    results = in_threads(10, lambda place: written(world, place))
    assert sorted(map(str, results)) == sorted(["mario.rossi", *(f"mario.rossi{number}" for number in range(2, 11))])


def test_control_one_try_for_a_username_refuses_whoever_comes_second(world, outbox, monkeypatch):
    looked, real = threading.Barrier(2), directory.taken_usernames

    def after_both_looked(given_name: str, family_name: str) -> set[str]:
        taken = real(given_name, family_name)
        looked.wait(timeout=30)
        return taken

    monkeypatch.setattr(people, "TRIES", 1)
    monkeypatch.setattr(directory, "taken_usernames", after_both_looked)
    assert names(in_threads(2, lambda place: written(world, place))) == ["WrongState", "str"]
