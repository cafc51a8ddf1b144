"""The list of background jobs."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sportello.config.web import job_words as words
from sportello.kernel.models import Job, JobState
from sportello.kernel.ui.filters import Choice, Days, Filter
from sportello.kernel.ui.listing import Column, Kind, Listing
from sportello.kernel.ui.templatetags.ui import state

PERIODIC = Q(key__startswith="schedule:")
ROUTINE = PERIODIC | Q(task="sportello.messaging.tasks.deliver_simulated_texts")
"""Work that comes round by itself, or that periodic work asks for each time."""
WORK = (
    ("", _("Without routine work that went well")),
    ("periodic", _("Periodic work")),
    ("all", _("All")),
)


class ByTask(Filter):
    """A search among what tasks do, in the reader's words, and their paths."""

    template = "ui/filters/search.html"

    def narrow(self, rows: QuerySet[Any], query: QueryDict) -> QuerySet[Any]:
        """Return the jobs of the tasks found."""
        text = query.get(self.name, "").replace("\x00", "").strip()
        return rows.filter(Q(task__in=words.tasks_named(text)) | Q(task__icontains=text)) if text else rows


class Work(Choice):
    """Which jobs to show: routine work that went well would hide everything else."""

    template = "config/work_filter.html"

    def narrow(self, rows: QuerySet[Any], query: QueryDict) -> QuerySet[Any]:
        """Return the rows without routine work unless it is asked for, or did not go well."""
        asked = query.get(self.name, "")
        if asked == "all":
            return rows
        if asked == "periodic":
            return rows.filter(PERIODIC)
        return rows.exclude(ROUTINE & ~Q(state=JobState.FAILED)) if asked == "" else rows.none()


class JobList(Listing[Job]):
    """Background jobs, the newest first."""

    name = "config.jobs"
    columns = (
        Column[Job](
            "task",
            _("Task"),
            value=lambda row: words.title_of(row.task),
            link=lambda row: reverse("config:job", args=[row.pk]),
        ),
        Column[Job](
            "state",
            _("State"),
            value=lambda row: row.get_state_display(),
            cell=lambda row: state(row.state, row.get_state_display()),
        ),
        Column[Job]("error", _("Why"), value=words.error_of),
        Column[Job]("attempts", _("Tries"), kind=Kind.NUMBER),
        Column[Job]("enqueued_at", _("Asked"), sort="enqueued_at", kind=Kind.INSTANT),
        Column[Job]("run_after", _("Not before"), kind=Kind.INSTANT, shown=False),
        Column[Job]("finished_at", _("Ended"), kind=Kind.INSTANT),
    )
    filters = (
        ByTask("q", _("Task")),
        Choice("state", _("State"), JobState.choices),
        Work("work", _("Show"), WORK),
        Days("asked", _("Asked"), field="enqueued_at"),
    )
    default_sort = "-enqueued_at"
