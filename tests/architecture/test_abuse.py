"""Hostile requests to every address: refused in the portal's own words, on record, never a crash, never a way to files (ABUSE C04, C08, C19)."""

from __future__ import annotations

import itertools

import pytest
from django.conf import settings
from django.test import Client

from sportello.kernel.models import Event
from tests.architecture.test_pages import MOVING_PART, addresses, pages

NUL = "\x00"
WORDS = (
    "q", "at_from", "at_to", "created_to", "came_to", "asked_to", "on", "month", "type", "all", "organisation", "person", "subject", "plan",
    "customer", "cost_centre", "site", "agreement", "status", "kind", "page", "size", "sort", "view", "show", "phone", "mail", "contract__customer__vat",
)  # fmt: skip
QUERIES = (
    *(dict.fromkeys(WORDS, value) for value in (NUL, "²", "9" * 30, "9999-12-31")),
    {"after": '["\\u0000",1]'},
    {"before": '[1,"x"]'},
)

ENDS_THE_SESSION = {"accounts:sign_out", "accounts:sessions_end_others"}


@pytest.fixture
def in_turn(signed_in):
    """Browsers of who reaches most lists, the operator and a customer's administrator, one after the other.

    Each address is asked by both, each with other words: what reads the words is one code for both, what looks the rows up is not.
    """
    browsers = [signed_in("olga"), signed_in("ada")]
    for browser in browsers:
        browser.raise_request_exception = False
    return itertools.cycle(browsers)


@pytest.mark.django_db(transaction=True)
def test_c19_words_of_the_address_that_no_page_wrote_crash_nothing(in_turn):
    crashed = []
    for address in pages():
        if "GET" not in address.mark.methods or address.names_an_object:
            continue
        answers = [next(in_turn).get(address.path, query, headers=MOVING_PART).status_code for query in QUERIES]
        crashed += [(address.name, place) for place, status in enumerate(answers) if status >= 500]
        next(in_turn)
    assert crashed == []


@pytest.mark.django_db(transaction=True)
def test_c19_signs_that_no_database_keeps_crash_nothing_in_paths_and_forms(in_turn):
    crashed = []
    posted = dict.fromkeys(
        ("ids", "remove_view", "save_view", "query", "membership", "do", "code", "way", "seen", "language"), "²"
    )
    for address in addresses():
        path = address.path.replace("nothing-of-that-name", "%00")
        if "GET" in address.mark.methods and next(in_turn).get(path, headers=MOVING_PART).status_code >= 500:
            crashed.append((address.name, "GET"))
        if "POST" not in address.mark.methods or address.name in ENDS_THE_SESSION:
            continue
        crashed += [
            (address.name, form)
            for form in (posted, dict.fromkeys(posted, "a\0b"))
            if next(in_turn).post(path, form, headers=MOVING_PART).status_code >= 500
        ]
    assert crashed == []


@pytest.mark.django_db
def test_c17_whatever_is_not_there_is_on_record(signed_in):
    browser, silent = signed_in("olga"), []
    for address in pages():
        if address.names_an_object:
            for method in address.mark.methods:
                before = Event.append_only.filter(kind="access.refused").count()
                getattr(browser, method.lower())(address.path, headers=MOVING_PART)
                if Event.append_only.filter(kind="access.refused").count() != before + 1:
                    silent.append((address.name, method))
    assert silent == []


PUBLIC = {
    "accounts:csrf_failure", "accounts:forgotten", "accounts:forgotten_sent", "accounts:invitation", "accounts:invitation_code",
    "accounts:invitation_link", "accounts:invitation_picture", "accounts:invitation_send", "accounts:kept_form", "accounts:reset",
    "accounts:reset_link", "accounts:send_again", "accounts:sign_in", "accounts:sign_in_code", "accounts:sign_out",
    "accounts:stop_viewing", "config:live", "config:ready", "messaging:simulator", "messaging:simulator_mail", "messaging:simulator_answer", "network:simulator", "shell:set_language",
    # by the token of a mail, for its recipient and one ticket (E10 to E15)
    "tickets:by_link", "tickets:by_link_entries", "tickets:by_link_feedback", "tickets:by_link_file", "tickets:confirm_address", "tickets:link",
}  # fmt: skip


def test_a18_pages_open_to_strangers_are_these_and_no_other():
    assert {address.name for address in addresses() if address.mark.section is None} - PUBLIC == set()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["olga", None])
def test_c08_no_folder_of_files_is_public(signed_in, name):
    kept = (
        "files/a.pdf",
        "usage/rejects/a.csv",
        "drop/a.csv",
        "secrets/SECRET_KEY",
        "sportello.sqlite3",
        "demo-logins.json",
    )
    folder = settings.SPORTELLO["DATA_FOLDER"]
    for each in kept:
        (folder / each).parent.mkdir(parents=True, exist_ok=True)
        (folder / each).write_text("kept")
    browser = signed_in(name) if name else Client()
    browser.raise_request_exception = False
    roots = (
        "/",
        "/files/",
        "/media/",
        "/static/",
        "/static/../",
        "/static/%2e%2e/",
        "/static/..%2f",
        "/var/",
        f"/static/{folder}/",
    )
    tried = {root + each: browser.get(root + each).status_code for root in roots for each in kept}
    assert {path: status for path, status in tried.items() if status != 404} == {}
    assert settings.MEDIA_URL in ("", "/")


@pytest.mark.django_db
def test_c04_address_of_an_export_gives_each_reader_their_own_and_strangers_nothing(world, signed_in):
    def taken(name):
        answer = signed_in(name).get("/people/?export=csv")
        return answer.status_code, b"".join(answer).decode("utf-8-sig") if answer.status_code == 200 else ""

    ada, cy, pia = taken("ada"), taken("cy"), taken("pia")
    assert [(status, "Ada" in text, "Cy" in text) for status, text in (ada, cy, pia)] == [
        (200, True, False), (200, False, True), (200, True, False),
    ]  # fmt: skip
    assert taken("bo") == (403, "")
    stranger = Client().get("/people/?export=csv")
    assert (stranger.status_code, stranger["Location"]) == (302, "/sign-in/?next=%2Fpeople%2F%3Fexport%3Dcsv")
    made = list(Event.append_only.filter(kind="export.made").order_by("id").values_list("person_id", flat=True))
    assert made == [world.memberships[name].person_id for name in ("ada", "cy", "pia")]
