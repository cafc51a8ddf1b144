"""First access by invitation, by mail and from the command line (ABUSE B05)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from sportello.accounts import operations, queries
from sportello.accounts.models import Invitation, Membership, Person, Session, TotpDevice
from sportello.accounts.operations.totp import code_of
from sportello.accounts.tests.conftest import Browser, age_codes, other_than
from sportello.kernel.access import Profile
from sportello.kernel.models import Event
from sportello.kernel.refusals import InvalidInput, NotPermitted, WrongState
from sportello.kernel.testing.arranging import arrange
from sportello.parties.models import Organisation

NEW = "four words nobody guesses"


def now():
    return queries.database_now()


@pytest.fixture
def newcomer(world) -> Person:
    """Somebody of customer A who was never in: no password, the mobile entered by the administrator but not proved."""
    with arrange():
        person = Person.objects.create(
            organisation=world.a,
            username="new",
            given_name="Nina",
            family_name="Nuova",
            email="nina@example.test",
            mobile="+393510000009",
            language="en",
        )
        Membership.objects.create(person=person, organisation=world.a, profile=Profile.EMPLOYEE)
    return person


def choose(browser, password=NEW, again=NEW, **more):
    return browser.post("/invitation/", {"password": password, "again": again, **more})


def test_an_invited_person_sets_the_password_proves_the_mobile_and_is_in(world, outbox, newcomer, ada, person):
    operations.invite_person(actor=ada, person=newcomer, now=now())
    sent = outbox.sent[0]
    assert (sent.template, sent.to, sent.context) == (
        "invitation", "nina@example.test", {"organisation": "Comune di Alfa", "days": "7"}
    )  # fmt: skip
    one = Browser()
    assert one.get(outbox.links()[0]).headers["Location"] == "/invitation/"
    page = one.get("/invitation/")
    assert b"Welcome, Nina" in page.content
    assert b"ending \xe2\x80\xa6 009" in page.content
    assert choose(one).headers["Location"] == "/invitation/code/"
    assert one.get("/invitation/code/").status_code == 200
    assert Session.objects.count() == 0
    assert person("new").password == ""
    wrong = one.post("/invitation/code/", {"code": other_than(outbox.codes()[0])})
    assert wrong.status_code == 422
    done = one.post("/invitation/code/", {"code": outbox.codes()[0]})
    assert (done.status_code, done.headers["Location"]) == (302, "/")
    assert one.is_in()
    after = person("new")
    assert (after.check_password(NEW), after.mobile, after.mobile_verified_at is not None) == (
        True,
        "+393510000009",
        True,
    )
    kinds = list(Event.append_only.order_by("pk").values_list("kind", flat=True))
    assert kinds == [
        "invitation.sent", "otp.sent", "otp.wrong", "mobile.verified", "password.changed", "invitation.accepted", "sign_in.succeeded"
    ]  # fmt: skip


def test_an_invited_person_without_a_number_types_one(world, outbox, newcomer, ada, person):
    with arrange():
        newcomer.mobile = ""
        newcomer.save()
    operations.invite_person(actor=ada, person=newcomer, now=now())
    one = Browser()
    one.get(outbox.links()[0])
    for number, text in {"06 1234567": "not a mobile", "+44 7911 123456": "+39", "12": "phone number"}.items():
        answer = choose(one, mobile=number)
        assert answer.status_code == 422
        assert text in str(answer.context["form"].errors["mobile"])
    assert choose(one, mobile="351 000 0042").status_code == 302
    one.post("/invitation/code/", {"code": outbox.codes()[0]})
    assert person("new").mobile == "+393510000042"


def test_the_holder_of_the_mail_cannot_name_another_number(world, outbox, newcomer, ada):
    operations.invite_person(actor=ada, person=newcomer, now=now())
    one = Browser()
    one.get(outbox.links()[0])
    choose(one, mobile="+393519999999")
    assert outbox.sent[-1].to == "+393510000009"


def test_a_number_that_cannot_get_codes_is_told(world, outbox, newcomer, ada):
    with arrange():
        newcomer.mobile = "+390612345678"
        newcomer.save()
    operations.invite_person(actor=ada, person=newcomer, now=now())
    one = Browser()
    one.get(outbox.links()[0])
    answer = choose(one)
    assert (answer.status_code, "not a mobile" in str(answer.context["form"].non_field_errors())) == (422, True)


@pytest.mark.parametrize(
    ("password", "again", "field"),
    [
        ("short", "short", "password"),
        ("qwerty123456", "qwerty123456", "password"),
        ("nina@example.test", "nina@example.test", "password"),
        (NEW, NEW + "!", "again"),
    ],
)
def test_weak_passwords_are_refused_at_the_field(world, outbox, newcomer, ada, password, again, field):  # noqa: PLR0917
    operations.invite_person(actor=ada, person=newcomer, now=now())
    one = Browser()
    one.get(outbox.links()[0])
    answer = choose(one, password, again)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert outbox.codes() == []


def test_the_code_of_the_first_access_can_be_sent_again(world, outbox, newcomer, ada):
    operations.invite_person(actor=ada, person=newcomer, now=now())
    one = Browser()
    one.get(outbox.links()[0])
    assert one.get("/invitation/code/").headers["Location"] == "/invitation/"
    choose(one)
    one.post("/invitation/code/send/")
    assert len(outbox.codes()) == 1
    age_codes(timedelta(minutes=2))
    one.post("/invitation/code/send/")
    first, second = outbox.codes()
    assert one.post("/invitation/code/", {"code": first if first != second else other_than(second)}).status_code == 422
    assert one.post("/invitation/code/", {"code": second}).status_code == 302


def test_a_code_that_cannot_go_out_is_told(world, outbox, newcomer, ada):
    operations.invite_person(actor=ada, person=newcomer, now=now())
    one = Browser()
    one.get(outbox.links()[0])
    outbox.state = "failed"
    choose(one)
    assert b"could not be sent" in one.get("/invitation/code/").content
    age_codes(timedelta(minutes=2))
    one.post("/invitation/code/send/")
    assert b"could not be sent" in one.get("/invitation/code/").content


def test_wrong_codes_of_the_first_access_lock_it(world, outbox, newcomer, ada):
    operations.invite_person(actor=ada, person=newcomer, now=now())
    one = Browser()
    one.get(outbox.links()[0])
    choose(one)
    for _each in range(10):
        answer = one.post("/invitation/code/", {"code": other_than(outbox.codes()[0])})
    assert "locked until" in str(answer.context["form"].errors["code"])
    assert "locked until" in str(
        one.post("/invitation/code/", {"code": outbox.codes()[0]}).context["form"].errors["code"]
    )
    assert Session.objects.count() == 0


def test_b05_invitation_is_good_once_for_one_mailbox_and_until_revoked(world, outbox, newcomer, ada):
    operations.invite_person(actor=ada, person=newcomer, now=now())
    link = outbox.links()[0]

    def opened(path: str = link) -> int:
        one = Browser()
        one.get(path)
        return one.get("/invitation/").status_code

    assert opened() == 200
    with arrange():
        newcomer.email = "other@example.test"
        newcomer.save()
    assert opened() == 409
    with arrange():
        newcomer.email = "nina@example.test"
        newcomer.save()
    operations.invite_person(actor=ada, person=newcomer, now=now())
    assert (opened(), opened(outbox.links()[1])) == (409, 200)
    assert operations.revoke_invitations(actor=ada, person=newcomer, now=now()) == 1
    assert opened(outbox.links()[1]) == 409
    operations.invite_person(actor=ada, person=newcomer, now=now())
    one = Browser()
    one.get(outbox.links()[2])
    choose(one)
    one.post("/invitation/code/", {"code": outbox.codes()[0]})
    assert opened(outbox.links()[2]) == 409
    again = Browser()
    again.get(outbox.links()[2])
    assert choose(again).status_code == 409
    assert opened("/invitation/guessed/") == 409


def test_b05_invitation_is_good_for_seven_days(world, outbox, newcomer, ada):
    operations.invite_person(actor=ada, person=newcomer, now=now() - timedelta(days=7))
    one = Browser()
    one.get(outbox.links()[0])
    assert one.get("/invitation/").status_code == 409
    row = Invitation.objects.get()
    assert row.expires_at - row.created_at == timedelta(days=7)


def test_b05_a_deactivated_person_cannot_be_invited_nor_accept(world, outbox, newcomer, ada):
    operations.invite_person(actor=ada, person=newcomer, now=now())
    with arrange():
        newcomer.deactivated_at = now()
        newcomer.save()
    one = Browser()
    one.get(outbox.links()[0])
    assert one.get("/invitation/").status_code == 409
    with pytest.raises(WrongState):
        operations.invite_person(actor=ada, person=newcomer, now=now())


def test_inviting_needs_a_mailbox_and_the_section(world, outbox, newcomer, ada, bo):
    with pytest.raises(NotPermitted):
        operations.invite_person(actor=bo, person=newcomer, now=now())
    with arrange():
        newcomer.email = ""
        newcomer.save()
    with pytest.raises(InvalidInput) as refused:
        operations.invite_person(actor=ada, person=newcomer, now=now())
    assert refused.value.field == "email"


def test_a_link_of_one_kind_opens_no_page_of_the_other(world, outbox, newcomer, ada):
    operations.invite_person(actor=ada, person=newcomer, now=now())
    one = Browser()
    one.get(outbox.links()[0])
    assert one.get("/password/reset/").status_code == 409
    assert one.get("/invitation/picture.svg").status_code == 404


def test_operator_staff_begin_with_an_authenticator_app(world, outbox, olga, person):
    with arrange():
        newcomer = Person.objects.create(
            organisation=world.operator,
            username="otto",
            given_name="Otto",
            family_name="Operaio",
            email="otto@example.test",
            language="en",
        )
        Membership.objects.create(person=newcomer, organisation=world.operator, profile=Profile.OPERATOR_AGENT)
    operations.invite_person(actor=olga, person=newcomer, now=now())
    one = Browser()
    one.get(outbox.links()[0])
    assert b"authenticator app" in one.get("/invitation/").content
    assert choose(one).status_code == 302
    page = one.get("/invitation/code/")
    device = TotpDevice.objects.get(person=newcomer)
    assert device.secret in page.content.decode()
    picture = one.get("/invitation/picture.svg")
    assert (picture.headers["Content-Type"], b"<svg" in picture.content) == ("image/svg+xml", True)
    assert one.post("/invitation/code/", {"code": "12"}).status_code == 422
    wrong = one.post("/invitation/code/", {"code": other_than(code_of(device.secret, now=now() - timedelta(hours=1)))})
    assert wrong.status_code == 422
    assert one.post("/invitation/code/", {"code": code_of(device.secret, now=now())}).status_code == 302
    assert outbox.codes() == []
    assert one.is_in()


def test_the_first_operator_comes_in_by_a_link_of_the_command_line(db, outbox, capsys):
    words = ["--username", "Root", "--email", "root@example.test", "--given-name", "Rita", "--family-name", "Rossi"]
    call_command("operator", "invite", *words)
    out = capsys.readouterr().out
    link = next(word for word in out.split() if word.startswith("http://127.0.0.1:8000/invitation/"))
    made = Person.objects.across_tenants(reason="a test looks").select_related("organisation").get(username="root")
    assert (made.organisation.kind, made.password, made.name) == ("operator", "", "Rita Rossi")
    assert [each.profile for each in queries.memberships_held(made.pk)] == [Profile.OPERATOR_ADMIN]
    one = Browser()
    one.get(link.removeprefix("http://127.0.0.1:8000"))
    choose(one)
    device = TotpDevice.objects.get(person=made)
    assert one.post("/invitation/code/", {"code": code_of(device.secret, now=now())}).status_code == 302
    assert one.is_in()
    assert outbox.sent == []


def test_the_command_invites_again_until_accepted_and_never_twice_the_organisation(world, outbox, capsys, person):
    words = ["--username", "root", "--email", "root@example.test", "--given-name", "Rita", "--family-name", "Rossi"]
    call_command("operator", "invite", *words)
    call_command("operator", "invite", *words)
    links = [word for word in capsys.readouterr().out.split() if word.startswith("http")]
    assert len(set(links)) == 2
    operators = Organisation.objects.across_tenants(reason="a test looks").filter(kind="operator")
    assert [each.pk for each in operators] == [world.operator.pk]
    assert queries.memberships_held(person("root").pk).count() == 1
    one = Browser()
    one.get(links[0].removeprefix("http://127.0.0.1:8000"))
    assert one.get("/invitation/").status_code == 409


@pytest.mark.parametrize(
    "words",
    [
        ["--username", "ada", "--email", "x@example.test", "--given-name", "A", "--family-name", "B"],
        ["--username", "new one", "--email", "x@example.test", "--given-name", "A", "--family-name", "B"],
        ["--username", "root", "--email", "not an address", "--given-name", "A", "--family-name", "B"],
    ],
)
def test_the_command_refuses_other_peoples_names_and_bad_addresses(world, outbox, words):
    with pytest.raises(CommandError):
        call_command("operator", "invite", *words)
    assert Invitation.objects.count() == 0
