"""Running the portal: what is well, background jobs, and the addresses that load balancers ask."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.config import health
from sportello.config.web import job_words
from sportello.config.web.tables import JobList
from sportello.kernel.access import Section
from sportello.kernel.jobs.operations import try_again
from sportello.kernel.models import Job, JobState
from sportello.kernel.refusals import NotFound
from sportello.kernel.web import PageRequest, page, public


@page(section=Section.OPERATIONS)
def check(request: PageRequest) -> HttpResponse:
    """Show what is well and what is not."""
    found = health.look(now=timezone.now())
    return render(request, "config/check.html", {"found": found, "looked_at": timezone.now()})


@page(section=Section.OPERATIONS, methods=("GET", "POST"))
def jobs(request: PageRequest) -> HttpResponseBase:
    """List the background jobs."""
    periodic = job_words.periodic()
    context = {
        "periodic": periodic,
        "periodic_failed": any(one.last and one.last.state == JobState.FAILED for one in periodic),
        "title": _("Background jobs"),
        "empty_title": _("No job has run yet"),
        "empty_text": _("Jobs appear here as soon as something is to be done in the background."),
    }
    return JobList(request, Job.objects.all()).respond("config/jobs.html", context)


@page(section=Section.OPERATIONS)
def job(request: PageRequest, pk: str) -> HttpResponse:
    """Show one job with its error."""
    row = _job(pk)
    title = job_words.title_of(row.task)
    context = {
        "title": title,
        "breadcrumbs": [(_("Background jobs"), reverse("config:jobs")), (title, "")],
        "job": row,
        "error": job_words.error_of(row),
    }
    return render(request, "config/job.html", context)


@page(section=Section.OPERATIONS, methods=("POST",))
def retry(request: PageRequest, pk: str) -> HttpResponse:
    """Try a failed job again."""
    row = _job(pk)
    try_again(actor=request.actor, job=row, now=timezone.now())
    messages.success(request, _("The job is in the queue again."))
    return redirect("config:job", pk=row.pk)


def _job(pk: str) -> Job:
    row = Job.objects.filter(pk=pk).first()
    if row is None:
        raise NotFound
    return row


@public(why="load balancers ask whether the process lives; the answer says nothing else")
def live(_request: HttpRequest) -> HttpResponse:
    """Answer that the process lives."""
    return HttpResponse("ok\n", content_type="text/plain")


@public(why="load balancers ask whether to send people here; the answer says nothing else")
def ready(_request: HttpRequest) -> HttpResponse:
    """Answer whether people can be served: 200 or 503."""
    well = health.is_ready()
    return HttpResponse("ok\n" if well else "not ready\n", status=200 if well else 503, content_type="text/plain")
