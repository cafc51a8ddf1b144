from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db
CAST = ("ada", "bo", "cy", "pia", "olga")
SignedIn = Callable[[str], Client]


@pytest.mark.parametrize("name", CAST)
@pytest.mark.parametrize("page", ["home", "search", "access", "help"])
def test_everybody_has_the_pages_of_the_shell(signed_in: SignedIn, name: str, page: str) -> None:
    response = signed_in(name).get(reverse(f"shell:{page}"))
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store, private"


def test_the_frame_says_who_acts_as_what_and_where(signed_in: SignedIn) -> None:
    page = signed_in("ada").get("/").content.decode()
    assert "<strong>Ada Prova</strong>" in page
    assert "Administrator (ROA) · Comune di Alfa" in page


def test_the_matrix_page_marks_the_reader(signed_in: SignedIn) -> None:
    page = signed_in("bo").get(reverse("shell:access")).content.decode()
    assert page.count('<th scope="col" class="matrix-profile matrix-mine"><span>Employee') == 1
    assert "Operator administrator" not in page


def test_htmx_gets_the_hits_alone(signed_in: SignedIn) -> None:
    response = signed_in("ada").get("/search/?q=thresh", headers={"HX-Request": "true"})
    assert b"<html" not in response.content
    response = signed_in("ada").get("/search/?q=thresh")
    assert b"<html" in response.content


def test_search_shows_hostile_words_as_words(signed_in: SignedIn) -> None:
    page = signed_in("ada").get("/search/", {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in page
    assert "&quot;&gt;&lt;script&gt;" in page


@pytest.mark.parametrize("text", ["x" * 5000, "\x00\x00ab", "%_%", "\\", "+", "٣٤٥", "😀😀"])
def test_search_takes_any_text(signed_in: SignedIn, text: str) -> None:
    assert signed_in("olga").get("/search/", {"q": text}).status_code == 200


def test_a_stranger_chooses_a_language_for_the_signed_out_pages() -> None:
    browser = Client()
    response = browser.post("/language/", {"language": "it", "next": "/sign-in/"})
    assert (response.status_code, response["Location"]) == (302, "/sign-in/")
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "it"


@pytest.mark.parametrize("back", ["https://evil.test/", "//evil.test/", "javascript:alert(1)", "http:evil.test", ""])
def test_the_language_switch_leads_to_no_other_site(back: str) -> None:
    assert Client().post("/language/", {"language": "it", "next": back})["Location"] == "/"


@pytest.mark.parametrize("code", ["xx", "", "it\r\nSet-Cookie: a=b", "de"])
def test_an_unknown_language_changes_nothing(code: str) -> None:
    response = Client().post("/language/", {"language": code, "next": "/sign-in/"})
    assert settings.LANGUAGE_COOKIE_NAME not in response.cookies


def test_a_person_keeps_the_chosen_language_on_every_device(signed_in: SignedIn) -> None:
    signed_in("ada").post("/language/", {"language": "es", "next": "/"})
    assert '<html lang="es"' in signed_in("ada").get("/").content.decode()


@pytest.mark.django_db
def test_an_unknown_address_is_a_page_of_ours() -> None:
    response = Client().get("/no/such/page/")
    assert response.status_code == 404
    assert "Nothing is here" in response.content.decode()


@pytest.mark.parametrize("path", ["/no/such/page/", "/people/999999/"])
def test_what_is_not_there_keeps_the_navigation_and_says_what_to_do(signed_in: SignedIn, path: str) -> None:
    response = signed_in("ada").get(path)
    page = response.content.decode()
    assert response.status_code == 404
    assert ('id="side"' in page, "<strong>Ada Prova</strong>" in page) == (True, True)
    assert "Check the address, or start from the start page." in page


def test_the_search_offers_an_employee_neither_people_nor_customers(signed_in: SignedIn) -> None:
    assert 'placeholder="Search the portal"' in signed_in("bo").get("/").content.decode()
    assert "Search lines, people, customers" in signed_in("ada").get("/").content.decode()


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 422, 429, 500, 503])
def test_error_pages_need_no_request(status: int) -> None:
    from django.template.loader import get_template

    page = get_template(f"{status}.html").render()
    assert f">{status}</p>" in page
    assert "<h1>" in page
