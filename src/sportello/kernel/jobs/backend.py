"""The database backend of Django's tasks interface: one row per job (ADR 0003)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskError, TaskResult, TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist

from sportello.kernel.jobs.declare import JobTask
from sportello.kernel.models import Job, JobState

_STATUS = {
    JobState.READY: TaskResultStatus.READY,
    JobState.RUNNING: TaskResultStatus.RUNNING,
    JobState.SUCCEEDED: TaskResultStatus.SUCCESSFUL,
    JobState.FAILED: TaskResultStatus.FAILED,
}


class DatabaseBackend(BaseTaskBackend):
    """Jobs as rows, written in the transaction of the change that causes them."""

    task_class = JobTask
    supports_defer = True
    supports_get_result = True
    supports_priority = True

    def enqueue(self, task: Task, args: Any, kwargs: Any) -> TaskResult[Any]:  # type: ignore[type-arg]
        """Write one waiting job."""
        self.validate_task(task)
        return self._result(self._insert(task, args, kwargs, key=None))

    def enqueue_once(self, key: str, task: Task, args: Any, kwargs: Any) -> TaskResult[Any] | None:  # type: ignore[type-arg]
        """Write one waiting job unless `key` is taken."""
        self.validate_task(task)
        try:
            with transaction.atomic():
                return self._result(self._insert(task, args, kwargs, key=key))
        except IntegrityError:
            return None

    def get_result(self, result_id: str) -> TaskResult[Any]:
        """Return the state of a job by its id."""
        try:
            return self._result(Job.objects.get(pk=result_id))
        except (Job.DoesNotExist, ValidationError) as missing:
            raise TaskResultDoesNotExist(result_id) from missing

    @staticmethod
    def _insert(task: Task, args: Any, kwargs: Any, *, key: str | None) -> Job:  # type: ignore[type-arg]
        now = timezone.now()
        return Job.objects.create(
            task=task.module_path,
            args=list(args),
            kwargs=kwargs,
            queue=task.queue_name,
            priority=task.priority,
            key=key,
            enqueued_at=now,
            run_after=task.run_after or now,
        )

    def _result(self, row: Job) -> TaskResult[Any]:
        last_line = row.error.strip().rsplit("\n", 1)[-1]
        errors = [TaskError(exception_class_path=last_line.split(":")[0], traceback=row.error)] if row.error else []
        result: TaskResult[Any] = TaskResult(
            task=import_string(row.task),
            id=str(row.pk),
            status=_STATUS[JobState(row.state)],
            enqueued_at=row.enqueued_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
            last_attempted_at=row.started_at,
            args=row.args,
            kwargs=row.kwargs,
            backend=self.alias,
            errors=errors,
            worker_ids=[row.worker] if row.worker else [],
        )
        object.__setattr__(result, "_return_value", row.result)
        return result
