"""Jobs that failed for good: what waits for them waits in vain, and has to say so."""

from __future__ import annotations

from collections.abc import Iterable

from sportello.kernel.chunks import in_chunks
from sportello.kernel.models import Job, JobState


def given_up(keys: Iterable[str]) -> frozenset[str]:
    """Return those of the keys (of `enqueue_once`) whose job failed in its last try; none that the operator is trying again."""
    failed = Job.objects.filter(state=JobState.FAILED)
    return frozenset(
        key for some in in_chunks(keys) for key in failed.filter(key__in=some).values_list("key", flat=True) if key
    )
