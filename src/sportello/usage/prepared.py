"""The folder of files that wait for one person each: written whole under a random name, removed when their time is over."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from sportello.kernel.crypto import new_token


def folder() -> Path:
    """Return the folder, made on first use, closed to other users of the machine."""
    found = Path(settings.SPORTELLO["DATA_FOLDER"]) / "prepared"
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def path_of(token: str) -> Path:
    """Return where the file of a token lies."""
    return folder() / token


@contextmanager
def new_file() -> Iterator[tuple[str, BinaryIO]]:
    """Open a new file for writing, with its token; what breaks off in the middle leaves nothing behind."""
    token = new_token()
    path = path_of(token)
    try:
        with path.open("xb") as target:
            yield token, target
            target.flush()
            os.fsync(target.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def remove(token: str) -> None:
    """Remove a file, if it is there."""
    if token:
        path_of(token).unlink(missing_ok=True)
