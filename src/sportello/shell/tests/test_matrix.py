from __future__ import annotations

from sportello.kernel.access import Access, Profile, Section
from sportello.kernel.actor import member_actor
from sportello.shell import matrix
from sportello.shell.navigation import PLACES


def actor(profile: Profile):
    return member_actor(person_id=1, organisation_id=1, profile=profile)


def test_an_operator_sees_all_profiles_and_sections() -> None:
    rows = matrix.rows_for(actor(Profile.OPERATOR_AGENT))
    assert matrix.profiles_for(actor(Profile.OPERATOR_AGENT)) == list(Profile)
    assert [row.section for row in rows] == [section for section in Section if section in matrix.sections_with_pages()]


def test_a_section_without_pages_is_offered_to_nobody() -> None:
    assert Section.FLEET not in {place[0] for place in PLACES}
    assert Section.FLEET not in {row.section for row in matrix.rows_for(actor(Profile.OPERATOR_ADMIN))}


def test_a_customer_sees_the_profiles_of_customers_and_no_section_that_none_of_them_has() -> None:
    shown = matrix.profiles_for(actor(Profile.EMPLOYEE))
    sections = {row.section for row in matrix.rows_for(actor(Profile.EMPLOYEE))}
    assert shown == [
        Profile.ADMINISTRATOR, Profile.EBILL_REFERENT, Profile.DUAL_BILLING_REFERENT, Profile.TRAFFIC_MANAGER,
        Profile.FLEET_CONTACT, Profile.EMPLOYEE,
    ]  # fmt: skip
    assert Section.OPERATIONS not in sections
    assert Section.COMPLIANCE not in sections


def test_a_partner_sees_its_own_profiles_beside_those_of_customers() -> None:
    shown = set(matrix.profiles_for(actor(Profile.PARTNER_AGENT)))
    assert {Profile.PARTNER_ADMIN, Profile.PARTNER_AGENT, Profile.EMPLOYEE} <= shown
    assert Profile.OPERATOR_ADMIN not in shown


def test_cells_say_what_the_matrix_says_and_mark_the_reader() -> None:
    row = next(row for row in matrix.rows_for(actor(Profile.EMPLOYEE)) if row.section is Section.TRAFFIC_BILLING)
    assert {cell.profile: cell.access for cell in row.cells} == {
        Profile.ADMINISTRATOR: Access.FULL,
        Profile.EBILL_REFERENT: Access.FULL,
        Profile.DUAL_BILLING_REFERENT: Access.NONE,
        Profile.TRAFFIC_MANAGER: Access.NONE,
        Profile.FLEET_CONTACT: Access.NONE,
        Profile.EMPLOYEE: Access.OWN,
    }
    assert [cell.profile for cell in row.cells if cell.mine] == [Profile.EMPLOYEE]
