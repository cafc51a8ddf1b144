"""The employee's part: signing the terms with a one-time code, or declining."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sportello.accounts import operations as accounts
from sportello.accounts.models import Session
from sportello.accounts.states import CodePurpose
from sportello.accounts.types import CodeAnswer
from sportello.dual_billing import queries, rules
from sportello.dual_billing.events import DualBillingAccepted
from sportello.dual_billing.models import Enrolment
from sportello.dual_billing.operations.activating import start_enrolment
from sportello.dual_billing.operations.asking import about
from sportello.dual_billing.operations.ending import ended
from sportello.dual_billing.states import TRANSITIONS, EndReason, EnrolmentState
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor, system_actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.states import advance


@operation(section=Section.OWN_ACCOUNT)
def send_signing_code(*, actor: Actor, enrolment: Enrolment, session: Session, now: datetime) -> bool:
    """Send the code that signs the terms as they stand and nothing else; False when it cannot go out. `now` is the database's clock.

    Raises `NotFound` to everybody but the person, `NotAsked`, `LineNotYours`, and what `send_fresh_code` raises.
    """
    row = queries.own_enrolment(actor, enrolment.pk)
    rules.check_can_accept(row)
    terms = rules.digest_of_terms(row)
    return accounts.send_fresh_code(actor=actor, session=session, purpose=CodePurpose.SIGNATURE, subject=terms, now=now)


@operation(section=Section.OWN_ACCOUNT)
def accept_enrolment(
    *, actor: Actor, enrolment: Enrolment, session: Session, typed: str, shown: str, now: datetime
) -> CodeAnswer:
    """Take the code; the right one signs the terms, and dual billing counts from the first day on, never from before the signature.

    `shown` is the `rules.digest_of_terms` of the page: it is compared with the row under its lock, so that whoever changes the data at
    the same moment comes before the comparison or after the signature. Raises `NotFound`, `NotAsked`, `LineNotYours`, `TermsChanged`.
    """
    row = queries.own_enrolment(actor, enrolment.pk, lock=True)
    rules.check_can_accept(row)
    rules.check_shown(row, shown)
    terms = rules.digest_of_terms(row)
    answer = accounts.take_fresh_code(
        actor=actor, session=session, purpose=CodePurpose.SIGNATURE, typed=typed, subject=terms, now=now
    )
    if not answer.accepted:
        return answer
    since = rules.counts_from(row.start_date, ZoneInfo(row.organisation.time_zone), now)
    values: dict[str, Any] = {"accepted_at": now, "terms_version": rules.TERMS_VERSION, "active_from": since}
    advance(row, EnrolmentState.ACCEPTED, transitions=TRANSITIONS, **values)
    publish(
        DualBillingAccepted(**about(row), name=row.person.name, terms_version=rules.TERMS_VERSION, active_from=since)
    )
    if since <= now:
        start_enrolment(actor=system_actor(reason="the employee accepted dual billing"), enrolment=row, now=now)
    return answer


@operation(section=Section.OWN_ACCOUNT)
def decline_enrolment(*, actor: Actor, enrolment: Enrolment, now: datetime) -> None:
    """Decline: nothing is billed to the person. Raises `NotFound`, `NotAsked`."""
    row = queries.own_enrolment(actor, enrolment.pk)
    if row.state != EnrolmentState.ASKED:
        raise rules.NotAsked
    ended(row, EndReason.DECLINED, at=now, now=now)
