"""Sessions: their ends, their list, which profile is acted as, what was typed too late (ABUSE B01, B02, B03, B08, C12)."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from sportello.accounts import kept_forms, queries, sessions
from sportello.accounts.models import KeptForm, Membership, Session
from sportello.accounts.tests.conftest import Browser
from sportello.kernel.access import Profile
from sportello.kernel.models import Event
from sportello.kernel.testing.arranging import arrange
from sportello.kernel.testing.cast import PASSWORD

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def is_in(browser: Client) -> bool:
    return browser.get("/account/sessions/").status_code == 200


def second_profile(world) -> Membership:
    with arrange():
        return Membership.objects.create(
            person=world.memberships["ada"].person, organisation=world.b, profile=Profile.EBILL_REFERENT
        )


def test_b01_after_signing_out_the_next_request_is_a_strangers(world, outbox, signed_in):
    one = signed_in("ada")
    value = one.cookies[settings.SESSION_COOKIE_NAME].value
    assert is_in(one)
    assert one.post("/sign-out/").headers["Location"] == "/sign-in/"
    assert one.cookies[settings.SESSION_COOKIE_NAME].value == ""
    copy = Client()
    copy.cookies[settings.SESSION_COOKIE_NAME] = value
    assert is_in(copy) is False
    assert Event.append_only.get(kind="session.ended").payload == {"how": "sign_out", "number": 1}
    assert one.post("/sign-out/").status_code == 302
    assert one.get("/sign-out/").status_code == 405


@pytest.mark.parametrize("what", ["person deactivated", "role removed", "customer closed", "session ended"])
def test_b01_the_next_request_after_a_loss_is_refused(world, signed_in, what):
    one = signed_in("ada")
    held = world.memberships["ada"]
    with arrange():
        if what == "person deactivated":
            held.person.deactivated_at = timezone.now()
            held.person.save()
        if what == "role removed":
            held.ended_at = timezone.now()
            held.save()
        if what == "customer closed":
            world.a.state = "closed"
            world.a.save()
    if what == "session ended":
        Session.objects.update(ended_at=timezone.now())
    for answer in (one.get("/account/"), one.post("/account/", {"given_name": "X"})):
        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, "/sign-in/")


def test_b01_a_removed_profile_leaves_the_others_only(world, signed_in):
    other = second_profile(world)
    one = signed_in("ada")
    with arrange():
        held = world.memberships["ada"]
        held.ended_at = timezone.now()
        held.save()
    page = one.get("/account/")
    assert page.context["actor"].membership_id == other.pk
    stale = one.post("/account/sessions/end-others/", {"_acting": held.pk})
    assert stale.status_code == 409


@pytest.mark.parametrize(
    ("started", "seen", "alive"),
    [
        (MINUTE, 29 * MINUTE, True),
        (2 * HOUR, 30 * MINUTE, False),
        (12 * HOUR - MINUTE, MINUTE, True),
        (12 * HOUR, MINUTE, False),
    ],
)
def test_b02_a_session_ends_idle_and_absolutely(world, signed_in, started, seen, alive):
    one = signed_in("ada")
    now = timezone.now()
    Session.objects.update(started_at=now - started, last_seen_at=now - seen)
    assert is_in(one) is alive


def test_being_seen_is_kept_to_the_minute(world, signed_in):
    one = signed_in("ada")
    long_ago = timezone.now() - 10 * MINUTE
    Session.objects.update(last_seen_at=long_ago)
    is_in(one)
    seen = Session.objects.get().last_seen_at
    assert seen > long_ago
    is_in(one)
    assert Session.objects.get().last_seen_at == seen


def idle(browser: Client) -> None:
    Session.objects.update(last_seen_at=timezone.now() - HOUR)


def test_b02_what_was_typed_too_late_is_kept_and_offered(world, outbox, signed_in):
    one = Browser()
    one.cookies[settings.SESSION_COOKIE_NAME] = signed_in("ada").cookies[settings.SESSION_COOKIE_NAME].value
    idle(one)
    typed = {
        "given_name": "Adele",
        "family_name": "Prova",
        "language": "en",
        "time_zone": "Europe/Rome",
        "password": "never",
    }
    assert one.post("/account/?from=here", typed).headers["Location"] == "/sign-in/"
    one.first()
    assert one.second(outbox.codes()[0]).headers["Location"] == "/sign-in/kept/"
    page = one.get("/sign-in/kept/").content.decode()
    assert 'action="/account/?from=here"' in page
    assert 'name="given_name" value="Adele"' in page
    assert "never" not in page
    assert one.post("/sign-in/kept/").headers["Location"] == "/"
    assert KeptForm.objects.count() == 0
    assert one.get("/sign-in/kept/").headers["Location"] == "/"


def test_b02_what_is_kept_lies_encrypted(world, signed_in):
    one = signed_in("ada")
    idle(one)
    one.post("/account/", {"given_name": "Adele"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT fields FROM accounts_keptform")
        assert "Adele" not in cursor.fetchone()[0]


def test_b02_what_was_kept_is_for_its_person_alone(world, outbox, signed_in):
    one = Browser()
    one.cookies[settings.SESSION_COOKIE_NAME] = signed_in("ada").cookies[settings.SESSION_COOKIE_NAME].value
    idle(one)
    one.post("/account/", {"given_name": "Adele"})
    one.first("cy")
    assert one.second(outbox.codes()[0]).headers["Location"] == "/sign-in/kept/"
    assert one.get("/sign-in/kept/").headers["Location"] == "/"


@pytest.mark.parametrize("case", ["stranger", "signed out", "nothing typed", "too much", "deactivated"])
def test_b02_nothing_is_kept_of(world, signed_in, case):
    one = Client() if case == "stranger" else signed_in("ada")
    idle(one)
    if case == "signed out":
        Session.objects.update(ended_at=timezone.now())
    if case == "deactivated":
        with arrange():
            person = world.memberships["ada"].person
            person.deactivated_at = timezone.now()
            person.save()
    typed = {"nothing typed": {}, "too much": {"text": "x" * (kept_forms.LARGEST + 1)}}.get(case, {"given_name": "A"})
    one.post("/account/", typed)
    assert KeptForm.objects.count() == 0


def test_b02_a_form_without_its_token_is_not_kept(world, signed_in):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in("ada").cookies
    idle(strict)
    assert strict.post("/account/", {"given_name": "A"}).status_code == 403
    assert KeptForm.objects.count() == 0


def test_sessions_are_listed_and_ended(world, signed_in):
    one, two, three = (signed_in("ada") for _each in range(3))
    other = signed_in("cy")
    ids = list(
        Session.objects.filter(person=world.memberships["ada"].person).order_by("pk").values_list("pk", flat=True)
    )
    page = one.get("/account/sessions/")
    assert sorted(row["row"].pk for row in page.context["rows"]) == ids
    assert [row["row"].pk for row in page.context["rows"] if row["here"]] == [ids[0]]
    assert other.post(f"/account/sessions/{ids[1]}/end/").status_code == 404
    assert one.post(f"/account/sessions/{ids[1]}/end/").status_code == 302
    assert one.post(f"/account/sessions/{ids[1]}/end/").status_code == 404
    assert (is_in(one), is_in(two), is_in(three)) == (True, False, True)
    assert one.post("/account/sessions/end-others/").status_code == 302
    assert (is_in(one), is_in(three), is_in(other)) == (True, False, True)


@pytest.mark.parametrize("sessions_there", [1, 3])
def test_the_list_of_sessions_takes_the_same_queries_for_one_and_three(
    world, signed_in, sessions_there, django_assert_num_queries
):
    browsers = [signed_in("ada") for _each in range(sessions_there)]
    browsers[0].get("/account/sessions/")
    with django_assert_num_queries(4):
        browsers[0].get("/account/sessions/")


def test_c12_choosing_a_profile_and_the_other_tabs_forms(world, signed_in):
    other = second_profile(world)
    one = signed_in("ada")
    mine = world.memberships["ada"].pk
    page = one.get("/act-as/")
    assert [row.pk for row in page.context["rows"]] == [mine, other.pk]
    assert f'name="_acting" value="{mine}"' in one.get("/account/").content.decode()
    assert one.post("/act-as/", {"membership": other.pk}).status_code == 302
    assert one.get("/account/").context["actor"].membership_id == other.pk
    event = Event.append_only.get(kind="membership.chosen")
    assert (event.organisation_id, event.payload) == (
        world.b.pk,
        {"membership_id": other.pk, "profile": "ebill_referent"},
    )
    before = world.memberships["ada"].person.given_name
    values = {"given_name": "X", "family_name": "P", "language": "en", "time_zone": "Europe/Rome"}
    stale = one.post("/account/", values | {"_acting": mine})
    assert stale.status_code == 409
    assert b"switched in another tab" in stale.content
    by_header = one.post("/account/", values, headers={"X-Acting": str(mine)})
    assert by_header.status_code == 409
    row = world.memberships["ada"].person
    row.refresh_from_db(from_queryset=type(row).objects.across_tenants(reason="a test looks"))
    assert row.given_name == before
    assert one.post("/account/", values | {"_acting": other.pk}).status_code == 302
    assert one.post("/act-as/", {"membership": mine, "_acting": mine}).status_code == 302


def test_c12_a_form_that_does_not_say_as_whom_changes_nothing(world, signed_in):
    one = Client()
    one.cookies = signed_in("ada").cookies
    values = {"given_name": "X", "family_name": "P", "language": "en", "time_zone": "Europe/Rome"}
    for each in (values, values | {"_acting": ""}):
        answer = one.post("/account/", each)
        assert (answer.status_code, b"Nothing was changed" in answer.content) == (409, True)
    assert [row.payload["refusal"] for row in Event.append_only.filter(kind="access.refused")] == [
        "FormSaysNotAsWhom"
    ] * 2
    assert Event.append_only.filter(kind="profile.changed").count() == 0
    said = {"_acting": world.memberships["ada"].pk}
    assert one.post("/account/", values | said).status_code == 302


def test_c12_a_page_opened_before_viewing_as_another_cannot_send_its_form(world, signed_in):
    own, bo = world.memberships["olga"].pk, world.memberships["bo"]
    one = signed_in("olga")
    one.post(f"/people/{bo.person_id}/view-as/{bo.pk}/", {"reason": "ticket 4711"})
    assert one.post(f"/people/{bo.person_id}/deactivate/", {"_acting": own}).status_code == 409
    assert one.post("/viewing/stop/", {"_acting": own}).status_code == 302


@pytest.mark.parametrize("asked", ["", "0", "x", "-1", "²", "99999999999999999999"])
def test_nobody_acts_as_a_profile_they_do_not_hold(world, signed_in, asked):
    one = signed_in("ada")
    assert one.post("/act-as/", {"membership": asked}).status_code == 404
    assert one.post("/act-as/", {"membership": world.memberships["cy"].pk}).status_code == 404
    assert one.get("/account/").context["actor"].membership_id == world.memberships["ada"].pk


def test_who_holds_several_profiles_is_asked_the_first_time_and_goes_on_as_the_last(world, outbox):
    other = second_profile(world)
    one = Browser()
    one.first()
    assert one.second(outbox.codes()[0]).headers["Location"] == "/act-as/"
    one.post("/act-as/", {"membership": other.pk})
    one.get("/account/")
    assert queries.first_membership(world.memberships["ada"].person_id) == other


def test_signing_in_again_replaces_the_session_of_the_same_browser(world, outbox, signed_in):
    one = Browser()
    one.first()
    one.cookies[settings.SESSION_COOKIE_NAME] = signed_in("ada").cookies[settings.SESSION_COOKIE_NAME].value
    assert one.second(outbox.codes()[0]).status_code == 302
    assert [row.ended_at is None for row in Session.objects.order_by("pk")] == [False, True]


def test_pages_come_in_the_persons_language_and_the_browsers_choice_goes_first(world, signed_in):
    with arrange():
        person = world.memberships["ada"].person
        person.language = "es"
        person.save()
    one = signed_in("ada")
    assert one.get("/account/", headers={"Accept-Language": "it"}).headers["Content-Language"] == "es"
    one.cookies["language"] = "it"
    assert one.get("/account/").headers["Content-Language"] == "it"


PRODUCTION = """
import django
django.setup()
from django.conf import settings
from django.http import HttpResponse
from sportello.accounts import sessions
from sportello.accounts.web import door
answer = HttpResponse()
sessions.set_cookie(answer, "x")
door.set_device(answer, "y")
door.set_signed(answer, door.FIRST_STEP, {})
for cookie in answer.cookies.values():
    print(cookie.OutputString())
print(settings.CSRF_COOKIE_NAME, settings.CSRF_COOKIE_SECURE, settings.CSRF_COOKIE_HTTPONLY, settings.CSRF_COOKIE_SAMESITE)
"""


def test_b08_cookies_of_an_installation_are_bound_to_host_https_and_site(tmp_path):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "sportello.config.settings",
        "SPORTELLO_MODE": "production",
        "SPORTELLO_DATA_FOLDER": str(tmp_path),
        "SPORTELLO_PUBLIC_URL": "https://portal.example",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    done = subprocess.run(
        [sys.executable, "-c", PRODUCTION], env=environment, capture_output=True, text=True, check=True
    )
    *cookies, csrf = done.stdout.strip().splitlines()
    assert len(cookies) == 3
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        parts = {part.strip().partition("=")[0] for part in cookie.split(";")[1:]}
        assert {"HttpOnly", "Secure", "Path", "SameSite"} <= parts
        assert "Domain" not in parts
    assert csrf == "__Host-csrf True True Lax"


def test_open_session_keeps_no_cookie_value(world):
    with arrange():
        row, value = sessions.open_session(
            person=world.memberships["ada"].person, membership=None, now=timezone.now(), address="", browser="x" * 500
        )
    assert value not in str(vars(row))
    assert len(row.browser) == 200


def test_a_cookie_of_nobody_is_a_stranger(db):
    one = Client()
    one.cookies[settings.SESSION_COOKIE_NAME] = "guessed"
    assert one.get("/account/").status_code == 302
    assert PASSWORD not in one.get("/sign-in/").content.decode()
