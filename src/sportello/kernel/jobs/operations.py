"""What the operator does with jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.events import DomainEvent
from sportello.kernel.models import Job, JobState
from sportello.kernel.operations import operation, publish
from sportello.kernel.states import StateChanged


@dataclass(frozen=True, kw_only=True)
class JobTriedAgain(DomainEvent):
    """The operator put a failed job into the queue again."""

    kind = "jobs.tried_again"
    sentence = _("The background job %(task)s was put into the queue again")
    news = False
    task: str


class JobHasNotFailed(StateChanged):
    """Only a failed job is tried again by hand."""

    default = _("This job has not failed: it is not tried again by hand.")


@operation(section=Section.OPERATIONS)
def try_again(*, actor: Actor, job: Job, now: datetime) -> None:
    """Put a failed job into the queue again with all its tries. Raises `JobHasNotFailed`."""
    changed = Job.objects.filter(pk=job.pk, state=JobState.FAILED).update(
        state=JobState.READY, attempts=0, run_after=now, finished_at=None, leased_until=None, error=""
    )
    if not changed:
        raise JobHasNotFailed
    publish(
        JobTriedAgain(organisation_id=actor.organisation_id, subject_type="job", subject_id=str(job.pk), task=job.task)
    )
