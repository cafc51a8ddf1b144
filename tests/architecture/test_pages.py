"""Every address of the portal: declared, in the matrix, closed to strangers, to other tenants and to profiles that it is not for."""

import re
from dataclasses import dataclass
from functools import cache

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from sportello.kernel.access import MATRIX, Access, Profile, Section
from sportello.kernel.web import PageMark
from tests.architecture.test_code import SOURCE

SAMPLE = {
    "int": "999999999",
    "str": "nothing-of-that-name",
    "slug": "nothing",
    "uuid": "00000000-0000-0000-0000-000000000000",
    "path": "x",
}


MOVING_PART = {"HX-Request": "true"}
"""Asks as a page's own script does: who is refused gets the sentence without the frame around it, and thousands of addresses are walked sooner."""


@dataclass(frozen=True)
class Address:
    name: str
    path: str
    mark: PageMark | None

    @property
    def names_an_object(self) -> bool:
        return "999999999" in self.path or SAMPLE["uuid"] in self.path


@cache
def addresses() -> tuple[Address, ...]:
    found = []

    def walk(patterns, prefix: str, space: str) -> None:
        for one in patterns:
            route = prefix + re.sub(r"<(?:(\w+):)?\w+>", lambda match: SAMPLE[match[1] or "str"], str(one.pattern))
            if isinstance(one, URLResolver):
                walk(one.url_patterns, route, f"{one.namespace}:" if one.namespace else space)
            elif isinstance(one, URLPattern):
                found.append(Address(f"{space}{one.name}", f"/{route}", getattr(one.callback, "sportello_page", None)))

    walk(get_resolver().url_patterns, "", "")
    return tuple(found)


def pages() -> list[Address]:
    return [address for address in addresses() if address.mark and address.mark.section]


def test_no_view_is_bare():
    assert [address.name for address in addresses() if address.mark is None] == []


def test_every_address_has_a_name_of_its_own():
    """Two addresses of one name are two forms of one page, told apart by their arguments."""
    assert len({(address.name, address.path) for address in addresses()}) == len(addresses())
    views = {}
    for address in addresses():
        views.setdefault(address.name, set()).add(address.mark)
    assert [name for name, marks in views.items() if len(marks) > 1] == []


@pytest.mark.django_db
def test_strangers_are_led_to_the_sign_in_page():
    browser, wrong = Client(), []
    for address in pages():
        answer = browser.get(address.path)
        if "GET" in address.mark.methods and not (
            answer.status_code == 302 and answer["Location"].startswith("/sign-in/")
        ):
            wrong.append((address.name, answer.status_code))
        if "POST" in address.mark.methods:
            answer = browser.post(address.path)
            if answer.status_code != 302:
                wrong.append((address.name, "POST", answer.status_code))
    assert wrong == []


@pytest.mark.django_db
def test_d01_d08_closed_sections_answer_403(world, signed_in):
    """Each profile on each page: what the matrix closes is 403 even when the address is typed by hand."""
    from sportello.kernel.testing import arrange
    from sportello.kernel.testing.cast import new_member

    wrong, checked = [], 0
    for profile in Profile:
        with arrange():
            world.memberships[profile.value] = new_member(world.a, f"p-{profile}", profile)
        browser = signed_in(profile.value)
        for address in pages():
            if MATRIX[profile].get(address.mark.section, Access.NONE) is Access.NONE:
                method = "get" if "GET" in address.mark.methods else "post"
                status = getattr(browser, method)(address.path, headers=MOVING_PART).status_code
                checked += 1
                if status != 403:
                    wrong.append((profile.value, address.name, status))
    assert wrong == []
    assert checked > len(Profile) * 5


@pytest.mark.django_db
def test_c01_what_is_not_there_is_404(signed_in):
    browser, wrong = signed_in("olga"), []
    for address in pages():
        if address.names_an_object:
            for method in address.mark.methods:
                status = getattr(browser, method.lower())(address.path, headers=MOVING_PART).status_code
                if status != 404:
                    wrong.append((address.name, method, status))
    assert wrong == []


@pytest.mark.django_db
def test_d07_other_methods_are_405(signed_in):
    browser, wrong = signed_in("olga"), []
    for address in pages():
        for method in ("put", "delete", "patch"):
            status = getattr(browser, method)(address.path, headers=MOVING_PART).status_code
            if status != 405:
                wrong.append((address.name, method, status))
        if "POST" not in address.mark.methods:
            status = browser.post(address.path, headers=MOVING_PART | {"X-HTTP-Method-Override": "GET"}).status_code
            if status != 405:
                wrong.append((address.name, "post", status))
    assert wrong == []


SAYS_NOT_AS_WHOM = {
    # any tab may send these: choosing whom to act as, ceasing to view as another, leaving, the language
    "shell/language_menu.html", "shell/acting_menu.html", "shell/person_menu.html", "shell/view_as.html", "accounts/act_as.html",
    # nobody is signed in yet
    "accounts/sign_in.html", "accounts/sign_in_code.html", "accounts/send_again.html", "accounts/forgotten.html", "accounts/reset.html",
    "accounts/invitation.html", "accounts/invitation_code.html",
    # the demo's mailbox, where a mail is answered as its reader, whoever is signed in
    "messaging/simulator_answer.html",
    # samples that are sent nowhere
    "ui/components.html",
}  # fmt: skip


def test_c12_every_form_says_as_which_membership_its_page_was_opened():
    silent = []
    for path in sorted(SOURCE.glob("**/templates/**/*.html")):
        name = "/".join(path.parts[path.parts.index("templates") + 1 :])
        forms = re.findall(r'<form[^>]*method="post".*?</form>', path.read_text(), re.DOTALL)
        ways_out = ("accounts:sign_out", "accounts:act_as", "accounts:stop_viewing", "shell:set_language")
        bare = [form for form in forms if "acting_field" not in form and not any(way in form for way in ways_out)]
        silent += [name] * bool(bare and name not in SAYS_NOT_AS_WHOM)
    assert silent == []


def test_every_section_of_the_source_has_its_row():
    """The table of the source `000_…`, cell by cell: what each customer profile may use, and how far."""
    full, own, none = Access.FULL, Access.OWN, Access.NONE
    source = {
        Section.ADMINISTRATION: (full, none, {}),
        Section.TRAFFIC_BILLING: (full, own, {Profile.EBILL_REFERENT: full}),
        Section.ORDER_TRACKING: (full, none, {}),
        Section.CHANGES: (full, none, {}),
        Section.ASSISTANCE: (full, own, dict.fromkeys(
            (Profile.EBILL_REFERENT, Profile.DUAL_BILLING_REFERENT, Profile.TRAFFIC_MANAGER, Profile.FLEET_CONTACT), full)),
        Section.ADVANCED_VPN: (full, none, {}),
        Section.DUAL_BILLING: (full, none, {Profile.DUAL_BILLING_REFERENT: full}),
        Section.THRESHOLDS: (full, own, {Profile.TRAFFIC_MANAGER: full}),
    }  # fmt: skip
    referents = (Profile.EBILL_REFERENT, Profile.DUAL_BILLING_REFERENT, Profile.TRAFFIC_MANAGER, Profile.FLEET_CONTACT)
    for section, (administrator, employee, specific) in source.items():
        cells = {
            profile: MATRIX[profile].get(section, none)
            for profile in (Profile.ADMINISTRATOR, Profile.EMPLOYEE, *referents)
        }
        assert cells == {
            Profile.ADMINISTRATOR: administrator,
            Profile.EMPLOYEE: employee,
            **{profile: specific.get(profile, none) for profile in referents},
        }, section
