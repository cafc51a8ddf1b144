"""Text in buffers that are used again: asking the system for fresh memory costs more than reading into it."""

from collections import deque
from typing import Any

import pyarrow as pa


class Text:
    """The first `end` bytes of a buffer; whole rows of a file."""

    def __init__(self, buffer: bytearray | bytes, end: int | None = None) -> None:
        self.buffer = buffer
        self.end = len(buffer) if end is None else end

    def has(self, what: bytes) -> bool:
        """Tell whether the text holds some bytes."""
        return self.buffer.find(what, 0, self.end) >= 0

    def has_from_behind(self, what: bytes) -> bool:
        """Tell the same, looking from the end: quicker for two bytes of which the last is rare."""
        return self.buffer.rfind(what, 0, self.end) >= 0

    def count(self, what: bytes) -> int:
        """Count how often some bytes are there."""
        return self.buffer.count(what, 0, self.end)

    def arrow(self) -> Any:
        """Return the text as an Arrow buffer, without a copy."""
        return pa.py_buffer(memoryview(self.buffer)[: self.end])

    def copy(self) -> bytes:
        """Return the text as bytes of its own."""
        return bytes(memoryview(self.buffer)[: self.end])


class Buffers:
    """Buffers of a file that is being read; any thread may give one back."""

    def __init__(self) -> None:
        self._free: deque[bytearray] = deque()

    def take(self, size: int) -> bytearray:
        """Return a buffer of at least that many bytes, with anything in it."""
        while self._free:
            buffer = self._free.pop()
            if len(buffer) >= size:
                return buffer
        return bytearray(size)

    def give(self, buffer: bytearray) -> None:
        """Take a buffer back; nobody may look into it any more."""
        self._free.append(buffer)
