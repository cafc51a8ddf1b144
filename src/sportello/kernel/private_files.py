"""Files that wait in the data folder for who may have them: whole or not there, closed to other users of the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

OWN_FOLDER = 0o700
OWN_FILE = 0o600


def private_folder(name: str) -> Path:
    """Return a folder of the data folder, made on first use and closed to other users of the machine (also one that was open)."""
    found = Path(settings.SPORTELLO["DATA_FOLDER"]) / name
    found.mkdir(mode=OWN_FOLDER, parents=True, exist_ok=True)
    if found.stat().st_mode & 0o077:
        found.chmod(OWN_FOLDER)
    return found


def remove(path: Path) -> None:
    """Remove a file, and what a process that died left of it, if they are there."""
    for one in (path, _half(path)):
        one.unlink(missing_ok=True)


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing: it is there under its name when it is whole and on the disk; what breaks off leaves nothing behind."""
    half = _half(path)
    half.unlink(missing_ok=True)  # of a process that died
    try:
        with os.fdopen(os.open(half, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWN_FILE), "w+b") as target:
            yield target
            target.flush()
            os.fsync(target.fileno())
        half.replace(path)
    except BaseException:
        half.unlink(missing_ok=True)
        raise


def _half(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")
