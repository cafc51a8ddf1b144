r"""Splitting CSV text into rows, exactly and row by row (RFC 4180): the way for text that the fast reader cannot be trusted with.

A row ends at the first line break outside quotes. A quote opens a field only at its start; inside, `""` is one quote. A line that
breaks these rules is one broken row, and reading goes on with the next line, so that one poisoned row costs no other
(ABUSE G20). A blank line is no row.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from sportello.usage.pipeline.columns import COLUMNS

MAX_ROW = 64 * 1024
"""No row that keeps the rules comes near this many bytes; a quoted field that is still open after them is never closed."""

_QUOTED = rb'"(?:[^"]|"")*+"'
_FIELD = rb'(?:%s|[^",\r\n]*+)' % _QUOTED
_INSIDE = rb'(?:[^"]|"")*+'
_CLOSED_ROW = re.compile(rb"%s(?:,%s)*+" % (_FIELD, _FIELD))
_OPEN_ROW = re.compile(rb'(?:%s,)*+"%s' % (_FIELD, _INSIDE))
_STAYS_OPEN = re.compile(_INSIDE)
_CLOSES = re.compile(rb'%s"(?:,%s)*+' % (_INSIDE, _FIELD))
_REOPENS = re.compile(rb'%s",(?:%s,)*+"%s' % (_INSIDE, _FIELD, _INSIDE))
_FIELDS = re.compile(rb'(?:^|,)(?:"((?:[^"]|"")*+)"|([^",]*+))')


class RawRow(NamedTuple):
    """A row as it came, without its line break, and the physical line on which it starts."""

    line: int
    text: bytes


class BrokenRow(NamedTuple):
    """A row that has not sixteen readable fields."""

    line: int
    text: bytes
    reason: str


@dataclass
class Split:
    """The rows of a piece of text; `rest` is what may be the beginning of a row that goes on in the next piece."""

    rows: list[RawRow] = field(default_factory=list)
    broken: list[BrokenRow] = field(default_factory=list)
    rest: bytes = b""
    rest_line: int = 0


def split_rows(text: bytes, first_line: int, *, last: bool) -> Split:
    """Split text that starts at a row's beginning; `last` when nothing follows. `first_line` is its physical line."""
    split = Split()
    lines = text.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    at = 0
    while at < len(lines):
        taken = _take(lines, at, first_line + at, split, last=last)
        if not taken:
            split.rest, split.rest_line = text[sum(map(len, lines[:at])) + at :], first_line + at
            break
        at += taken
    return split


def _take(lines: list[bytes], at: int, line: int, split: Split, *, last: bool) -> int:
    """Take one row from the lines and return how many lines it had, 0 when it may go on beyond them."""
    text = lines[at].removesuffix(b"\r")
    if not text:
        return 1
    if (b'"' not in text and b"\r" not in text) or _CLOSED_ROW.fullmatch(text):
        _add(split, line, text)
    elif _OPEN_ROW.fullmatch(lines[at]):
        return _take_long(lines, at, line, split, last=last)
    else:
        split.broken.append(BrokenRow(line, text, "a quote or carriage return stands inside an unquoted field"))
    return 1


def _take_long(lines: list[bytes], at: int, line: int, split: Split, *, last: bool) -> int:
    size = len(lines[at]) + 1
    for end in range(at + 1, len(lines)):
        size += len(lines[end]) + 1
        if size > MAX_ROW:
            break
        if b'"' not in lines[end] or _STAYS_OPEN.fullmatch(lines[end]) or _REOPENS.fullmatch(lines[end]):
            continue
        if _CLOSES.fullmatch(lines[end].removesuffix(b"\r")):
            _add(split, line, b"\n".join(lines[at : end + 1]).removesuffix(b"\r"))
            return end + 1 - at
        break
    else:
        if not last:
            return 0
    split.broken.append(BrokenRow(line, lines[at].removesuffix(b"\r"), "a quoted field is opened and never closed"))
    return 1


def _add(split: Split, line: int, text: bytes) -> None:
    if len(text) > MAX_ROW:
        split.broken.append(BrokenRow(line, text[:MAX_ROW], f"the row is longer than {MAX_ROW} bytes (cut off here)"))
        return
    count = text.count(b",") + 1 if b'"' not in text else len(read_fields(text))
    if count == len(COLUMNS):
        split.rows.append(RawRow(line, text))
    else:
        split.broken.append(BrokenRow(line, text, f"the row has {count} fields instead of {len(COLUMNS)}"))


def read_fields(text: bytes) -> list[bytes]:
    """Return the fields of one well-formed row."""
    if b'"' not in text:
        return text.split(b",")
    return [_unquoted(match) for match in _FIELDS.finditer(text)]


def _unquoted(match: re.Match[bytes]) -> bytes:
    quoted: bytes | None = match[1]
    return match[2] if quoted is None else quoted.replace(b'""', b'"')


def plain_rows(text: bytes, first_line: int) -> Iterator[RawRow]:
    """Give the rows of text of which each line is known to be one row."""
    lines = text.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    for offset, line in enumerate(lines):
        yield RawRow(first_line + offset, line.removesuffix(b"\r"))
