"""Opening a usage file of any of its three forms, and giving its pieces in order."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from django.utils.translation import gettext_noop

from sportello.kernel.sentences import kept
from sportello.usage.pipeline.columns import COLUMNS, column_problems
from sportello.usage.pipeline.read.blocks import Block, Piece, check_utf8, every_line_is_a_row
from sportello.usage.pipeline.read.parquet import parquet_blocks
from sportello.usage.pipeline.read.rows import MAX_ROW, RawRow, read_fields, split_rows
from sportello.usage.pipeline.read.text import Buffers, Text
from sportello.usage.types import FileRefused

PIECE_BYTES = 32 * 1024 * 1024
"""Some 250,000 rows: enough to make little of what each piece costs anew, few enough to stay near the processor."""
MAX_UNBROKEN = 1024 * 1024
"""Text without a line break is no usage file once it is longer than this."""
ENDINGS = (".csv", ".csv.gz", ".parquet")
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class UsageFile:
    """A usage file ready to be read; each call of `pieces` gives functions that read one block, in the file's order.

    The functions may run on other threads; asking for the next one may raise `FileRefused`.
    """

    path: Path
    pieces: Callable[[], Iterator[Callable[[], Block]]]


def open_usage(path: Path, *, piece_bytes: int = PIECE_BYTES) -> UsageFile:
    """Return the reader for a file by its name: .csv, .csv.gz or .parquet. Raises `FileRefused` for any other."""
    name = path.name.lower()
    if name.endswith(".parquet"):
        return UsageFile(path, partial(parquet_blocks, path))
    if name.endswith(".csv"):
        return UsageFile(path, partial(_csv_blocks, path, _plain, piece_bytes))
    if name.endswith(".csv.gz"):
        return UsageFile(path, partial(_csv_blocks, path, _unzipped, piece_bytes))
    raise FileRefused(kept(gettext_noop("%(name)s: a usage file is named .csv, .csv.gz or .parquet"), name=path.name))


def is_usage_name(name: str) -> bool:
    """Tell whether a file is a usage file by its name."""
    return name.lower().endswith(ENDINGS)


def _plain(path: Path) -> BinaryIO:
    return path.open("rb")


def _unzipped(path: Path) -> BinaryIO:
    return cast("BinaryIO", gzip.open(path, "rb"))


def _csv_blocks(path: Path, opened: Callable[[Path], BinaryIO], piece_bytes: int) -> Iterator[Callable[[], Block]]:
    try:
        with opened(path) as handle:
            for piece in csv_pieces(handle, piece_bytes):
                yield piece.block
    except EOFError:
        raise FileRefused(
            kept(gettext_noop("%(name)s: the gzip data is cut off before its end"), name=path.name)
        ) from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise FileRefused(
            kept(gettext_noop("%(name)s: damaged gzip data: %(error)s"), name=path.name, error=str(error))
        ) from None


def csv_pieces(handle: BinaryIO, piece_bytes: int) -> Iterator[Piece]:
    """Give a CSV file's rows in pieces of about that many bytes, each ending with a row."""
    columns = read_header(handle.readline(MAX_ROW).removeprefix(BOM).removesuffix(b"\n").removesuffix(b"\r"))
    fields = partial(fields_in_order, order=[columns.index(name) for name in COLUMNS])
    buffers, rest, last, line = Buffers(), b"", False, 2
    while not last:
        buffer = buffers.take(len(rest) + piece_bytes)
        filled, last = _filled(handle, buffer, rest, piece_bytes)
        end = filled if last else _end_of_lines(buffer, filled, line)
        rest = bytes(memoryview(buffer)[end:filled])
        piece = Piece(Text(buffer, end), line, columns, fields, release=partial(buffers.give, buffer))
        if (piece.text.has(b'"') or piece.text.has(b"\r")) and not every_line_is_a_row(piece.text):
            split = split_rows(piece.text.copy(), line, last=last)
            rest = split.rest + rest
            piece = replace(piece, text=Text(buffer, end - len(split.rest)), split=split)
        line += piece.text.count(b"\n")
        if piece.text.end:
            yield piece


def _filled(handle: BinaryIO, buffer: bytearray, rest: bytes, size: int) -> tuple[int, bool]:
    """Put the rest and up to `size` bytes more into the buffer; return where they end, and whether the file did."""
    buffer[: len(rest)] = rest
    at, end = len(rest), len(rest) + size
    with memoryview(buffer) as view:
        while at < end and (count := handle.readinto(view[at:end])):  # type: ignore[attr-defined]
            at += count
    return at, at < end


def _end_of_lines(buffer: bytearray, filled: int, line: int) -> int:
    end = buffer.rfind(b"\n", 0, filled) + 1
    if not end and filled > MAX_UNBROKEN:
        raise FileRefused(
            kept(
                gettext_noop("no line break in %(bytes)d bytes from line %(line)d on: this is no usage file"),
                bytes=filled,
                line=line,
            )
        )
    return end


def fields_in_order(row: RawRow, _: int, *, order: list[int]) -> list[str]:
    """Return the texts of a row's fields in the order of `COLUMNS`."""
    fields = read_fields(row.text)
    return [fields[place].decode() for place in order]


def read_header(text: bytes) -> tuple[str, ...]:
    """Return the file's columns in its own order. Raises `FileRefused` unless they are the sixteen, each once."""
    check_utf8(text, 1)
    if not text:
        raise FileRefused(gettext_noop("line 1: the header row is missing"))
    names = tuple(field.decode() for field in read_fields(text))
    if problems := column_problems(names):
        raise FileRefused(*problems)
    return names
