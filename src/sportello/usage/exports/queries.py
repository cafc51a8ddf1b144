"""Prepared files of the reader's own."""

from __future__ import annotations

from sportello.kernel.actor import Actor
from sportello.kernel.scope import ScopedQuerySet
from sportello.usage.models import DocumentationRequest, ReportSchedule, TrafficExport
from sportello.usage.states import ReportState


def own_exports(actor: Actor) -> ScopedQuerySet[TrafficExport]:
    """Return the large exports that the reader asked for as the profile they act as, the newest first (ABUSE C04)."""
    rows = TrafficExport.objects.for_(actor).filter(
        person_id=actor.person_id or 0, membership_id=actor.membership_id or 0
    )
    return rows.order_by("-asked_at", "-pk")


def documentation_requests(actor: Actor) -> ScopedQuerySet[DocumentationRequest]:
    """Return the requests for traffic documentation: of the whole reach, or an employee's own; the newest first."""
    rows = DocumentationRequest.objects.for_(actor).select_related("line__organisation", "person")
    return rows.order_by("-asked_at", "-pk")


def report_schedules(actor: Actor) -> ScopedQuerySet[ReportSchedule]:
    """Return the scheduled reports inside the reader's reach that were not ended, by name."""
    rows = ReportSchedule.objects.for_(actor).exclude(state=ReportState.CLOSED).select_related("person")
    return rows.order_by("name", "pk")
