"""Through the door as every profile of the demo: the code of the phone, the landing page, and nothing but what the matrix opens."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from sportello.config.demo_base.cast import CAST
from sportello.kernel.access import MATRIX, REACH, Access, Profile, Reach, Section
from tests.journeys.conftest import Arrive, Visitor

DOORS = {
    Section.ADMINISTRATION: ("/inventory/", "/people/", "/audit/"),
    Section.TRAFFIC_BILLING: ("/traffic/",),
    Section.ORDER_TRACKING: ("/orders/",),
    Section.CHANGES: ("/orders/new/",),
    Section.THRESHOLDS: ("/thresholds/",),
    Section.DUAL_BILLING: ("/dual-billing/",),
    Section.TICKETS: ("/tickets/",),
    Section.ASSISTANCE: (),
    Section.OPERATIONS: ("/messages/", "/traffic/files/", "/operations/jobs/"),
}
"""The sections that have pages, each with addresses that anybody can type."""


def groups_shown(visitor: Visitor) -> set[str]:
    return {title.strip() for title in visitor.page.locator(".side-title").all_inner_texts()}


@pytest.mark.parametrize("login", CAST, ids=lambda login: login.username)
def test_each_profile_signs_in_sees_what_the_matrix_opens_and_signs_out(visitor: Visitor, login) -> None:
    visitor.sign_in(login.username)
    profile = login.profiles[0][1]
    if len(login.profiles) > 1:
        visitor.goto("/act-as/")
        visitor.act_as(profile)
    assert visitor.where == "/"
    expect(visitor.page.get_by_role("heading", level=1)).to_contain_text(login.given_name)

    opened = {section for section in DOORS if MATRIX[profile].get(section, Access.NONE) is not Access.NONE}
    if REACH[profile] not in {Reach.CUSTOMER, Reach.OWN}:
        opened -= {Section.ASSISTANCE}  # who answers requests works on them as tickets
    assert groups_shown(visitor) == {str(section.label) for section in opened}
    statuses = {path: visitor.status(path) for paths in DOORS.values() for path in paths}
    assert statuses == {path: 200 if section in opened else 403 for section, paths in DOORS.items() for path in paths}

    visitor.page.locator("summary", has_text="Your menu").click()
    visitor.press("Sign out")
    assert visitor.where == "/sign-in/"
    visitor.goto("/account/")
    assert visitor.where == "/sign-in/"


def test_every_profile_has_a_login(portal) -> None:
    assert {profile for login in CAST for _home, profile in login.profiles} == set(Profile)
    assert set(portal.logins) == {login.username for login in CAST}


def test_a_wrong_password_and_a_wrong_code_say_so_and_lose_nothing(visitor: Visitor) -> None:
    login = visitor.portal.logins["bo.employee"]
    visitor.goto("/sign-in/")
    visitor.page.get_by_label("Username").fill("bo.employee")
    visitor.page.get_by_label("Password", exact=True).fill("not the password")
    visitor.press("Continue")
    expect(visitor.page.get_by_role("alert").first).to_contain_text("Username or password is not right")
    expect(visitor.page.get_by_label("Username")).to_have_value("bo.employee")

    visitor.page.get_by_label("Password", exact=True).fill(login["password"])
    visitor.press("Continue")
    code = visitor.code(login["name"])
    visitor.page.get_by_label("Code").fill(f"{(int(code) + 1) % 1_000_000:06}")
    visitor.press("Sign in")
    assert visitor.where == "/sign-in/code/"
    expect(visitor.page.get_by_label("Code")).to_have_attribute("aria-invalid", "true")
    visitor.page.get_by_label("Code").fill(code)
    visitor.press("Sign in")
    assert visitor.where == "/"


def test_a_new_code_kills_the_former_one(visitor: Visitor) -> None:
    visitor.goto("/sign-in/?as=bo.employee")
    visitor.press("Continue")
    former = visitor.code("Bo Bruno")
    visitor.press("Send")
    newer = visitor.code("Bo Bruno", other_than=former)
    visitor.page.get_by_label("Code").fill(former)
    visitor.press("Sign in")
    assert visitor.where == "/sign-in/code/"
    visitor.page.get_by_label("Code").fill(newer)
    visitor.press("Sign in")
    assert visitor.where == "/"


def test_with_the_keyboard_alone(visitor: Visitor) -> None:
    login, keys = visitor.portal.logins["bo.employee"], visitor.page.keyboard
    visitor.goto("/sign-in/")
    keys.type("bo.employee")
    keys.press("Tab")
    keys.type(login["password"])
    keys.press("Enter")
    visitor.page.wait_for_url("**/sign-in/code/**")
    keys.type(visitor.code(login["name"]))
    keys.press("Enter")
    visitor.page.wait_for_url(f"{visitor.portal.address}/")
    keys.press("Tab")
    keys.press("Enter")  # the first stop leads past the navigation
    assert visitor.page.evaluate("document.activeElement.id") == "content"
    keys.press("Shift+Tab")
    expect(visitor.page.locator(":focus")).to_be_visible()


def test_a_page_asked_for_before_signing_in_is_where_it_leads(visitor: Visitor) -> None:
    visitor.goto("/thresholds/?status=active")
    assert visitor.where == "/sign-in/"
    visitor.page.locator('.demo-list a[href*="as=ada.administrator"]').click()
    visitor.press("Continue")
    visitor.page.get_by_label("Code").fill(visitor.code("Ada Amato"))
    visitor.press("Sign in")
    assert visitor.page.url.endswith("/thresholds/?status=active")


def test_an_ended_session_is_out_at_once(arrive: Arrive) -> None:
    here, there = arrive(), arrive()
    here.sign_in("flora.fleet")
    there.sign_in("flora.fleet")
    here.goto("/account/sessions/")
    here.press("End all others")
    there.page.goto(f"{there.portal.address}/account/")
    assert there.where == "/sign-in/"
    here.goto("/account/")
    assert here.where == "/account/"


def test_choosing_another_profile_changes_what_is_open(visitor: Visitor) -> None:
    visitor.sign_in("zoe.both")
    visitor.goto("/act-as/")
    visitor.act_as(Profile.ADMINISTRATOR)
    assert "Administration" in groups_shown(visitor)
    visitor.page.locator("summary", has_text="Act as another profile").click()
    visitor.page.locator(".menu-body").get_by_role("button", name="E-bill referent").click()
    assert groups_shown(visitor) == {"Traffic and billing", "Technical assistance"}
    assert visitor.status("/inventory/") == 403
