"""One writer of the record store at a time: which ids are known must not change while a file is held against them."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from django.conf import settings
from django.db import connection

LOCK: Final = 0x7573_6167_65  # "usage"


class StoreBusy(Exception):
    """Another process writes the record store."""


@contextmanager
def one_writer(*, wait: bool = True) -> Iterator[None]:
    """Hold the right to write the record store; the death of the holder sets it free. Raises `StoreBusy` unless it may `wait`.

    PostgreSQL: an advisory lock of the session, for processes on any machine. SQLite: a lock on a file in the store's folder.
    """
    with _advisory(wait=wait) if connection.vendor == "postgresql" else _on_file(wait=wait):
        yield


@contextmanager
def _advisory(*, wait: bool) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s), true" if wait else "SELECT 1, pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[1]:
            raise StoreBusy
    try:
        yield
    finally:
        if connection.connection is not None and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


@contextmanager
def _on_file(*, wait: bool) -> Iterator[None]:
    folder = Path(settings.SPORTELLO["USAGE_FOLDER"])
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a") as handle:
        _flock(handle, wait=wait)
        yield


def _flock(handle: IO[str], *, wait: bool) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        raise StoreBusy from None
