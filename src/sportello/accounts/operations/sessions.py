"""Signed-in browsers: begin, end, and which profile to act as."""

from __future__ import annotations

from datetime import datetime

from sportello.accounts import queries, rules, sessions
from sportello.accounts.events import MembershipChosen, SessionEnded, SignInSucceeded, about
from sportello.accounts.models import Membership, Person, Session, TrustedDevice
from sportello.accounts.states import CodeOutcome, SecondStep, SessionEnd
from sportello.accounts.types import Browser, CodeAnswer, SignInResult
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.crypto import keyed_hash, new_token
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import NotFound

INVITATION = "invitation"


def begin_session(
    *,
    actor: Actor,
    person: Person,
    browser: Browser,
    device_id: int | None,
    second_step: SecondStep | str,
    replaces: int | None = None,
    now: datetime,
) -> SignInResult:
    """Open a session for a person whose last step was right, inside the operation of that step. On record as the person.

    The browser becomes a trusted device of the person. Raises `LinkNotGood` when no profile is left to act as.
    """
    membership = queries.first_membership(person.pk)
    rules.check_link(good=membership is not None)
    assert membership is not None  # noqa: S101 - said by the line before
    own = sessions.actor_of(membership, request_id=actor.request_id, address=actor.address)
    undecided = queries.memberships_held(person.pk).count() > 1 and not Session.objects.filter(person=person).exists()
    value = _begin(
        actor=own, person=person, membership=membership, browser=browser, second_step=str(second_step), now=now
    )
    if replaces is not None:
        Session.objects.filter(pk=replaces, ended_at=None).update(ended_at=now)
    device = _trust(person, browser, device_id, now=now)
    right = CodeAnswer(outcome=CodeOutcome.ACCEPTED)
    return SignInResult(answer=right, session_value=value, device_value=device, must_choose=undecided)


@operation(section=None, why="the person has just proved who they are")
def _begin(
    *,
    actor: Actor,  # noqa: ARG001 - the operation records by it
    person: Person,
    membership: Membership,
    browser: Browser,
    second_step: str,
    now: datetime,
) -> str:
    row, value = sessions.open_session(
        person=person, membership=membership, now=now, address=browser.address, browser=browser.name
    )
    publish(SignInSucceeded(**about(person), second_step=second_step, session_id=row.pk))
    return value


def _trust(person: Person, browser: Browser, device_id: int | None, *, now: datetime) -> str:
    if device_id is not None and TrustedDevice.objects.filter(pk=device_id, person=person).update(last_used_at=now):
        return browser.device_token
    token = new_token(256)  # always a fresh one: a token that somebody planted in the browser becomes nobody's
    TrustedDevice.objects.create(
        person=person, token_hash=keyed_hash("device", token), created_at=now, last_used_at=now
    )
    return token


@operation(section=None, why="whoever is signed in may sign out, also while viewing as another")
def sign_out(*, actor: Actor, session: Session, now: datetime) -> None:  # noqa: ARG001 - the operation permits and records by it
    """End the session of this browser; its next request is a stranger's (ABUSE B01)."""
    number = Session.objects.filter(pk=session.pk, ended_at=None).update(ended_at=now)
    publish(SessionEnded(**about(session.person), how=SessionEnd.SIGN_OUT, number=number))


@operation(section=Section.OWN_ACCOUNT)
def end_session(*, actor: Actor, session_id: int, now: datetime) -> None:
    """End one of the actor's own sessions. Raises `NotFound` for one that is not theirs or not live."""
    rows = queries.live_sessions(actor.person_id or 0, now=now).filter(pk=session_id)
    if Session.objects.filter(pk__in=rows.values("pk")).update(ended_at=now) != 1:
        raise NotFound
    publish(SessionEnded(**about(queries.own_person(actor)), how=SessionEnd.BY_PERSON, number=1))


@operation(section=Section.OWN_ACCOUNT)
def end_other_sessions(*, actor: Actor, session: Session, now: datetime) -> int:
    """End all of the actor's sessions but this one; return how many."""
    person = queries.own_person(actor)
    number = sessions.end_sessions(person.pk, now=now, but=session.pk)
    publish(SessionEnded(**about(person), how=SessionEnd.BY_PERSON, number=number))
    return number


@operation(section=None, why="a person chooses among the profiles they hold, whatever those open")
def choose_membership(*, actor: Actor, session: Session, membership_id: int | str) -> Membership:  # noqa: ARG001 - the operation permits and records by it
    """Act as another of the profiles that the session's person holds. Raises `NotFound` for anything else."""
    held = queries.memberships_held(session.person_id).get_or_refuse(pk=membership_id)
    Session.objects.filter(pk=session.pk).update(membership=held, viewing_membership=None, viewing_reason="")
    publish(
        MembershipChosen(
            organisation_id=held.organisation_id, subject_type="person", subject_id=held.person_id,
            membership_id=held.pk, profile=held.profile,
        )
    )  # fmt: skip
    return held
