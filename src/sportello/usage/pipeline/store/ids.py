"""The identities of counted records: 128-bit hashes in sorted files, searched without reading them whole.

A file is the mark, the count, all upper halves in rising order, all lower halves in the same order; unsigned 64 bits, little
endian. A thousand ids are looked up among tens of millions in milliseconds, because a search touches only a few pages of the
mapped file; a million sorted ids walk through it in one direction.
"""

import mmap
import os
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sportello.usage.types import Part, PartKind

MARK = b"SPIDS001"
_HEAD = struct.Struct("<8sQ")
_SLICE = 1 << 22
"""Ids searched at a time, so that a large file never lies in memory whole."""


class IdFile:
    """One sorted file of ids, mapped into memory."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as handle:
            self.map = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
        mark, self.count = _HEAD.unpack_from(self.map)
        if mark != MARK or len(self.map) != _HEAD.size + 16 * self.count:
            raise ValueError(f"{path} is not a file of record ids, or it is cut off")
        whole = pa.py_buffer(self.map)
        self.hi = self._half(whole, 0)
        self.lo = self._half(whole, 1)

    def _half(self, whole: Any, half: int) -> Any:
        buffer = whole.slice(_HEAD.size + 8 * self.count * half, 8 * self.count)
        return pa.Array.from_buffers(pa.uint64(), self.count, [None, buffer])

    def among(self, hi: Any, lo: Any) -> Any:
        """Return which of the sorted ids stand in the file."""
        if len(hi) * 16 < self.count:
            return self._found(self.hi, self.lo, hi, lo)
        parts, start, done = [], 0, 0
        while start < self.count:
            stop = self._end_of_slice(start)
            end = len(hi) if stop == self.count else pc.search_sorted(hi, self.hi[stop]).as_py()
            parts.append(self._found(self.hi[start:stop], self.lo[start:stop], hi[done:end], lo[done:end]))
            self._forget(start, stop)
            start, done = stop, end
        return pa.concat_arrays(parts)

    def _end_of_slice(self, start: int) -> int:
        """Return where a slice ends: never between two ids of the same upper half."""
        stop = start + _SLICE
        return (
            self.count
            if stop >= self.count
            else int(pc.search_sorted(self.hi, self.hi[stop - 1], side="right").as_py())
        )

    def _found(self, stored: Any, stored_lo: Any, hi: Any, lo: Any) -> Any:
        if not len(stored) or not len(hi):
            return pa.repeat(pa.scalar(value=False), len(hi))
        places = pc.min_element_wise(pc.search_sorted(stored, hi), pa.scalar(len(stored) - 1, pa.uint64()))
        same = pc.equal(stored.take(places), hi)
        if not pc.any(same).as_py():
            return same
        both = pc.and_(same, pc.equal(stored_lo.take(places), lo))
        half = pc.and_not(same, both)
        return _with_neighbours((stored, stored_lo), (hi, lo), both, half) if pc.any(half).as_py() else both

    def _forget(self, start: int, stop: int) -> None:
        """Give the pages of a slice back, so that memory stays flat however many ids are stored."""
        for half in (0, 1):
            first = (_HEAD.size + 8 * (self.count * half + start)) // mmap.PAGESIZE * mmap.PAGESIZE
            self.map.madvise(mmap.MADV_DONTNEED, first, min(8 * (stop - start), len(self.map) - first))


def _with_neighbours(stored: tuple[Any, Any], needles: tuple[Any, Any], both: Any, half: Any) -> Any:
    """Look on where only the upper halves agree: another id with the same upper half may stand before ours."""
    found = both.to_pylist()
    for needle in pc.indices_nonzero(half).to_pylist():
        hi, lo = (each[needle] for each in needles)
        place = pc.search_sorted(stored[0], hi).as_py()
        while place < len(stored[0]) and stored[0][place] == hi:
            found[needle] = found[needle] or stored[1][place] == lo
            place += 1
    return pa.array(found, pa.bool_())


class KnownIdFiles:
    """All ids counted before, over many files."""

    def __init__(self, root: Path, parts: Iterable[Part]) -> None:
        self.root = root
        self.files: list[IdFile] = []
        for part in parts:
            self.add(part)

    def add(self, part: Part) -> None:
        """Count the ids of one more part as known."""
        if part.kind is PartKind.IDS and part.rows:
            self.files.append(IdFile(self.root / part.name))

    def among(self, hi: Any, lo: Any) -> Any:
        """Return which of the ids, sorted by their upper half, are known."""
        known = pa.repeat(pa.scalar(value=False), len(hi))
        for file in self.files:
            known = pc.or_(known, file.among(hi, lo))
        return known


def write_ids(path: Path, hi: Any, lo: Any) -> int:
    """Write sorted ids durably and return the size in bytes."""
    with path.open("xb") as handle:
        handle.write(_HEAD.pack(MARK, len(hi)))
        for half in (hi, lo):
            for chunk in _chunks(half):
                handle.write(_bytes(chunk))
        handle.flush()
        os.fsync(handle.fileno())
        return handle.tell()


def _chunks(half: Any) -> Sequence[Any]:
    return half.chunks if isinstance(half, pa.ChunkedArray) else [half]


def _bytes(chunk: Any) -> Any:
    return chunk.buffers()[1].slice(chunk.offset * 8, len(chunk) * 8) if len(chunk) else b""
