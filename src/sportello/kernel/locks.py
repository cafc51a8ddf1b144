"""One process at a time for work that outlasts a transaction, on any machine that shares the database."""

from __future__ import annotations

import fcntl
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from sportello.kernel.private_files import private_folder


@contextmanager
def only_one(name: str) -> Iterator[bool]:
    """Hold the lock of a name, and tell whether it is held: False where another process has it. The death of the holder sets it free.

    PostgreSQL: an advisory lock of the session. SQLite, whose processes share a machine: a lock on a file of the data folder.
    """
    with _advisory(name) if connection.vendor == "postgresql" else _on_file(name) as held:
        yield held


@contextmanager
def _advisory(name: str) -> Iterator[bool]:
    key = zlib.crc32(name.encode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        held = bool(cursor.fetchone()[0])
    try:
        yield held
    finally:
        if held and connection.connection is not None and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


@contextmanager
def _on_file(name: str) -> Iterator[bool]:
    with (private_folder("locks") / name).open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
