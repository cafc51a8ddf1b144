"""The folder of files that wait for one person each: written whole under a random name, removed when their time is over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from sportello.kernel.crypto import new_token
from sportello.kernel.private_files import private_folder, writing


def folder() -> Path:
    """Return the folder."""
    return private_folder("prepared")


def path_of(token: str) -> Path:
    """Return where the file of a token lies."""
    return folder() / token


@contextmanager
def new_file() -> Iterator[tuple[str, BinaryIO]]:
    """Open a new file for writing, with its token; what breaks off in the middle leaves nothing behind."""
    token = new_token()
    with writing(path_of(token)) as target:
        yield token, target


def remove(token: str) -> None:
    """Remove a file, if it is there."""
    if token:
        path_of(token).unlink(missing_ok=True)
