"""Running the portal, on the operator's first page: usage files that came in, background jobs that failed or wait."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sportello.kernel.actor import Actor
from sportello.kernel.models import Job, JobState
from sportello.kernel.ui import formats
from sportello.shell.navigation import address
from sportello.shell.types import Figure, Parts
from sportello.usage import queries as usage
from sportello.usage.states import LoadState

RECENT = timedelta(days=1)


def parts(_actor: Actor, *, now: datetime) -> Parts:
    """Return how many usage files came in, how many background jobs failed in the last day, and how many wait or run now."""
    counts = Job.objects.filter(
        Q(state__in=(JobState.READY, JobState.RUNNING)) | Q(enqueued_at__gte=now - RECENT)
    ).aggregate(
        waiting=Count("pk", filter=Q(state=JobState.READY, run_after__lte=now)),
        running=Count("pk", filter=Q(state=JobState.RUNNING)),
        failed=Count("pk", filter=Q(state=JobState.FAILED)),
    )
    note = _("%(waiting)s waiting, %(running)s running") % {
        "waiting": formats.number(counts["waiting"]),
        "running": formats.number(counts["running"]),
    }
    jobs = Figure(
        label=_("Jobs that failed today"),
        value=formats.number(counts["failed"]),
        icon="settings-automation",
        url=f"{address('config:jobs')}?state=failed" if counts["failed"] else address("config:jobs"),
        note=note,
    )
    return Parts(figures=[_files(now), jobs])


def _files(now: datetime) -> Figure:
    """Return how many usage files came in during the last day, and how many of them were refused."""
    counts = (
        usage.loads()
        .filter(started_at__gte=now - RECENT)
        .aggregate(
            loaded=Count("pk", filter=Q(state=LoadState.LOADED)), refused=Count("pk", filter=Q(state=LoadState.REFUSED))
        )
    )
    refused = counts["refused"]
    return Figure(
        label=_("Usage files loaded today"),
        value=formats.number(counts["loaded"]),
        icon="file-import",
        url=address("usage:loads"),
        delta=ngettext("%(count)s refused", "%(count)s refused", refused) % {"count": formats.number(refused)}
        if refused
        else "",
        delta_tone="bad",
        note="" if refused else _("none refused"),
    )
