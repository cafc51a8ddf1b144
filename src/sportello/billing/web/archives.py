"""Archives of bills: asked for, made in the background, handed to who asked for them alone."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.billing import operations
from sportello.billing.models import BillArchive
from sportello.billing.operations.archives import file_of
from sportello.billing.states import ArchiveState
from sportello.billing.web.forms import ArchiveForm
from sportello.kernel.access import Access, Section
from sportello.kernel.refusals import NotFound, NotPermitted
from sportello.kernel.scope import ScopedQuerySet
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals

MOST_SHOWN = 20


@page(section=Section.TRAFFIC_BILLING, methods=("GET", "POST"))
def archives(request: PageRequest) -> HttpResponse:
    """Show one's own archives, and ask for another."""
    if request.actor.access(Section.TRAFFIC_BILLING) is not Access.FULL:
        raise NotPermitted
    today = timezone.localdate()
    form = ArchiveForm(request.POST or None, initial={"first": today.replace(month=1, day=1), "last": today})
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            operations.ask_for_archive(actor=request.actor, now=timezone.now(), **form.cleaned_data)
            messages.success(request, _("The archive is being made. It will be here in a moment."))
            return redirect("billing:archives")
    mine = _own(request)
    rows = list(mine.order_by("-asked_at")[:MOST_SHOWN])
    context = {
        "title": _("Archives of bills"),
        "form": form,
        "rows": rows,
        "watching": any(row.state == ArchiveState.PENDING for row in rows),
        "older": max(0, mine.count() - MOST_SHOWN),
    }
    if request.method == "GET" and request.htmx and not request.htmx.boosted:
        return render(request, "billing/archives_list.html", context)
    return render(request, "billing/archives.html", context, status=422 if form.errors else 200)


@page(section=Section.TRAFFIC_BILLING)
def archive(request: PageRequest, token: str) -> HttpResponseBase:
    """Hand out an archive to the membership that asked for it, until it expires, and to nobody who views as it (ABUSE C04)."""
    if request.actor.read_only:
        raise NotPermitted
    row = _own(request).get_or_refuse(token=token, state=ArchiveState.READY, expires_at__gt=timezone.now())
    path = file_of(row)
    if not path.is_file():
        raise NotFound
    operations.record_download(actor=request.actor, bill=None, archive=row, what="archive")
    name = f"bills-{row.first.isoformat()}-{row.last.isoformat()}.zip"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/zip")


def _own(request: PageRequest) -> ScopedQuerySet[BillArchive]:
    return BillArchive.objects.for_(request.actor).filter(membership_id=request.actor.membership_id or 0)
