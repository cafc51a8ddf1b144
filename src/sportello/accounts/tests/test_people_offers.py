"""What the pages of people offer: an organisation to choose, profiles of the person's own kind, an invitation that leads somewhere."""

from __future__ import annotations

from sportello.accounts.models import Invitation, Person
from sportello.kernel.testing import arrange


def pk_of(world, name: str) -> int:
    return world.memberships[name].person_id


def test_person_without_a_profile_is_not_invited_and_the_button_says_why(world, signed_in):
    ada, bo = signed_in("ada"), pk_of(world, "bo")
    ada.post(f"/people/{bo}/profiles/{world.memberships['bo'].pk}/end/")
    reason = "Give the person a profile first: without one they cannot sign in to anything."
    assert ada.get(f"/people/{bo}/").context["invite_refusal"] == reason
    assert reason in ada.post(f"/people/{bo}/invite/", follow=True).content.decode()
    ada.post(f"/people/{bo}/profiles/", {"profile": "employee"})
    assert (ada.get(f"/people/{bo}/").context["invite_refusal"], Invitation.objects.count()) == ("", 0)


def test_operator_chooses_the_organisation_of_a_new_person_with_their_own_first(world, signed_in):
    olga = signed_in("olga")
    choices = olga.get("/people/new/").context["form"].fields["organisation"].choices
    assert [choices[0], choices[1][0], len(choices)] == [("", "Choose"), str(world.operator.pk), 5]
    nothing = olga.get("/people/new/?organisation=")
    assert (nothing.status_code, list(nothing.context["form"].errors)) == (422, ["organisation"])
    link = f"/people/new/?organisation={world.operator.pk}"
    assert olga.get("/people/").context["colleague_url"] == link
    assert olga.get(link).context["lead"] == world.operator.legal_name
    assert [signed_in(name).get("/people/").context["colleague_url"] for name in ("ada", "pia")] == [
        "", f"/people/new/?organisation={world.partner.pk}",
    ]  # fmt: skip


def test_profiles_of_ones_own_kind_alone_are_offered(world, signed_in):
    olga = signed_in("olga")
    with arrange():
        otto = Person.objects.create(organisation=world.operator, username="otto", given_name="O", family_name="O")

    def offered(browser, pk: int) -> set[str]:
        return {value for value, _label in browser.get(f"/people/{pk}/").context["grant_form"].fields["profile"].choices}

    of_customers = {"administrator", "ebill_referent", "dual_billing_referent", "traffic_manager", "fleet_contact", "employee"}
    of_partners = {"partner_admin", "partner_agent"}
    assert offered(olga, otto.pk) == {"operator_admin", "operator_agent", "compliance_officer", "client_manager"}
    assert offered(olga, pk_of(world, "bo")) == of_customers
    assert offered(olga, pk_of(world, "pia")) == of_customers | of_partners
    assert offered(signed_in("ada"), pk_of(world, "bo")) == of_customers
