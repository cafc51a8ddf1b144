"""Taking traffic out: the small at once, the large prepared in the background and listed until they expire."""

from __future__ import annotations

import tempfile

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.kernel.access import Section
from sportello.kernel.refusals import InvalidInput, NotFound
from sportello.kernel.ui.export import record_export
from sportello.kernel.web import PageRequest, page
from sportello.usage import operations, prepared, queries
from sportello.usage.analysis.address import read_asked
from sportello.usage.exports.queries import own_exports
from sportello.usage.exports.sheets import TYPES, Sheet, write
from sportello.usage.models import DocumentationRequest, TrafficExport
from sportello.usage.operations.exports import Wanted
from sportello.usage.states import ExportContent, ExportForm, PreparedState
from sportello.usage.web.numbers import clear_until
from sportello.usage.web.parts import part_tabs

WATCHED = frozenset({PreparedState.ASKED, PreparedState.PREPARING})


@page(section=Section.TRAFFIC_BILLING)
def exports(request: PageRequest) -> HttpResponse:
    """List the reader's own large exports, the newest first."""
    rows = list(own_exports(request.actor)[:50])
    context = {
        "title": _("Exports"),
        "lead": _("Large exports are prepared in the background. They are yours alone and are removed after a day."),
        "tabs": part_tabs(request.actor, "usage:exports"),
        "rows": [{"row": row, "share": share_done(row)} for row in rows],
        "watching": any(row.state in WATCHED for row in rows),
        "own_lines": queries.own_lines(request.actor) if queries.sees_own_only(request.actor) else [],
    }
    partial = bool(request.htmx) and not request.htmx.boosted
    return render(request, "usage/exports_list.html" if partial else "usage/exports.html", context)


def share_done(row: TrafficExport | DocumentationRequest) -> int | None:
    """Return how much of a file is written, in hundredths; None while nobody knows."""
    if row.state != PreparedState.PREPARING or not row.rows_total:
        return None
    return min(row.rows_done * 100 // row.rows_total, 99)


@page(section=Section.TRAFFIC_BILLING, methods=("POST",))
def ask_export(request: PageRequest) -> HttpResponseBase:
    """Take out what the posted address asks for: the file at once, or a place in the list of exports."""
    wanted = _wanted(request)
    sheet = operations.small_sheet(request.actor, wanted, now=timezone.now())
    if sheet is not None:
        return _at_once(request, sheet, wanted)
    operations.ask_export(actor=request.actor, wanted=wanted, now=timezone.now())
    messages.success(request, _("This is a large export: it is being prepared in the background."))
    return redirect("usage:exports")


@page(section=Section.TRAFFIC_BILLING)
def export_file(request: PageRequest, pk: int) -> HttpResponseBase:
    """Hand a prepared export to the person who asked for it, and to nobody else (ABUSE C04)."""
    row = own_exports(request.actor).get_or_refuse(pk=pk)
    now = timezone.now()
    if row.state != PreparedState.READY or row.expires_at is None or row.expires_at <= now:
        raise NotFound
    path = prepared.path_of(row.file_token)
    if not path.is_file():
        raise NotFound
    operations.take_export(actor=request.actor, export=row, now=now)
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=row.file_name, content_type=TYPES[ExportForm(row.form)]
    )


def _wanted(request: PageRequest) -> Wanted:
    words = {name: value for name, value in request.POST.items() if isinstance(value, str)}
    form, content = words.get("form", ""), words.get("content", "")
    if form not in ExportForm.values or content not in ExportContent.values:
        raise InvalidInput(_("Exports are CSV, XLSX or PDF."))
    asked = read_asked(request.actor, words, today=timezone.localdate())
    clear = content == ExportContent.RECORDS and clear_until(request) is not None
    return Wanted(content=ExportContent(content), form=ExportForm(form), asked=asked, clear_numbers=clear)


def _at_once(request: PageRequest, sheet: Sheet, wanted: Wanted) -> FileResponse:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    rows = write(sheet, file, wanted.form, zone=timezone.get_current_timezone())
    listing = f"usage.{wanted.content.value}"
    record_export(actor=request.actor, listing=listing, form=wanted.form.value, rows=rows)
    file.seek(0)
    name = f"{sheet.name}.{wanted.form.value}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=TYPES[wanted.form])
