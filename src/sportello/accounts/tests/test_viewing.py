from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils import timezone

from sportello.accounts import operations
from sportello.accounts.models import Membership, Person, Session
from sportello.accounts.rules import viewing as rules_viewing
from sportello.kernel.access import Access, Profile, Section
from sportello.kernel.models import Event
from sportello.kernel.refusals import NotPermitted, WrongState
from sportello.kernel.testing import arrange
from sportello.parties.models import Organisation

REASON = "ticket 4711: no menu"


def address_of(world, name: str) -> str:
    held = world.memberships[name]
    return f"/people/{held.person_id}/view-as/{held.pk}/"


def viewing(world, signed_in, viewer: str, name: str):
    browser = signed_in(viewer)
    assert browser.post(address_of(world, name), {"reason": REASON}).status_code == 302
    return browser


def rows_of(world) -> list[list[dict[str, object]]]:
    olga = world.actor("olga")
    return [list(model.objects.for_(olga).order_by("pk").values()) for model in (Person, Membership, Organisation)]


def test_b06_viewing_is_on_the_record_of_both_and_has_a_banner(world, signed_in):
    browser = viewing(world, signed_in, "olga", "ada")
    told = list(Event.append_only.filter(kind="viewing.started").order_by("id"))
    both = (world.memberships["olga"].person_id, str(world.memberships["ada"].person_id))
    assert {row.organisation_id: (row.person_id, row.subject_id) for row in told} == {
        world.a.pk: both, world.operator.pk: both,
    }  # fmt: skip
    assert {row.payload["reason"] for row in told} == {REASON}
    page = browser.get("/people/").content.decode()
    assert 'class="view-as"' in page
    assert "Ada Prova" in page


def test_b06_viewing_shows_the_viewed_reach_alone(world, signed_in):
    browser = viewing(world, signed_in, "olga", "ada")
    shown = browser.get("/people/").context["listing"].rows
    assert sorted(row.given_name for row in shown) == ["Ada", "Bo"]
    assert browser.get(f"/organisations/{world.b.pk}/").status_code == 404


def test_b06_every_write_while_viewing_is_refused_and_changes_nothing(world, signed_in):
    browser, before = viewing(world, signed_in, "olga", "ada"), rows_of(world)
    bo = world.memberships["bo"]
    writes = [
        (f"/people/{bo.person_id}/deactivate/", {}), (f"/people/{bo.person_id}/invite/", {}),
        (f"/people/{bo.person_id}/profiles/", {"profile": "traffic_manager"}),
        (f"/people/{bo.person_id}/profiles/{bo.pk}/end/", {}),
        ("/people/new/", {"given_name": "X", "family_name": "Y", "language": "it"}),
        (f"/people/{bo.person_id}/edit/", {"given_name": "X", "family_name": "Y", "language": "it"}),
        (f"/organisations/{world.a.pk}/contact/", {"email": "x@y.test"}), ("/audit/proof/", {}),
    ]  # fmt: skip
    for address, posted in writes:
        assert (address, browser.post(address, posted).status_code) == (address, 403)
    assert rows_of(world) == before
    refused = Event.append_only.filter(kind="access.refused", organisation_id=world.a.pk)
    assert refused.count() == len(writes)
    both = (world.memberships["ada"].person_id, world.memberships["olga"].person_id)
    assert {(row.person_id, row.viewer_id) for row in refused} == {both}


def test_b06_an_export_made_while_viewing_names_the_viewer(world, signed_in):
    browser = viewing(world, signed_in, "olga", "ada")
    assert b"".join(browser.get("/people/?export=csv")).startswith(b"\xef\xbb\xbf")
    made = Event.append_only.get(kind="export.made")
    both = (world.memberships["ada"].person_id, world.memberships["olga"].person_id)
    assert (made.organisation_id, made.person_id, made.viewer_id) == (world.a.pk, *both)
    told = signed_in("ada").get("/audit/?area=export").content.decode()
    assert "Olga Prova, viewing as Ada Prova" in told


def test_b06_viewing_never_opens_the_own_account_or_credentials(world, signed_in):
    browser = viewing(world, signed_in, "olga", "ada")
    for address in ("/account/", "/account/password/", "/account/sessions/", "/account/recovery-codes/"):
        assert (address, browser.get(address).status_code) == (address, 403)


def test_b06_every_page_while_viewing_has_the_banner_and_the_way_out(world, signed_in):
    browser = viewing(world, signed_in, "olga", "bo")
    for address, status in (
        ("/", 200),
        ("/search/?q=ada", 200),
        ("/help/", 200),
        ("/inventory/", 403),
        ("/nowhere/", 404),
    ):
        page = browser.get(address)
        assert (address, page.status_code) == (address, status)
        assert 'class="view-as"' in page.content.decode()
        assert 'action="/viewing/stop/"' in page.content.decode()
    assert "/account/" not in browser.get("/").content.decode()


def test_b06_viewing_is_never_nested(world, signed_in):
    browser = viewing(world, signed_in, "olga", "ada")
    assert browser.post(address_of(world, "bo"), {"reason": REASON}).status_code == 403
    session = Session.objects.get(person_id=world.memberships["olga"].person_id)
    assert session.viewing_membership_id == world.memberships["ada"].pk
    ada = world.actor("ada").viewed_by(world.actor("olga"))
    with pytest.raises(NotPermitted):
        operations.start_viewing(actor=ada, session=session, target=world.memberships["bo"], reason=REASON)


def test_b06_viewing_never_crosses_the_viewers_own_rights(world):
    ada, pia = world.actor("ada"), world.actor("pia")
    viewed = ada.viewed_by(pia)
    assert {section: viewed.access(section) for section in Section if viewed.may(section)} == {
        Section.ADMINISTRATION: Access.FULL, Section.ORDER_TRACKING: Access.FULL, Section.CHANGES: Access.FULL,
        Section.ASSISTANCE: Access.FULL, Section.TICKETS: Access.FULL, Section.OVERVIEW: Access.FULL,
    }  # fmt: skip
    assert (ada.may(Section.TRAFFIC_BILLING), viewed.may(Section.TRAFFIC_BILLING)) == (True, False)
    bo = world.actor("bo").viewed_by(world.actor("olga"))
    assert (bo.access(Section.TRAFFIC_BILLING), bo.access(Section.ADMINISTRATION)) == (Access.OWN, Access.NONE)


def test_b06_viewing_needs_a_reason(world, signed_in):
    olga = signed_in("olga")
    for reason in ("", "   ", "why"):
        answer = olga.post(address_of(world, "ada"), {"reason": reason})
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["reason"])
    assert Event.append_only.filter(kind="viewing.started").count() == 0


@pytest.mark.parametrize(
    ("viewer", "target", "status"),
    [
        ("ada", "bo", 403),
        ("bo", "ada", 403),
        ("cy", "bo", 403),
        ("pia", "cy", 404),
        ("olga", "pia", 409),
        ("olga", "olga", 409),
    ],
)
def test_b06_viewing_is_for_staff_in_their_reach_as_customers_users(world, signed_in, viewer, target, status):
    answer = signed_in(viewer).post(address_of(world, target), {"reason": REASON})
    expected = 422 if status == 409 else status
    assert answer.status_code == expected
    assert Event.append_only.filter(kind="viewing.started").count() == 0
    assert Session.objects.exclude(viewing_membership=None).count() == 0


def test_b06_compliance_officers_and_agents_of_partners_do_not_view(world):
    olga, pia = world.actor("olga"), world.actor("pia")
    assert rules_viewing.may_view(replace(olga, profile=Profile.OPERATOR_AGENT)) is True
    assert rules_viewing.may_view(replace(olga, profile=Profile.COMPLIANCE_OFFICER)) is False
    assert rules_viewing.may_view(replace(pia, profile=Profile.PARTNER_AGENT)) is False


def test_viewing_ends_with_the_button_and_a_second_click_does_nothing(world, signed_in):
    browser = viewing(world, signed_in, "pia", "bo")
    assert browser.get("/people/").status_code == 403
    assert browser.post("/viewing/stop/").headers["Location"] == f"/people/{world.memberships['bo'].person_id}/"
    assert browser.get("/people/").status_code == 200
    assert browser.post("/viewing/stop/").headers["Location"] == "/"
    assert Event.append_only.filter(kind="viewing.ended").count() == 2


def test_c11_viewing_ends_at_once_when_the_customer_moves(world, signed_in, olga):
    from sportello.parties import operations as parties

    browser = viewing(world, signed_in, "pia", "ada")
    assert browser.get(f"/organisations/{world.a.pk}/").status_code == 200
    parties.move_customer(actor=olga, customer=world.a, partner=None)
    assert browser.get(f"/organisations/{world.a.pk}/").status_code == 404


def test_b01_viewing_ends_at_once_when_the_viewed_profile_ends(world, signed_in, ada):
    browser = viewing(world, signed_in, "olga", "bo")
    assert browser.get("/people/").status_code == 403
    operations.end_profile(actor=ada, membership=world.memberships["bo"], now=timezone.now())
    assert browser.get("/people/").status_code == 200


def test_session_of_somebody_else_is_not_made_to_view(world, signed_in, olga):
    from sportello.kernel.refusals import NotFound

    signed_in("pia")
    session = Session.objects.get(person_id=world.memberships["pia"].person_id)
    with pytest.raises(NotFound):
        operations.start_viewing(actor=olga, session=session, target=world.memberships["ada"], reason=REASON)
    with pytest.raises(WrongState):
        operations.end_viewing(actor=world.actor("pia"), session=session)


def test_deactivated_person_is_not_viewed(world, olga):
    with arrange():
        Person.objects.for_(olga).filter(username="bo").update(deactivated_at=timezone.now())
    target = Membership.objects.for_(olga).select_related("person", "organisation").get(pk=world.memberships["bo"].pk)
    assert rules_viewing.may_view_as(olga, target) is False
