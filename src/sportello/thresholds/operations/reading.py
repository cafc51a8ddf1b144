"""Keeping how far a person has read their notices."""

from __future__ import annotations

from datetime import datetime

from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.thresholds.events import NoticesSeen
from sportello.thresholds.models import NoticeReader


@operation(section=Section.THRESHOLDS)
def mark_notices_seen(*, actor: Actor, now: datetime) -> None:
    """Keep that the person has seen all notices up to now; a second click at the same instant writes the same row."""
    row = NoticeReader(organisation_id=actor.organisation_id or 0, person_id=actor.person_id or 0, seen_until=now)
    NoticeReader.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["organisation", "person"],
        update_fields=["seen_until"],
    )
    publish(
        NoticesSeen(organisation_id=actor.organisation_id, subject_type="person", subject_id=row.person_id, until=now)
    )
