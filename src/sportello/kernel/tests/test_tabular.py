"""Tables handed in as CSV and Parquet, and what holds for every kind."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sportello.kernel.tabular import (
    Row,
    RowError,
    TableRefused,
    check_columns,
    read_table,
    write_csv,
)
from sportello.kernel.tabular.guarding import PHONE
from sportello.kernel.tests.tables import HEADINGS, ROWS, parquet, read, refusal, workbook

# --- CSV --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_f07_csv_is_read_with_any_usual_delimiter_mark_and_line_end(delimiter: str, encoding: str, ending: str) -> None:
    text = ending.join(delimiter.join(row) for row in [HEADINGS, *ROWS])
    assert read(text.encode(encoding)) == [
        Row(line, dict(zip(HEADINGS, row, strict=True))) for line, row in enumerate(ROWS, start=2)
    ]


def test_csv_counts_lines_through_quoted_newlines_and_blank_lines() -> None:
    rows = read(b'A ,b\n"one\ntwo", x \n\n,,\n3,"a ""quoted"", word"\n')
    assert rows == [Row(2, {"a": "one\ntwo", "b": "x"}), Row(6, {"a": "3", "b": 'a "quoted", word'})]


def test_csv_row_of_wrong_length_is_reported_with_its_line_and_the_others_are_read() -> None:
    rows = read(b"a,b\n1\n1,2,3\n1,2,,\n")
    assert [str(error) for row in rows for error in row.errors] == [
        "line 2: has 1 cells, the header names 2",
        "line 3: has 3 cells, the header names 2",
    ]
    assert rows[2] == Row(4, {"a": "1", "b": "2"})
    assert read(b"a,b,,\n1,2,,\n") == [Row(2, {"a": "1", "b": "2"})]


def test_cell_too_long_is_reported_with_line_and_column() -> None:
    (row,) = read(b"a,b\n1,123456\n", cell_characters=5)
    assert row.errors == (RowError(2, "b", "has more than 5 characters"),)
    assert str(row.errors[0]) == "line 2, column b: has more than 5 characters"


@pytest.mark.parametrize(
    ("content", "sentence", "line"),
    [
        (b"", "The file is empty: its first line must name the columns.", 1),
        (b"a,b\nMil\xe0n,x\n", "Line 2 is not UTF-8 (byte 4). Save the file as “CSV UTF-8”.", 2),
        ("a,b\n".encode("utf-16"), "The file is in UTF-16. Save it as “CSV UTF-8”.", 1),
        (b"a,b\n1,2\n3,\0\n", "Line 3 holds a NUL character.", 3),
        (b'a,b\n1,"2\n3,4\n', "The record that begins on line 2 is not CSV: check its quotes.", 2),
        (b"a\rb\n", "The record that begins on line 1 is not CSV: check its quotes.", 1),
        (b"a,A\n", "The column a is there twice.", 1),
        (b"a,,c\n", "Column 2 has no name.", 1),
    ],
)
def test_f07_csv_that_is_wrong_as_a_whole_is_refused_and_says_where(content: bytes, sentence: str, line: int) -> None:
    refused = refusal(content)
    assert (str(refused), refused.line) == (sentence, line)


def test_limits_of_a_csv_are_kept() -> None:
    assert str(refusal(b"a\n1\n2\n3\n", rows=2)) == "The file has more than 2 rows."
    assert str(refusal(b"a,b,c\n", columns=2)) == "The file has more than 2 columns."
    assert str(refusal(b"a\n12345\n", file_bytes=5)) == "The file is too large."
    assert str(refusal(b"a\n" + b"x" * 50, columns=2, cell_characters=20)) == "A line is too long."


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=2, max_size=2)))
def test_f06_any_text_written_as_csv_is_read_back_and_is_no_formula(rows: list[list[str]]) -> None:
    target = io.BytesIO()
    write_csv(target, ["a", "b"], rows)
    raw = list(csv.reader(io.StringIO(target.getvalue().decode("utf-8-sig"), newline="")))
    signs = ("=", "+", "-", "@", "\t", "\r", "\n")
    assert not [cell for row in raw for cell in row if cell.startswith(signs) and not PHONE.fullmatch(cell)]
    wanted = [[cell.strip() for cell in row] for row in rows]
    try:
        read_back = [list(row.values.values()) for row in read(target.getvalue())]
    except TableRefused as refused:
        # A lone carriage return in a cell that needs no quotes otherwise: our reader calls that no CSV.
        complaint = str(refused)
        assert "quotes" in complaint
        assert any("\r" in cell for row in rows for cell in row)
    else:
        assert read_back == [row for row in wanted if any(row)]


@given(st.binary(max_size=200), st.sampled_from(["x.csv", "x.xlsx", "x.parquet"]))
def test_any_bytes_are_read_or_refused(content: bytes, name: str) -> None:
    try:
        read(content, name)
    except TableRefused as refused:
        sentence = str(refused)
        assert sentence.endswith((".", "”."))


# --- Parquet ----------------------------------------------------------------------------------------------------------


def test_parquet_gives_canonical_text_and_numbers_its_rows() -> None:
    content = parquet(
        number=["+393123456789", None],
        amount=[Decimal("1.50000"), Decimal("-2.00000")],
        count=[7, 8],
        ratio=[0.5, 2.0],
        on=[True, False],
        day=[date(2026, 1, 31), None],
        at=pa.array([datetime(2026, 1, 31, 23, tzinfo=UTC), None]),
        kind=pa.array(["a", "b"]).dictionary_encode(),
    )
    assert [(row.line, list(row.values.values())) for row in read(content, "x.parquet")] == [
        (1, ["+393123456789", "1.5", "7", "0.5", "1", "2026-01-31", "2026-01-31T23:00:00+00:00", "a"]),
        (2, ["", "-2", "8", "2", "0", "", "", "b"]),
    ]


def test_parquet_faults_are_named() -> None:
    (row,) = read(parquet(a=[float("nan")], b=["x"]), "x.parquet")
    assert row.errors == (RowError(1, "a", "is not a number"),)
    refused = refusal(parquet(a=[[1]]), "x.parquet")
    assert (refused.column, "type that cannot be read" in str(refused)) == ("a", True)
    content = parquet(a=["x" * 50] * 10)
    assert str(refusal(content, "x.parquet", rows=9)) == "The file has more than 9 rows."
    assert str(refusal(content, "x.parquet", unpacked_bytes=10)) == "The file would unpack to more than is allowed."
    assert str(refusal(content[:-5], "x.parquet")) == "The file is damaged or cut off."
    damaged = content[:4] + b"\xff" * 40 + content[44:]
    assert str(refusal(damaged, "x.parquet")) == "The file is damaged after row 0."


# --- any table --------------------------------------------------------------------------------------------------------


def test_f03_content_and_name_must_agree() -> None:
    unlike = "The file is not what its name says: its content is of another format."
    assert str(refusal(workbook(["a"]), "x.csv")) == unlike
    assert str(refusal(b"a,b\n1,2\n", "x.xlsx")) == unlike
    assert str(refusal(b"a,b\n1,2\n", "x.parquet")) == unlike
    assert str(refusal(b"a,b\n", "x.pdf")) == "Only CSV, XLSX and Parquet files can be read."


def test_table_is_read_from_a_path_and_its_file_let_go(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_bytes(b"a\n1\n")
    with read_table(path) as table:
        assert [row["a"] for row in table.rows] == ["1"]
    (file,) = table.resources
    assert file.closed
    path.write_bytes(b"")
    with pytest.raises(TableRefused):
        read_table(path)
    with pytest.raises(ValueError, match="needs a name"):
        read_table(io.BytesIO(b"a\n"))


def test_columns_missing_and_unknown_are_all_named() -> None:
    check_columns(("a", "b", "c"), required=["a", "b"], optional=["c", "d"])
    with pytest.raises(TableRefused) as refused:
        check_columns(("a", "x", "y"), required=["a", "b", "c"])
    assert str(refused.value) == "Missing columns: b, c. Unknown columns: x, y."
    assert (refused.value.line, refused.value.column) == (1, "b")
    with pytest.raises(TableRefused, match="Unknown columns: z"):
        check_columns(("a", "z"), required=["a"])


def test_a_hundred_thousand_rows_stream_in_bounded_memory() -> None:
    content = b"a,b\n" + b"1,2\n" * 100_000
    with read_table(io.BytesIO(content), name="x.csv") as table:
        assert next(table.rows).line == 2
        assert sum(1 for _row in table.rows) == 99_999
