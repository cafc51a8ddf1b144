"""A demo base that was broken off half-way is known by a mark, and is made anew: nobody should look at half of one."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection, connections

from sportello.config.demo_base.storing import REASON, DemoBaseMade
from sportello.kernel.models import Event
from sportello.kernel.refusals import WrongState
from sportello.parties.models import Organisation

MARK = "demo-base-unfinished"
AGAIN = "The demo base in %s was broken off half-way: it is made anew."
BY_HAND = "The demo base in %s was broken off half-way: empty its database, remove that folder, and start again."
BUSY = "Another process is making the demo base in %s: wait until it is done."


@contextmanager
def in_the_making() -> Iterator[None]:
    """Mark the folder while a base is made in it; the mark stays where the making is broken off.

    Nothing is marked where there are organisations already: what is there is not made here. Raises `WrongState` when another process
    is making one.
    """
    if Organisation.objects.across_tenants(reason=REASON).exists():
        yield
        return
    mark = _folder() / MARK
    mark.parent.mkdir(parents=True, exist_ok=True)
    with mark.open("w") as held:
        _hold(held.fileno())
        yield
        mark.unlink()


def clear_half_made() -> str:
    """Remove what was left of a demo base that was broken off, and return the sentence that says so, empty when there is none.

    Only a base whose own record says that it is a demo's is touched, and only in its own folder. Raises `WrongState` when it must be
    removed by hand, or is being made just now.
    """
    mark = _folder() / MARK
    if not mark.exists():
        return ""
    with mark.open("r+") as held:
        _hold(held.fileno())
        if not _holds_a_demo():
            mark.unlink()  # it ended before anything was stored: all of that is one transaction
            return ""
        if not _lies_in_folder():
            raise WrongState(BY_HAND % _folder())
        _remove()
        mark.unlink()
    return AGAIN % _folder()


def _folder() -> Path:
    folder: Path = settings.SPORTELLO["DATA_FOLDER"]
    return folder


def _hold(descriptor: int) -> None:
    """Lock the mark: the lock ends with the process that holds it, however that ends."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as taken:
        raise WrongState(BUSY % _folder()) from taken


def _holds_a_demo() -> bool:
    if Event._meta.db_table not in connection.introspection.table_names():  # noqa: SLF001 - its documented name
        return False
    return Event.append_only.filter(kind=DemoBaseMade.kind).exists()


def _database() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def _lies_in_folder() -> bool:
    return connection.vendor == "sqlite" and _database().resolve().parent == _folder().resolve()


def _remove() -> None:
    """Remove the database and what belongs to it; keys stay, and files that somebody dropped."""
    database = _database()
    connections.close_all()
    for ending in ("", "-wal", "-shm", "-journal"):
        database.with_name(database.name + ending).unlink(missing_ok=True)
    for folder in (settings.SPORTELLO["USAGE_FOLDER"], _folder() / "files", *_folder().glob("demo-usage-*")):
        if folder.resolve().is_relative_to(_folder().resolve()):
            shutil.rmtree(folder, ignore_errors=True)
