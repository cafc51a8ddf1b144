"""Races on PostgreSQL, with real threads, each beside the naive way that loses it (ABUSE A01, A04, A05, A08)."""

from __future__ import annotations

import threading
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from sportello.accounts import operations, queries, rules
from sportello.accounts.models import OneTimeCode, Session, SignInGuard, TotpDevice
from sportello.accounts.operations import invitations
from sportello.accounts.operations.totp import code_of
from sportello.accounts.states import CodeOutcome, CodePurpose, SecondStep
from sportello.accounts.tests.conftest import Browser, age_codes, other_than
from sportello.accounts.types import Browser as Caller
from sportello.accounts.types import FirstStep
from sportello.kernel.actor import Actor, system_actor
from sportello.kernel.crypto import keyed_hash
from sportello.kernel.models import Event
from sportello.kernel.testing.arranging import arrange, in_threads, wait_until_somebody_waits

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

CALLER = Caller(address="192.0.2.1", name="test")


def actor() -> Actor:
    return system_actor(reason="sign-in")


def outcomes(results: list[Any]) -> list[str]:
    return sorted(str(result) if isinstance(result, BaseException) else result.answer.outcome for result in results)


def enter(first: FirstStep, code: str, way: SecondStep = SecondStep.SMS) -> Any:
    return operations.take_second_step(
        actor=actor(), first=first, way=way, typed=code, browser=CALLER, now=queries.database_now()
    )


def issue(person_id: int, token: str) -> bool:
    return operations.send_code(
        actor=actor(), person_id=person_id, purpose=CodePurpose.SIGN_IN, browser_token=token, now=queries.database_now()
    )


@pytest.fixture
def no_pause(settings) -> None:
    """Take the pause between codes away, so that the race itself is what is left."""
    settings.SPORTELLO = settings.SPORTELLO | {
        "CODE_RESEND_AFTER": timedelta(minutes=-1),
        "CODE_SENDS_PER_LIFETIME": 10**6,
    }


def test_a01_same_code_in_twenty_parallel_requests_gives_one_session(world, outbox):
    one = Browser()
    one.first()
    code, cookie = outbox.codes()[0], one.cookies["first-step"].value

    def work(_place: int) -> int:
        copy = Browser()
        copy.cookies["first-step"] = cookie
        return copy.second(code).status_code

    assert sorted(in_threads(20, work)) == [302] + [422] * 19
    assert Session.objects.count() == 1
    assert Event.append_only.filter(kind="sign_in.succeeded").count() == 1
    assert Event.append_only.filter(kind="otp.replay").count() == 19
    assert OneTimeCode.objects.get().wrong_tries == 0
    assert SignInGuard.objects.get(bucket=f"code:{world.memberships['ada'].person_id}").failures == 0


def test_a01_control_check_then_use_lets_several_through(world, outbox):
    """What the code would do without the conditional UPDATE and without the guard's lock."""
    person_id = world.memberships["ada"].person_id
    let_in: list[int] = []

    def naive(row_id: int, hashed: str) -> int:
        row = OneTimeCode.objects.get(pk=row_id)
        good = row.code_hash == hashed and row.used_at is None
        if good:
            OneTimeCode.objects.filter(pk=row_id).update(used_at=queries.database_now())
        return int(good)

    for each in range(10):
        issue(person_id, f"browser {each}")
        age_codes(timedelta(minutes=31))
        browser = queries.browser_hash(f"browser {each}")
        row = OneTimeCode.objects.get(browser_hash=browser)
        hashed = keyed_hash("code", str(person_id), "sign_in", browser, outbox.codes()[-1])
        let_in.append(sum(in_threads(20, lambda _place, row=row, hashed=hashed: naive(row.pk, hashed))))
    assert max(let_in) > 1


def test_a04_two_starts_at_the_same_instant_leave_one_live_code(world, outbox, no_pause):
    person_id = world.memberships["ada"].person_id
    for _round in range(5):
        assert in_threads(8, lambda place: issue(person_id, f"browser {place}")) == [True] * 8
        assert OneTimeCode.objects.filter(person_id=person_id, used_at=None, superseded_at=None).count() == 1
    assert len(outbox.codes()) == 40


def test_a04_within_the_pause_one_of_two_starts_sends(world, outbox):
    person_id = world.memberships["ada"].person_id
    results = in_threads(8, lambda place: issue(person_id, f"browser {place}"))
    assert sorted(type(each).__name__ for each in results) == ["CodeTooSoon"] * 7 + ["bool"]
    assert len(outbox.codes()) == 1


def test_a04_control_without_the_lock_the_index_alone_refuses(world, outbox, no_pause):
    """Without the person's lock two starts run into the partial unique index: nobody gets two codes, but somebody gets an error."""
    person_id = world.memberships["ada"].person_id

    def naive(place: int) -> None:
        with transaction.atomic():
            OneTimeCode.objects.filter(person_id=person_id, used_at=None, superseded_at=None).update(
                superseded_at=queries.database_now()
            )
            now = queries.database_now()
            OneTimeCode.objects.create(
                person_id=person_id,
                browser_hash=str(place),
                code_hash="x",
                destination="+39",
                sent_at=now,
                expires_at=now,
            )

    raised = []
    for _round in range(10):
        raised += [each for each in in_threads(8, naive) if isinstance(each, IntegrityError)]
        assert OneTimeCode.objects.filter(person_id=person_id, used_at=None, superseded_at=None).count() == 1
    assert raised


def a05_round(person_id: int, outbox: Any, place: int, *, first_to_commit: int | None) -> str:
    """Use an old code (0) and issue a new one (1) at once; the one named commits only when the other waits. Return what the use gave."""
    old = FirstStep(person_id=person_id, browser_token=f"old {place}", device_id=None)
    new = FirstStep(person_id=person_id, browser_token=f"new {place}", device_id=None)
    issue(person_id, old.browser_token)
    code, done = outbox.codes()[-1], threading.Event()
    work = [lambda: enter(old, code), lambda: issue(person_id, new.browser_token)]

    def run(which: int) -> Any:
        if first_to_commit is None:
            return work[which]()
        if which != first_to_commit:
            done.wait(timeout=30)
            return work[which]()
        with transaction.atomic():
            result = work[which]()
            done.set()
            wait_until_somebody_waits()
        return result

    used, issued = in_threads(2, run)
    assert issued is True
    live = OneTimeCode.objects.filter(person_id=person_id, used_at=None, superseded_at=None)
    assert [row.browser_hash for row in live] == [queries.browser_hash(new.browser_token)]
    assert enter(new, outbox.codes()[-1]).answer.outcome == "accepted"
    return str(used.answer.outcome)


def test_a05_use_of_the_old_code_against_issue_of_a_new_one_is_linearisable(world, outbox, no_pause):
    person_id = world.memberships["ada"].person_id
    forced = [a05_round(person_id, outbox, place, first_to_commit=place) for place in (0, 1)]
    assert forced == ["accepted", "replaced"]
    seen = {a05_round(person_id, outbox, place, first_to_commit=None) for place in range(2, 12)}
    assert seen <= {"accepted", "replaced"}


def test_a08_parallel_guesses_are_counted_one_by_one(world, outbox):
    person_id = world.memberships["ada"].person_id
    first = FirstStep(person_id=person_id, browser_token="mine", device_id=None)
    issue(person_id, "mine")
    wrong = other_than(outbox.codes()[0])
    results = outcomes(in_threads(20, lambda _place: enter(first, wrong)))
    assert results == ["dead"] * 5 + ["locked"] * 11 + ["wrong"] * 4
    assert OneTimeCode.objects.get().wrong_tries == 5
    assert Event.append_only.filter(kind="sign_in.locked").count() == 1


def test_a08_control_counting_without_a_lock_lets_more_guesses_through(world, outbox):
    """Read, compare, write the count back: parallel guesses see the same old count."""
    issue(world.memberships["ada"].person_id, "mine")
    row_id = OneTimeCode.objects.get().pk

    def naive(_place: int) -> bool:
        row = OneTimeCode.objects.get(pk=row_id)
        if row.wrong_tries >= 5:
            return False
        OneTimeCode.objects.filter(pk=row_id).update(wrong_tries=row.wrong_tries + 1)
        return True

    compared = []
    for _round in range(10):
        OneTimeCode.objects.update(wrong_tries=0)
        compared.append(sum(in_threads(20, naive)))
    assert max(compared) > 5


def test_app_code_in_twenty_parallel_requests_gives_one_session(world, outbox):
    person = world.memberships["ada"].person
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    TotpDevice.objects.create(person=person, name="app", secret=secret, confirmed_at=queries.database_now())
    first = FirstStep(person_id=person.pk, browser_token="mine", device_id=None)
    code = code_of(secret, now=queries.database_now())
    results = outcomes(in_threads(20, lambda _place: enter(first, code, SecondStep.APP)))
    assert results == ["accepted"] + ["replayed"] * 19
    assert Session.objects.count() == 1


def test_recovery_code_in_twenty_parallel_requests_gives_one_session(world, outbox):
    from sportello.accounts.operations.totp import new_recovery_codes

    person = world.memberships["ada"].person
    with arrange():
        code = new_recovery_codes(person)[0]
    first = FirstStep(person_id=person.pk, browser_token="mine", device_id=None)
    results = outcomes(in_threads(20, lambda _place: enter(first, code, SecondStep.RECOVERY)))
    assert results == ["accepted"] + ["replayed"] * 19
    assert Session.objects.count() == 1


def test_b05_invitation_in_ten_parallel_requests_is_accepted_once(world, outbox):
    person = world.memberships["bo"].person
    operations.invite_person(actor=world.actor("ada"), person=person, now=queries.database_now())
    token = outbox.links()[0].split("/")[-2]
    operations.start_first_access(
        actor=actor(),
        token=token,
        password="a long password of mine",
        mobile="",
        browser_token="mine",
        now=queries.database_now(),
    )
    code = outbox.codes()[0]

    def work(_place: int) -> Any:
        return operations.finish_first_access(
            actor=actor(), token=token, typed=code, browser_token="mine", browser=CALLER, now=queries.database_now()
        )

    results = in_threads(10, work)
    kinds = sorted(type(each).__name__ if isinstance(each, BaseException) else each.answer.outcome for each in results)
    assert kinds.count("accepted") == 1
    assert set(kinds) <= {"accepted", "replayed", "LinkNotGood"}
    assert Session.objects.count() == 1


def accepted_without_locks(world, outbox, monkeypatch) -> list[str]:
    """Accept one invitation twice, where no lock is taken and the code is good for both: what is left is the invitation's own use."""
    person = world.memberships["bo"].person
    operations.invite_person(actor=world.actor("ada"), person=person, now=queries.database_now())
    token = outbox.links()[0].split("/")[-2]
    operations.start_first_access(
        actor=actor(), token=token, password="a long password of mine", mobile="", browser_token="mine",
        now=queries.database_now(),
    )  # fmt: skip
    both = threading.Barrier(2)

    def good_for_both(**_asked: Any) -> tuple[CodeOutcome, OneTimeCode]:
        both.wait(timeout=30)
        return CodeOutcome.ACCEPTED, OneTimeCode.objects.get()

    nothing_counted = SimpleNamespace(hold=queries.guard_count, clear=lambda _bucket: None)
    monkeypatch.setattr(invitations, "guards", nothing_counted)
    monkeypatch.setattr(invitations, "locked_person", queries.known_person)
    monkeypatch.setattr(invitations, "try_code", good_for_both)

    def work(_place: int) -> Any:
        return operations.finish_first_access(
            actor=actor(), token=token, typed="", browser_token="mine", browser=CALLER, now=queries.database_now()
        )

    results = in_threads(2, work)
    return sorted(type(each).__name__ if isinstance(each, BaseException) else "accepted" for each in results)


def test_b05_invitation_is_accepted_once_by_its_own_conditional_update(world, outbox, monkeypatch):
    assert accepted_without_locks(world, outbox, monkeypatch) == ["LinkNotGood", "accepted"]


def test_b05_control_acceptance_that_does_not_ask_whether_the_update_found_it_open_lets_both_in(
    world, outbox, monkeypatch
):
    monkeypatch.setattr(rules, "check_link", lambda *, good: None)  # noqa: ARG005 - looks at nothing
    assert accepted_without_locks(world, outbox, monkeypatch) == ["accepted", "accepted"]
    assert Session.objects.count() == 2


def test_a25_reset_link_in_ten_parallel_requests_sets_one_password(world, outbox):
    operations.send_reset_links(actor=actor(), typed="ada", now=queries.database_now())
    token = outbox.links()[0].split("/")[-2]

    def work(place: int) -> None:
        operations.reset_password(
            actor=actor(), token=token, password=f"another long password {place}", now=queries.database_now()
        )

    results = in_threads(10, work)
    assert results.count(None) == 1
    assert {type(each) for each in results if each is not None} == {rules.LinkNotGood}


def test_address_guard_counts_every_parallel_failure(world, outbox):
    in_threads(12, lambda place: Browser().first(f"nobody{place}", password="guess"))
    assert SignInGuard.objects.get(bucket="address:127.0.0.1").failures == 12


def test_database_clock_is_postgresqls_own(world):
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        there = cursor.fetchone()[0]
    assert timedelta(0) <= queries.database_now() - there < timedelta(seconds=5)
