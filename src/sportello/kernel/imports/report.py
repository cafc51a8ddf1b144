"""What an import would do, or did: one entry for every row of the file."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sportello.kernel.refusals import WrongState


class RowState(TextChoices):
    """What a row of a file is to what is stored."""

    NEW = "new", pgettext_lazy("a row", "New")
    CHANGED = "changed", pgettext_lazy("a row", "Changed")
    UNCHANGED = "unchanged", pgettext_lazy("a row", "Unchanged")
    WRONG = "wrong", pgettext_lazy("a row", "Wrong")


class PreviewOutdated(WrongState):
    """The file would no longer do what its preview showed: rights or rows changed since (ABUSE F09)."""

    default = _(
        "The data or your rights changed since this preview. Look at what the file would do now, then confirm again."
    )


@dataclass(frozen=True, slots=True)
class RowReport:
    """One row: its line in the file, its key as the file names it, what it changes and what is wrong with it.

    `changes` is {column: (before, after)} in words a reader knows; for a new row what it fills, before empty.
    `errors` is (column, reason) pairs, column empty for the whole row.
    """

    line: int
    state: RowState
    key: str
    changes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    errors: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ImportReport:
    """All rows of a file in its order. `applied` tells whether they were written: all of them, or none.

    `organisations` are the ids of those whose rows it shows: a stored preview is shown only while they are in reach.
    """

    rows: Sequence[RowReport]
    notices: Sequence[str] = ()
    organisations: frozenset[int] = frozenset()
    applied: bool = False

    @cached_property
    def counts(self) -> dict[str, int]:
        """Return how many rows are in each state, every state named."""
        found = Counter(row.state for row in self.rows)
        return {state.value: found[state] for state in RowState}

    @property
    def wrong(self) -> int:
        """Return how many rows are wrong: one is enough, and nothing is written."""
        return self.counts[RowState.WRONG]

    @property
    def changing(self) -> int:
        """Return how many rows would write something."""
        return self.counts[RowState.NEW] + self.counts[RowState.CHANGED]

    @cached_property
    def digest(self) -> str:
        """Return a hash of what the file would do, equal for equal effects (languages of the reasons apart)."""
        facts = [
            (row.line, row.state.value, row.key, sorted(row.changes.items()), [column for column, _why in row.errors])
            for row in self.rows
        ]
        return hashlib.sha256(json.dumps(facts, separators=(",", ":")).encode()).hexdigest()

    def done(self) -> ImportReport:
        """Return the same report, as applied."""
        return replace(self, applied=True)

    def packed(self) -> bytes:
        """Return the report as it is stored with its upload."""
        rows = [(row.line, row.state.value, row.key, dict(row.changes), row.errors) for row in self.rows]
        content = {
            "rows": rows,
            "notices": [str(notice) for notice in self.notices],
            "organisations": sorted(self.organisations),
            "applied": self.applied,
        }
        return zlib.compress(json.dumps(content, separators=(",", ":")).encode())

    @classmethod
    def unpacked(cls, packed: bytes) -> ImportReport:
        """Return the report behind `packed`."""
        content: dict[str, Any] = json.loads(zlib.decompress(packed))
        return cls(
            rows=[
                RowReport(
                    line=line,
                    state=RowState(state),
                    key=key,
                    changes={column: (before, after) for column, (before, after) in changes.items()},
                    errors=tuple((column, why) for column, why in errors),
                )
                for line, state, key, changes, errors in content["rows"]
            ],
            notices=content["notices"],
            organisations=frozenset(content["organisations"]),
            applied=content["applied"],
        )


def check_expected(report: ImportReport, expected: str) -> None:
    """Refuse when the file would not do what the preview with the digest `expected` showed (empty: nobody looked).

    Raises `PreviewOutdated`.
    """
    if expected and report.digest != expected:
        raise PreviewOutdated


def order_of_states() -> list[RowState]:
    """Return the states in the order a reader needs them: what is wrong comes first."""
    return [RowState.WRONG, RowState.NEW, RowState.CHANGED, RowState.UNCHANGED]
