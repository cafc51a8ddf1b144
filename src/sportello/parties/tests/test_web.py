from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sportello.kernel.models import Event, Upload
from sportello.kernel.testing import arrange
from sportello.parties import operations
from sportello.parties.models import Brand, Contact, CostCentre, Organisation, Site
from sportello.parties.rules import Registry
from sportello.parties.states import OrganisationKind, OrganisationState

EVERYTHING = (Organisation, Site, CostCentre, Contact, Brand)


def digest(world) -> list[list[dict[str, object]]]:
    olga = world.actor("olga")
    return [list(model.objects.for_(olga).order_by("pk").values()) for model in EVERYTHING]


def refused_once(world, call, status: int) -> None:
    """A refusal changes nothing else and leaves one audit row."""
    before, rows = digest(world), Event.append_only.count()
    assert call().status_code == status
    assert digest(world) == before
    assert Event.append_only.count() == rows + 1
    assert Event.append_only.latest("id").kind == "access.refused"


@pytest.fixture
def site(world) -> Site:
    with arrange():
        return Site.objects.create(organisation=world.a, name="Sede")


def test_customers_lists_those_in_reach(world, signed_in):
    assert [row.code for row in rows_of(signed_in("olga").get("/organisations/"))] == ["B", "A"]
    assert [row.code for row in rows_of(signed_in("pia").get("/organisations/"))] == ["A"]
    assert signed_in("ada").get("/organisations/").headers["Location"] == "/organisation/"


def rows_of(response) -> list[Organisation]:
    assert response.status_code == 200
    return response.context["listing"].rows


@pytest.mark.parametrize(
    ("query", "codes"),
    [("q=alfa", ["A"]), ("q=B", ["B"]), ("partner=none", ["B"]), ("state=closed", []), ("pa=1", []), ("partner=x", [])],
)
def test_customers_are_narrowed_by_the_filters_of_the_address(world, signed_in, query, codes):
    assert [row.code for row in rows_of(signed_in("olga").get(f"/organisations/?{query}"))] == codes


def test_customers_take_a_fixed_number_of_queries(world, signed_in):
    browser, counts = signed_in("olga"), []
    for number in range(3):
        with arrange():
            Organisation.objects.create(kind="customer", code=f"N{number}", legal_name=f"N{number}", partner=world.partner)
        with CaptureQueriesContext(connection) as captured:
            browser.get("/organisations/")
        counts.append(len(captured))
    assert (len(set(counts)), counts[0] < 20) == (1, True)


def test_f06_export_guards_formulas(world, signed_in):
    with arrange():
        Organisation.objects.for_(world.actor("olga")).filter(code="B").update(legal_name="=cmd|'/C calc'!A0")
    response = signed_in("olga").get("/organisations/?export=csv")
    assert content(response).splitlines()[1].startswith("'=cmd|'/C calc'!A0,B,")
    assert Event.append_only.get(kind="export.made").payload == {
        "listing": "parties.customers", "format": "csv", "rows": 2,
    }  # fmt: skip


def content(response) -> str:
    return b"".join(response.streaming_content).decode("utf-8-sig")


def test_c01_organisation_of_another_is_not_found_by_any_verb(world, signed_in, site):
    addresses = [
        f"/organisations/{world.a.pk}/", f"/organisations/{world.a.pk}/edit/", f"/organisations/{world.a.pk}/contact/",
        f"/organisations/{world.a.pk}/move/", f"/organisations/{world.a.pk}/state/",
        f"/organisations/{world.a.pk}/site/new/", f"/organisations/{world.a.pk}/site/{site.pk}/",
    ]  # fmt: skip
    cy = signed_in("cy")
    for address in addresses:
        refused_once(world, lambda address=address: cy.get(address), 404)
        status = 405 if address == addresses[0] else 404
        if status == 404:
            refused_once(world, lambda address=address: cy.post(address, {"name": "X", "legal_name": "X"}), 404)
    refused_once(world, lambda: cy.post(f"{addresses[-1]}remove/"), 404)


def test_c01_part_under_the_address_of_ones_own_organisation_is_not_found(world, signed_in, site):
    refused_once(world, lambda: signed_in("cy").post(f"/organisations/{world.b.pk}/site/{site.pk}/", {"name": "X"}), 404)


def test_c02_sort_and_filters_by_foreign_paths_show_nothing_of_others(world, signed_in):
    pia = signed_in("pia")
    for query in ("sort=partner__vat_number", "partner__vat_number=1", "q=Beta", "partner=none"):
        assert all(row.code == "A" for row in rows_of(pia.get(f"/organisations/?{query}")))
    assert rows_of(pia.get("/organisations/?q=Beta")) == []


def test_c11_moved_customer_is_gone_for_the_old_partner_with_its_export(world, signed_in, olga):
    pia = signed_in("pia")
    other = operations.create_partner(actor=olga, registry=Registry(legal_name="Due"), code="P2")
    answer = signed_in("olga").post(f"/organisations/{world.a.pk}/move/", {"partner": other.pk})
    assert answer.status_code == 302
    assert pia.get(f"/organisations/{world.a.pk}/").status_code == 404
    assert rows_of(pia.get("/organisations/")) == []
    assert "Alfa" not in content(pia.get("/organisations/?export=csv"))


def test_d05_posted_fields_that_no_form_has_change_nothing(world, signed_in):
    ada = signed_in("ada")
    posted = {"email": "x@alfa.test", "legal_name": "Mia", "state": "closed", "partner": "", "kind": "operator", "code": "Z"}
    assert ada.post(f"/organisations/{world.a.pk}/contact/", posted).status_code == 302
    row = Organisation.objects.for_(world.actor("ada")).get()
    assert (row.email, row.legal_name, row.state, row.partner_id, row.kind, row.code) == (
        "x@alfa.test", "Comune di Alfa", "active", world.partner.pk, "customer", "A",
    )  # fmt: skip


def test_d05_part_takes_its_own_fields_only(world, signed_in, site):
    posted = {"name": "Nuova", "organisation": world.b.pk, "organisation_id": world.b.pk}
    signed_in("ada").post(f"/organisations/{world.a.pk}/site/{site.pk}/", posted)
    assert list(Site.objects.for_(world.actor("olga")).values_list("name", "organisation")) == [("Nuova", world.a.pk)]


def test_d08_pages_of_others_called_directly_are_refused(world, signed_in):
    ada, bo, pia = signed_in("ada"), signed_in("bo"), signed_in("pia")
    refused_once(world, lambda: ada.get("/customers/new/"), 403)
    refused_once(world, lambda: ada.get("/partners/"), 403)
    refused_once(world, lambda: ada.get("/customers/import/"), 403)
    refused_once(world, lambda: ada.post(f"/organisations/{world.a.pk}/edit/", {"legal_name": "Mia"}), 403)
    refused_once(world, lambda: pia.get("/partners/new/"), 403)
    refused_once(world, lambda: pia.post(f"/organisations/{world.a.pk}/state/", {"state": "closed"}), 403)
    refused_once(world, lambda: pia.post(f"/organisations/{world.a.pk}/move/", {"partner": ""}), 403)
    refused_once(world, lambda: bo.get(f"/organisations/{world.a.pk}/"), 403)


def test_new_customer_keeps_what_was_typed_and_shows_the_error_at_the_field(world, signed_in):
    typed = {"legal_name": "Gamma", "country": "IT", "vat_number": "123", "time_zone": "Europe/Rome"}
    answer = signed_in("olga").post("/customers/new/", typed)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["vat_number"])
    assert 'value="Gamma"' in answer.content.decode()


def test_new_customer_by_a_partner_has_neither_code_nor_partner_to_choose(world, signed_in):
    pia = signed_in("pia")
    assert {"code", "partner"} & set(pia.get("/customers/new/").context["form"].fields) == set()
    typed = {"legal_name": "Gamma", "country": "IT", "time_zone": "Europe/Rome", "code": "B", "partner": ""}
    assert pia.post("/customers/new/", typed).status_code == 302
    row = Organisation.objects.for_(world.actor("pia")).get(legal_name="Gamma")
    assert (row.partner_id, row.code == "B") == (world.partner.pk, False)


def test_administrator_edits_sites_and_sees_that_invoice_data_are_an_order(world, signed_in):
    ada = signed_in("ada")
    page = ada.get("/organisation/", follow=True).content.decode()
    assert "place an order that the operator approves" in page
    assert ada.post(f"/organisations/{world.a.pk}/site/new/", {"name": "Deposito", "province": "mi"}).status_code == 302
    assert ada.post(f"/organisations/{world.a.pk}/contact/new/", {"name": "Ced", "phone": "nope"}).status_code == 422
    again = ada.post(f"/organisations/{world.a.pk}/site/new/", {"name": "Deposito"})
    assert (again.status_code, list(again.context["form"].errors)) == (422, ["name"])


def test_b03_closed_organisation_ends_every_session_and_read_only_refuses_writes(world, signed_in, olga):
    ada = signed_in("ada")
    operations.set_state(actor=olga, organisation=world.a, state=OrganisationState.READ_ONLY, reason="unpaid")
    assert ada.get(f"/organisations/{world.a.pk}/").status_code == 200
    refused_once(world, lambda: ada.post(f"/organisations/{world.a.pk}/contact/", {"email": "a@b.test"}), 403)
    operations.set_state(actor=olga, organisation=world.a, state=OrganisationState.CLOSED, reason="ended")
    assert ada.get(f"/organisations/{world.a.pk}/").status_code == 302
    operations.set_state(actor=olga, organisation=world.a, state=OrganisationState.ACTIVE, reason="renewed")
    assert ada.get(f"/organisations/{world.a.pk}/").status_code == 200


def test_b03_sessions_of_before_do_not_come_back_with_the_organisation(world, signed_in, olga):
    from sportello.kernel.jobs.worker import run_due

    ada = signed_in("ada")
    operations.set_state(actor=olga, organisation=world.a, state=OrganisationState.CLOSED, reason="ended")
    run_due()
    operations.set_state(actor=olga, organisation=world.a, state=OrganisationState.ACTIVE, reason="renewed")
    assert ada.get(f"/organisations/{world.a.pk}/").status_code == 302


FILE = b"customer_code,legal_name\nA,Comune di Alfa Nuova\nN1,Nuova\n"


def hand_in(browser, content: bytes = FILE, name: str = "customers.csv"):
    return browser.post("/customers/import/", {"file": SimpleUploadedFile(name, content)})


def test_import_shows_a_preview_and_writes_when_confirmed(world, signed_in):
    olga = signed_in("olga")
    address = hand_in(olga).headers["Location"]
    preview = olga.get(address)
    assert [str(row.state) for row in preview.context["report"].rows] == ["changed", "new"]
    assert Organisation.objects.for_(world.actor("olga")).filter(code="N1").count() == 0
    done = olga.post(address, {"do": "confirm", "seen": preview.context["report"].digest})
    assert (done.status_code, olga.get(address).status_code) == (302, 200)
    assert Organisation.objects.for_(world.actor("olga")).get(code="A").legal_name == "Comune di Alfa Nuova"
    assert Event.append_only.get(kind="imports.applied").payload["counts"]["new"] == 1


def test_f08_same_file_twice_and_a_second_click_are_recognised(world, signed_in):
    olga = signed_in("olga")
    address = hand_in(olga).headers["Location"]
    seen = olga.get(address).context["report"].digest
    olga.post(address, {"do": "confirm", "seen": seen})
    events = Event.append_only.count()
    again = olga.post(address, {"do": "confirm", "seen": seen})
    assert (again.status_code, Event.append_only.count()) == (302, events)
    second = olga.get(hand_in(olga).headers["Location"])
    assert second.context["before"].name == "customers.csv"
    assert second.context["refusal"] == "The file changes nothing: every row is as it is here."


def test_f09_data_changed_since_the_preview_show_the_preview_again(world, signed_in, olga):
    browser = signed_in("olga")
    address = hand_in(browser).headers["Location"]
    seen = browser.get(address).context["report"].digest
    operations.change_registry(actor=olga, organisation=world.a, registry=Registry(legal_name="Altro Nome"))
    again = browser.post(address, {"do": "confirm", "seen": seen})
    assert (again.status_code, bool(again.context["outdated"])) == (409, True)
    assert again.context["report"].rows[0].changes == {"legal_name": ("Altro Nome", "Comune di Alfa Nuova")}
    assert Organisation.objects.for_(olga).filter(code="N1").count() == 0
    fresh = again.context["report"].digest
    assert browser.post(address, {"do": "confirm", "seen": fresh}).status_code == 302
    assert Organisation.objects.for_(olga).filter(code="N1").count() == 1


def test_f10_upload_of_somebody_else_is_not_found(world, signed_in):
    address = hand_in(signed_in("olga")).headers["Location"]
    assert signed_in("pia").get(address).status_code == 404
    assert signed_in("pia").post(address, {"do": "confirm"}).status_code == 404
    assert len(Upload.objects.get().token) >= 27


def test_c11_preview_of_a_customer_that_moved_is_not_found(world, signed_in, olga):
    pia = signed_in("pia")
    address = hand_in(pia, b"customer_code,legal_name\nA,Altro\n").headers["Location"]
    assert pia.get(address).status_code == 200
    operations.move_customer(actor=olga, customer=world.a, partner=None)
    assert pia.get(address).status_code == 404


def test_f07_unreadable_file_is_an_error_at_the_field(world, signed_in):
    olga = signed_in("olga")
    for content, name in [(b"", "a.csv"), (b"\xff\xfea", "a.csv"), (b"PK\x03\x04junk", "a.xlsx"), (b"x", "a.exe")]:
        answer = hand_in(olga, content, name)
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["file"])
    assert Upload.objects.count() == 0


def test_import_with_wrong_rows_cannot_be_confirmed_and_lists_them_in_a_file(world, signed_in):
    olga = signed_in("olga")
    address = hand_in(olga, b"customer_code,legal_name,vat_number\nA,Alfa,123\n").headers["Location"]
    preview = olga.get(address)
    assert preview.context["report"].wrong == 1
    answer = olga.post(address, {"do": "confirm", "seen": preview.context["report"].digest})
    assert (answer.status_code, Upload.objects.get().applied_at) == (409, None)
    assert "vat_number" in olga.get(f"{address}?wrong=csv").content.decode()
    assert olga.post(address, {"do": "discard"}).status_code == 302
    assert Upload.objects.count() == 0


def test_import_example_file_loads(world, signed_in):
    olga = signed_in("olga")
    assert [column.name for column in olga.get("/customers/import/").context["columns"]][:2] == [
        "customer_code", "legal_name",
    ]  # fmt: skip
    with arrange():
        Organisation.objects.create(kind=OrganisationKind.CUSTOMER, code="C-1001", legal_name="Comune di Esempio")
    example = olga.get("/customers/import/?example=1").content
    assert example.decode().splitlines()[1].split(",")[0::6] == ["C-1002", "P1"]
    assert olga.get(hand_in(olga, example).headers["Location"]).context["report"].counts["new"] == 1


def test_partners_are_listed_with_their_customers_and_created(world, signed_in):
    olga = signed_in("olga")
    typed = {"legal_name": "Partner Due", "country": "IT", "time_zone": "Europe/Rome", "code": "P2"}
    assert olga.post("/partners/new/", typed).status_code == 302
    assert [(row.code, row.customer_count) for row in rows_of(olga.get("/partners/"))] == [("P2", 0), ("P1", 1)]
    again = olga.post("/partners/new/", typed)
    assert (again.status_code, again.context["form"].errors["code"]) == (422, ["This code is already used."])


def test_registry_is_edited_moved_and_closed_from_the_pages(world, signed_in):
    olga, page = signed_in("olga"), f"/organisations/{world.a.pk}/"
    typed = {"legal_name": "Comune di Alfa Nuova", "country": "IT", "time_zone": "Europe/Rome", "province": "mi"}
    assert olga.get(f"{page}edit/").context["form"].initial["legal_name"] == "Comune di Alfa"
    assert olga.post(f"{page}edit/", typed).status_code == 302
    assert olga.post(f"{page}edit/", typed | {"tax_code": "X"}).context["form"].errors.keys() == {"tax_code"}
    assert olga.get(f"{page}move/").status_code == 200
    assert olga.post(f"{page}move/", {"partner": ""}).status_code == 302
    assert olga.post(f"{page}move/", {"partner": ""}).status_code == 422
    assert olga.get(f"{page}state/").context["form"].fields["state"].choices[0][0] == "closed"
    assert olga.post(f"{page}state/", {"state": "read_only", "reason": "unpaid"}).status_code == 302
    assert olga.post(f"{page}state/", {"state": "read_only", "reason": "again"}).status_code == 422
    row = Organisation.objects.for_(world.actor("olga")).get(pk=world.a.pk)
    assert (row.legal_name, row.province, row.partner_id, row.state) == ("Comune di Alfa Nuova", "MI", None, "read_only")


def test_part_is_removed_unless_something_refers_to_it(world, signed_in, site):
    from sportello.accounts.models import Person

    ada = signed_in("ada")
    with arrange():
        centre = CostCentre.objects.create(organisation=world.a, code="C1")
        Person.objects.for_(world.actor("ada")).update(cost_centre=centre)
    held = f"/organisations/{world.a.pk}/cost_centre/{centre.pk}/"
    assert ada.post(f"{held}remove/").headers["Location"] == held
    assert "move them first" in ada.get(held).content.decode()
    assert ada.post(f"/organisations/{world.a.pk}/site/{site.pk}/remove/").status_code == 302
    assert Site.objects.for_(world.actor("olga")).count() == 0
    assert ada.get(f"/organisations/{world.a.pk}/nothing/new/").status_code == 404


def test_page_shows_the_first_parts_of_many_and_all_when_asked(world, signed_in):
    with arrange():
        for number in range(20):
            CostCentre.objects.create(organisation=world.a, code=f"C{number:02d}")
    ada, page = signed_in("ada"), f"/organisations/{world.a.pk}/"
    shown = {kind.word: (len(rows), count) for kind, rows, count in ada.get(page).context["sections"]}
    assert shown["cost_centre"] == (12, 20)
    shown = {kind.word: (len(rows), count) for kind, rows, count in ada.get(f"{page}?all=cost_centre").context["sections"]}
    assert shown["cost_centre"] == (20, 20)
