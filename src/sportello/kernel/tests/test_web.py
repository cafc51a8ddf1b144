import io

import openpyxl
import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from sportello.kernel.models import Event, SavedView
from sportello.kernel.testing import arrange
from sportello.kernel.ui import export, listing
from sportello.kernel.web import public
from sportello.kernel.web.middleware import client_address
from sportello.parties.models import Organisation

pytestmark = [pytest.mark.django_db, pytest.mark.urls("sportello.kernel.tests.urls_for_tests")]
ORGANISATIONS = "/test/organisations/"


def refusals() -> list[tuple[str, int, int | None]]:
    rows = Event.append_only.filter(kind="access.refused").order_by("id")
    return [(row.payload["path"], row.payload["status"], row.person_id) for row in rows]


def test_strangers_go_to_sign_in_and_back_here():
    browser = Client()
    assert browser.get(f"{ORGANISATIONS}?q=1")["Location"] == "/sign-in/?next=%2Ftest%2Forganisations%2F%3Fq%3D1"
    assert browser.post(ORGANISATIONS)["Location"] == "/sign-in/"
    htmx = browser.get(ORGANISATIONS, headers={"HX-Request": "true"})
    assert (htmx.status_code, htmx["HX-Redirect"]) == (401, "/sign-in/?next=%2Ftest%2Forganisations%2F")


def test_closed_section_is_403_and_on_record(signed_in, bo):
    answer = signed_in("bo").get(ORGANISATIONS)
    assert (answer.status_code, refusals()) == (403, [(ORGANISATIONS, 403, bo.person_id)])
    assert b"Your profile does not allow this." in answer.content


@pytest.mark.parametrize(("name", "status"), [("404", 404), ("409", 409), ("422", 422), ("429", 429), ("plain", 409)])
def test_refusals_become_the_page_of_their_status(name, status):
    answer = Client().get(f"/test/refuse/{name}/")
    assert (answer.status_code, b"because" in answer.content) == (status, True)
    assert refusals() == [(f"/test/refuse/{name}/", status, None)]
    assert answer.headers.get("Retry-After") == ("60" if status == 429 else None)
    fragment = Client().get(f"/test/refuse/{name}/", headers={"HX-Request": "true"})
    assert (fragment.status_code, b"<html" in fragment.content, b"because" in fragment.content) == (status, False, True)


def test_refusal_is_answered_even_when_it_cannot_be_recorded(monkeypatch):
    def away(**_words):
        raise DatabaseError

    monkeypatch.setattr("sportello.kernel.web.middleware.record_refusal", away)
    assert Client().get("/test/refuse/404/").status_code == 404


def test_a_defect_is_not_a_refusal():
    assert Client(raise_request_exception=False).get("/test/crash/").status_code == 500


def test_answers_are_private_and_carry_their_id():
    answer = Client().get("/test/refuse/404/")
    assert answer["Cache-Control"] == "no-store, private"
    assert len(answer["X-Request-Id"]) == 16
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_other_methods_are_405(signed_in):
    assert signed_in("ada").get("/test/chosen/").status_code == 405
    assert Client().post("/test/crash/").status_code == 405
    assert signed_in("ada").head(ORGANISATIONS).status_code == 200


def test_d07_another_method_is_on_record_for_who_is_signed_in(signed_in, ada):
    answer = signed_in("ada").put("/test/chosen/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert Client().put("/test/chosen/").status_code == 405
    assert refusals() == [("/test/chosen/", 405, ada.person_id)]


def test_unknown_addresses_are_on_record_for_who_is_signed_in_up_to_a_limit(signed_in, ada):
    assert Client().get("/nowhere/").status_code == 404
    browser = signed_in("ada")
    assert {browser.get(f"/nowhere/{each}/").status_code for each in range(30)} == {404}
    assert refusals() == [(f"/nowhere/{each}/", 404, ada.person_id) for each in range(20)]


@pytest.mark.parametrize(
    ("posted", "told"),
    [({"name": ""}, []), ({"name": "x", "kind": "theirs"}, ["ChoiceNotOffered"]), ({"name": "state"}, ["WrongState"])],
)
def test_c06_a_choice_that_no_page_offers_is_on_record_and_a_slip_is_not(signed_in, posted, told):
    answer = signed_in("ada").post("/test/formed/", posted)
    assert (answer.status_code, bool(answer.context["form"].errors)) == (422, True)
    assert [row.payload["refusal"] for row in Event.append_only.filter(kind="access.refused")] == told


def test_public_views_say_why():
    with pytest.raises(TypeError, match="why"):
        public(why="")


def test_form_refusals_land_at_their_field(client):
    assert b"'name': ['taken']" in client.post("/test/named/", {"name": "field"}).content
    assert b"'__all__': ['odd']" in client.post("/test/named/", {"name": "elsewhere"}).content
    assert b"'__all__': ['late']" in client.post("/test/named/", {"name": "state"}).content
    assert client.post("/test/named/", {"name": "missing"}).status_code == 404


@pytest.fixture
def organisations(world):
    with arrange():
        for number in range(3):
            Organisation.objects.create(
                kind="customer", code=f"=N{number}", legal_name=f"=cmd|{number}", partner=world.partner, province="MI"
            )


def test_list_shows_its_part_to_htmx(signed_in, organisations):
    browser = signed_in("olga")
    page = browser.get(f"{ORGANISATIONS}?q=cmd&size=25")
    assert (page.status_code, page.content.count(b"<tr>")) == (200, 4)
    part = browser.get(f"{ORGANISATIONS}?province=MI", headers={"HX-Request": "true"})
    assert (part.content.count(b"<tr>"), b"<html" in part.content) == (4, False)
    assert b"Nothing fits these filters" in browser.get(f"{ORGANISATIONS}?q=nobody").content
    assert browser.get(f"{ORGANISATIONS}?after=nonsense").status_code == 422
    assert browser.get(f"{ORGANISATIONS}?after=[[1],2]").status_code == 422


def test_f06_exports_guard_formulas_and_are_on_record(signed_in, organisations, olga):
    browser = signed_in("olga")
    text = b"".join(browser.get(f"{ORGANISATIONS}?province=MI&export=csv")).decode("utf-8-sig")
    assert text.splitlines()[:2] == ["Code,Name,Partner,Province", "'=N0,'=cmd|0,Partner Uno,MI"]
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(browser.get(f"{ORGANISATIONS}?province=MI&export=xlsx")))).active
    cell = sheet.cell(2, 1)
    assert (cell.data_type, cell.value in {"=N0", "'=N0"}, sheet.max_row) == ("s", True, 4)
    assert browser.get(f"{ORGANISATIONS}?export=pdf").status_code == 422
    made = Event.append_only.filter(kind="export.made").order_by("id")
    assert [(row.person_id, row.payload["format"], row.payload["rows"]) for row in made] == [
        (olga.person_id, "csv", 3), (olga.person_id, "xlsx", 3),
    ]  # fmt: skip


def test_export_of_a_list_too_long_for_one_file_is_refused_before_it_begins(signed_in, organisations, monkeypatch):
    browser, address = signed_in("olga"), f"{ORGANISATIONS}?province=MI"
    monkeypatch.setattr(export, "MOST_ROWS", 2)
    refused = browser.get(f"{address}&export=csv")
    assert (refused.status_code, b"more than 2 rows" in refused.content) == (422, True)
    assert b" download>" in browser.get(address).content
    monkeypatch.setattr(listing, "COUNT_UP_TO", 2)
    assert b" download>" not in browser.get(address).content  # a link that only saves files would hide the refusal
    monkeypatch.setattr(export, "MOST_ROWS", 3)
    whole = b"".join(browser.get(f"{address}&export=csv")).decode("utf-8-sig")
    assert (len(whole.splitlines()), Event.append_only.filter(kind="export.made").count()) == (4, 1)


def test_b06_no_view_is_saved_while_viewing_as_another(world, signed_in):
    browser, ada = signed_in("olga"), world.memberships["ada"]
    browser.post(f"/people/{ada.person_id}/view-as/{ada.pk}/", {"reason": "ticket 4711"})
    assert browser.post(ORGANISATIONS, {"save_view": "mine", "query": ""}).status_code == 403
    assert SavedView.objects.count() == 0


def test_saved_views_are_kept_overwritten_and_removed(signed_in, world, ada):
    browser = signed_in("ada")
    for query in ("province=MI", "province=RM"):
        browser.post(ORGANISATIONS, {"save_view": " Milano ", "query": query})
    assert list(SavedView.objects.values_list("name", "query", "person_id")) == [
        ("Milano", "province=RM", ada.person_id)
    ]
    assert b"?province=RM" in browser.get(ORGANISATIONS).content
    other = signed_in("olga")
    view = SavedView.objects.get()
    other.post(ORGANISATIONS, {"remove_view": view.pk})
    assert SavedView.objects.count() == 1  # not hers
    assert browser.post(ORGANISATIONS, {"save_view": " "}).status_code == 422
    for number in range(29):
        SavedView.objects.create(
            person_id=ada.person_id, organisation_id=ada.organisation_id, listing="test.organisations", name=str(number)
        )
    assert browser.post(ORGANISATIONS, {"save_view": "one too many"}).status_code == 422
    browser.post(ORGANISATIONS, {"remove_view": view.pk})
    browser.post(ORGANISATIONS, {"remove_view": "word"})
    assert not SavedView.objects.filter(name="Milano").exists()


def test_c19_removing_a_view_by_no_number_or_by_thousands_of_digits_removes_nothing(signed_in):
    browser = signed_in("ada")
    browser.post(ORGANISATIONS, {"save_view": "mine", "query": ""})
    known = SavedView.objects.get().pk
    hostile = ("9" * 5000, "9" * 30, "²", chr(0x0660 + known), f"{known} ", "-1")
    assert {browser.post(ORGANISATIONS, {"remove_view": text}).status_code for text in hostile} == {302}
    assert SavedView.objects.get().pk == known


def test_c05_bulk_choice_with_a_foreign_id_is_refused_whole(signed_in, world, organisations):
    mine, foreign = Organisation.objects.across_tenants(reason="test").filter(code="=N0").get(), world.b
    browser = signed_in("pia")
    assert browser.post("/test/chosen/", {"ids": [mine.pk]}).content == b"=N0"
    for ids in ([mine.pk, foreign.pk], [mine.pk, 999_999], [mine.pk, "x"], []):
        assert browser.post("/test/chosen/", {"ids": ids}).status_code == 404
    everything = browser.post("/test/chosen/", {"everything": "1", "filters": "province=MI"})
    assert everything.content == b"=N0,=N1,=N2"


def test_address_of_the_client_is_that_of_the_connection(rf):
    request = rf.get("/", headers={"X-Forwarded-For": "6.6.6.6"}, REMOTE_ADDR="192.0.2.7")
    assert client_address(request) == "192.0.2.7"


def test_days_filter_reads_local_days(rf, world, ada):
    from django.http import QueryDict

    from sportello.kernel.ui.filters import Days, YesNo

    rows = Organisation.objects.across_tenants(reason="test")
    today = timezone.localdate().isoformat()
    days = Days("made", "Made", field="created_at")
    count = lambda query: days.narrow(rows, QueryDict(query)).count()  # noqa: E731
    assert [
        count(f"made_from={today}&made_to={today}"),
        count("made_to=2020-01-01"),
        count("made_from=nonsense"),
        count(""),
    ] == [4, 0, 0, 4]
    assert days.context(QueryDict("made_from=2026-01-01"))["first"] == "2026-01-01"
    on_days = Days("from", "From", field="created_at__date", day=True)
    assert on_days.narrow(rows, QueryDict(f"from_from={today}")).count() == 4
    from django.db.models import Q

    public_body = YesNo("pa", "PA", Q(public_administration=True))
    assert [public_body.narrow(rows, QueryDict(f"pa={value}")).count() for value in ("1", "0", "", "x")] == [0, 4, 4, 0]
