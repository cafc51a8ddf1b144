"""A fresh code of somebody who is signed in: proof that it still is them, before something delicate is shown or signed."""

from __future__ import annotations

from datetime import datetime

from sportello.accounts import rules
from sportello.accounts.events import CodeWrong, about
from sportello.accounts.models import Session
from sportello.accounts.operations import guards
from sportello.accounts.operations.codes import locked_person, send_code, try_code
from sportello.accounts.states import CodeOutcome, CodePurpose
from sportello.accounts.types import CodeAnswer
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish


@operation(section=Section.OWN_ACCOUNT)
def send_fresh_code(*, actor: Actor, session: Session, purpose: CodePurpose, subject: str = "", now: datetime) -> bool:
    """Send a code that is good in this session, for this purpose and for this `subject` alone. `now` is the database's clock.

    Return False when the message cannot go out. Raises `NoNumberForCodes`, `CodesAreFrozen`, `CodeTooSoon`.
    """
    return send_code(
        actor=actor, person_id=actor.person_id or 0, purpose=purpose, browser_token=_token(session, subject), now=now
    )


@operation(section=Section.OWN_ACCOUNT)
def take_fresh_code(
    *, actor: Actor, session: Session, purpose: CodePurpose, typed: str, subject: str = "", now: datetime
) -> CodeAnswer:
    """Take the code that was sent to this session for this purpose and subject; wrong ones of all purposes count together, and lock."""
    bucket = f"fresh:{actor.person_id}"
    count = guards.hold(bucket, now=now)
    if count.locked(now):
        return CodeAnswer(outcome=CodeOutcome.LOCKED, locked_until=count.locked_until)
    person = locked_person(actor.person_id or 0)
    token = _token(session, subject)
    outcome, row = try_code(person=person, purpose=purpose, browser_token=token, typed=typed, now=now)
    if row is None:
        publish(CodeWrong(**about(person), purpose=purpose, outcome=outcome))
        return CodeAnswer(outcome=outcome, locked_until=guards.failed(bucket, rules.code_limit(), now=now))
    guards.clear(bucket)
    return CodeAnswer(outcome=outcome)


def _token(session: Session, subject: str) -> str:
    return f"fresh:{session.key_hash}:{subject}" if subject else f"fresh:{session.key_hash}"
