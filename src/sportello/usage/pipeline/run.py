"""Running one usage file through the pipeline: read, check, place, drop what is known, store, count.

Blocks of a file are read and judged side by side on as many threads as the load may use; what must go in order (which record
was there first) is decided between, by one thread; storing and summing go side by side again. Memory holds a few blocks,
however long the file is. Nothing counts until the caller has committed the result's parts and counters.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sportello.usage.pipeline.check.columnar import Judge
from sportello.usage.pipeline.count import Counting
from sportello.usage.pipeline.judged import Judged, judge_block
from sportello.usage.pipeline.kept import CountedBefore, Kept
from sportello.usage.pipeline.ledger import IdentityLedger
from sportello.usage.pipeline.payers import Payers
from sportello.usage.pipeline.place import Places
from sportello.usage.pipeline.read import Block, Manifest, UsageFile, open_usage, read_manifest
from sportello.usage.pipeline.read.manifest import Content, check_content, check_sums, content_of
from sportello.usage.pipeline.read.source import PIECE_BYTES
from sportello.usage.pipeline.rejects import RejectFile
from sportello.usage.pipeline.repeats import Repeats, contradictions
from sportello.usage.pipeline.sorting import months_of, sorted_records, sorted_runs
from sportello.usage.pipeline.store.protocol import UsageStore, UsageWriter
from sportello.usage.types import LoadResult, Part, Periods, PrivateTermsSource, Window

FEW_ROWS = 50_000
"""A file of so few rows asks inventory for its own numbers only, so that small batches are quick."""

GROUP_ROWS = 1_000_000
"""Rows that are held against the known ids together, and become one part."""

STRAY_ROWS = 50_000
"""Fewer rows than this of one month in a group wait for those of other groups, so that late records make no tiny parts."""


@dataclass
class Load:
    """One attempt to load one file. `load` is a token never used before; it names the parts."""

    path: Path
    load: str
    window: Window
    periods: Periods
    store: UsageStore
    known: Collection[Part]
    """Every part that counts: ids to tell what is known, records to tell whether a known one says the same."""
    reject_folder: Path
    terms: PrivateTermsSource | None = None
    """Tells which traffic employees pay themselves; without it the file's own marker says so."""
    source: str = ""
    threads: int = 2
    piece_bytes: int = PIECE_BYTES
    group_rows: int = GROUP_ROWS

    def run(self) -> LoadResult:
        """Run the file through the pipeline. Raises `FileRefused`; then nothing of it stays in the store.

        The digest is taken beside the work. A file that disagrees with it is refused for that, whatever else was found in it.
        """
        manifest = read_manifest(self.path)
        content_of(self.path)
        usage = open_usage(self.path, piece_bytes=self.piece_bytes)
        with ThreadPoolExecutor(1, thread_name_prefix="usage-digest") as beside:
            content = beside.submit(check_content, self.path, manifest)
            try:
                return self._tried(manifest, content, usage)
            except Exception:
                content.result()
                raise

    def _tried(self, manifest: Manifest, content: Future[Content], usage: UsageFile) -> LoadResult:
        try:
            return self._attempt(manifest, content, usage, hopeful=True)
        except CountedBefore:
            return self._attempt(manifest, content, usage, hopeful=False)

    def _attempt(self, manifest: Manifest, content: Future[Content], usage: UsageFile, *, hopeful: bool) -> LoadResult:
        writer = self.store.writer(f"{self.load}{'' if hopeful else '-again'}")
        rejects = RejectFile(self.reject_folder / f"{self.path.name}.{manifest.sha256[:12]}.rejected.csv")
        ledger = IdentityLedger(writer, self.store.known_ids(self.known), hopeful=hopeful)
        try:
            return _Running(self, manifest, content, writer, rejects, ledger).result(usage)
        except BaseException:
            writer.abandon()
            rejects.abandon()
            raise


@dataclass
class _Running:
    load: Load
    manifest: Manifest
    content: Future[Content]
    writer: UsageWriter
    rejects: RejectFile
    ledger: IdentityLedger
    rows: int = 0
    duplicates: int = 0
    amounts: list[int | None] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    counting: Counting = field(default_factory=Counting)
    strays: dict[date, list[Any]] = field(default_factory=dict)
    corrected: list[Any] = field(default_factory=list)

    def result(self, usage: UsageFile) -> LoadResult:
        pieces, numbers, parties = _numbers_of_few(usage.pieces())
        places = Places.of(self.load.periods.periods(numbers), self.load.window)
        judge = Judge(places, source=self.load.source)
        payers = self._payers(numbers, parties)
        repeats = Repeats(self.load.store, self.load.known, places.months)
        with ThreadPoolExecutor(self.load.threads, thread_name_prefix="usage-load") as pool:
            storing: deque[Future[_Stored]] = deque()
            for group in _grouped(self._judged(pieces, judge, payers, pool), self.load.group_rows):
                self._settle(group, places, repeats, pool, storing)
            while storing:
                self._collect(storing.popleft().result())
        for month in sorted(self.strays):
            self.parts.append(self.writer.add_records(month, [sorted_records(pa.concat_tables(self.strays[month]))]))
        self.ledger.confirm()
        self._reject_contradictions(usage, repeats)
        return self._checked(places, judge)

    def _payers(self, numbers: Collection[str] | None, parties: Collection[str] | None) -> Payers | None:
        if self.load.terms is None:
            return None
        return Payers(self.load.terms(window=self.load.window, numbers=numbers, parties=parties))

    def _reject_contradictions(self, usage: UsageFile, repeats: Repeats) -> None:
        unlike, before = repeats.unlike(self.parts), self.rejects.count
        if unlike:
            self.rejects.add(contradictions(usage.pieces(), unlike, self.load.periods))
            self.duplicates -= self.rejects.count - before

    def _checked(self, places: Places, judge: Judge) -> LoadResult:
        self.content.result().check_unchanged()
        amount_e5 = None if None in self.amounts else sum(filter(None, self.amounts))
        check_sums(self.manifest, rows=self.rows, amount_e5=amount_e5)
        counters = self.counting.deltas(places)
        rejected = self.rejects.count
        return LoadResult(
            rows=self.rows,
            loaded=self.rows - self.duplicates - rejected,
            duplicates=self.duplicates,
            rejected=rejected,
            reject_file=self.rejects.finish(),
            parts=(*self.parts, *self.ledger.parts),
            counters=counters,
            amount_checked=amount_e5 is not None,
            corrects_unknown=self._corrects_unknown(judge),
        )

    def _corrects_unknown(self, judge: Judge) -> list[str]:
        """Return the ids that corrections refer to and that no record has had, in this file or before: they may come later."""
        if not self.corrected:
            return []
        ids = judge.identities(pc.unique(pa.concat_arrays(self.corrected)))
        return sorted(self.ledger.unknown(ids)["record_id"].to_pylist())

    def _judged(
        self, pieces: Iterator[Callable[[], Block]], judge: Judge, payers: Payers | None, pool: ThreadPoolExecutor
    ) -> Iterator[Judged]:
        """Judge the blocks side by side, a few ahead of the one that is needed, and give them in order."""
        ahead: deque[Future[Judged]] = deque()
        for serial, piece in enumerate(pieces):
            ahead.append(pool.submit(_read_and_judge, serial, piece, judge, payers, self.load.window))
            if len(ahead) > 2 * self.load.threads:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()

    def _settle(
        self,
        group: list[Judged],
        places: Places,
        repeats: Repeats,
        pool: ThreadPoolExecutor,
        storing: "deque[Future[_Stored]]",
    ) -> None:
        kept = self.ledger.kept(group)
        self.rows += sum(judged.rows for judged in group)
        self.duplicates += kept.duplicates
        self.amounts += [judged.amount_e5 for judged in group]
        self.rejects.add(sorted(chain(kept.rejects, *(judged.rejects for judged in group))))
        if kept.rows or kept.repeated:
            storing.append(pool.submit(self._stored, kept, places, repeats))
        while len(storing) > self.load.threads:
            self._collect(storing.popleft().result())

    def _stored(self, kept: Kept, places: Places, repeats: Repeats) -> "_Stored":
        for repeated in kept.repeated:
            repeats.add(repeated)
        stored = _Stored([], [], list(_corrected(kept)))
        months = months_of(kept)
        for place, rows in months.items():
            runs = sorted_runs(kept, place, alone=len(months) == 1)
            if rows < min(STRAY_ROWS, kept.rows):
                stored.strays.extend((places.months[place], run) for run in runs)
            else:
                stored.parts.append(self.writer.add_records(places.months[place], runs))
        for _, verdict in kept.blocks:
            self.counting.add(verdict)
        return stored

    def _collect(self, stored: "_Stored") -> None:
        self.parts.extend(stored.parts)
        self.corrected.extend(stored.corrected)
        for month, table in stored.strays:
            self.strays.setdefault(month, []).append(table)


@dataclass(frozen=True)
class _Stored:
    parts: list[Part]
    strays: list[tuple[date, Any]]
    corrected: list[Any]


def _corrected(kept: Kept) -> Iterator[Any]:
    """Give the ids that loaded rows correct, block by block."""
    for body, _ in kept.blocks:
        for chunk in body["corrects"].chunks:
            if chunk.dictionary.to_pylist() != [""]:
                ids = chunk.dictionary.take(pc.unique(chunk.indices))
                yield ids.filter(pc.not_equal(ids, ""))


def _grouped(blocks: Iterator[Judged], rows: int) -> Iterator[list[Judged]]:
    """Gather blocks until they are worth a part of the store."""
    group: list[Judged] = []
    for judged in blocks:
        group.append(judged)
        if sum(each.rows for each in group) >= rows:
            yield group
            group = []
    if group:
        yield group


def _numbers_of_few(
    pieces: Iterator[Callable[[], Block]],
) -> tuple[Iterator[Callable[[], Block]], list[str] | None, list[str] | None]:
    """Return the pieces, and the billed and the called numbers where the whole file is one small block."""
    first = list(_taken(pieces, 2))
    if len(first) != 1:
        return chain(first, pieces), None, None
    block = first[0]()
    if block.table.num_rows > FEW_ROWS:
        return iter([lambda: block]), None, None
    numbers, parties = (pc.unique(block.table[name]).to_pylist() for name in ("msisdn", "other_party"))
    return iter([lambda: block]), numbers, parties


def _taken(pieces: Iterator[Callable[[], Block]], count: int) -> Iterator[Callable[[], Block]]:
    for _ in range(count):
        piece = next(pieces, None)
        if piece is not None:
            yield piece


def _read_and_judge(
    serial: int, piece: Callable[[], Block], judge: Judge, payers: Payers | None, window: Window
) -> Judged:
    block = piece()
    try:
        judged = judge_block(block, judge, window, serial=serial)
    finally:
        block.release()
    if payers is None:
        return judged
    body, verdict = payers.applied(judged.body, judged.verdict)
    return replace(judged, body=body, verdict=verdict)
