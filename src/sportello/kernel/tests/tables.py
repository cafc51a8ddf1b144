"""Tables for tests: how they are made, read and refused."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sportello.kernel.tabular import (
    Limits,
    Row,
    TableRefused,
    read_table,
)

ROME = ZoneInfo("Europe/Rome")
HEADINGS = ["number", "plan", "since"]
ROWS = [["+393123456789", "Piano Blu", "2026-01-31"], ["+393123456790", "", "2026-02-01"]]


def read(content: bytes, name: str = "lines.csv", **limits: int) -> list[Row]:
    with read_table(io.BytesIO(content), name=name, limits=Limits(**limits)) as table:
        return list(table.rows)


def refusal(content: bytes, name: str = "lines.csv", **limits: int) -> TableRefused:
    with pytest.raises(TableRefused) as refused:
        read(content, name, **limits)
    return refused.value


def workbook(*rows: Sequence[Any], **sheets: str) -> bytes:
    book, target = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(list(row))
    for title, state in sheets.items():
        book.create_sheet(title).sheet_state = state
    book.save(target)
    return target.getvalue()


def parquet(**columns: Any) -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target)
    return target.getvalue()


def archive(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return target.getvalue()
