"""Prepared files whose time is over, and those that will never be ready."""

from __future__ import annotations

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from sportello.kernel.actor import Actor
from sportello.kernel.jobs.failed import given_up
from sportello.kernel.operations import operation, publish
from sportello.kernel.states import StateChanged, advance
from sportello.usage import prepared
from sportello.usage.events import PreparedExpired
from sportello.usage.models import DocumentationRequest, TrafficExport
from sportello.usage.operations.documentation import end_documentation
from sportello.usage.operations.exports import end_export
from sportello.usage.states import PREPARED_TRANSITIONS, PreparedState

KINDS = ((TrafficExport, "traffic_export"), (DocumentationRequest, "documentation_request"))
UNDER_WAY = (PreparedState.ASKED, PreparedState.PREPARING)
Prepared = TrafficExport | DocumentationRequest


def job_key(kind: type[Prepared], pk: int) -> str:
    """Return the key of the job that prepares a file."""
    return f"{'export' if kind is TrafficExport else 'documentation'}:{pk}"


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


def end_given_up(*, actor: Actor, now: datetime) -> int:
    """End as failed what nobody prepares any more, since its job failed for good (a full disk); return how many.

    Else its person would wait for ever, and, with one export at a time, never get another.
    """
    exports = TrafficExport.objects.for_(actor).filter(state__in=UNDER_WAY).select_related("person")
    documentations = DocumentationRequest.objects.for_(actor).filter(state__in=UNDER_WAY)
    waiting: list[Prepared] = [*exports, *documentations.select_related("person", "line")]
    lost = given_up(job_key(type(row), row.pk) for row in waiting)
    return sum(_ended(actor, row, now) for row in waiting if job_key(type(row), row.pk) in lost)


def _ended(actor: Actor, row: Prepared, now: datetime) -> bool:
    with translation.override(row.person.language):
        note = _("The file could not be made. Ask for it again; if that fails too, tell the operator.")
    try:
        if isinstance(row, TrafficExport):
            end_export(actor=actor, export=row, note=note, now=now)
        else:
            end_documentation(actor=actor, request=row, note=note, now=now)
    except StateChanged:  # a worker whose lease had run out brought it to its end
        return False
    return True


@operation(section=None, why="the system removes prepared files past their time")
def expire_one(*, actor: Actor, row: Prepared, kind: str) -> None:  # noqa: ARG001
    """Write down that a prepared file is gone."""
    advance(row, PreparedState.EXPIRED, transitions=PREPARED_TRANSITIONS)
    publish(PreparedExpired(organisation_id=row.organisation_id, subject_type=kind, subject_id=row.pk))
