"""What follows from what was asked for: the work in the background."""

from __future__ import annotations

from sportello.kernel.events import handles
from sportello.kernel.models import Event
from sportello.usage import tasks
from sportello.usage.events import DocumentationAsked, ExportAsked, ReportRun
from sportello.usage.models import DocumentationRequest, TrafficExport
from sportello.usage.operations.expiry import job_key


@handles(ExportAsked)
def prepare_export(event: Event) -> None:
    """Have a large export prepared."""
    pk = int(event.subject_id)
    tasks.prepare_export.enqueue_once(job_key(TrafficExport, pk), pk)


@handles(ReportRun)
def prepare_report(event: Event) -> None:
    """Have the export of a scheduled report prepared."""
    pk = int(event.payload["export_id"])
    tasks.prepare_export.enqueue_once(job_key(TrafficExport, pk), pk)


@handles(DocumentationAsked)
def prepare_documentation(event: Event) -> None:
    """Have a traffic documentation prepared."""
    pk = int(event.payload["request_id"])
    tasks.prepare_documentation.enqueue_once(job_key(DocumentationRequest, pk), pk)
