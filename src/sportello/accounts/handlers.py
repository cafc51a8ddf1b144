"""What accounts does on events of others."""

from __future__ import annotations

from sportello.accounts import tasks_people
from sportello.kernel.events import handles
from sportello.kernel.models import Event
from sportello.parties.events import OrganisationClosed


@handles(OrganisationClosed)
def end_sessions_of_closed(event: Event) -> None:
    """End what is left of the sessions: they let nobody in any more, and must not come back to life with the organisation."""
    tasks_people.end_sessions_of_organisation.enqueue(event.organisation_id, event.at.isoformat())
