"""The file of rows that were not loaded: where each stood, its id, every reason, and the row as it came."""

import csv
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from sportello.kernel.tabular.guarding import guard
from sportello.usage.pipeline.judged import Reject

HEADER = ("line", "record_id", "reasons", "row")


class RejectFile:
    """Written beside its name while the load runs; there under its name only when the load is whole and rejected something."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._partial = path.with_name(path.name + ".partial")
        self._handle: TextIO | None = None

    def add(self, rejects: Iterable[Reject]) -> None:
        """Append rejected rows."""
        for reject in rejects:
            if self._handle is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._handle = self._partial.open("w", encoding="utf-8", newline="")
                csv.writer(self._handle, lineterminator="\n").writerow(HEADER)
            texts = (reject.record_id, reject.reasons, reject.text.decode(errors="replace"))
            csv.writer(self._handle, lineterminator="\n").writerow((reject.line, *map(guard, texts)))
            self.count += 1

    def finish(self) -> Path | None:
        """Make the file durable under its name and return the name; None where nothing was rejected."""
        if self._handle is None:
            return None
        self._handle.flush()
        os.fsync(self._handle.fileno())
        self._handle.close()
        self._partial.replace(self.path)
        return self.path

    def abandon(self) -> None:
        """Remove what was written: the load is refused."""
        if self._handle is not None:
            self._handle.close()
            with suppress(FileNotFoundError):
                self._partial.unlink()
