"""Showing the called numbers of the own traffic whole, after a fresh code (DOMAIN §6.4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sportello.accounts import operations as accounts
from sportello.accounts.models import Session
from sportello.accounts.states import CodePurpose
from sportello.accounts.types import CodeAnswer
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.usage import rules
from sportello.usage.events import ClearNumbersOpened
from sportello.usage.models import ClearNumbers

SHOWN_FOR: Final = timedelta(minutes=10)


@operation(section=Section.TRAFFIC_BILLING)
def ask_clear_numbers(*, actor: Actor, session: Session, now: datetime) -> bool:
    """Send the code that opens the called numbers; False when it cannot go out. `now` is the database's clock.

    Raises `NumbersStayMasked`, and what `send_fresh_code` raises.
    """
    rules.check_can_see_clear_numbers(actor)
    return accounts.send_fresh_code(actor=actor, session=session, purpose=CodePurpose.CALLED_NUMBERS, now=now)


@operation(section=Section.TRAFFIC_BILLING)
def open_clear_numbers(*, actor: Actor, session: Session, typed: str, now: datetime) -> CodeAnswer:
    """Take the code; the right one shows the called numbers in this session for some minutes. Raises `NumbersStayMasked`."""
    rules.check_can_see_clear_numbers(actor)
    answer = accounts.take_fresh_code(
        actor=actor, session=session, purpose=CodePurpose.CALLED_NUMBERS, typed=typed, now=now
    )
    if answer.accepted:
        until = now + SHOWN_FOR
        values = {"organisation_id": actor.organisation_id, "person_id": actor.person_id, "until": until}
        ClearNumbers.objects.for_(actor).update_or_create(session=session, defaults=values)
        publish(
            ClearNumbersOpened(
                organisation_id=actor.organisation_id,
                subject_type="person",
                subject_id=actor.person_id or "",
                until=until.isoformat(),
            )
        )
    return answer
