"""Pieces of a file's text, and the Arrow table that a piece becomes: fast where the text is plain, exact where it is not."""

import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from django.utils.translation import gettext_noop

from sportello.kernel.sentences import kept
from sportello.usage.pipeline.columns import CODES, COLUMNS, WHOLE_ENDS
from sportello.usage.pipeline.read.rows import BrokenRow, RawRow, Split, plain_rows, split_rows
from sportello.usage.pipeline.read.text import Text
from sportello.usage.types import FileRefused

SHORT = (*CODES, "apn", "corrects")
"""Columns of few different values, kept as dictionaries."""

_LINE_MARK = "\x01"
_WELL_FORMED = r'^(?:"(?:[^"]|"")*"|[^",]*)(?:,(?:"(?:[^"]|"")*"|[^",]*))*$'
_MORE_THAN_EMPTY = r'[^,\n]""|""[^,\r\n]|(?:\A|[^"])"(?:[^"]|\z)'
"""Finds any quote that does not belong to an empty quoted field: many systems write those and no others."""

_DICTIONARY = pa.dictionary(pa.int32(), pa.string())
TEXT_TYPES: dict[str, Any] = {name: _DICTIONARY if name in SHORT else pa.string() for name in COLUMNS}
TYPED_TYPES: dict[str, Any] = {
    **TEXT_TYPES,
    "started_at": pa.timestamp("us", tz="UTC"),
    **dict.fromkeys(WHOLE_ENDS, pa.uint64()),
}


def _nothing() -> None:
    """Release nothing: the block stands on no shared buffer."""


@dataclass(frozen=True)
class Block:
    """Rows as an Arrow table of the sixteen columns, and what of them has no sixteen fields.

    `typed` tells whether started_at and the whole numbers are read already (started_at timestamp[us, UTC], uint64) or text.
    `lines` gives the rows as they came, in the table's order; it is asked only where a row must be shown, and not after
    `release`. `fields` gives the sixteen texts of one such row.
    """

    table: Any
    typed: bool
    lines: Callable[[], Sequence[RawRow]]
    fields: Callable[[RawRow, int], list[str]]
    broken: Sequence[BrokenRow] = ()
    release: Callable[[], None] = _nothing

    @property
    def rows(self) -> int:
        """Count every row that came, broken ones too."""
        return int(self.table.num_rows) + len(self.broken)


@dataclass(frozen=True)
class Piece:
    """Text of whole rows, starting at physical line `first_line`; `split` where its rows were told apart one by one.

    `release` gives the buffer of the text back; the block that the piece becomes passes it on.
    """

    text: Text
    first_line: int
    columns: tuple[str, ...]
    fields: Callable[[RawRow, int], list[str]]
    split: Split | None = None
    release: Callable[[], None] = _nothing

    def block(self) -> Block:
        """Read the piece. Raises `FileRefused` where it is not UTF-8."""
        if self.split is not None:
            return self._split_block(self.text.copy(), self.split)
        if _safe_for_types(self.text):
            with suppress(pa.ArrowInvalid):
                return self._block(TYPED_TYPES, typed=True)
        with suppress(pa.ArrowInvalid):
            return self._block(TEXT_TYPES, typed=False)
        text = self.text.copy()
        check_utf8(text, self.first_line)
        return self._split_block(text, split_rows(text, self.first_line, last=True))

    def _block(self, types: dict[str, Any], *, typed: bool) -> Block:
        table = _parsed(self.text.arrow(), self.columns, types)
        return Block(table, typed=typed, lines=self._lines, fields=self.fields, release=self.release)

    def _lines(self) -> list[RawRow]:
        return list(plain_rows(self.text.copy(), self.first_line))

    def _split_block(self, whole: bytes, split: Split) -> Block:
        check_utf8(whole, self.first_line)
        text = b"".join(row.text + b"\n" for row in split.rows)
        table = _parsed(pa.py_buffer(text), self.columns, TEXT_TYPES, long_rows=True) if text else empty_table()
        return Block(
            table, typed=False, lines=lambda: split.rows, fields=self.fields, broken=split.broken, release=self.release
        )


def empty_table() -> Any:
    """Return a table of the sixteen columns without rows."""
    return pa.table({name: pa.array([], kind) for name, kind in TEXT_TYPES.items()})


def _safe_for_types(text: Text) -> bool:
    """Tell whether Arrow's own number readers take nothing in this text that the rules refuse: it trims blanks and reads hex."""
    if text.has(b" ") or text.has(b"\t"):
        return False
    return not text.has_from_behind(b"0x") and not (text.has(b"X") and text.has_from_behind(b"0X"))


def _parsed(text: Any, columns: tuple[str, ...], types: dict[str, Any], *, long_rows: bool = False) -> Any:
    """Parse rows on the calling thread alone; two pieces are read side by side instead."""
    return pa_csv.read_csv(
        text,
        read_options=pa_csv.ReadOptions(column_names=columns, use_threads=False, block_size=len(text) + 1),
        parse_options=pa_csv.ParseOptions(newlines_in_values=long_rows, ignore_empty_lines=False),
        convert_options=pa_csv.ConvertOptions(column_types=types, timestamp_parsers=[pa_csv.ISO8601]),
    ).select(COLUMNS)


def check_utf8(text: bytes, first_line: int) -> None:
    """Raise `FileRefused` with the line of the first byte that is not UTF-8."""
    try:
        text.decode()
    except UnicodeDecodeError as error:
        line = first_line + text.count(b"\n", 0, error.start)
        raise FileRefused(
            kept(
                gettext_noop("not UTF-8: byte 0x%(byte)s on line %(line)d"), byte=f"{text[error.start]:02X}", line=line
            )
        ) from None


def every_line_is_a_row(text: Text) -> bool:
    """Tell whether text with quotes or carriage returns is well-formed line by line, so that the fast reader can take it."""
    if not text.has(b'"'):
        return _returns_end_lines(text)
    if text.has(_LINE_MARK.encode()) or not _returns_end_lines(text):
        return False
    if not _matches(text, _MORE_THAN_EMPTY):
        return True
    try:
        lines = pa_csv.read_csv(
            text.arrow(),
            read_options=pa_csv.ReadOptions(column_names=["line"], use_threads=False),
            parse_options=pa_csv.ParseOptions(delimiter=_LINE_MARK, quote_char=False, ignore_empty_lines=False),
            convert_options=pa_csv.ConvertOptions(column_types={"line": pa.string()}),
        )["line"]
    except pa.ArrowInvalid:
        return False
    return bool(pc.all(pc.match_substring_regex(lines, _WELL_FORMED), min_count=0).as_py())


def _returns_end_lines(text: Text) -> bool:
    return not text.has(b"\r") or text.count(b"\r") == text.count(b"\r\n")


def _matches(text: Text, pattern: str) -> bool:
    """Search the whole text in one pass, without copying it."""
    ends = pa.py_buffer(struct.pack("<qq", 0, text.end))
    whole = pa.Array.from_buffers(pa.large_binary(), 1, [None, ends, text.arrow()])
    return bool(pc.match_substring_regex(whole, pattern)[0].as_py())
