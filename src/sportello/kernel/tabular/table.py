"""What a table is once it is read: named columns and a stream of rows whose cells are text in one canonical form."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sportello.kernel.refusals import InvalidInput

MEGABYTE = 1024 * 1024


class TableRefused(InvalidInput):
    """Refuse a whole file; `line` and `column` say where, when the fault has a place."""

    def __init__(self, sentence: str | Promise, *, line: int | None = None, column: str | None = None) -> None:
        super().__init__(sentence)
        self.line = line
        self.column = column


@dataclass(frozen=True)
class Limits:
    """Bound what one file may ask of the machine; each bound is checked before what it bounds is unpacked or kept."""

    rows: int = 1_000_000
    columns: int = 200
    cell_characters: int = 32_767
    file_bytes: int = 200 * MEGABYTE
    unpacked_bytes: int = 400 * MEGABYTE
    shared_text_bytes: int = 100 * MEGABYTE
    archive_members: int = 1_000
    archive_ratio: int = 200


@dataclass(frozen=True)
class RowError:
    """Say what is wrong in one row: its line, the column (empty for the whole row) and the reason for the reader."""

    line: int
    column: str
    reason: str | Promise

    def __str__(self) -> str:
        where = _("line %(line)d, column %(column)s") if self.column else _("line %(line)d")
        return f"{where % {'line': self.line, 'column': self.column}}: {self.reason}"


@dataclass(frozen=True)
class Row:
    """Hold one row: the line it begins on (1 is the first of the file), its cells by column, what is wrong with it.

    Every cell is text without surrounding blanks: numbers plain with a decimal point, days and instants in ISO 8601,
    truth as `1` or `0`, an empty cell as the empty text. The same table reads the same from all three formats.
    """

    line: int
    values: Mapping[str, str]
    errors: tuple[RowError, ...] = ()

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")


class Closable(Protocol):
    """Anything that holds a file open."""

    def close(self) -> object:
        """Let go of it."""


@dataclass
class Table:
    """Hold an opened table: its columns in order, its rows to be read once, and notices about what was left out."""

    columns: tuple[str, ...]
    rows: Iterator[Row]
    notices: list[str | Promise] = field(default_factory=list)
    resources: tuple[Closable, ...] = ()

    def close(self) -> None:
        """Let go of the file."""
        for resource in self.resources:
            resource.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def column_names(cells: Iterable[str], limits: Limits) -> tuple[str, ...]:
    """Return the columns that a header row names, in small letters. Raises `TableRefused`, naming the column."""
    names = [cell.strip().lower() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise TableRefused(gettext_lazy("The file is empty: its first line must name the columns."), line=1)
    if len(names) > limits.columns:
        raise TableRefused(_("The file has more than %(limit)d columns.") % {"limit": limits.columns}, line=1)
    _refuse_nameless_and_twins(names)
    return tuple(names)


def _refuse_nameless_and_twins(names: list[str]) -> None:
    seen: set[str] = set()
    for position, name in enumerate(names, start=1):
        if not name:
            raise TableRefused(_("Column %(position)d has no name.") % {"position": position}, line=1)
        if name in seen:
            raise TableRefused(_("The column %(column)s is there twice.") % {"column": name}, line=1, column=name)
        seen.add(name)


def check_columns(columns: Iterable[str], required: Iterable[str], optional: Iterable[str] = ()) -> None:
    """Refuse a table that lacks a required column or has one that nobody knows, naming them all (`TableRefused`)."""
    present, wanted = set(columns), list(required)
    missing = [name for name in wanted if name not in present]
    unknown = sorted(present - set(wanted) - set(optional))
    sentences = []
    if missing:
        sentences.append(_("Missing columns: %(columns)s.") % {"columns": ", ".join(missing)})
    if unknown:
        sentences.append(_("Unknown columns: %(columns)s.") % {"columns": ", ".join(unknown)})
    if sentences:
        raise TableRefused(" ".join(sentences), line=1, column=(missing or unknown)[0])


def make_row(line: int, columns: tuple[str, ...], cells: list[str], errors: list[RowError], limits: Limits) -> Row:
    """Return the row of the cells, with an error for each cell too many, too few or too long."""
    if len(cells) != len(columns):
        counts = {"cells": len(cells), "columns": len(columns)}
        errors.append(RowError(line, "", _("has %(cells)d cells, the header names %(columns)d") % counts))
    values = {name: cell.strip() for name, cell in zip(columns, cells, strict=False)}
    for name, cell in values.items():
        if len(cell) > limits.cell_characters:
            reason = _("has more than %(limit)d characters") % {"limit": limits.cell_characters}
            errors.append(RowError(line, name, reason))
    return Row(line, values, tuple(errors))


def bounded(rows: Iterable[Row], limits: Limits) -> Iterator[Row]:
    """Yield the rows that are not blank. Raises `TableRefused` when there are more than the limit."""
    for count, row in enumerate((row for row in rows if row.errors or any(row.values.values())), start=1):
        if count > limits.rows:
            raise TableRefused(_("The file has more than %(limit)d rows.") % {"limit": limits.rows}, line=row.line)
        yield row
