"""Background jobs in the database, behind Django's tasks interface (`django-tasks`).

Declare with `@job(...)` on a module-level function of ids; `.enqueue(...)` writes one row in the caller's transaction.
"""

from sportello.kernel.jobs.declare import JobTask, job

__all__ = ["JobTask", "job"]
