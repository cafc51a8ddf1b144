from __future__ import annotations

import re
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sportello.accounts import operations
from sportello.accounts.models import Invitation, Membership, Person
from sportello.accounts.rules.people import PersonData
from sportello.kernel.access import Profile
from sportello.kernel.models import Event
from sportello.kernel.tabular import read_table
from sportello.kernel.testing import arrange
from sportello.parties.models import CostCentre, Organisation

NEW = {"given_name": "Dana", "family_name": "Rossi", "email": "dana@alfa.test", "mobile": "+393510000099", "language": "it"}


def digest(world) -> list[list[dict[str, object]]]:
    olga = world.actor("olga")
    return [
        list(model.objects.for_(olga).order_by("pk").values()) for model in (Person, Membership, CostCentre, Organisation)
    ] + [list(Invitation.objects.order_by("pk").values())]  # fmt: skip


def refused_once(world, call, status: int) -> None:
    """A refusal changes nothing else and leaves one audit row."""
    before, rows = digest(world), Event.append_only.count()
    assert call().status_code == status
    assert digest(world) == before
    assert Event.append_only.count() == rows + 1
    assert Event.append_only.latest("id").kind == "access.refused"


def pk_of(world, name: str) -> int:
    return world.memberships[name].person_id


def names(response) -> list[str]:
    assert response.status_code == 200
    return [row.given_name for row in response.context["listing"].rows]


def test_people_lists_those_in_reach(world, signed_in):
    assert sorted(names(signed_in("ada").get("/people/"))) == ["Ada", "Bo"]
    assert sorted(names(signed_in("pia").get("/people/"))) == ["Ada", "Bo", "Pia"]
    assert len(names(signed_in("olga").get("/people/"))) == 5


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=bo", ["Bo"]), ("q=ADA prova", ["Ada"]), ("q=%2B39 351 000 0002", ["Bo"]), ("q=3510000002", ["Bo"]),
        ("q=bo@example", ["Bo"]), ("q=cy", []), ("q=3510000003", []), ("profile=administrator", ["Ada"]),
        ("profile=operator_admin", []), ("active=0", []), ("active=1", ["Ada", "Bo"]), ("q=%00", ["Ada", "Bo"]),
    ],
)  # fmt: skip
def test_people_are_narrowed_by_search_and_filters(world, signed_in, query, found):
    assert sorted(names(signed_in("ada").get(f"/people/?{query}"))) == found


@pytest.mark.parametrize("viewer", ["ada", "pia", "olga"])
def test_people_are_found_by_mobile_however_it_is_written(world, signed_in, viewer):
    browser = signed_in(viewer)
    for text in ("%2B393510000002", "393510000002", "351 000 0002", "351-000-0002"):
        assert names(browser.get(f"/people/?q={text}")) == ["Bo"]


def test_people_take_a_fixed_number_of_queries(world, signed_in):
    browser, counts = signed_in("ada"), []
    for number in range(3):
        with arrange():
            row = Person.objects.create(organisation=world.a, username=f"n{number}", given_name="N", family_name="N")
            Membership.objects.create(person=row, organisation=world.a, profile=Profile.EMPLOYEE)
        with CaptureQueriesContext(connection) as captured:
            browser.get("/people/")
        counts.append(sum("sportello.reach" not in query["sql"] for query in captured.captured_queries))
    assert (len(set(counts)), counts[0] < 20) == (1, True)


def test_f06_people_export_guards_formulas_in_both_formats(world, signed_in):
    import io

    import openpyxl

    with arrange():
        Person.objects.for_(world.actor("olga")).filter(username="bo").update(family_name="=1+1", code="@SUM(A1)")
    ada = signed_in("ada")
    text = b"".join(ada.get("/people/?export=csv").streaming_content).decode("utf-8-sig")
    assert ["'=1+1" in text, ",=1+1" in text, "'@SUM(A1)" in text] == [True, False, True]
    book = openpyxl.load_workbook(io.BytesIO(b"".join(ada.get("/people/?export=xlsx").streaming_content)))
    cells = [cell for row in book.active.iter_rows() for cell in row if cell.value == "=1+1"]
    assert [(cell.data_type, cell.quotePrefix) for cell in cells] == [("s", True)] or cells == []


def test_saved_views_are_kept_under_a_name(world, signed_in):
    ada = signed_in("ada")
    ada.post("/people/", {"save_view": "Employees", "query": "profile=employee"})
    page = ada.get("/people/").content.decode()
    assert 'href="?profile=employee">Employees' in page


def test_c01_person_of_another_is_not_found_by_any_verb(world, signed_in):
    cy, bo, held = signed_in("cy"), pk_of(world, "bo"), world.memberships["bo"].pk
    gets = [f"/people/{bo}/", f"/people/{bo}/edit/"]
    posts = [
        f"/people/{bo}/edit/", f"/people/{bo}/deactivate/", f"/people/{bo}/reactivate/", f"/people/{bo}/invite/",
        f"/people/{bo}/invite/revoke/", f"/people/{bo}/profiles/", f"/people/{bo}/profiles/{held}/end/",
    ]  # fmt: skip
    for address in gets:
        refused_once(world, lambda address=address: cy.get(address), 404)
    for address in posts:
        refused_once(world, lambda address=address: cy.post(address, NEW | {"profile": "employee"}), 404)
    refused_once(world, lambda: cy.post(f"/people/{pk_of(world, 'cy')}/profiles/{held}/end/"), 404)
    assert without_tokens(cy.get("/people/999999/")) == without_tokens(cy.get(f"/people/{bo}/"))


def without_tokens(response) -> bytes:
    """The page without CSRF tokens and the address that was asked for, which it offers again in another language."""
    return re.sub(rb"[A-Za-z0-9]{64}|/people/[0-9]+/", b"", response.content)


def test_c02_sort_and_filters_by_foreign_paths_show_nothing_of_others(world, signed_in):
    cy = signed_in("cy")
    for query in ("sort=organisation__vat_number", "organisation__code=A", "organisation=A", "profile=employee", "q=alfa"):
        assert set(names(cy.get(f"/people/?{query}"))) <= {"Cy"}


def test_c03_export_has_the_rights_of_now(world, signed_in, olga):
    from sportello.parties import operations as parties

    pia = signed_in("pia")
    assert "Bo" in b"".join(pia.get("/people/?export=csv").streaming_content).decode()
    parties.move_customer(actor=olga, customer=world.a, partner=None)
    assert "Bo" not in b"".join(pia.get("/people/?export=csv").streaming_content).decode()


def test_c06_cost_centre_of_another_is_no_choice(world, signed_in):
    with arrange():
        foreign = CostCentre.objects.create(organisation=world.b, code="B1")
    answer = signed_in("ada").post("/people/new/", NEW | {"cost_centre": foreign.pk})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["cost_centre"])


def test_c06_new_person_in_another_organisation_is_not_found(world, signed_in):
    refused_once(world, lambda: signed_in("pia").post(f"/people/new/?organisation={world.b.pk}", NEW), 404)
    answer = signed_in("ada").post(f"/people/new/?organisation={world.b.pk}", NEW)
    made = Person.objects.for_(world.actor("olga")).get(username="dana.rossi")
    assert (answer.status_code, made.organisation_id) == (302, world.a.pk)


def test_c07_import_naming_another_customers_person_says_unknown(world, signed_in):
    file = SimpleUploadedFile("p.csv", b"customer_code,person_code,given_name,family_name\nB,1,Cy,X\nZZ,1,Cy,X\n")
    ada = signed_in("ada")
    address = ada.post("/people/import/", {"file": file}).headers["Location"]
    rows = ada.get(address).context["report"].rows
    assert [row.errors for row in rows] == [(("customer_code", "unknown customer"),)] * 2


def test_new_person_is_written_with_profiles_and_invited(world, signed_in):
    answer = signed_in("ada").post("/people/new/", NEW | {"profiles": ["employee", "ebill_referent"], "invite": "on"})
    made = Person.objects.for_(world.actor("ada")).get(username="dana.rossi")
    assert answer.headers["Location"] == f"/people/{made.pk}/"
    held = Membership.objects.for_(world.actor("ada")).filter(person=made).order_by("profile")
    assert [row.profile for row in held] == ["ebill_referent", "employee"]
    assert Invitation.objects.get(person=made).email == "dana@alfa.test"


def test_new_person_keeps_what_was_typed_when_something_is_wrong(world, signed_in):
    answer = signed_in("ada").post("/people/new/", NEW | {"mobile": "12", "invite": "on", "email": ""})
    assert (answer.status_code, sorted(answer.context["form"].errors)) == (422, ["email", "mobile", "profiles"])
    answer = signed_in("ada").post("/people/new/", NEW | {"mobile": "12", "email": "dana", "family_name": ""})
    assert (answer.status_code, sorted(answer.context["form"].errors)) == (422, ["email", "family_name", "mobile"])
    answer = signed_in("ada").post("/people/new/", NEW | {"mobile": "12"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["mobile"])
    assert 'value="Dana"' in answer.content.decode()


def test_d04_posted_profiles_above_ones_own_are_refused(world, signed_in):
    ada, bo = signed_in("ada"), pk_of(world, "bo")
    before = digest(world)
    for profile in ("operator_admin", "operator_agent", "partner_admin", "client_manager", "root"):
        assert ada.post("/people/new/", NEW | {"profiles": [profile]}).status_code == 422
        assert ada.post(f"/people/{bo}/profiles/", {"profile": profile}).status_code == 422
    own = pk_of(world, "ada")
    assert ada.post(f"/people/{own}/profiles/", {"profile": "ebill_referent"}).status_code == 422
    assert digest(world) == before


def test_d04_partner_grants_nothing_in_organisations_it_does_not_have(world, signed_in):
    bo = pk_of(world, "bo")
    refused_once(
        world, lambda: signed_in("pia").post(f"/people/{bo}/profiles/", {"profile": "employee", "organisation": "B"}), 404
    )


@pytest.mark.parametrize("profile", ["ebill_referent", "dual_billing_referent", "traffic_manager", "employee"])
def test_d04_d08_referents_and_employees_reach_none_of_these_pages(world, signed_in, profile):
    with arrange():
        Membership.objects.for_(world.actor("olga")).filter(pk=world.memberships["bo"].pk).update(profile=profile)
    bo, own = signed_in("bo"), pk_of(world, "bo")
    for address in ("/people/", "/people/new/", f"/people/{own}/", "/people/import/", "/audit/", "/audit/proof/"):
        refused_once(world, lambda address=address: bo.get(address), 403)
    refused_once(world, lambda: bo.post(f"/people/{own}/profiles/", {"profile": "administrator"}), 403)
    refused_once(world, lambda: bo.post("/people/new/", NEW | {"profiles": ["administrator"]}), 403)


def test_d05_posted_fields_that_no_form_has_change_nothing(world, signed_in):
    bo = pk_of(world, "bo")
    before = Person.objects.for_(world.actor("olga")).filter(pk=bo).values().get()
    posted = {
        "given_name": "Bo", "family_name": "Prova", "email": "bo@example.test", "mobile": "+393510000002", "language": "en",
        "username": "root", "organisation": world.b.pk, "organisation_id": world.b.pk, "password": "x",
        "mobile_verified_at": "", "deactivated_at": "2026-01-01", "codes_frozen_until": "2036-01-01",
        "is_staff": "1", "is_superuser": "1", "role": "operator_admin", "profiles": ["administrator"],
    }  # fmt: skip
    assert signed_in("ada").post(f"/people/{bo}/edit/", posted).status_code == 302
    assert Person.objects.for_(world.actor("olga")).filter(pk=bo).values().get() == before
    assert Membership.objects.for_(world.actor("olga")).filter(person_id=bo).count() == 1


def test_old_form_puts_nothing_back_that_the_person_changed_meanwhile(world, signed_in):
    bo, ada = pk_of(world, "bo"), signed_in("ada")
    with arrange():
        centre = CostCentre.objects.create(organisation=world.a, code="CC7")
    form = ada.get(f"/people/{bo}/edit/").context["form"]
    posted = {name: form[name].value() for name in ("given_name", "family_name", "email", "mobile", "code", "language")}
    with arrange():
        Person.objects.for_(world.actor("olga")).filter(pk=bo).update(mobile="+393510000088", language="es")
    posted |= {"cost_centre": str(centre.pk), "family_name": "Nuovo", "shown": form["shown"].value()}
    assert ada.post(f"/people/{bo}/edit/", posted).status_code == 302
    row = Person.objects.for_(world.actor("olga")).get(pk=bo)
    assert (row.mobile, row.mobile_verified_at is not None, row.language, row.family_name, row.cost_centre) == (
        "+393510000088", True, "es", "Nuovo", centre,
    )  # fmt: skip
    event = Event.append_only.get(kind="person.changed")
    assert event.payload["changes"] == {"family_name": ["Prova", "Nuovo"], "cost_centre": ["", "CC7"]}
    for spoilt in ("[1]", "{", ""):
        assert ada.post(f"/people/{bo}/edit/", posted | {"shown": spoilt, "mobile": "+393510000088"}).status_code in {302, 422}


def test_d06_profile_ended_while_the_form_was_open_refuses_the_post(world, signed_in, olga):
    ada = signed_in("ada")
    assert ada.get("/people/new/").status_code == 200
    operations.grant_profile(
        actor=olga, person=world.memberships["bo"].person, organisation=world.a, profile=Profile.ADMINISTRATOR
    )
    operations.grant_profile(
        actor=olga, person=world.memberships["ada"].person, organisation=world.a, profile=Profile.EMPLOYEE
    )
    from django.utils import timezone

    operations.end_profile(actor=olga, membership=world.memberships["ada"], now=timezone.now())
    refused_once(world, lambda: ada.post("/people/new/", NEW), 403)


def test_b04_last_administrator_is_refused_with_409(world, signed_in):
    held = world.memberships["ada"]
    refused_once(
        world, lambda: signed_in("ada").post(f"/people/{held.person_id}/profiles/{held.pk}/end/"), 409
    )
    refused_once(world, lambda: signed_in("olga").post(f"/people/{held.person_id}/deactivate/"), 409)


def test_person_page_shows_profiles_and_what_happened(world, signed_in):
    ada, bo = signed_in("ada"), pk_of(world, "bo")
    ada.post(f"/people/{bo}/profiles/", {"profile": "traffic_manager"})
    page = ada.get(f"/people/{bo}/")
    assert [one.label for one in page.context["held"]] == ["Traffic manager", "Employee"]
    assert [told.sentence for told in page.context["events"]] == ["Bo Prova was given the profile Traffic manager"]
    assert [told.who for told in page.context["events"]] == ["Ada Prova"]


def test_deactivate_and_reactivate_from_the_page(world, signed_in):
    ada, bo = signed_in("ada"), pk_of(world, "bo")
    assert ada.post(f"/people/{bo}/deactivate/").status_code == 302
    refused_once(world, lambda: ada.post(f"/people/{bo}/deactivate/"), 409)
    assert "Reactivate" in ada.get(f"/people/{bo}/").content.decode()
    assert ada.post(f"/people/{bo}/reactivate/").status_code == 302
    assert Person.objects.for_(world.actor("ada")).get(pk=bo).is_active is True


def test_invitation_is_sent_taken_back_and_refused_without_an_address(world, signed_in):
    ada, bo = signed_in("ada"), pk_of(world, "bo")
    ada.post(f"/people/{bo}/invite/")
    assert ada.get(f"/people/{bo}/").context["invitation"].person_id == bo
    ada.post(f"/people/{bo}/invite/revoke/")
    assert ada.get(f"/people/{bo}/").context["invitation"] is None
    with arrange():
        Person.objects.for_(world.actor("ada")).filter(pk=bo).update(email="")
    refusal = ada.get(f"/people/{bo}/").context["invite_refusal"]
    assert refusal == "This person has no e-mail address to send the invitation to."


def test_changed_mobile_is_told_to_the_former_number(world, signed_in):
    from sportello.messaging.models import Message

    bo = pk_of(world, "bo")
    posted = {"given_name": "Bo", "family_name": "Prova", "email": "bo@example.test", "mobile": "+393510000077", "language": "en"}
    assert signed_in("ada").post(f"/people/{bo}/edit/", posted).status_code == 302
    told = Message.objects.for_(world.actor("olga")).filter(template="contact_changed")
    assert told.count() == 2


def test_people_import_of_a_file_from_the_page_to_the_rows(world, signed_in):
    file = SimpleUploadedFile(
        "p.csv", b"customer_code;person_code;given_name;family_name;profiles\nA;77;Lea;Conti;employee\n"
    )
    ada = signed_in("ada")
    address = ada.post("/people/import/", {"file": file}).headers["Location"]
    seen = ada.get(address).context["report"].digest
    assert ada.post(address, {"do": "confirm", "seen": seen}).status_code == 302
    assert Person.objects.for_(world.actor("ada")).get(code="77").username == "lea.conti"


def test_operator_chooses_the_organisation_of_a_new_person_first(world, signed_in):
    olga = signed_in("olga")
    assert "organisation" in olga.get("/people/new/").context["form"].fields
    assert olga.post(f"/people/new/?organisation={world.b.pk}", NEW).status_code == 302
    assert Person.objects.for_(world.actor("cy")).get(username="dana.rossi").organisation_id == world.b.pk


def test_person_of_elsewhere_with_a_profile_here_is_seen_but_not_changed(world, signed_in):
    with arrange():
        Membership.objects.create(person=world.memberships["bo"].person, organisation=world.b, profile=Profile.EMPLOYEE)
    cy, bo = signed_in("cy"), pk_of(world, "bo")
    page = cy.get(f"/people/{bo}/")
    assert (page.status_code, [one.row.organisation_id for one in page.context["held"]]) == (200, [world.b.pk])
    refused_once(world, lambda: cy.post(f"/people/{bo}/edit/", NEW), 403)
    refused_once(world, lambda: cy.post(f"/people/{bo}/deactivate/"), 403)


def test_person_data_form_has_exactly_the_fields_of_person_data():
    from sportello.accounts.web.people_forms import PersonForm

    assert set(PersonForm(cost_centres=[]).fields) == set(PersonData.__dataclass_fields__) | {"cost_centre"}


def test_person_page_shows_the_lines_and_the_list_finds_by_them(world, signed_in):
    from datetime import UTC, datetime

    from sportello.inventory.models import Agreement, Line

    bo = pk_of(world, "bo")
    with arrange():
        agreement = Agreement.objects.create(organisation=world.a, code="AG1")
        Line.objects.create(
            organisation=world.a, agreement=agreement, number="+393519999001", kind="mobile", status="active",
            active_from=datetime(2026, 1, 1, tzinfo=UTC), person_id=bo, dual_billing=True,
        )  # fmt: skip
    ada = signed_in("ada")
    page = ada.get(f"/people/{bo}/")
    assert [(line.number, line.dual_billing) for line in page.context["lines"]] == [("+393519999001", True)]
    assert page.context["facts"]["Dual billing"] == "Active"
    assert names(ada.get("/people/?q=351 9999 001")) == ["Bo"]
    assert (names(ada.get("/people/?has_line=1")), names(ada.get("/people/?has_line=0"))) == (["Bo"], ["Ada"])
    assert names(signed_in("cy").get("/people/?q=3519999001")) == []
    figures = {str(one.label): one.value for one in ada.get(f"/organisations/{world.a.pk}/").context["figures"]}
    assert figures == {"People": 2, "Lines": 1, "Agreements": 1, "Open tickets": 0}


def test_the_people_taken_out_for_import_change_nothing_when_handed_in_again(world, ada, signed_in):
    arrange_codes(world)
    answer = signed_in("ada").get("/people/?export=import")
    table = read_table(BytesIO(b"".join(answer.streaming_content)), name="people.csv")
    report = operations.load_people(actor=ada, table=table, apply=False, now=timezone.now())
    assert [(row.key, row.state.value, row.errors) for row in report.rows] == [("A / A-ada", "unchanged", ()), ("A / A-bo", "unchanged", ())]


def arrange_codes(world) -> None:
    """Give the people of the first customer the person codes by which a file names them."""
    with arrange():
        for name in ("ada", "bo"):
            Person.objects.across_tenants(reason="arranging").filter(username=name).update(code=f"A-{name}", mobile="+393510000077")
