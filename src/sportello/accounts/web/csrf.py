"""The page of a form that came without its token (ABUSE B07), on record like every refusal."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sportello.accounts.web.door import door_actor
from sportello.kernel.refused import record_refusal
from sportello.kernel.web import public


@public(why="Django calls it for a form without its token", methods=("POST", "PUT", "PATCH", "DELETE"))
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - the frame hands it over
    """Answer a form without its token; `reason` is Django's, for its log alone."""
    actor = getattr(request, "actor", None) or door_actor(request, reason="form without its token")
    record_refusal(actor=actor, method=request.method or "", path=request.path, status=403, name="CsrfFailure")
    return render(request, "403_csrf.html", {"status": 403}, status=403)
