"""The own account: profile, password, addresses, frozen numbers (ABUSE A14, A15, A16, B06)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sportello.accounts import operations, queries, rules
from sportello.accounts.models import OneTimeCode, RecoveryCode, Session, SignInGuard
from sportello.accounts.states import CodePurpose
from sportello.accounts.tests.conftest import Browser, age_codes, other_than
from sportello.accounts.types import Confirmed
from sportello.kernel.access import Profile
from sportello.kernel.actor import system_actor
from sportello.kernel.models import Event
from sportello.kernel.refusals import NotPermitted
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
    more = {
        "username": "root",
        "organisation": world.b.pk,
        "mobile": "+393519999999",
        "email": "x@y.test",
        "password": "x",
    }
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
                actor=ada,
                purpose=CodePurpose.MOBILE,
                destination="+393510000077",
                confirmed=confirmed,
                browser_token="x",
                now=now(),
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
    assert [(each.template, each.channel, each.to) for each in outbox.sent] == [
        ("email_code", "email", "ada2@example.test")
    ]
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
    assert "locked until" in str(
        one.post("/account/email/code/", {"code": outbox.codes()[0]}).context["form"].errors["code"]
    )


def test_a_code_for_a_new_contact_belongs_to_one_browser(world, outbox, signed_in):
    one, two = signed_in("ada"), signed_in("ada")
    one.post("/account/email/", {"destination": "ada2@example.test", "current_password": PASSWORD})
    age_codes(timedelta(minutes=2))
    two.post("/account/email/", {"destination": "ada3@example.test", "current_password": PASSWORD})
    assert one.post("/account/email/code/", {"code": outbox.codes()[1]}).status_code == 422
    assert two.post("/account/email/code/", {"code": outbox.codes()[1]}).status_code == 302


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


def test_a15_the_operator_lets_codes_through_on_the_persons_page(world, outbox, signed_in, person):
    operations.freeze_codes(
        actor=system_actor(reason="SIM replaced"), person=person("ada"), until=now() + HOUR, reason="SIM replaced"
    )
    address = f"/people/{person('ada').pk}/"
    assert b"Somebody else has to confirm your number" in signed_in("ada").get(address).content
    assert signed_in("ada").post(f"{address}codes/").status_code == 403
    olga = signed_in("olga")
    assert b"Sign-in codes to this number are paused" in olga.get(address).content
    assert olga.post(f"{address}codes/").headers["Location"] == address
    assert b"Sign-in codes to this number are paused" not in olga.get(address).content
    assert olga.post(f"{address}codes/").status_code == 409
    assert person("ada").codes_frozen_until is None


def test_a15_staff_stand_above_a_customers_administrator(world, outbox, ada, person):
    operations.freeze_codes(
        actor=system_actor(reason="SIM replaced"), person=person("olga"), until=now() + HOUR, reason="SIM replaced"
    )
    with pytest.raises(NotPermitted):
        operations.unfreeze_codes(actor=ada, person=person("olga"))
    assert person("olga").codes_frozen_until is not None


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
    paths = [
        "",
        "password/",
        "mobile/",
        "email/",
        "authenticator/",
        "authenticator/add/",
        "recovery-codes/",
        "sessions/",
    ]
    assert [one.get(f"/account/{path}").status_code for path in paths] == [403] * len(paths)
    assert (
        one.post("/account/password/", {"current_password": PASSWORD, "password": NEW, "again": NEW}).status_code == 403
    )
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
