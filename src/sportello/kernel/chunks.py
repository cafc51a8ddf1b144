"""Long rows of things in pieces that fit into one query or one event (`itertools.batched` came with Python 3.12)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

T = TypeVar("T")

IN_ONE_QUERY: Final = 800
"""Values that one query asks for: SQLite takes 999 parameters."""


def in_chunks(items: Iterable[T], size: int = IN_ONE_QUERY) -> Iterator[list[T]]:
    """Yield the items in their order, in lists of `size`; the last one may be shorter, none is empty."""
    left = iter(items)
    while chunk := list(islice(left, size)):
        yield chunk
