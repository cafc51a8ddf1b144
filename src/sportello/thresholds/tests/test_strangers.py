"""Addresses that name an object of thresholds, asked by another customer and by an employee for one that is there (ABUSE C01, D02)."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sportello.kernel.actor import system_actor
from sportello.thresholds import handlers, operations
from sportello.thresholds.models import Bar, BulkChange, Consent, Enrolment, LineProfile, ProfileTerm, Threshold
from sportello.thresholds.states import BulkWhat
from sportello.thresholds.tests.factories import NOVEMBER, NOW, a_line, count, terms

pytestmark = pytest.mark.django_db
SYSTEM = system_actor(reason="a test looks")
ROOT = "/thresholds/"


@pytest.fixture
def there(world, ada, signed_in):
    """The addresses of things of customer A, each with the method that it takes."""
    line = a_line(world.a, person=world.memberships["bo"].person)
    profile = operations.make_profile(actor=ada, organisation=world.a, name="Executives", default=False, now=NOW)
    term = operations.add_term(actor=ada, profile=profile, terms=terms("10", kind="enforcing"), now=NOW)
    operations.enrol_lines(actor=ada, lines=[line], profile=profile, now=NOW)
    count(line, "12")
    handlers.counters_changed(load_id=1, line_ids=[line.pk], months=[NOVEMBER], now=NOW)
    bar = Bar.objects.for_(SYSTEM).get()
    change = operations.choose_many(actor=ada, what=BulkWhat.SET, ids=[line.pk], now=NOW)
    content = io.BytesIO(f"number,traffic,limit,unit\n{line.number},voice,5,eur\n".encode())
    upload = signed_in("ada").post(f"{ROOT}import/", {"file": SimpleUploadedFile("t.csv", content.getvalue())})
    return {
        "bulk": (f"{ROOT}bulk/{change.token}/", ("GET", "POST")),
        "lift": (f"{ROOT}bars/{bar.pk}/lift/", ("POST",)),
        "ask_again": (f"{ROOT}bars/{bar.pk}/again/", ("POST",)),
        "consent": (f"{ROOT}bars/{bar.pk}/consent/", ("GET", "POST")),
        "profile": (f"{ROOT}profiles/{profile.pk}/", ("GET", "POST")),
        "set_default": (f"{ROOT}profiles/{profile.pk}/default/", ("POST",)),
        "end_profile": (f"{ROOT}profiles/{profile.pk}/end/", ("POST",)),
        "remove_term": (f"{ROOT}profiles/terms/{term.pk}/remove/", ("POST",)),
        "import": (upload["Location"], ("GET", "POST")),
    }


def standing():
    models = (Threshold, Bar, BulkChange, Consent, Enrolment, LineProfile, ProfileTerm)
    return [list(model.objects.for_(SYSTEM).order_by("pk").values()) for model in models]


def test_c01_another_customers_administrator_finds_nothing_and_changes_nothing(there, signed_in):
    browser, before = signed_in("cy"), standing()
    answers = {
        (name, method): getattr(browser, method.lower())(address).status_code
        for name, (address, methods) in there.items()
        for method in methods
    }
    assert ({key: status for key, status in answers.items() if status != 404}, standing()) == ({}, before)


def test_d02_employee_manages_nothing(there, signed_in):
    browser, before = signed_in("bo"), standing()
    answers = {
        name: {getattr(browser, method.lower())(address).status_code for method in methods}
        for name, (address, methods) in there.items()
    }
    assert {name: found for name, found in answers.items() if not found <= {403, 404, 409}} == {}
    assert standing() == before
    pages = ("bars/", "above/", "likely/", "lines/", "profiles/", "bill-periods/", "import/")
    assert [browser.get(ROOT + page).status_code for page in pages] == [403] * len(pages)
