"""Arranging rows and running races."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from django.db import connection, connections

from sportello.kernel.actor import system_actor
from sportello.kernel.operations import bulk_write

T = TypeVar("T")


def arrange() -> AbstractContextManager[None]:
    """Open a block in which a test may write rows directly."""
    return bulk_write(actor=system_actor(reason="a test arranges its rows"))


def in_threads(number: int, work: Callable[[int], T]) -> list[T | BaseException]:
    """Run `work(0) … work(number-1)` at the same instant, each on a database connection of its own; return results or exceptions."""
    results: list[T | BaseException] = [RuntimeError("did not run")] * number
    gate = threading.Barrier(number)

    def one(place: int) -> None:
        try:
            gate.wait(timeout=30)
            results[place] = work(place)
        except BaseException as raised:  # noqa: BLE001 - the test looks at what came out
            results[place] = raised
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(place,)) for place in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def wait_until_somebody_waits() -> None:
    """Return as soon as another connection waits for this transaction; fail where none does, for then nothing was raced."""
    deadline = time.monotonic() + 20
    while not _somebody_waits():
        assert time.monotonic() < deadline, "nobody waits for this transaction"
        time.sleep(0.02)


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return bool(cursor.fetchone()[0])
