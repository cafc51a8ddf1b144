"""The drop folder of bills: a file is taken once nobody has written to it for a moment, and put away with the answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings

from sportello.billing.fatturapa.envelope import MOST_BYTES
from sportello.billing.operations.loading import Outcome, load_file
from sportello.billing.states import Source
from sportello.kernel.actor import Actor
from sportello.kernel.locks import only_one
from sportello.kernel.sentences import in_english

TAKEN, REFUSED = "taken", "refused"
STILL_COMING: Final = timedelta(seconds=10)


def take_dropped(*, actor: Actor, now: datetime) -> list[Outcome]:
    """Take every file of the drop folder that is whole, the oldest first; a refused one goes to `refused/` with `NAME.reasons.txt`.

    One process at a time: while another is at it, nothing is taken here.
    """
    with only_one("bills-dropped") as mine:
        return list(_taken(actor, now)) if mine else []


def _taken(actor: Actor, now: datetime) -> Iterator[Outcome]:
    for path in waiting_files(now):
        with suppress(FileNotFoundError):  # the operator may take a file away at any moment
            outcome = load_file(actor=actor, name=path.name, content=content_of(path), source=Source.FOLDER, now=now)
            _put_away(path, outcome)
            yield outcome


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
    found = []
    for path in drop_folder().iterdir():
        with suppress(FileNotFoundError):
            if path.is_file() and not path.name.startswith("."):
                found.append((path.stat().st_mtime_ns, path.name, path))
    latest = (now - STILL_COMING).timestamp() * 1e9
    yield from (path for written_ns, _name, path in sorted(found) if written_ns <= latest)


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
