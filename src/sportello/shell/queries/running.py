"""Running the portal, on the operator's first page: background jobs that failed or wait."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from sportello.kernel.actor import Actor
from sportello.kernel.models import Job, JobState
from sportello.kernel.ui import formats
from sportello.shell.types import Figure, Parts

RECENT = timedelta(days=1)


def parts(_actor: Actor, *, now: datetime) -> Parts:
    """Return how many background jobs failed in the last day, and how many wait or run now."""
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
        url=f"{reverse('config:jobs')}?state=failed" if counts["failed"] else reverse("config:jobs"),
        note=note,
    )
    return Parts(figures=[jobs])
