"""Usage files, for the operator: what came in, what was refused and why, the rejected rows."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from sportello.kernel.access import Section
from sportello.kernel.refusals import NotFound
from sportello.kernel.ui.export import record_export
from sportello.kernel.web import PageRequest, page
from sportello.usage import queries
from sportello.usage.models import UsageLoad
from sportello.usage.web.tables import LoadList


@page(section=Section.OPERATIONS, methods=("GET", "POST"))
def loads(request: PageRequest) -> HttpResponseBase:
    """List the usage files."""
    context = {
        "title": _("Usage files"),
        "empty_title": _("No usage file has come in yet"),
        "empty_text": _("Drop files with their manifest into %(folder)s, or use the command “sportello usage load”.")
        % {"folder": settings.SPORTELLO["USAGE_DROP_FOLDER"]},
        "empty_icon": "file-import",
    }
    return LoadList(request, queries.loads()).respond(context=context)


@page(section=Section.OPERATIONS)
def load(request: PageRequest, pk: int) -> HttpResponse:
    """Show one usage file: its counts, and why it or its rows were refused."""
    row = _load(pk)
    return render(
        request, "usage/load.html", {"title": row.file_name, "load": row, "rejects": _reject_file(row) is not None}
    )


@page(section=Section.OPERATIONS)
def rejects(request: PageRequest, pk: int) -> HttpResponseBase:
    """Hand out the rejected rows: line number, reasons, the row as it came."""
    row = _load(pk)
    path = _reject_file(row)
    if path is None:
        raise NotFound
    record_export(actor=request.actor, listing="usage.rejects", form="csv", rows=row.rejected)
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name, content_type="text/csv; charset=utf-8")


def _load(pk: int) -> UsageLoad:
    row = queries.loads().filter(pk=pk).first()
    if row is None:
        raise NotFound
    return row


def _reject_file(row: UsageLoad) -> Path | None:
    if not row.reject_file:
        return None
    path = Path(row.reject_file)
    return path if path.is_file() else None
