"""How much of one mail is read. What goes beyond is left out with a notice; the original is kept whole."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Limits of one mail; octets, except `text` (characters) and the counts."""

    octets: int = 60 * MEGABYTE
    headers: int = 256 * 1024
    parts: int = 300
    depth: int = 20
    files: int = 50
    file: int = 25 * MEGABYTE
    text: int = 200_000
    html: int = 1_000_000
    tags: int = 30_000
    html_depth: int = 1_000
    addresses: int = 100
    references: int = 50
