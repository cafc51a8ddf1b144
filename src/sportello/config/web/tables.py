"""The list of background jobs."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sportello.kernel.models import Job, JobState
from sportello.kernel.ui.filters import Choice, Days, Search
from sportello.kernel.ui.listing import Column, Kind, Listing
from sportello.kernel.ui.templatetags.ui import state


class JobList(Listing[Job]):
    """Background jobs, the newest first."""

    name = "config.jobs"
    columns = (
        Column[Job](
            "task",
            _("Task"),
            value=lambda row: row.task.removeprefix("sportello."),
            link=lambda row: reverse("config:job", args=[row.pk]),
        ),
        Column[Job](
            "state",
            _("State"),
            value=lambda row: row.get_state_display(),
            cell=lambda row: state(row.state, row.get_state_display()),
        ),
        Column[Job]("attempts", _("Tries"), kind=Kind.NUMBER),
        Column[Job]("enqueued_at", _("Asked"), sort="enqueued_at", kind=Kind.INSTANT),
        Column[Job]("run_after", _("Not before"), kind=Kind.INSTANT),
        Column[Job]("finished_at", _("Ended"), kind=Kind.INSTANT),
    )
    filters = (
        Search(("task__icontains",), label=_("Task")),
        Choice("state", _("State"), JobState.choices),
        Days("asked", _("Asked"), field="enqueued_at"),
    )
    default_sort = "-enqueued_at"
