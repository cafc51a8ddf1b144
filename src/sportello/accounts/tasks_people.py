"""Background work about people."""

from __future__ import annotations

from datetime import datetime

from sportello.accounts import operations
from sportello.kernel.actor import system_actor
from sportello.kernel.jobs import job


@job(retries=5)
def end_sessions_of_organisation(organisation_id: int, closed_at: str) -> int:
    """End the sessions that began before an organisation was closed; return how many."""
    actor = system_actor(reason="the organisation was closed")
    return operations.end_sessions_of_organisation(
        actor=actor, organisation_id=organisation_id, closed_at=datetime.fromisoformat(closed_at)
    )
