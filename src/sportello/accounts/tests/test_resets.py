"""Forgotten passwords (ABUSE A07, A10, A25), and hosts of links (B10)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sportello.accounts import operations, queries, tasks
from sportello.accounts.models import Membership, PasswordReset, Person
from sportello.accounts.rules import LinkNotGood
from sportello.accounts.tests.conftest import Browser, age_codes
from sportello.kernel.access import Profile
from sportello.kernel.crypto import encrypt
from sportello.kernel.models import Job
from sportello.kernel.testing.arranging import arrange
from sportello.kernel.testing.cast import PASSWORD

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


def test_a25_reset_by_mail_then_the_code_is_still_asked(world, outbox, person, browser):
    inside = Browser()
    inside.first()
    inside.second(outbox.codes()[0])
    age_codes(timedelta(hours=1))
    one = browser()
    assert (
        one.post("/password/forgotten/", {"who": "ADA@example.test "}).headers["Location"]
        == "/password/forgotten/sent/"
    )
    assert one.get("/password/forgotten/sent/").status_code == 200
    job = Job.objects.get(task="sportello.accounts.tasks.send_reset_links")
    assert "example" not in str(job.args)
    assert tasks.send_reset_links.func(*job.args) == 1
    assert (outbox.sent[-1].template, outbox.sent[-1].to) == ("password_reset", "ada@example.test")
    link = outbox.links()[0]
    assert one.get(link).headers["Location"] == "/password/reset/"
    assert b"ada" in one.get("/password/reset/").content
    short = one.post("/password/reset/", {"password": "short", "again": "short"})
    assert (short.status_code, "password" in short.context["form"].errors) == (422, True)
    done = one.post("/password/reset/", {"password": NEW, "again": NEW})
    assert (done.status_code, done.headers["Location"]) == (302, "/sign-in/")
    assert one.is_in() is False
    assert inside.is_in() is False
    assert person("ada").check_password(NEW)
    assert ("contact_changed", "ada@example.test") in outbox.told()
    assert ("contact_changed", "+393510000001") in outbox.told()
    assert one.first(password=PASSWORD).status_code == 422
    assert one.first(password=NEW).headers["Location"] == "/sign-in/code/"
    again = browser()
    again.get(link)
    assert again.get("/password/reset/").status_code == 409


def test_a25_reset_link_dies_with_the_mail_address_the_password_and_time(world, outbox, person):
    ada = person("ada")

    def opened() -> int:
        one = Browser()
        one.get(outbox.links()[-1])
        return one.get("/password/reset/").status_code

    def link() -> None:
        PasswordReset.objects.update(created_at=now() - timedelta(hours=1))
        assert operations.send_reset_links(actor=_system(), typed="ada", now=now()) == 1

    link()
    assert opened() == 200
    with arrange():
        ada.email = "elsewhere@example.test"
        ada.save()
    assert opened() == 409
    with arrange():
        ada.email = "ada@example.test"
        ada.save()
    former = outbox.links()[-1]
    link()
    one = Browser()
    one.get(former)
    assert (one.get("/password/reset/").status_code, opened()) == (409, 200)
    PasswordReset.objects.update(expires_at=now())
    assert opened() == 409


def _system():
    from sportello.kernel.actor import system_actor

    return system_actor(reason="forgotten password")


def test_a25_reset_twice_by_the_operation_is_refused(world, outbox):
    operations.send_reset_links(actor=_system(), typed="ada", now=now())
    token = outbox.links()[0].split("/")[-2]
    operations.reset_password(actor=_system(), token=token, password=NEW, now=now())
    with pytest.raises(LinkNotGood):
        operations.reset_password(actor=_system(), token=token, password=NEW + "!", now=now())


@pytest.mark.parametrize("typed", ["nobody", "nobody@example.test", "new", "nina@example.test", "bo", " "])
def test_a07_the_page_answers_the_same_and_nobody_else_gets_mail(world, outbox, newcomer, typed, person):
    with arrange():
        bo = person("bo")
        bo.deactivated_at = now()
        bo.save()
    control = Browser().post("/password/forgotten/", {"who": "ada"})
    answer = Browser().post("/password/forgotten/", {"who": typed})
    if typed.strip():
        assert (answer.status_code, answer.headers["Location"]) == (control.status_code, control.headers["Location"])
    assert tasks.send_reset_links.func(encrypt(typed), "192.0.2.1") == 0
    assert outbox.sent == []


def test_one_mailbox_of_two_people_gets_a_link_for_each_and_one_at_a_time(world, outbox, person):
    with arrange():
        bo = person("bo")
        bo.email = "ADA@example.test"
        bo.save()
    assert operations.send_reset_links(actor=_system(), typed="ada@example.test", now=now()) == 2
    assert operations.send_reset_links(actor=_system(), typed="ada@example.test", now=now()) == 0
    assert len(outbox.links()) == 2


def test_a10_asking_for_links_is_limited_per_address(world, outbox, settings):
    settings.SPORTELLO = settings.SPORTELLO | {"ADDRESS_TRIES": 3}
    one = Browser()
    assert [one.post("/password/forgotten/", {"who": f"x{each}"}).status_code for each in range(4)] == [
        302,
        302,
        302,
        429,
    ]


def test_forgotten_without_words_is_an_error(world):
    assert Browser().post("/password/forgotten/", {"who": ""}).status_code == 422
    assert Browser().get("/password/forgotten/").status_code == 200


def test_b10_links_never_take_the_host_of_the_request(world, outbox, newcomer, ada):
    poisoned = Browser(HTTP_HOST="evil.example")
    assert poisoned.post("/password/forgotten/", {"who": "ada"}).status_code == 400
    forwarded = Browser(HTTP_X_FORWARDED_HOST="evil.example")
    forwarded.post("/password/forgotten/", {"who": "ada"})
    tasks.send_reset_links.func(*Job.objects.get().args)
    operations.invite_person(actor=ada, person=newcomer, now=now())
    links = [each.secret["link"] for each in outbox.sent]
    assert [link.startswith("http://127.0.0.1:8000/") for link in links] == [True, True]
