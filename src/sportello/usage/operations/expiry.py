"""Prepared files whose time is over."""

from __future__ import annotations

from datetime import datetime

from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.states import advance
from sportello.usage import prepared
from sportello.usage.events import PreparedExpired
from sportello.usage.models import DocumentationRequest, TrafficExport
from sportello.usage.states import PREPARED_TRANSITIONS, PreparedState

KINDS = ((TrafficExport, "traffic_export"), (DocumentationRequest, "documentation_request"))


def expire_prepared(*, actor: Actor, now: datetime) -> int:
    """Expire what is ready and past its time, and remove the files; return how many."""
    count = 0
    for model, kind in KINDS:
        over = model.objects.for_(actor).filter(state=PreparedState.READY, expires_at__lte=now)
        for row in over:
            expire_one(actor=actor, row=row, kind=kind)
            prepared.remove(row.file_token)
            count += 1
    return count


@operation(section=None, why="the system removes prepared files past their time")
def expire_one(*, actor: Actor, row: TrafficExport | DocumentationRequest, kind: str) -> None:  # noqa: ARG001
    """Write down that a prepared file is gone."""
    advance(row, PreparedState.EXPIRED, transitions=PREPARED_TRANSITIONS)
    publish(PreparedExpired(organisation_id=row.organisation_id, subject_type=kind, subject_id=row.pk))
