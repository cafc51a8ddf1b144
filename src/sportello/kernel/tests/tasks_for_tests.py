"""Tasks that tests queue."""

from datetime import timedelta

from sportello.kernel.jobs import job

RAN: list[object] = []


@job(retries=2, pause=timedelta(seconds=10))
def note(value: object) -> object:
    RAN.append(value)
    return value


@job(retries=2, pause=timedelta(seconds=10), longest=timedelta(seconds=15))
def stumble(value: object) -> None:
    RAN.append(value)
    raise ValueError("stumbled")
