"""Changes of many: the person's own, those whose job is lost, and what the chosen rows have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from sportello.inventory.models import Line
from sportello.kernel.actor import Actor
from sportello.kernel.models import Job, JobState
from sportello.thresholds.models import BulkChange, Threshold
from sportello.thresholds.states import BulkState

IDS_AT_ONCE: Final = 5_000
JOB_COMES_WITHIN: Final = timedelta(days=1)
"""After so long without a job a change is lost: the worker may have been away for hours."""


def bulk_change(actor: Actor, token: str) -> BulkChange:
    """Return a change of many by the token of its page: the person's own. Raises `NotFound`."""
    return BulkChange.objects.for_(actor).filter(person=actor.person_id or 0).get_or_refuse(token=token)


def lost_bulks(actor: Actor, now: datetime) -> list[BulkChange]:
    """Return the changes on their way whose job failed for good, or that have had none for a day."""
    on_their_way = (
        BulkChange.objects.for_(actor).filter(state__in=(BulkState.WAITING, BulkState.RUNNING)).order_by("pk")
    )
    rows = list(on_their_way)
    jobs: dict[str | None, str] = dict(
        Job.objects.filter(key__in=[row.job_key for row in rows]).values_list("key", "state")
    )
    return [row for row in rows if _is_lost(jobs.get(row.job_key), row.asked_at, now)]


def _is_lost(job: str | None, asked_at: datetime, now: datetime) -> bool:
    if job in (JobState.READY, JobState.RUNNING):
        return False
    return job == JobState.FAILED or now - asked_at > JOB_COMES_WITHIN


def measures_of(actor: Actor, ids: Sequence[int]) -> set[str]:
    """Return the measures of many thresholds."""
    found: set[str] = set()
    for some in _pieces(ids):
        rows = Threshold.objects.for_(actor).filter(pk__in=some).order_by()
        found |= set(rows.values_list("measure", flat=True).distinct())
    return found


def customers_of_lines(actor: Actor, ids: Sequence[int]) -> set[int]:
    """Return the customers of many lines."""
    found: set[int] = set()
    for some in _pieces(ids):
        rows = Line.objects.for_(actor).filter(pk__in=some).order_by()
        found |= set(rows.values_list("organisation_id", flat=True).distinct())
    return found


def _pieces(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + IDS_AT_ONCE] for start in range(0, len(ids), IDS_AT_ONCE))
