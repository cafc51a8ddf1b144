"""Authenticator apps and recovery codes; operator staff cannot be without an app."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sportello.accounts import operations, queries
from sportello.accounts.models import RecoveryCode, Session, TotpDevice
from sportello.accounts.operations.totp import code_of
from sportello.accounts.tests.conftest import Browser
from sportello.accounts.types import Confirmed
from sportello.kernel.models import Event
from sportello.kernel.refusals import NotFound
from sportello.kernel.testing.cast import PASSWORD

NEW = "four words nobody guesses"


HOUR = timedelta(hours=1)


def now():
    return queries.database_now()


def unconfirmed() -> None:
    """Let the password have been given long ago in every session."""
    Session.objects.update(confirmed_at=now() - HOUR)


def add_app(browser, person_row, name="Phone"):
    browser.post("/account/authenticator/add/", {"name": name, "current_password": PASSWORD})
    device = TotpDevice.objects.get(person=person_row, confirmed_at=None)
    page = browser.post("/account/authenticator/scan/", {"code": code_of(device.secret, now=now())})
    return device, page


def test_an_authenticator_app_is_added_and_asked_from_then_on(world, outbox, signed_in, person):
    mine = TotpDevice.objects.filter(person=person("ada"))
    one = signed_in("ada")
    unconfirmed()
    assert b"No authenticator app yet" in one.get("/account/authenticator/").content
    assert one.get("/account/authenticator/scan/").headers["Location"] == "/account/authenticator/"
    assert one.get("/account/authenticator/picture.svg").status_code == 404
    refused = one.post("/account/authenticator/add/", {"name": "Phone", "current_password": "wrong"})
    assert refused.status_code == 422
    assert one.post("/account/authenticator/add/", {"name": "Phone", "current_password": PASSWORD}).status_code == 302
    device = mine.get()
    page = one.get("/account/authenticator/scan/").content.decode()
    assert device.secret in page
    assert 'src="/account/authenticator/picture.svg"' in page
    picture = one.get("/account/authenticator/picture.svg")
    assert (picture.headers["Content-Type"], picture.headers["X-Content-Type-Options"]) == ("image/svg+xml", "nosniff")
    assert one.post("/account/authenticator/scan/", {"code": "1"}).status_code == 422
    long_ago = code_of(device.secret, now=now() - HOUR)
    assert one.post("/account/authenticator/scan/", {"code": long_ago}).status_code == 422
    shown = one.post("/account/authenticator/scan/", {"code": code_of(device.secret, now=now())})
    codes = shown.context["codes"]
    assert (shown.status_code, len(set(codes))) == (200, 10)
    assert ("contact_changed", "ada@example.test") in outbox.told()
    again = Browser()
    again.first()
    assert outbox.codes() == []
    assert b"authenticator app" in again.get("/sign-in/code/").content
    TotpDevice.objects.update(last_step=0)
    assert again.second(code_of(device.secret, now=now()), way="app").status_code == 302
    assert again.is_in()


def test_the_address_in_the_picture_names_issuer_and_account(world, person):
    from sportello.accounts.operations.totp import address_of

    device = TotpDevice(person=person("ada"), name="x", secret="JBSWY3DP")
    assert address_of(device, person("ada")) == "otpauth://totp/Sportello%3Aada?secret=JBSWY3DP&issuer=Sportello"


def test_an_app_code_is_good_once_and_next_to_its_time_only(world, outbox, signed_in, person):
    device, _page = add_app(signed_in("ada"), person("ada"))
    one = Browser()
    one.first()
    TotpDevice.objects.update(last_step=0)
    far = code_of(device.secret, now=now() - timedelta(minutes=2))
    assert one.second(far, way="app").status_code == 422
    near = code_of(device.secret, now=now() - timedelta(seconds=30))
    assert one.second(near, way="app").status_code == 302
    two = Browser()
    two.first()
    replay = two.second(near, way="app")
    assert (replay.status_code, two.is_in()) == (422, False)
    assert Event.append_only.filter(kind="otp.replay").count() == 1


def test_a_wrong_app_code_counts_like_a_wrong_sms_code(world, outbox, signed_in, person):
    device, _page = add_app(signed_in("ada"), person("ada"))
    one = Browser()
    one.first()
    wrong = code_of(device.secret, now=now() - HOUR)
    assert [one.second(wrong, way="app").status_code for _each in range(10)] == [422] * 9 + [429]


def test_sms_stays_a_way_beside_the_app_for_customers(world, outbox, signed_in, person):
    add_app(signed_in("ada"), person("ada"))
    one = Browser()
    one.first()
    assert b"Ask for one below" in one.get("/sign-in/code/?way=sms").content
    assert one.post("/sign-in/code/send/").headers["Location"] == "/sign-in/code/?way=sms"
    assert one.second(outbox.codes()[0]).status_code == 302


def test_the_first_app_makes_recovery_codes_and_the_second_does_not(world, outbox, signed_in, person):
    one = signed_in("ada")
    assert "codes" in add_app(one, person("ada"))[1].context
    assert add_app(one, person("ada"), "Tablet")[1].status_code == 302
    assert [each.name for each in queries.authenticators(person("ada").pk)] == ["Phone", "Tablet"]
    assert RecoveryCode.objects.count() == 10


def test_starting_anew_replaces_the_app_that_waited(world, outbox, signed_in, person):
    one = signed_in("ada")
    for name in ("One", ""):
        one.post("/account/authenticator/add/", {"name": name})
    assert [each.name for each in TotpDevice.objects.filter(person=person("ada"))] == ["Authenticator app"]


def test_removing_an_app_asks_the_password_and_tells(world, outbox, signed_in, person):
    one = signed_in("ada")
    device, _page = add_app(one, person("ada"))
    path = f"/account/authenticator/{device.pk}/remove/"
    assert one.get(path).status_code == 200
    assert one.post(path, {"current_password": "wrong"}).status_code == 422
    assert signed_in("cy").get(path).status_code == 404
    assert signed_in("cy").post(path, {"current_password": PASSWORD}).status_code == 404
    assert one.post(path, {"current_password": PASSWORD}).status_code == 302
    assert (TotpDevice.objects.filter(pk=device.pk).count(), one.get(path).status_code) == (0, 404)
    assert outbox.told().count(("contact_changed", "ada@example.test")) == 2


def test_removing_an_app_that_is_gone_is_not_found(world, outbox, ada, person):
    row = person("ada")
    confirmed = Confirmed(person_id=row.pk, encoded=row.password, at=now())
    with pytest.raises(NotFound):
        operations.remove_authenticator(actor=ada, device_id=12345, confirmed=confirmed, now=now())
    with pytest.raises(NotFound):
        operations.confirm_authenticator(actor=ada, typed="123456", now=now())


def test_recovery_codes_are_shown_once_saved_as_a_file_and_good_once(world, outbox, signed_in, person):
    one = signed_in("ada")
    assert b"You have none" in one.get("/account/recovery-codes/").content
    shown = one.post("/account/recovery-codes/", {"current_password": PASSWORD})
    codes = shown.context["codes"]
    assert len(codes) == 10
    assert RecoveryCode.objects.filter(code_hash__in=codes).count() == 0
    file = one.post("/account/recovery-codes/file/", {"code": codes})
    assert file.content.decode().split("\r\n") == ["Sportello · ada", "", *codes, ""]
    assert file.headers["Content-Disposition"] == 'attachment; filename="recovery-codes.txt"'
    assert one.post("/account/recovery-codes/file/", {"code": ["abcde-fghjk"]}).status_code == 404
    assert signed_in("cy").post("/account/recovery-codes/file/", {"code": codes}).status_code == 404
    two = Browser()
    two.first()
    assert two.get("/sign-in/code/?way=recovery").status_code == 200
    assert two.second("nonsense", way="recovery").status_code == 422
    assert two.second("abcde-fghjk", way="recovery").status_code == 422
    assert two.second(codes[3].upper().replace("-", " "), way="recovery").status_code == 302
    assert b"9 codes left" in two.get("/account/recovery-codes/").content
    three = Browser()
    three.first()
    assert three.second(codes[3], way="recovery").status_code == 422
    assert Event.append_only.filter(kind="otp.replay").count() == 1
    assert Event.append_only.get(kind="recovery_codes.used").payload == {"left": 9}
    one.post("/account/recovery-codes/", {"current_password": PASSWORD})
    assert three.second(codes[4], way="recovery").status_code == 422
    assert RecoveryCode.objects.filter(used_at=None).count() == 10


def test_operator_staff_are_led_to_an_authenticator_before_anything_else(world, outbox, person):
    TotpDevice.objects.all().delete()
    one = Browser()
    one.first("olga")
    assert one.second(outbox.codes()[0]).status_code == 302
    for path in ("/", "/account/", "/people/", "/search/"):
        assert one.get(path).headers["Location"] == "/account/authenticator/needed/"
    assert one.post("/account/sessions/end-others/").headers["Location"] == "/account/authenticator/needed/"
    page = one.get("/account/authenticator/needed/")
    assert (page.status_code, b"current_password" in page.content) == (200, False)
    assert (
        one.post("/account/authenticator/needed/", {"name": "Phone"}).headers["Location"]
        == "/account/authenticator/scan/"
    )
    assert one.get("/account/authenticator/scan/").status_code == 200
    assert one.get("/account/authenticator/picture.svg").status_code == 200
    device = TotpDevice.objects.get()
    codes = one.post("/account/authenticator/scan/", {"code": code_of(device.secret, now=now())})
    assert len(codes.context["codes"]) == 10
    assert one.get("/account/").status_code == 200
    assert one.get("/account/authenticator/needed/").headers["Location"] == "/"


def test_operator_staff_cannot_come_in_by_sms_nor_be_without_an_app(world, outbox, person):
    device = TotpDevice.objects.get(person=person("olga"))
    secret = device.secret
    one = Browser()
    one.first("olga")
    assert one.post("/sign-in/code/send/").headers["Location"] == "/sign-in/"
    assert outbox.codes() == []
    assert one.second(code_of(secret, now=now()), way="app").status_code == 302
    page = one.post(f"/account/authenticator/{device.pk}/remove/", {"current_password": PASSWORD})
    assert (page.status_code, "need an authenticator app" in str(page.context["form"].errors)) == (422, True)
    assert TotpDevice.objects.count() == 1
    assert b"Your profile needs an authenticator app" in one.get("/account/authenticator/").content


def test_in_the_demo_staff_come_in_without_an_app(world, outbox, settings):
    settings.SPORTELLO = settings.SPORTELLO | {"STAFF_NEEDS_AUTHENTICATOR": False}
    TotpDevice.objects.all().delete()
    one = Browser()
    one.first("olga")
    one.second(outbox.codes()[0])
    assert one.get("/account/").status_code == 200
