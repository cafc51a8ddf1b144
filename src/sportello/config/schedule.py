"""All periods of the portal, in one place. The scheduler writes one job per slot, however many schedulers run."""

from __future__ import annotations

from datetime import timedelta

from sportello.kernel.jobs.scheduler import Every

SCHEDULE = [
    Every("sportello.kernel.tasks.purge_done_jobs", period=timedelta(minutes=10)),
    Every("sportello.messaging.tasks.deliver_due", period=timedelta(seconds=20)),
]
