"""The worker: takes jobs, keeps their leases alive, retries with growing pauses, takes over from workers that died."""

from __future__ import annotations

import logging
import os
import socket
import threading
import traceback
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Self

from django.db import close_old_connections, connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop

from sportello.kernel import row_security
from sportello.kernel.events import HANDLERS
from sportello.kernel.jobs.declare import JobTask
from sportello.kernel.jobs.handling import handle_event
from sportello.kernel.models import Event, Job, JobState

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
DEATHS = 3
"""Workers that a job may outlive whatever its retries: a machine that is switched off says nothing against the job."""
DIED: Final = gettext_noop("The worker died in every try.")
IDLE_PAUSE = 0.3
"""Seconds between two looks at an empty queue."""


def worker_name() -> str:
    """Return a name that says machine, process and thread."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.current_thread().name}"[:80]


def take(*, worker: str, now: datetime, queues: Sequence[str] = (), lease: timedelta = LEASE) -> Job | None:
    """Take the next job: due and waiting, or running with a lease that ran out. One worker wins; return None when idle."""
    due = Q(state=JobState.READY, run_after__lte=now) | Q(state=JobState.RUNNING, leased_until__lt=now)
    candidates = Job.objects.filter(due).order_by(F("priority").desc(), "run_after")
    if queues:
        candidates = candidates.filter(queue__in=queues)
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            candidates = candidates.select_for_update(skip_locked=True)
        row = candidates.first()
        if row is None:
            return None
        # PostgreSQL holds the row's lock, SQLite the only write transaction (IMMEDIATE): nobody else is between here and the commit.
        row.state, row.attempts, row.worker = JobState.RUNNING, row.attempts + 1, worker
        row.started_at, row.leased_until = now, now + lease
        row.save(update_fields=["state", "attempts", "worker", "started_at", "leased_until"])
        return row


def run(row: Job, *, lease: timedelta = LEASE) -> JobState:
    """Run a taken job to its end and record how it went; the lease is renewed meanwhile. Return the state it is left in."""
    task: JobTask = import_string(row.task)
    if row.attempts > max(task.retries, DEATHS) + 1:  # it took its worker down each time
        return _finish(row, state=JobState.FAILED, result=None, error=DIED)
    with _Heartbeat(row, lease=lease) as heartbeat:
        try:
            with row_security.door():
                result = task.func(*row.args, **row.kwargs)
        except Exception:  # noqa: BLE001 - whatever a task raises is recorded and retried
            return _failed(row, task, traceback.format_exc())
    if heartbeat.lost:
        logger.warning("job %s ended after its lease was lost", row.pk)
    return _finish(row, state=JobState.SUCCEEDED, result=result if _plain(result) else None, error="")


def run_due(*, now: datetime | None = None, most: int = 1000, queues: Sequence[str] = ()) -> int:
    """Run what is due, one after the other, in this thread (commands and tests); return how many ran."""
    for count in range(most):
        relay_events()
        row = take(worker=worker_name(), now=now or timezone.now(), queues=queues)
        if row is None:
            return count
        run(row)
    return most


def relay_events(*, most: int = 200) -> int:
    """Turn unhandled events into one job per handler, in order; return how many events were relayed."""
    with transaction.atomic():
        waiting = Event.append_only.filter(handled_at=None).order_by("id")
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True)
        events = list(waiting[:most])
        if not events:
            return 0
        for event in events:
            for handler in HANDLERS.get(event.kind, []):
                path = f"{handler.__module__}.{handler.__qualname__}"
                handle_event.enqueue_once(f"event:{event.pk}:{path}", event.pk, path)
        Event.append_only.filter(pk__in=[event.pk for event in events]).update(handled_at=timezone.now())
        return len(events)


class Worker:
    """A loop over the queue in some threads; `stop()` lets the running jobs end."""

    def __init__(self, *, threads: int = 2, queues: Sequence[str] = (), lease: timedelta = LEASE) -> None:
        """Take the number of threads and the queues to serve (none named = all)."""
        self.threads, self.queues, self.lease = threads, queues, lease
        self._stop = threading.Event()
        self._running: list[threading.Thread] = []

    def start(self) -> None:
        """Start the threads."""
        self._running = [
            threading.Thread(target=self._loop, name=f"job-{number}", daemon=True) for number in range(self.threads)
        ]
        for thread in self._running:
            thread.start()

    def stop(self, *, wait: float = 30.0) -> None:
        """Take no more jobs and wait up to `wait` seconds for those that run."""
        self._stop.set()
        for thread in self._running:
            thread.join(timeout=wait)

    def _loop(self) -> None:
        name = worker_name()
        while not self._stop.is_set():
            try:
                close_old_connections()
                relay_events()
                row = take(worker=name, now=timezone.now(), queues=self.queues, lease=self.lease)
                if row is None:
                    self._stop.wait(IDLE_PAUSE)
                    continue
                run(row, lease=self.lease)
            except Exception:  # the database away: say so and look again
                logger.exception("the worker could not reach its queue")
                self._stop.wait(2.0)
        connection.close()


class _Heartbeat:
    """Renews a job's lease from a thread of its own, three times per lease."""

    def __init__(self, row: Job, *, lease: timedelta) -> None:
        self.row, self.lease, self.lost = row, lease, False
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"lease-{row.pk}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._done.set()
        self._thread.join()

    def _beat(self) -> None:
        try:
            while not self._done.wait(self.lease.total_seconds() / 3):
                mine = Job.objects.filter(pk=self.row.pk, worker=self.row.worker, attempts=self.row.attempts)
                if not mine.update(leased_until=timezone.now() + self.lease):
                    self.lost = True
                    return
        except Exception:
            logger.exception("the lease of job %s could not be renewed", self.row.pk)
        finally:
            connection.close()


def _failed(row: Job, task: JobTask, error: str) -> JobState:
    if row.attempts > task.retries:
        logger.error("job %s (%s) failed for good\n%s", row.pk, row.task, error)
        return _finish(row, state=JobState.FAILED, result=None, error=error)
    now = timezone.now()
    Job.objects.filter(pk=row.pk, attempts=row.attempts, state=JobState.RUNNING).update(
        state=JobState.READY,
        run_after=now + task.pause_before(row.attempts + 1),
        leased_until=None,
        error=error,
    )
    logger.warning("job %s (%s) failed, will be tried again\n%s", row.pk, row.task, error)
    return JobState.READY


def _finish(row: Job, *, state: JobState, result: object, error: str) -> JobState:
    Job.objects.filter(pk=row.pk, attempts=row.attempts, state=JobState.RUNNING).update(
        state=state, finished_at=timezone.now(), leased_until=None, result=result, error=error
    )
    return state


def _plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | bool | list | dict)
