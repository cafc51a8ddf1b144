"""Where the contents of files lie: in the data folder, under random names, never under what their senders called them (ABUSE F01, C08)."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from django.conf import settings

from sportello.tickets import rules
from sportello.tickets.types import KeptFile, NewFile

TOKEN: Final = re.compile(r"[0-9a-f]{64}")
LEFT_BEHIND_AFTER: Final = 24 * 3600
"""Seconds after which a content without a row is nobody's: its transaction was given up."""


def keep(file: NewFile) -> KeptFile:
    """Write a content to the disk for good and return what its row says. The caller removes it when the row is not written."""
    name, kind = rules.cleaned_name(file.name), rules.kind_of_content(file.content)
    token = secrets.token_hex(32)
    path = path_of(token)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = path.with_suffix(".part")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        target.write(file.content)
        target.flush()
        os.fsync(target.fileno())
    half.replace(path)
    return KeptFile(
        token=token,
        name=name,
        content_type=kind,
        size=len(file.content),
        sha256=hashlib.sha256(file.content).hexdigest(),
        text=rules.searchable_text(kind=kind, content=file.content),
    )


def remove(files: Sequence[KeptFile]) -> None:
    """Remove contents whose rows were not written."""
    for file in files:
        path_of(file.token).unlink(missing_ok=True)


def path_of(token: str) -> Path:
    """Return where a content lies."""
    if not TOKEN.fullmatch(token):
        msg = "no token of a file"
        raise ValueError(msg)
    return _folder() / token[:2] / token


def sha256_of(token: str) -> str:
    """Return the SHA-256 of a content as it lies there now, empty when it is gone."""
    try:
        with path_of(token).open("rb") as source:
            return hashlib.file_digest(source, "sha256").hexdigest()
    except OSError:
        return ""


def sweep(is_known: Callable[[str], bool]) -> int:
    """Remove contents of a day ago and older that no row names; return how many."""
    removed, before = 0, time.time() - LEFT_BEHIND_AFTER
    for path in _folder().glob("??/*"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before and not is_known(path.name):
                path.unlink()
                removed += 1
    return removed


def _folder() -> Path:
    return Path(settings.SPORTELLO["DATA_FOLDER"]) / "ticket-files"
