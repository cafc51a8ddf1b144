"""Signing in: the first step (username and password) and the second (a code), each counted against guessing."""

from __future__ import annotations

from datetime import datetime

from sportello.accounts import queries, rules
from sportello.accounts.events import CodeWrong, FirstStepPassed, SignInFailed, SignInLocked, about
from sportello.accounts.models import Person, TrustedDevice
from sportello.accounts.operations import guards
from sportello.accounts.operations.codes import try_code
from sportello.accounts.operations.messages import tell, verified_mobile
from sportello.accounts.operations.sessions import begin_session
from sportello.accounts.operations.totp import try_authenticator, try_recovery_code
from sportello.accounts.states import CodeOutcome, CodePurpose, SecondStep, SignInFailure
from sportello.accounts.types import Browser, CodeAnswer, FirstStep, PasswordAnswer, SignInResult
from sportello.kernel.actor import Actor
from sportello.kernel.crypto import new_token
from sportello.kernel.operations import operation, publish

COUNTED = frozenset({CodeOutcome.WRONG, CodeOutcome.DEAD})
"""Outcomes that count as a guess; an expired or replaced code was not compared."""


@operation(section=None, why="the door: nobody is signed in yet")
def start_sign_in(
    *, actor: Actor, answer: PasswordAnswer, browser: Browser, former_token: str = "", now: datetime
) -> FirstStep | None:
    """Take the first step. Return None when it is refused: why is for the audit trail alone (ABUSE A07).

    `former_token` is the token of this browser's last first step for the same person: while its code is good it stays, so that
    going back and forth does not void the code on the phone. Raises `TooManyFromHere` (not for a trusted device: ABUSE A12).
    """
    device = queries.trusted_device(answer.person_id, browser.device_token)
    if device is None:
        guards.check_free(rules.address_bucket(browser.address), rules.TooManyFromHere, now=now)
    person = queries.any_person(answer.person_id)
    failure = _failure(answer, person, device, now=now)
    if failure is not None or person is None:
        _refuse(actor=actor, answer=answer, person=person, browser=browser, device=device, failure=failure, now=now)
        return None
    guards.clear(rules.account_bucket(answer.username, _id(device)))
    if answer.upgraded:
        Person.objects.across_tenants(reason="a stronger hash of the same password", opens_wall=False).filter(
            pk=person.pk
        ).update(password=answer.upgraded)
    publish(FirstStepPassed(**about(person), trusted_device=device is not None))
    token = former_token if _is_good(person.pk, former_token, now=now) else new_token(256)
    return FirstStep(person_id=person.pk, browser_token=token, device_id=_id(device))


def _failure(
    answer: PasswordAnswer, person: Person | None, device: TrustedDevice | None, *, now: datetime
) -> SignInFailure | None:
    # Hashing is done by now: parallel guesses at one account wait here for each other, and those after the last allowed tell nothing.
    password = guards.hold(rules.account_bucket(answer.username, _id(device)), now=now)
    code = queries.guard_count(rules.code_bucket(answer.person_id or 0, _id(device)), now=now)
    if password.locked(now) or code.locked(now):
        return SignInFailure.LOCKED
    if person is None:
        return SignInFailure.UNKNOWN
    if not answer.right or person.password != answer.encoded:
        return SignInFailure.WRONG_PASSWORD
    if not person.is_active:
        return SignInFailure.DEACTIVATED
    if not queries.memberships_held(person.pk).exists():
        return SignInFailure.NO_PROFILE
    return None if queries.second_steps(person) else SignInFailure.NO_SECOND_STEP


def _refuse(
    *,
    actor: Actor,
    answer: PasswordAnswer,
    person: Person | None,
    browser: Browser,
    device: TrustedDevice | None,
    failure: SignInFailure | None,
    now: datetime,
) -> None:
    bucket = rules.account_bucket(answer.username, _id(device))
    publish(SignInFailed(**about(person), failure=str(failure)))
    until = guards.failed(bucket, rules.password_limit(), now=now)
    if until is not None:
        _lock(actor=actor, person=person, guard="password", until=until, trusted=device is not None, now=now)
    if device is None:
        shut = guards.failed(rules.address_bucket(browser.address), rules.address_limit(), now=now)
        if shut is not None:
            publish(SignInLocked(**about(None), guard="address", until=shut, trusted_device=False))


def _lock(*, actor: Actor, person: Person | None, guard: str, until: datetime, trusted: bool, now: datetime) -> None:
    publish(SignInLocked(**about(person), guard=guard, until=until, trusted_device=trusted))
    if person is None or not person.is_active:
        return
    minutes = -(-rules.seconds(until - now) // 60)
    tell(
        actor=actor, person=person, template="account_locked", key=f"locked:{person.pk}:{until.timestamp()}",
        context={"minutes": str(minutes)}, email=person.email, mobile="" if person.email else verified_mobile(person),
    )  # fmt: skip


@operation(section=None, why="the door: the password was right, the person is not in yet")
def take_second_step(
    *,
    actor: Actor,
    first: FirstStep,
    way: SecondStep,
    typed: str,
    browser: Browser,
    replaces: int | None = None,
    now: datetime,
) -> SignInResult:
    """Take the second step with a code by SMS, of an app, or of the recovery list; a right one opens a session.

    `typed` is what `rules.read_code` or `rules.read_recovery_code` returned. `replaces` is the session that this browser held.
    Raises `LinkNotGood` when the person may not come in any more.
    """
    bucket = rules.code_bucket(first.person_id, first.device_id)
    count = guards.hold(bucket, now=now)  # parallel guesses wait here and are counted one by one
    if count.locked(now):
        return SignInResult(answer=CodeAnswer(outcome=CodeOutcome.LOCKED, locked_until=count.locked_until))
    person = queries.person_at_the_door(first.person_id)
    rules.check_link(good=person is not None and way in queries.second_steps(person))
    assert person is not None  # noqa: S101 - said by the line before
    outcome = _try(person=person, first=first, way=way, typed=typed, now=now)
    if outcome is not CodeOutcome.ACCEPTED:
        return SignInResult(answer=_count(actor=actor, person=person, first=first, way=way, outcome=outcome, now=now))
    guards.clear(bucket)
    return begin_session(
        actor=actor,
        person=person,
        browser=browser,
        device_id=first.device_id,
        second_step=way,
        replaces=replaces,
        now=now,
    )


def _try(*, person: Person, first: FirstStep, way: SecondStep, typed: str, now: datetime) -> CodeOutcome:
    if way is SecondStep.APP:
        return try_authenticator(person=person, typed=typed, now=now)
    if way is SecondStep.RECOVERY:
        return try_recovery_code(person=person, typed=typed, now=now)
    outcome, _row = try_code(
        person=person, purpose=CodePurpose.SIGN_IN, browser_token=first.browser_token, typed=typed, now=now
    )
    return outcome


def _count(
    *, actor: Actor, person: Person, first: FirstStep, way: SecondStep, outcome: CodeOutcome, now: datetime
) -> CodeAnswer:
    publish(CodeWrong(**about(person), purpose=way, outcome=outcome))
    if outcome not in COUNTED:
        return CodeAnswer(outcome=outcome)
    until = guards.failed(rules.code_bucket(person.pk, first.device_id), rules.code_limit(), now=now)
    if until is None:
        return CodeAnswer(outcome=outcome)
    _lock(actor=actor, person=person, guard="code", until=until, trusted=first.device_id is not None, now=now)
    return CodeAnswer(outcome=CodeOutcome.LOCKED, locked_until=until)


def _is_good(person_id: int, token: str, *, now: datetime) -> bool:
    row = queries.latest_code(person_id, CodePurpose.SIGN_IN, queries.browser_hash(token)) if token else None
    return row is not None and row.used_at is None and row.superseded_at is None and now < row.expires_at


def _id(device: TrustedDevice | None) -> int | None:
    return None if device is None else device.pk
