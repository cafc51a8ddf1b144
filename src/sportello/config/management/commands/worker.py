"""`sportello worker`: run background jobs, and the scheduler, until told to stop."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from sportello.config.schedule import SCHEDULE
from sportello.kernel.jobs.scheduler import Scheduler
from sportello.kernel.jobs.worker import Worker


class Command(BaseCommand):
    """Run background jobs until told to stop; any number of workers may run."""

    requires_system_checks = ()
    help = "Run background jobs (and the scheduler) until told to stop. Any number of workers may run at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the number of threads, the queues, and whether to schedule."""
        parser.add_argument("--threads", type=int, default=3)
        parser.add_argument("--queue", action="append", default=[], help="serve only this queue (may be repeated)")
        parser.add_argument("--no-scheduler", action="store_true")
        parser.add_argument("--until-idle", action="store_true", help="stop when nothing is due")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        if options["until_idle"]:
            from sportello.kernel.jobs.worker import run_due

            self.stdout.write(f"{run_due()} jobs run")
            return
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        worker = Worker(threads=options["threads"], queues=options["queue"])
        scheduler = None if options["no_scheduler"] else Scheduler(SCHEDULE)
        worker.start()
        if scheduler:
            scheduler.start()
        stop.wait()
        if scheduler:
            scheduler.stop()
        worker.stop()
