"""Handing out files: always as a download, never as a page of the portal (ABUSE F02, C08)."""

from __future__ import annotations

from django.http import FileResponse

from sportello.kernel.refusals import NotFound
from sportello.tickets import storage
from sportello.tickets.models import TicketFile


def handed_out(file: TicketFile) -> FileResponse:
    """Return a file as a download that no browser runs. Raises `NotFound` when its content is gone."""
    try:
        content = storage.path_of(file.token).open("rb")
    except OSError as gone:
        raise NotFound from gone
    response = FileResponse(content, as_attachment=True, filename=file.name, content_type="application/octet-stream")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
