"""Hostile files at the page of an import (ABUSE C04, F01, F02)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from sportello.accounts.models import Membership, Person
from sportello.kernel.access import Profile
from sportello.kernel.models import Event, Upload
from sportello.kernel.testing import arrange
from sportello.kernel.testing.cast import new_member

IMPORT = "/people/import/"
ROWS = b"customer_code,person_code,given_name,family_name\nA,77,Elio,Verdi\n"


def hand_in(browser: Client, name: str, content: bytes = ROWS, kind: str = "text/csv"):
    return browser.post(IMPORT, {"file": SimpleUploadedFile(name, content, kind)})


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("/etc/cron.d/evil.csv", "evil.csv"),
        ("C:\\Windows\\evil.csv", "evil.csv"),
        ("CON.csv", "CON.csv"),
        ("people.exe:hidden.csv", "people.exe:hidden.csv"),
        ("invoice\u202evsc.csv", "invoicevsc.csv"),
        ("<img src=x onerror=alert(1)>.csv", "<img src=x onerror=alert(1)>.csv"),
    ],
)
def test_f01_name_of_a_file_is_words_and_never_a_place(signed_in, tmp_path, name, kept):
    before = sorted(tmp_path.rglob("*"))
    browser = signed_in("ada")
    answer = hand_in(browser, name)
    row = Upload.objects.get()
    assert (answer.status_code, answer.url, row.name) == (302, f"{IMPORT}{row.token}/", kept)
    assert name not in row.token
    assert len(row.token) >= 22  # 128 bits
    assert "<img src=x" not in browser.get(answer.url).content.decode()
    assert sorted(tmp_path.rglob("*")) == before


def test_f01_name_of_four_thousand_signs_is_cut(signed_in):
    assert hand_in(signed_in("ada"), "a" * 4096 + ".csv").status_code == 302
    assert len(Upload.objects.get().name) <= 200


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("program", b"\x7fELF\x02\x01\x01\x00", "text/csv"),
        ("page.html", b"<html><script>alert(1)</script></html>", "text/html"),
        ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml"),
        ("paper.pdf", b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>", "application/pdf"),
    ],
)
def test_f02_page_picture_or_paper_is_refused_and_never_handed_out(signed_in, name, content, kind):
    answer = hand_in(signed_in("ada"), name, content, kind)
    assert (answer.status_code, answer["Content-Type"]) == (422, "text/html; charset=utf-8")
    assert b"alert(1)" not in answer.content
    assert Upload.objects.count() == 0


def test_f02_what_is_handed_out_is_an_attachment_that_no_browser_opens(signed_in):
    browser = signed_in("ada")
    wrong = hand_in(
        browser, "a.csv", b"customer_code,person_code,given_name,family_name\nA,<script>alert(1)</script>,,=1+1\n"
    ).url
    for address in (f"{wrong}?wrong=1", f"{IMPORT}?example=1", "/people/?export=csv", "/people/?export=xlsx"):
        answer = browser.get(address)
        assert answer["Content-Disposition"].startswith("attachment; filename="), address
        assert answer["X-Content-Type-Options"] == "nosniff", address
        assert "script-src 'self'" in answer["Content-Security-Policy"], address
        assert "no-store" in answer["Cache-Control"], address
        assert b"".join(answer)


def test_c04_preview_belongs_to_one_person_as_one_profile_for_one_hour(world, signed_in):
    """Another administrator of the same customer, the operator, the partner, another customer and strangers get nothing of it."""
    with arrange():
        world.memberships["eva"] = new_member(world.a, "Eva", Profile.ADMINISTRATOR)
    address = hand_in(signed_in("ada"), "people.csv").url
    before = Person.objects.for_(world.actor("olga")).count(), Membership.objects.for_(world.actor("olga")).count()
    seen = Upload.objects.get().digest
    for name in ("eva", "olga", "pia", "cy"):
        browser = signed_in(name)
        refused = Event.append_only.filter(kind="access.refused").count()
        answers = [browser.get(address), browser.get(f"{address}?wrong=1"), browser.post(address, {"seen": seen})]
        assert [answer.status_code for answer in answers] == [404, 404, 404], name
        assert Event.append_only.filter(kind="access.refused").count() == refused + 3
    assert Client().get(address).status_code == 302
    assert signed_in("bo").get(address).status_code == 403
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert signed_in("ada").get(address)["Location"] == IMPORT
    assert signed_in("eva").get(address).status_code == 404
    after = Person.objects.for_(world.actor("olga")).count(), Membership.objects.for_(world.actor("olga")).count()
    assert after == before
