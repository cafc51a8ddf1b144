"""Which records of a load were counted before, decided as cheaply as may be."""

from collections.abc import Sequence
from typing import Any

import pyarrow.compute as pc

from sportello.usage.pipeline.judged import Judged
from sportello.usage.pipeline.kept import Kept, keep_all, keep_new, sorted_if_new
from sportello.usage.pipeline.store.protocol import KnownIds, UsageWriter
from sportello.usage.types import Part

HOPED_ROWS = 20_000_000
"""Ids that are held in memory until they are looked at together."""


class IdentityLedger:
    """Decides which rows of a load are new, group by group, and writes the ids of those that are.

    Most files hold nothing that was counted before. So the first group is held against all known ids; when it is new
    throughout, later ones are hoped to be, and all their ids are looked at together, which takes a third of the time. Where
    the hope was wrong (`CountedBefore`), the load is run again without it.
    """

    def __init__(self, writer: UsageWriter, known: KnownIds, *, hopeful: bool) -> None:
        self.parts: list[Part] = []
        self._writer = writer
        self._known = known
        self._hopeful = hopeful
        self._begun = False
        self._hoped: list[Any] = []

    def kept(self, group: Sequence[Judged]) -> Kept:
        """Return what of a group is loaded. Raises `CountedBefore`."""
        if self._begun and self._hopeful and not any(judged.unheld for judged in group):
            self._hoped += [judged.verdict.select(["hi", "lo"]) for judged in group]
            if sum(map(len, self._hoped)) > HOPED_ROWS:
                self.confirm()
            return keep_all(group)
        self.confirm()
        kept = keep_new(group, self._known)
        self._begun = True
        self._hopeful = self._hopeful and not kept.duplicates
        if kept.ids is not None and kept.rows:
            self._write(*kept.ids)
        return kept

    def confirm(self) -> None:
        """Look at the ids of all rows that were hoped to be new. Raises `CountedBefore`."""
        if self._hoped:
            self._write(*sorted_if_new(self._hoped, self._known))
            self._hoped = []

    def unknown(self, ids: Any) -> Any:
        """Return those of sorted ids (columns hi, lo) that were never counted, in this load or before; call it after `confirm`."""
        known = self._known.among(ids["hi"].combine_chunks(), ids["lo"].combine_chunks())
        return ids.filter(pc.invert(known))

    def _write(self, hi: Any, lo: Any) -> None:
        part = self._writer.add_ids(hi, lo)
        self._known.add(part)
        self.parts.append(part)
