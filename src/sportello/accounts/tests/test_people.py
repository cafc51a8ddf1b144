from __future__ import annotations

import pytest
from django.utils import timezone

from sportello.accounts import operations
from sportello.accounts.models import Membership, Person, Session
from sportello.accounts.operations.people import PersonCodeTaken
from sportello.accounts.rules.people import (
    AtHomeElsewhere,
    LastAdministrator,
    NotOwnself,
    PersonData,
    ProfileNotYours,
    free_username,
    username_base,
)
from sportello.kernel.access import Profile
from sportello.kernel.models import Event
from sportello.kernel.refusals import InvalidInput, NotPermitted, WrongState
from sportello.kernel.testing import arrange
from sportello.parties.models import CostCentre

DANA = PersonData(given_name="Dàna", family_name="De Rossi", email="dana@alfa.test", mobile="351 000 0099", code="D1")


def person_of(world, name: str) -> Person:
    return world.memberships[name].person


def test_username_base_is_ascii_and_never_empty():
    assert username_base("Dàna", "De Rossi") == "dana.derossi"
    assert username_base("李", "明") == "user"
    assert free_username("a.b", {"a.b", "a.b2"}) == "a.b3"


def test_create_person_writes_data_username_profiles_and_events(ada, world):
    made = operations.create_person(
        actor=ada, organisation=world.a, data=DANA, profiles=[Profile.EMPLOYEE, Profile.EBILL_REFERENT]
    )
    row = Person.objects.for_(ada).get(pk=made.pk)
    assert (row.username, row.mobile, row.mobile_verified_at, row.password) == ("dana.derossi", "+393510000099", None, "")
    held = Membership.objects.for_(ada).filter(person=row).order_by("profile").values_list("profile", flat=True)
    assert list(held) == ["ebill_referent", "employee"]
    kinds = list(Event.append_only.filter(subject_id=str(row.pk)).order_by("id").values_list("kind", flat=True))
    assert kinds == ["person.created", "profile.granted", "profile.granted"]


def test_create_person_of_the_same_name_gets_the_next_username(ada, world):
    operations.create_person(actor=ada, organisation=world.a, data=DANA)
    second = operations.create_person(
        actor=ada, organisation=world.a, data=PersonData(given_name="Dana", family_name="De Rossi")
    )
    assert second.username == "dana.derossi2"


@pytest.mark.parametrize(
    ("field", "value"),
    [("given_name", " "), ("family_name", "x" * 81), ("email", "dana@"), ("mobile", "0655555"), ("mobile", "+39066982"),
     ("language", "de"), ("code", "c" * 41)],
)  # fmt: skip
def test_create_person_refuses_wrong_data_at_the_field(ada, world, field, value):
    values = {"given_name": "Dana", "family_name": "Rossi"} | {field: value}
    with pytest.raises(InvalidInput) as refused:
        operations.create_person(actor=ada, organisation=world.a, data=PersonData(**values))
    assert refused.value.field == field


def test_create_person_refuses_a_code_of_the_organisation_twice(ada, world):
    operations.create_person(actor=ada, organisation=world.a, data=DANA)
    with pytest.raises(PersonCodeTaken):
        operations.create_person(actor=ada, organisation=world.a, data=DANA)


def test_create_person_in_another_organisation_is_refused(ada, world):
    with pytest.raises(AtHomeElsewhere):
        operations.create_person(actor=ada, organisation=world.b, data=DANA)


def test_c06_cost_centre_of_another_organisation_is_refused_at_the_field(ada, world):
    with arrange():
        foreign = CostCentre.objects.create(organisation=world.b, code="B1")
    with pytest.raises(InvalidInput) as refused:
        operations.create_person(actor=ada, organisation=world.a, data=DANA, cost_centre=foreign)
    assert refused.value.field == "cost_centre"


def test_change_person_tells_before_and_after_and_unproves_a_new_mobile(ada, world, signed_in):
    signed_in("bo")
    bo = person_of(world, "bo")
    data = PersonData(given_name="Bo", family_name="Nuovo", email=bo.email, mobile="+393510000077", language="en")
    operations.change_person(actor=ada, person=bo, data=data, cost_centre=None, now=timezone.now())
    stored = Person.objects.for_(ada).get(pk=bo.pk)
    assert (stored.mobile, stored.mobile_verified_at) == ("+393510000077", None)
    assert Session.objects.filter(person=bo, ended_at=None).count() == 0
    event = Event.append_only.get(kind="person.changed")
    assert event.payload["changes"] == {
        "family_name": ["Prova", "Nuovo"], "mobile": ["+393510000002", "+393510000077"],
    }  # fmt: skip


def test_a14_ones_own_mobile_is_not_changed_without_the_password(ada, world):
    me = person_of(world, "ada")
    data = PersonData(given_name="Ada", family_name="Prova", email=me.email, mobile="+393510000077", language="en")
    with pytest.raises(InvalidInput) as refused:
        operations.change_person(actor=ada, person=me, data=data, cost_centre=None, now=timezone.now())
    assert refused.value.field == "mobile"


def test_change_person_of_another_organisation_is_refused_even_as_a_member(cy, ada, world):
    with arrange():
        Membership.objects.create(person=person_of(world, "bo"), organisation=world.b, profile=Profile.EMPLOYEE)
    bo = Person.objects.for_(cy).get(pk=person_of(world, "bo").pk)
    with pytest.raises(AtHomeElsewhere):
        operations.change_person(
            actor=cy, person=bo, data=PersonData(given_name="B", family_name="O"), cost_centre=None, now=timezone.now()
        )


def test_d04_operator_care_cannot_change_who_runs_the_portal(world):
    from dataclasses import replace

    agent = replace(world.actor("olga"), profile=Profile.OPERATOR_AGENT, person_id=world.memberships["ada"].person_id)
    with pytest.raises(NotPermitted):
        operations.change_person(
            actor=agent, person=person_of(world, "olga"), data=PersonData(given_name="O", family_name="P"),
            cost_centre=None, now=timezone.now(),
        )  # fmt: skip


def test_b01_deactivated_person_is_out_with_the_next_request_and_can_come_back(ada, world, signed_in):
    browser, bo = signed_in("bo"), person_of(world, "bo")
    operations.deactivate_person(actor=ada, person=bo, now=timezone.now())
    assert browser.get("/people/").status_code == 302
    assert Session.objects.filter(person=bo, ended_at=None).count() == 0
    with pytest.raises(WrongState):
        operations.deactivate_person(actor=ada, person=bo, now=timezone.now())
    operations.reactivate_person(actor=ada, person=bo)
    assert Person.objects.for_(ada).get(pk=bo.pk).is_active is True


def test_b04_last_administrator_is_not_deactivated(ada, olga, world):
    with pytest.raises(LastAdministrator):
        operations.deactivate_person(actor=olga, person=person_of(world, "ada"), now=timezone.now())
    with pytest.raises(NotOwnself):
        operations.deactivate_person(actor=ada, person=person_of(world, "ada"), now=timezone.now())
    operations.grant_profile(
        actor=olga, person=person_of(world, "bo"), organisation=world.a, profile=Profile.ADMINISTRATOR
    )
    operations.deactivate_person(actor=olga, person=person_of(world, "ada"), now=timezone.now())
    assert Person.objects.for_(olga).get(pk=person_of(world, "ada").pk).is_active is False


def test_create_person_cannot_carry_a_profile_that_is_not_ones_own(ada, world):
    with pytest.raises(ProfileNotYours):
        operations.create_person(actor=ada, organisation=world.a, data=DANA, profiles=[Profile.OPERATOR_ADMIN])
    assert Person.objects.for_(ada).filter(code="D1").count() == 0
