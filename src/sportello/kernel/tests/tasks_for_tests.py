"""Tasks that tests queue."""

import time
from datetime import timedelta

from sportello.kernel.jobs import job
from sportello.kernel.models import Job

RAN: list[object] = []


@job(retries=2, pause=timedelta(seconds=10))
def note(value: object) -> object:
    RAN.append(value)
    return value


@job(retries=2, pause=timedelta(seconds=10), longest=timedelta(seconds=15))
def stumble(value: object) -> None:
    RAN.append(value)
    raise ValueError("stumbled")


@job()
def robbed() -> None:
    """Run on while another worker takes the job over."""
    Job.objects.update(worker="another")
    time.sleep(0.2)
