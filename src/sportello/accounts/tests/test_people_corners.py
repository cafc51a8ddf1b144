"""What happens at the edges: races, closed organisations, things done already."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client
from django.utils import timezone

from sportello.accounts import operations
from sportello.accounts.lines_of_people import _registered
from sportello.accounts.models import Membership, Person, Session
from sportello.accounts.operations.people import PersonCodeTaken
from sportello.accounts.people_figure import people_figure
from sportello.accounts.rules import people as rules_people
from sportello.accounts.rules import viewing as rules_viewing
from sportello.accounts.rules.people import PersonData
from sportello.accounts.web import audit_words
from sportello.kernel.access import Profile
from sportello.kernel.models import Event
from sportello.kernel.refusals import InvalidInput, NotFound, NotPermitted, WrongState
from sportello.kernel.states import StateChanged
from sportello.kernel.testing import arrange, in_threads
from sportello.parties import operations as parties
from sportello.parties.states import OrganisationState

DANA = PersonData(given_name="Dana", family_name="Rossi", code="D1")


def person_of(world, name: str) -> Person:
    return world.memberships[name].person


def close(world) -> None:
    parties.set_state(
        actor=world.actor("olga"), organisation=world.a, state=OrganisationState.CLOSED, reason="contract ended"
    )


def test_employee_reaches_their_own_row_alone(bo, world):
    assert [row.pk for row in Person.objects.for_(bo)] == [bo.person_id]


def test_nobody_is_added_to_a_closed_organisation_nor_given_a_profile_there(olga, world):
    close(world)
    with pytest.raises(WrongState):
        operations.create_person(actor=olga, organisation=world.a, data=DANA)
    bo = Person.objects.for_(olga).select_related("organisation").get(pk=person_of(world, "bo").pk)
    with pytest.raises(WrongState):
        operations.grant_profile(actor=olga, person=bo, organisation=world.a, profile=Profile.TRAFFIC_MANAGER)


def test_deactivated_person_is_given_no_profile(ada, world):
    bo = person_of(world, "bo")
    operations.deactivate_person(actor=ada, person=bo, now=timezone.now())
    with pytest.raises(WrongState):
        operations.grant_profile(actor=ada, person=bo, organisation=world.a, profile=Profile.TRAFFIC_MANAGER)


def test_profile_of_a_partner_is_for_its_own_people(olga, world):
    with pytest.raises(InvalidInput):
        operations.grant_profile(
            actor=olga, person=person_of(world, "bo"), organisation=world.partner, profile=Profile.PARTNER_AGENT
        )


def test_profile_of_another_kind_is_not_ended_by_the_administrator(ada, world):
    with arrange():
        manager = Membership.objects.create(
            person=person_of(world, "olga"), organisation=world.a, profile=Profile.CLIENT_MANAGER
        )
    with pytest.raises(rules_people.ProfileNotYours):
        operations.end_profile(actor=ada, membership=manager, now=timezone.now())


def test_profile_that_somebody_else_ended_meanwhile_is_told(ada, olga, world):
    held = Membership.objects.for_(olga).select_related("person", "organisation").get(pk=world.memberships["bo"].pk)
    operations.end_profile(actor=ada, membership=world.memberships["bo"], now=timezone.now())
    with pytest.raises(StateChanged):
        operations.end_profile(actor=ada, membership=held, now=timezone.now())


def test_change_to_a_code_that_is_taken_is_refused_at_the_field(ada, world):
    operations.create_person(actor=ada, organisation=world.a, data=DANA)
    bo = person_of(world, "bo")
    data = replace(DANA, given_name="Bo", family_name="Prova", email=bo.email, mobile=bo.mobile)
    with pytest.raises(PersonCodeTaken):
        operations.change_person(actor=ada, person=bo, data=data, cost_centre=None, now=timezone.now())


def test_change_of_who_never_had_a_password_tells_nobody(ada, world):
    from sportello.messaging.models import Message

    made = operations.create_person(actor=ada, organisation=world.a, data=DANA)
    data = replace(DANA, email="dana@alfa.test")
    operations.change_person(actor=ada, person=made, data=data, cost_centre=None, now=timezone.now())
    assert Message.objects.for_(world.actor("olga")).count() == 0


def test_active_person_is_not_reactivated(ada, world):
    with pytest.raises(WrongState):
        operations.reactivate_person(actor=ada, person=person_of(world, "bo"))


def test_names_with_signs_that_cannot_be_shown_are_refused(ada, world):
    with pytest.raises(InvalidInput) as refused:
        operations.create_person(
            actor=ada, organisation=world.a, data=PersonData(given_name="Da\u202ena", family_name="R")
        )
    assert refused.value.field == "given_name"


def test_who_holds_a_partners_profile_is_not_changed_by_a_customer(ada, world):
    with pytest.raises(rules_people.AtHomeElsewhere):
        rules_people.check_can_change(ada, person_of(world, "bo"), {Profile.PARTNER_ADMIN})


def test_ending_what_is_left_of_sessions_is_the_systems_alone(olga, world):
    with pytest.raises(NotPermitted):
        operations.end_sessions_of_organisation(actor=olga, organisation_id=world.a.pk, closed_at=timezone.now())


def test_viewing_rules_refuse_who_is_no_staff_and_sessions_of_others(ada, olga, world, signed_in):
    with pytest.raises(NotPermitted):
        rules_viewing.check_can_view_as(ada, world.memberships["bo"], "a good reason")
    signed_in("pia")
    session = Session.objects.get(person=person_of(world, "pia"))
    with pytest.raises(NotFound):
        operations.end_viewing(actor=olga, session=session)


def test_stranger_who_stops_viewing_is_led_to_the_sign_in(world):
    assert Client().post("/viewing/stop/").headers["Location"] == "/sign-in/"


def test_sentence_that_does_not_fit_its_row_shows_the_kind():
    row = Event(kind="organisation.sessions_ended", payload={"number": "2"}, subject_type="person", subject_id="x")
    assert audit_words.sentence_of(row).startswith("2 sessions were ended")
    assert audit_words.subject_url(row) == ""
    row = Event(kind="profile.granted", viewer_id=1, person_id=2, payload={})
    names = audit_words.Names()
    names._people = {1: "Olga", 2: "Ada"}
    assert audit_words.who_of(row, names) == "Olga, viewing as Ada"
    assert names.organisation(None) == ""


def test_profile_is_ended_and_a_failed_invitation_told_from_the_page(world, signed_in):
    ada, held = signed_in("ada"), world.memberships["bo"]
    assert ada.post(f"/people/{held.person_id}/profiles/{held.pk}/end/").status_code == 302
    ended = Membership.objects.for_(world.actor("ada")).get(pk=held.pk)
    assert ended.ended_at is not None
    with arrange():
        Person.objects.for_(world.actor("ada")).filter(pk=held.person_id).update(email="", mobile="")
    page = ada.post(f"/people/{held.person_id}/invite/", follow=True)
    assert "no e-mail address" in page.content.decode()
    assert page.context["facts"]["Mobile"] == ""


def test_profile_above_ones_own_shows_no_button_to_end_it(ada, world, signed_in):
    with arrange():
        Membership.objects.create(person=person_of(world, "bo"), organisation=world.a, profile=Profile.CLIENT_MANAGER)
    held = signed_in("ada").get(f"/people/{person_of(world, 'bo').pk}/").context["held"]
    assert [(one.label, one.may_end) for one in held] == [("Client manager", False), ("Employee", True)]


def test_wrong_form_of_a_person_keeps_what_was_typed(world, signed_in):
    bo = person_of(world, "bo").pk
    answer = signed_in("ada").post(f"/people/{bo}/edit/", {"given_name": "", "family_name": "Typed", "language": "it"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["given_name"])
    assert 'value="Typed"' in answer.content.decode()


def test_list_without_an_inventory_has_no_filter_by_line(world, signed_in):
    kept = _registered[:]
    _registered.clear()
    try:
        page = signed_in("olga").get("/people/?q=3510000002&organisation=A")
        person = signed_in("olga").get(f"/people/{person_of(world, 'bo').pk}/")
    finally:
        _registered[:] = kept
    assert [row.given_name for row in page.context["listing"].rows] == ["Bo"]
    assert "has_line" not in [one.name for one in page.context["listing"].listing.filters]
    assert person.context["lines"] == []


def test_search_for_too_few_digits_finds_nobody(world, signed_in):
    assert signed_in("ada").get("/people/?q=1 . .").context["listing"].rows == []


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_people_of_one_name_written_at_the_same_instant_get_usernames_of_their_own(world):
    ada = world.actor("ada")
    data = PersonData(given_name="Dana", family_name="Rossi")
    made = in_threads(4, lambda _place: operations.create_person(actor=ada, organisation=world.a, data=data).username)
    assert sorted(str(name) for name in made) == ["dana.rossi", "dana.rossi2", "dana.rossi3", "dana.rossi4"]


def test_people_of_one_organisation_are_counted_for_who_reaches_several(world, olga, ada):
    figure = people_figure(olga, world.a)
    assert (figure.value, figure.url) == (2, "/people/?active=1&organisation=A")
    assert (people_figure(ada, world.a).value, people_figure(ada, world.a).url) == (2, "/people/?active=1")
