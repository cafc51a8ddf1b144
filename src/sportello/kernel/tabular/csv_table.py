"""CSV: UTF-8 with or without a byte-order mark, comma, semicolon or tab, quoted as RFC 4180 says.

Other encodings are refused, with the line: a guess that is right nine times puts a wrong name into the tenth registry.
"""

import csv
from collections.abc import Iterator
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sportello.kernel.tabular.guarding import unguard
from sportello.kernel.tabular.table import Limits, Row, Table, TableRefused, bounded, column_names, make_row

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
DELIMITERS = ",;\t"


def _lines(file: BinaryIO, limits: Limits) -> Iterator[str]:
    longest = limits.columns * limits.cell_characters
    number = 0
    while raw := file.readline(longest):
        number += 1
        if len(raw) == longest:
            raise TableRefused(gettext_lazy("A line is too long."), line=number)
        yield _decoded(raw, number)


def _decoded(raw: bytes, number: int) -> str:
    if number == 1:
        if raw.startswith(UTF16_MARKS):
            raise TableRefused(gettext_lazy("The file is in UTF-16. Save it as “CSV UTF-8”."), line=1)
        raw = raw.removeprefix(BYTE_ORDER_MARK)
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        sentence = _("Line %(line)d is not UTF-8 (byte %(byte)d). Save the file as “CSV UTF-8”.")
        raise TableRefused(sentence % {"line": number, "byte": error.start + 1}, line=number) from error
    if "\0" in text:
        raise TableRefused(_("Line %(line)d holds a NUL character.") % {"line": number}, line=number)
    return text


def _delimiter(header: str) -> str:
    # The delimiter that cuts the header into the most columns: names of columns hold none of the three.
    return max(DELIMITERS, key=lambda sign: len(next(csv.reader([header], delimiter=sign), [])))


def _not_csv(line: int) -> TableRefused:
    sentence = _("The record that begins on line %(line)d is not CSV: check its quotes.")
    return TableRefused(sentence % {"line": line}, line=line)


class _Records:
    """Cut lines into records; knows on which line the record at hand began."""

    def __init__(self, first: str, lines: Iterator[str]) -> None:
        try:
            delimiter = _delimiter(first)
        except csv.Error as error:
            raise _not_csv(1) from error
        self._reader = csv.reader(_chained(first, lines), delimiter=delimiter, strict=True)

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        while True:
            line = self._reader.line_num + 1
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise _not_csv(line) from error
            yield line, cells


def _chained(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _rows(records: Iterator[tuple[int, list[str]]], columns: tuple[str, ...], limits: Limits) -> Iterator[Row]:
    for line, cells in records:
        if any(cells):
            # A spreadsheet ends each line with as many delimiters as its widest row has.
            while len(cells) > len(columns) and not cells[-1]:
                cells.pop()
            yield make_row(line, columns, [unguard(cell) for cell in cells], [], limits)


def open_csv(file: BinaryIO, limits: Limits) -> Table:
    """Open a CSV file. Raises `TableRefused`."""
    lines = _lines(file, limits)
    records = iter(_Records(next(lines, ""), lines))
    _line, header = next(records, (1, []))
    columns = column_names(header, limits)
    return Table(columns, bounded(_rows(records, columns, limits), limits))
