"""Usage files, for the operator: what came in, what was refused and why, the rejected rows."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.kernel.access import Section
from sportello.kernel.refusals import NotFound
from sportello.kernel.ui.export import record_export
from sportello.kernel.web import PageRequest, page
from sportello.usage import queries
from sportello.usage.models import UsageLoad
from sportello.usage.pipeline.columns import COLUMNS
from sportello.usage.pipeline.read.manifest import MANIFEST_ENDING
from sportello.usage.states import LoadState
from sportello.usage.web.tables import LoadList

MILLISECOND: Final = timedelta(milliseconds=1)


@page(section=Section.OPERATIONS, methods=("GET", "POST"))
def loads(request: PageRequest) -> HttpResponseBase:
    """List the usage files."""
    context = {
        "title": _("Usage files"),
        "lead": _("CSV or Parquet, version 1, each with its manifest."),
        "columns": COLUMNS,
        "manifest_ending": MANIFEST_ENDING,
        "waiting": queries.waiting_files(timezone.now()),
        "empty_title": _("No usage file has come in yet"),
        "empty_text": _("Drop files with their manifest into %(folder)s, or use the command “sportello usage load”.")
        % {"folder": settings.SPORTELLO["USAGE_DROP_FOLDER"]},
        "empty_icon": "file-import",
    }
    return LoadList(request, queries.loads()).respond("usage/loads.html", context)


@page(section=Section.OPERATIONS)
def load(request: PageRequest, pk: int) -> HttpResponse:
    """Show one usage file: its counts, why it was refused, and the first of its rejected rows."""
    row = _load(pk)
    context = {
        "title": row.file_name,
        "load": row,
        "seconds": _seconds(row),
        "rejects": queries.first_rejects(row),
        "sha256_label": _("SHA-256 of the file") if row.state == LoadState.REFUSED else _("SHA-256"),
    }
    return render(request, "usage/load.html", context)


def _seconds(row: UsageLoad) -> Decimal | None:
    """Return how long the load took, or None while it runs."""
    if row.finished_at is None:
        return None
    return Decimal((row.finished_at - row.started_at) // MILLISECOND) / 1000


@page(section=Section.OPERATIONS)
def rejects(request: PageRequest, pk: int) -> HttpResponseBase:
    """Hand out the rejected rows: line number, reasons, the row as it came."""
    row = _load(pk)
    path = queries.reject_file(row)
    if path is None:
        raise NotFound
    record_export(actor=request.actor, listing="usage.rejects", form="csv", rows=row.rejected)
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name, content_type="text/csv; charset=utf-8")


def _load(pk: int) -> UsageLoad:
    row = queries.loads().filter(pk=pk).first()
    if row is None:
        raise NotFound
    return row
