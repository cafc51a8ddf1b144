"""The own account: profile, password, addresses, authenticator, recovery codes (ABUSE A14, A15, A16, B06)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sportello.accounts import operations, queries, rules
from sportello.accounts.models import OneTimeCode, RecoveryCode, Session, SignInGuard, TotpDevice
from sportello.accounts.operations.totp import code_of
from sportello.accounts.states import CodePurpose
from sportello.accounts.tests.conftest import Browser, age_codes, other_than
from sportello.accounts.types import Confirmed
from sportello.kernel.access import Profile
from sportello.kernel.actor import system_actor
from sportello.kernel.models import Event
from sportello.kernel.refusals import NotFound, NotPermitted
from sportello.kernel.testing.arranging import arrange
from sportello.kernel.testing.cast import PASSWORD

NEW = "four words nobody guesses"
HOUR = timedelta(hours=1)


def now():
    return queries.database_now()


def unconfirmed() -> None:
    """Let the password have been given long ago in every session."""
    Session.objects.update(confirmed_at=now() - HOUR)


def test_profile_shows_and_changes_the_plain_part(world, signed_in, person):
    one = signed_in("ada")
    page = one.get("/account/")
    assert b"Comune di Alfa" in page.content
    values = {"given_name": "Adele", "family_name": "Prova", "language": "es", "time_zone": "Atlantic/Canary"}
    assert one.post("/account/", values).status_code == 302
    ada = person("ada")
    assert {name: getattr(ada, name) for name in values} == values
    assert Event.append_only.get(kind="profile.changed").payload["changes"] == {
        "given_name": ["Ada", "Adele"], "language": ["en", "es"], "time_zone": ["Europe/Rome", "Atlantic/Canary"]
    }  # fmt: skip
    assert one.get("/account/").headers["Content-Language"] == "es"


def test_profile_takes_only_what_it_names(world, signed_in, person):
    values = {"given_name": "A", "family_name": "P", "language": "en", "time_zone": "Europe/Rome"}
    more = {"username": "root", "organisation": world.b.pk, "mobile": "+393519999999", "email": "x@y.test", "password": "x"}
    before = person("ada")
    signed_in("ada").post("/account/", values | more)
    after = person("ada")
    for field in ("username", "organisation_id", "mobile", "email", "password"):
        assert getattr(after, field) == getattr(before, field)


@pytest.mark.parametrize("wrong", [{"language": "xx"}, {"time_zone": "Mars/Base"}, {"given_name": ""}])
def test_profile_refuses_what_does_not_exist(world, signed_in, wrong):
    values = {"given_name": "A", "family_name": "P", "language": "en", "time_zone": "Europe/Rome"} | wrong
    page = signed_in("ada").post("/account/", values)
    assert (page.status_code, set(page.context["form"].errors)) == (422, set(wrong))


def test_changing_the_password_ends_the_other_sessions_and_tells(world, outbox, signed_in, person):
    one, two = signed_in("ada"), signed_in("ada")
    page = one.post("/account/password/", {"current_password": PASSWORD, "password": NEW, "again": NEW})
    assert page.status_code == 302
    assert (one.get("/account/").status_code, two.get("/account/").status_code) == (200, 302)
    assert person("ada").check_password(NEW)
    assert outbox.told() == [("contact_changed", "ada@example.test"), ("contact_changed", "+393510000001")]
    assert outbox.sent[0].context == {"what": "password"}
    assert Event.append_only.get(kind="password.changed").payload == {"way": "changed", "sessions_ended": 1}


def test_what_changed_is_told_in_the_persons_language(world, outbox, signed_in, person):
    with arrange():
        ada = person("ada")
        ada.language = "it"
        ada.save()
    signed_in("ada").post("/account/password/", {"current_password": PASSWORD, "password": NEW, "again": NEW})
    assert {each.language for each in outbox.sent} == {"it"}


def test_a14_a_change_needs_the_present_password(world, outbox, signed_in, person):
    one = signed_in("ada")
    cases = {
        "/account/password/": {"password": NEW, "again": NEW},
        "/account/mobile/": {"destination": "+39 351 000 0077"},
        "/account/email/": {"destination": "ada2@example.test"},
        "/account/recovery-codes/": {},
    }
    before = person("ada")
    for path, values in cases.items():
        for password in ("", "wrong"):
            page = one.post(path, values | {"current_password": password})
            assert (page.status_code, "current_password" in page.context["form"].errors) == (422, True)
            SignInGuard.objects.all().delete()
    after = person("ada")
    assert (after.password, after.mobile, after.email) == (before.password, before.mobile, before.email)
    assert (outbox.sent, RecoveryCode.objects.count()) == ([], 0)


def test_a14_operations_refuse_without_a_confirmation(world, outbox, ada, person):
    row = person("ada")
    stale = Confirmed(person_id=row.pk, encoded=row.password, at=now() - rules.CONFIRMED_FOR)
    others = Confirmed(person_id=person("cy").pk, encoded=row.password, at=now())
    former = Confirmed(person_id=row.pk, encoded="the hash before", at=now())
    for confirmed in (None, stale, others, former):
        with pytest.raises(rules.PasswordNotConfirmed):
            operations.ask_new_contact(
                actor=ada, purpose=CodePurpose.MOBILE, destination="+393510000077", confirmed=confirmed, browser_token="x", now=now()
            )
        with pytest.raises(rules.PasswordNotConfirmed):
            operations.make_recovery_codes(actor=ada, confirmed=confirmed, now=now())
    assert outbox.sent == []


def test_wrong_present_passwords_are_slowed_down_without_locking_the_door(world, outbox, signed_in):
    one = signed_in("ada")
    values = {"current_password": "wrong", "password": NEW, "again": NEW}
    assert [one.post("/account/password/", values).status_code for _each in range(6)] == [422] * 5 + [429]
    assert Browser().first().status_code == 302


def test_a14_a_new_mobile_counts_once_its_code_was_typed(world, outbox, signed_in, person):
    one, two = signed_in("ada"), signed_in("ada")
    assert one.get("/account/mobile/").status_code == 200
    for number in ("06 1234567", "+44 7911 123456"):
        page = one.post("/account/mobile/", {"destination": number, "current_password": PASSWORD})
        assert (page.status_code, "destination" in page.context["form"].errors) == (422, True)
    page = one.post("/account/mobile/", {"destination": "351 000 0077", "current_password": PASSWORD})
    assert page.headers["Location"] == "/account/mobile/code/"
    assert person("ada").mobile == "+393510000001"
    assert [each.to for each in outbox.sent] == ["+393510000077"]
    assert b"+393510000077" in one.get("/account/mobile/code/").content
    assert one.post("/account/mobile/code/", {"code": other_than(outbox.codes()[0])}).status_code == 422
    assert one.post("/account/mobile/code/", {"code": outbox.codes()[0]}).headers["Location"] == "/account/mobile/"
    ada = person("ada")
    assert (ada.mobile, ada.mobile_verified_at is not None) == ("+393510000077", True)
    assert outbox.told() == [("contact_changed", "ada@example.test"), ("contact_changed", "+393510000001")]
    assert (one.get("/account/").status_code, two.get("/account/").status_code) == (200, 302)
    event = Event.append_only.get(kind="contact.changed")
    assert event.payload["changes"]["mobile"] == ["+393510000001", "+393510000077"]
    assert one.get("/account/mobile/code/").headers["Location"] == "/account/mobile/"


def test_a14_a_new_mail_address_counts_once_its_code_was_typed(world, outbox, signed_in, person):
    one = signed_in("ada")
    one.post("/account/email/", {"destination": "ada2@example.test", "current_password": PASSWORD})
    assert [(each.template, each.channel, each.to) for each in outbox.sent] == [("email_code", "email", "ada2@example.test")]
    assert one.get("/account/mobile/code/").headers["Location"] == "/account/mobile/"
    assert one.post("/account/email/code/", {"code": outbox.codes()[0]}).status_code == 302
    assert person("ada").email == "ada2@example.test"
    assert outbox.told() == [("contact_changed", "ada@example.test"), ("contact_changed", "+393510000001")]


def test_a_new_contact_is_asked_for_no_faster_than_codes(world, outbox, signed_in):
    one = signed_in("ada")
    values = {"destination": "ada2@example.test", "current_password": PASSWORD}
    one.post("/account/email/", values)
    assert one.post("/account/email/", values).status_code == 429
    outbox.state = "failed"
    age_codes(timedelta(minutes=2))
    one.post("/account/email/", values)
    assert b"could not be sent" in one.get("/account/email/code/").content


def test_wrong_codes_for_a_new_contact_lock_it(world, outbox, signed_in):
    one = signed_in("ada")
    one.post("/account/email/", {"destination": "ada2@example.test", "current_password": PASSWORD})
    for _each in range(10):
        page = one.post("/account/email/code/", {"code": other_than(outbox.codes()[0])})
    assert "locked until" in str(page.context["form"].errors["code"])
    assert "locked until" in str(one.post("/account/email/code/", {"code": outbox.codes()[0]}).context["form"].errors["code"])


def test_a_code_for_a_new_contact_belongs_to_one_browser(world, outbox, signed_in):
    one, two = signed_in("ada"), signed_in("ada")
    one.post("/account/email/", {"destination": "ada2@example.test", "current_password": PASSWORD})
    age_codes(timedelta(minutes=2))
    two.post("/account/email/", {"destination": "ada3@example.test", "current_password": PASSWORD})
    assert one.post("/account/email/code/", {"code": outbox.codes()[1]}).status_code == 422
    assert two.post("/account/email/code/", {"code": outbox.codes()[1]}).status_code == 302


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
    assert one.post("/account/authenticator/needed/", {"name": "Phone"}).headers["Location"] == "/account/authenticator/scan/"
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


def test_a15_a_frozen_number_is_confirmed_by_somebody_else(world, outbox, ada, bo, person):
    system = system_actor(reason="SIM replaced")
    until = now() + HOUR
    browser = Browser()
    browser.first()
    operations.freeze_codes(actor=system, person=person("ada"), until=until, reason="SIM replaced")
    assert browser.second(outbox.codes()[0]).status_code == 422
    assert ("contact_changed", "ada@example.test") in outbox.told()
    assert ("contact_changed", "+393510000001") not in outbox.told()
    with pytest.raises(NotPermitted):
        operations.unfreeze_codes(actor=ada, person=person("ada"))
    with pytest.raises(NotPermitted):
        operations.unfreeze_codes(actor=bo, person=person("ada"))
    operations.unfreeze_codes(actor=world.actor("olga"), person=person("ada"))
    assert person("ada").codes_frozen_until is None
    age_codes(2 * HOUR)
    assert Browser().first().status_code == 302
    assert len(outbox.codes()) == 2


def test_a15_a_freeze_ends_by_itself(world, outbox, person):
    until = now() - timedelta(seconds=1)
    operations.freeze_codes(actor=system_actor(reason="SIM replaced"), person=person("ada"), until=until, reason="x")
    Browser().first()
    assert len(outbox.codes()) == 1


def test_a15_a_freeze_of_somebody_without_a_mailbox_tells_nobody(world, outbox, person):
    with arrange():
        ada = person("ada")
        ada.email = ""
        ada.save()
    operations.freeze_codes(actor=system_actor(reason="SIM replaced"), person=ada, until=now() + HOUR, reason="x")
    assert outbox.sent == []


def test_a16_a_line_given_to_somebody_else_takes_its_number_out_of_signing_in(world, outbox, person):
    one = Browser()
    one.first("bo")
    system = system_actor(reason="line reassigned")
    operations.unbind_mobile(actor=system, person=person("bo"), reason="line reassigned", now=now())
    assert one.second(outbox.codes()[0]).status_code == 302
    assert Browser().first("bo").status_code == 422
    assert (len(outbox.codes()), OneTimeCode.objects.filter(superseded_at=None).count()) == (1, 0)
    assert Event.append_only.get(kind="mobile.unbound").payload["why"] == "line reassigned"


def test_b06_who_views_as_another_finds_their_account_closed(world, outbox, signed_in):
    one = signed_in("olga")
    Session.objects.update(viewing_membership=world.memberships["ada"])
    paths = ["", "password/", "mobile/", "email/", "authenticator/", "authenticator/add/", "recovery-codes/", "sessions/"]
    assert [one.get(f"/account/{path}").status_code for path in paths] == [403] * len(paths)
    assert one.post("/account/password/", {"current_password": PASSWORD, "password": NEW, "again": NEW}).status_code == 403
    assert one.post("/sign-out/").status_code == 302
    assert one.get("/account/").headers["Location"] == "/sign-in/?next=%2Faccount%2F"


def test_profiles_list_counts_what_can_be_acted_as(world, signed_in):
    with arrange():
        from sportello.accounts.models import Membership

        Membership.objects.create(
            person=world.memberships["ada"].person, organisation=world.b, profile=Profile.EBILL_REFERENT
        )
    page = signed_in("ada").get("/account/")
    assert [each.organisation_id for each in page.context["held"]] == [world.a.pk, world.b.pk]
