"""The drop folder of bills: a file is taken once nobody has written to it for a moment, and put away with the answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings

from sportello.billing.fatturapa.envelope import MOST_BYTES
from sportello.billing.operations.loading import Outcome, load_file
from sportello.billing.states import Source
from sportello.kernel.actor import Actor
from sportello.kernel.sentences import in_english

TAKEN, REFUSED = "taken", "refused"
STILL_COMING: Final = timedelta(seconds=10)


def take_dropped(*, actor: Actor, now: datetime) -> list[Outcome]:
    """Take every file of the drop folder that is whole, the oldest first; a refused one goes to `refused/` with `NAME.reasons.txt`."""
    outcomes = []
    for path in waiting_files(now):
        outcome = load_file(actor=actor, name=path.name, content=content_of(path), source=Source.FOLDER, now=now)
        _put_away(path, outcome)
        outcomes.append(outcome)
    return outcomes


def content_of(path: Path) -> bytes:
    """Return the content of a file; of one that is too large just enough to be refused for it."""
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def drop_folder() -> Path:
    """Return the folder that the operator's systems write to; it is there."""
    folder = Path(settings.SPORTELLO["BILL_DROP_FOLDER"])
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def files_wait() -> bool:
    """Tell whether anything lies in the drop folder: a look that costs nothing, for the schedule."""
    return any(path.is_file() for path in drop_folder().iterdir())


def waiting_files(now: datetime) -> Iterator[Path]:
    """Give the files that nobody has written to for a moment; names that begin with a dot are still being written."""
    found = [path for path in drop_folder().iterdir() if path.is_file() and not path.name.startswith(".")]
    for path in sorted(found, key=lambda one: (one.stat().st_mtime_ns, one.name)):
        if path.stat().st_mtime <= (now - STILL_COMING).timestamp():
            yield path


def _put_away(path: Path, outcome: Outcome) -> None:
    folder = path.parent / (REFUSED if outcome.refused else TAKEN)
    folder.mkdir(exist_ok=True)
    name = path.name if not (folder / path.name).exists() else f"{outcome.file.sha256[:12]}-{path.name}"
    if outcome.refused:
        reasons = "".join(
            f"{one['rule']} {one['line'] or ''} {in_english(one['reason'])}\n" for one in outcome.file.problems
        )
        (folder / f"{name}.reasons.txt").write_text(reasons, encoding="utf-8")
    path.replace(folder / name)
