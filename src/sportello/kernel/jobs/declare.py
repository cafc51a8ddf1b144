"""How a task declares its retries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar, cast

from django_tasks import task
from django_tasks.base import Task, TaskResult

P = ParamSpec("P")
T = TypeVar("T")

URGENT, NORMAL, LATER = 50, 0, -50


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTask(Task):  # type: ignore[type-arg]
    """A task with its retries: `retries` more tries after the first, after `pause`, twice that, four times …, at most `longest`."""

    retries: int = 5
    pause: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(hours=1)

    def enqueue_once(self, key: str, /, *args: Any, **kwargs: Any) -> TaskResult[Any] | None:
        """Queue the task unless a job with `key` is there; return None when it is."""
        from sportello.kernel.jobs.backend import DatabaseBackend

        return cast("DatabaseBackend", self.get_backend()).enqueue_once(key, self, args, kwargs)

    def pause_before(self, attempt: int) -> timedelta:
        """Return the pause before try number `attempt` (2 = the first retry)."""
        doubled: timedelta = self.pause * 2 ** min(attempt - 2, 30)
        return min(doubled, self.longest)


def job(
    *,
    retries: int = 5,
    pause: timedelta = timedelta(seconds=5),
    longest: timedelta = timedelta(hours=1),
    priority: int = NORMAL,
    queue_name: str = "default",
) -> Callable[[Callable[P, T]], JobTask]:
    """Declare a background task: a module-level function that takes ids (plain JSON values) and is idempotent."""

    def declare(function: Callable[P, T]) -> JobTask:
        made = task(retries=retries, pause=pause, longest=longest, priority=priority, queue_name=queue_name)(function)
        return cast("JobTask", made)

    return declare
