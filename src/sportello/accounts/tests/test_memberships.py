from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import transaction
from django.utils import timezone

from sportello.accounts import operations
from sportello.accounts.models import Membership, Person
from sportello.accounts.rules.people import LastAdministrator, ProfileNotYours, grantable
from sportello.kernel.access import CUSTOMER_PROFILES, PARTNER_PROFILES, Profile, Reach
from sportello.kernel.models import Event
from sportello.kernel.refusals import InvalidInput, NotFound, NotPermitted, WrongState
from sportello.kernel.testing import arrange, in_threads


def bo_of(world) -> Person:
    return world.memberships["bo"].person


def test_d04_grantable_is_never_above_the_actors_own_kind(world):
    ada, pia, olga = (world.actor(name) for name in ("ada", "pia", "olga"))
    assert grantable(ada, world.a) == CUSTOMER_PROFILES
    assert grantable(ada, world.b) == frozenset()
    assert grantable(ada, world.operator) == frozenset()
    assert grantable(pia, world.a) == CUSTOMER_PROFILES
    assert grantable(pia, world.partner) == PARTNER_PROFILES
    assert grantable(pia, world.b) == frozenset()
    assert grantable(replace(olga, profile=Profile.OPERATOR_AGENT), world.operator) == frozenset()
    assert grantable(olga, world.operator) == {
        Profile.OPERATOR_ADMIN, Profile.OPERATOR_AGENT, Profile.COMPLIANCE_OFFICER,
    }  # fmt: skip
    assert grantable(olga, world.a) == CUSTOMER_PROFILES | {Profile.CLIENT_MANAGER}


@pytest.mark.parametrize(
    "profile", [Profile.EBILL_REFERENT, Profile.DUAL_BILLING_REFERENT, Profile.TRAFFIC_MANAGER, Profile.EMPLOYEE]
)
def test_d04_referents_hand_out_nothing(world, profile):
    referent = replace(world.actor("bo"), profile=profile, reach=Reach.CUSTOMER)
    before = Membership.objects.for_(world.actor("olga")).count()
    with pytest.raises(NotPermitted):
        operations.grant_profile(actor=referent, person=bo_of(world), organisation=world.a, profile=Profile.ADMINISTRATOR)
    assert Membership.objects.for_(world.actor("olga")).count() == before


@pytest.mark.parametrize("profile", [*sorted(PARTNER_PROFILES), Profile.OPERATOR_ADMIN, Profile.CLIENT_MANAGER])
def test_d04_administrator_hands_out_no_profile_of_operator_or_partner(ada, world, profile):
    with pytest.raises(ProfileNotYours):
        operations.grant_profile(actor=ada, person=bo_of(world), organisation=world.a, profile=profile)


def test_d04_nobody_raises_themselves(ada, pia, world):
    for name, actor, organisation, profile in [
        ("ada", ada, world.a, Profile.EBILL_REFERENT),
        ("pia", pia, world.partner, Profile.PARTNER_AGENT),
    ]:
        with pytest.raises(NotPermitted):
            operations.grant_profile(
                actor=actor, person=world.memberships[name].person, organisation=organisation, profile=profile
            )


def test_grant_profile_is_held_once_and_on_record(ada, world):
    row = operations.grant_profile(actor=ada, person=bo_of(world), organisation=world.a, profile=Profile.TRAFFIC_MANAGER)
    with pytest.raises(WrongState):
        operations.grant_profile(actor=ada, person=bo_of(world), organisation=world.a, profile=Profile.TRAFFIC_MANAGER)
    event = Event.append_only.get(kind="profile.granted")
    assert (event.person_id, event.payload["profile"], event.payload["membership_id"]) == (
        ada.person_id, "traffic_manager", row.pk,
    )  # fmt: skip


def test_client_manager_in_a_customer_is_one_of_the_operators_people(olga, world):
    with pytest.raises(InvalidInput):
        operations.grant_profile(actor=olga, person=bo_of(world), organisation=world.a, profile=Profile.CLIENT_MANAGER)
    with arrange():
        otto = Person.objects.create(
            organisation=world.operator, username="otto", given_name="Otto", family_name="Prova"
        )
    with pytest.raises(InvalidInput):
        operations.grant_profile(actor=olga, person=otto, organisation=world.a, profile=Profile.ADMINISTRATOR)
    operations.grant_profile(actor=olga, person=otto, organisation=world.a, profile=Profile.CLIENT_MANAGER)
    assert Membership.objects.for_(olga).get(person=otto).organisation_id == world.a.pk


def test_b04_last_administrator_keeps_the_profile_whoever_asks(ada, olga, world):
    for actor in (ada, olga):
        with pytest.raises(LastAdministrator):
            operations.end_profile(actor=actor, membership=world.memberships["ada"], now=timezone.now())
    assert Membership.objects.for_(olga).get(pk=world.memberships["ada"].pk).ended_at is None


def test_b04_deactivated_administrator_does_not_count(olga, world):
    operations.grant_profile(actor=olga, person=bo_of(world), organisation=world.a, profile=Profile.ADMINISTRATOR)
    operations.deactivate_person(actor=olga, person=bo_of(world), now=timezone.now())
    with pytest.raises(LastAdministrator):
        operations.end_profile(actor=olga, membership=world.memberships["ada"], now=timezone.now())


def test_end_profile_ends_it_once_and_on_record(ada, world):
    held = world.memberships["bo"]
    operations.end_profile(actor=ada, membership=held, now=timezone.now())
    with pytest.raises(WrongState):
        operations.end_profile(actor=ada, membership=held, now=timezone.now())
    assert Event.append_only.filter(kind="profile.ended").count() == 1


def test_b01_ended_profile_is_out_with_the_next_request(ada, world, signed_in):
    browser = signed_in("bo")
    operations.end_profile(actor=ada, membership=world.memberships["bo"], now=timezone.now())
    assert browser.get("/people/").status_code == 302


def two_administrators(world) -> list[Membership]:
    with arrange():
        second = Membership.objects.create(person=bo_of(world), organisation=world.a, profile=Profile.ADMINISTRATOR)
    return [world.memberships["ada"], Membership.objects.for_(world.actor("olga")).get(pk=second.pk)]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_b04_two_administrators_ended_at_the_same_instant_leave_one(world):
    held = two_administrators(world)
    olga = world.actor("olga")
    results = in_threads(
        2, lambda place: operations.end_profile(actor=olga, membership=held[place], now=timezone.now())
    )
    assert sorted(type(result).__name__ for result in results) == ["LastAdministrator", "NoneType"]
    assert Membership.objects.for_(olga).filter(profile="administrator", organisation=world.a, ended_at=None).count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_b04_control_counting_without_a_lock_leaves_none(world):
    import threading

    held, olga, gate = two_administrators(world), world.actor("olga"), threading.Barrier(2)

    def naive(place: int) -> None:
        with arrange(), transaction.atomic():
            rows = Membership.objects.for_(olga).filter(profile="administrator", organisation=world.a, ended_at=None)
            left = rows.count()
            gate.wait(timeout=20)
            if left > 1:
                Membership.objects.for_(olga).filter(pk=held[place].pk).update(ended_at=timezone.now())

    assert in_threads(2, naive) == [None, None]
    assert Membership.objects.for_(olga).filter(profile="administrator", organisation=world.a, ended_at=None).count() == 0


def test_membership_of_another_customer_is_not_found(cy, world):
    with pytest.raises(NotFound):
        Membership.objects.for_(cy).get_or_refuse(pk=world.memberships["bo"].pk)
