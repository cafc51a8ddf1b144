"""The scheduler: writes each period's job once, however many schedulers run. The periods stand in `config/schedule.py`."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import close_old_connections, connection
from django.utils import timezone
from django.utils.module_loading import import_string

from sportello.kernel.jobs.declare import JobTask

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Every:
    """A task each `period`, or once a day at the local time `at` (Europe/Rome unless told).

    `when` names a cheap function that is asked first: no job is written while it says no (a folder watched each second).
    """

    task: str
    period: timedelta = timedelta(days=1)
    at: time | None = None
    zone: str = "Europe/Rome"
    args: tuple[str | int, ...] = field(default=())
    when: str = ""

    def slot(self, now: datetime) -> str | None:
        """Return the name of the slot that `now` lies in, or None before today's time has come."""
        if self.at is None:
            return str(int(now.astimezone(UTC).timestamp() // self.period.total_seconds()))
        local = now.astimezone(ZoneInfo(self.zone))
        return local.date().isoformat() if local.time() >= self.at else None


def enqueue_due(schedule: list[Every], *, now: datetime) -> int:
    """Write the jobs of the slots that `now` lies in and that nobody has written yet; return how many."""
    written = 0
    for entry in schedule:
        slot = entry.slot(now)
        if slot is None or (entry.when and not import_string(entry.when)()):
            continue
        task: JobTask = import_string(entry.task)
        written += task.enqueue_once(f"schedule:{entry.task}:{slot}", *entry.args) is not None
    return written


class Scheduler:
    """A thread that looks at the schedule every second."""

    def __init__(self, schedule: list[Every]) -> None:
        """Take the schedule (config/schedule.py)."""
        self.schedule = schedule
        self._stop = threading.Event()
        self._seen: set[str] = set()
        self._thread = threading.Thread(target=self._loop, name="scheduler", daemon=True)

    def start(self) -> None:
        """Start looking."""
        self._thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self._stop.set()
        self._thread.join(timeout=10)

    def _loop(self) -> None:
        while not self._stop.wait(0.5):
            try:
                close_old_connections()
                self._look(timezone.now())
            except Exception:  # the database away: say so and look again
                logger.exception("the scheduler could not write its jobs")
                self._stop.wait(5)
        connection.close()

    def _look(self, now: datetime) -> None:
        """Write what is due; slots already handed over by this process are not asked of the database again."""
        fresh = [entry for entry in self.schedule if f"{entry.task}:{entry.slot(now)}" not in self._seen]
        enqueue_due(fresh, now=now)
        self._seen = {f"{entry.task}:{entry.slot(now)}" for entry in self.schedule}
