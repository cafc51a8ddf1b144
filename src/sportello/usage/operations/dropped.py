"""The drop folder: files are taken as soon as their manifest lies beside them, and put away with the answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings

from sportello.kernel.actor import Actor
from sportello.kernel.sentences import in_english
from sportello.usage.operations.loading import Clock, Taken, load_file
from sportello.usage.pipeline.check.record import microseconds
from sportello.usage.pipeline.read import MANIFEST_ENDING, manifest_path

TAKEN, REFUSED = "taken", "refused"
STILL_COMING: Final = timedelta(seconds=10)
"""A file that disagrees with its manifest is left alone this long after its last change: it may still be on its way."""


def take_dropped(*, actor: Actor, now: datetime, wait: bool = False) -> list[Taken]:
    """Load every file of the drop folder whose manifest is there, the oldest manifest first.

    A taken file goes to `taken/`, a refused one to `refused/` with its reasons in `NAME.reasons.txt`. A file without a manifest waits.
    Raises `StoreBusy` when another load runs and this one may not `wait`.
    """
    taken, clock = [], Clock(now)
    for path in ready_files(now):
        done = load_file(actor=actor, path=path, now=clock.now(), wait=wait)
        _put_away(path, done)
        taken.append(done)
    return taken


def drop_folder() -> Path:
    """Return the folder that the operator's systems write to; it is there."""
    folder = Path(settings.SPORTELLO["USAGE_DROP_FOLDER"])
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def manifests_wait() -> bool:
    """Tell whether there is a manifest in the drop folder: a look that costs nothing, for the schedule."""
    return next(drop_folder().glob(f"*{MANIFEST_ENDING}"), None) is not None


def ready_files(now: datetime) -> Iterator[Path]:
    """Give the files that can be taken now."""
    manifests = [path for path in drop_folder().glob(f"*{MANIFEST_ENDING}") if path.is_file()]
    for manifest in sorted(manifests, key=lambda path: (path.stat().st_mtime_ns, path.name)):
        path = manifest.with_name(manifest.name.removesuffix(MANIFEST_ENDING))
        if path.is_file() and not _still_coming(path, manifest, now):
            yield path


def _still_coming(path: Path, manifest: Path, now: datetime) -> bool:
    """Tell whether a file that does not agree with its manifest was written to a moment ago."""
    from sportello.usage.pipeline.read import read_manifest
    from sportello.usage.pipeline.read.manifest import check_content
    from sportello.usage.types import FileRefused

    newest = max(path.stat().st_mtime_ns, manifest.stat().st_mtime_ns)
    if microseconds(now - STILL_COMING) * 1000 > newest:
        return False
    try:
        check_content(path, read_manifest(path))
    except FileRefused:
        return True
    return False


def _put_away(path: Path, done: Taken) -> None:
    """Move a file and its manifest; a name that is there already gets the load's number before it."""
    folder = path.parent / (REFUSED if done.refused else TAKEN)
    folder.mkdir(exist_ok=True)
    name = path.name if not (folder / path.name).exists() else f"{done.load.pk}-{path.name}"
    target = folder / name
    if done.refused:
        (folder / f"{name}.reasons.txt").write_text(
            "".join(f"{in_english(reason)}\n" for reason in done.reasons), encoding="utf-8"
        )
    for old, new in ((path, target), (manifest_path(path), manifest_path(target))):
        with suppress(FileNotFoundError):  # the operator may have taken it away meanwhile
            old.replace(new)
