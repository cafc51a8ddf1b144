"""Pieces of a file's text, and the Arrow table that a piece becomes: fast where the text is plain, exact where it is not."""

import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from sportello.usage.pipeline.columns import CODES, COLUMNS, WHOLE_ENDS
from sportello.usage.pipeline.read.rows import BrokenRow, RawRow, Split, plain_rows, split_rows
from sportello.usage.types import FileRefused

SHORT = (*CODES, "apn", "corrects")
"""Columns of few different values, kept as dictionaries."""

_PARSE_BYTES = 1 << 22
_LINE_MARK = "\x01"
_WELL_FORMED = r'^(?:"(?:[^"]|"")*"|[^",]*)(?:,(?:"(?:[^"]|"")*"|[^",]*))*$'
_MORE_THAN_EMPTY = r'[^,\n]""|""[^,\r\n]|(?:\A|[^"])"(?:[^"]|\z)'
"""Finds any quote that does not belong to an empty quoted field: many systems write those and no others."""

_HEX = re.compile(rb"0[xX]")

_DICTIONARY = pa.dictionary(pa.int32(), pa.string())
TEXT_TYPES: dict[str, Any] = {name: _DICTIONARY if name in SHORT else pa.string() for name in COLUMNS}
TYPED_TYPES: dict[str, Any] = {
    **TEXT_TYPES,
    "started_at": pa.timestamp("us", tz="UTC"),
    **dict.fromkeys(WHOLE_ENDS, pa.uint64()),
}


@dataclass(frozen=True)
class Block:
    """Rows as an Arrow table of the sixteen columns, and what of them has no sixteen fields.

    `typed` tells whether started_at and the whole numbers are read already (started_at timestamp[us, UTC], uint64) or text.
    `lines` gives the rows as they came, in the table's order; it is asked only where a row must be shown. `fields` gives
    the sixteen texts of one such row.
    """

    table: Any
    typed: bool
    lines: Callable[[], Sequence[RawRow]]
    fields: Callable[[RawRow, int], list[str]]
    broken: Sequence[BrokenRow] = ()

    @property
    def rows(self) -> int:
        """Count every row that came, broken ones too."""
        return int(self.table.num_rows) + len(self.broken)


@dataclass(frozen=True)
class Piece:
    """Text of whole rows, starting at physical line `first_line`; `split` where its rows were told apart one by one."""

    text: bytes
    first_line: int
    columns: tuple[str, ...]
    fields: Callable[[RawRow, int], list[str]]
    split: Split | None = None

    def block(self) -> Block:
        """Read the piece. Raises `FileRefused` where it is not UTF-8."""
        if self.split is not None:
            return self._split_block(self.split)
        lines = partial(_plain_lines, self.text, self.first_line)
        if _safe_for_types(self.text):
            try:
                return Block(_parsed(self.text, self.columns, TYPED_TYPES), typed=True, lines=lines, fields=self.fields)
            except pa.ArrowInvalid:
                pass
        try:
            return Block(_parsed(self.text, self.columns, TEXT_TYPES), typed=False, lines=lines, fields=self.fields)
        except pa.ArrowInvalid:
            check_utf8(self.text, self.first_line)
            return self._split_block(split_rows(self.text, self.first_line, last=True))

    def _split_block(self, split: Split) -> Block:
        check_utf8(self.text, self.first_line)
        text = b"".join(row.text + b"\n" for row in split.rows)
        table = _parsed(text, self.columns, TEXT_TYPES, long_rows=True) if text else empty_table()
        return Block(table, typed=False, lines=lambda: split.rows, fields=self.fields, broken=split.broken)


def empty_table() -> Any:
    """Return a table of the sixteen columns without rows."""
    return pa.table({name: pa.array([], kind) for name, kind in TEXT_TYPES.items()})


def _plain_lines(text: bytes, first_line: int) -> list[RawRow]:
    return list(plain_rows(text, first_line))


def _safe_for_types(text: bytes) -> bool:
    """Tell whether Arrow's own number readers take nothing in this text that the rules refuse: it trims blanks and reads hex."""
    if b" " in text or b"\t" in text or b"X" in text:
        return b" " not in text and b"\t" not in text and _HEX.search(text) is None
    return text.rfind(b"0x") < 0


def _parsed(text: bytes, columns: tuple[str, ...], types: dict[str, Any], *, long_rows: bool = False) -> Any:
    """Parse rows on the calling thread alone; two pieces are read side by side instead."""
    return pa_csv.read_csv(
        pa.py_buffer(text),
        read_options=pa_csv.ReadOptions(column_names=columns, use_threads=False, block_size=_PARSE_BYTES),
        parse_options=pa_csv.ParseOptions(newlines_in_values=long_rows, ignore_empty_lines=False),
        convert_options=pa_csv.ConvertOptions(column_types=types, timestamp_parsers=[pa_csv.ISO8601]),
    ).select(COLUMNS)


def check_utf8(text: bytes, first_line: int) -> None:
    """Raise `FileRefused` with the line of the first byte that is not UTF-8."""
    try:
        text.decode()
    except UnicodeDecodeError as error:
        line = first_line + text.count(b"\n", 0, error.start)
        raise FileRefused(f"not UTF-8: byte 0x{text[error.start]:02X} on line {line}") from None


def every_line_is_a_row(text: bytes) -> bool:
    """Tell whether text with quotes or carriage returns is well-formed line by line, so that the fast reader can take it."""
    if b'"' not in text:
        return _returns_end_lines(text)
    if _LINE_MARK.encode() in text or not _returns_end_lines(text):
        return False
    if not _matches(text, _MORE_THAN_EMPTY):
        return True
    try:
        lines = pa_csv.read_csv(
            pa.py_buffer(text),
            read_options=pa_csv.ReadOptions(column_names=["line"], use_threads=False, block_size=_PARSE_BYTES),
            parse_options=pa_csv.ParseOptions(delimiter=_LINE_MARK, quote_char=False, ignore_empty_lines=False),
            convert_options=pa_csv.ConvertOptions(column_types={"line": pa.string()}),
        )["line"]
    except pa.ArrowInvalid:
        return False
    return bool(pc.all(pc.match_substring_regex(lines, _WELL_FORMED), min_count=0).as_py())


def _returns_end_lines(text: bytes) -> bool:
    return b"\r" not in text or text.count(b"\r") == text.count(b"\r\n")


def _matches(text: bytes, pattern: str) -> bool:
    """Search the whole text in one pass, without copying it."""
    ends = pa.py_buffer(struct.pack("<qq", 0, len(text)))
    whole = pa.Array.from_buffers(pa.large_binary(), 1, [None, ends, pa.py_buffer(text)])
    return bool(pc.match_substring_regex(whole, pattern)[0].as_py())
