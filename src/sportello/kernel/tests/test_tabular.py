import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from sportello.kernel.tabular import (
    CsvStyle,
    Limits,
    Row,
    RowError,
    TableRefused,
    check_columns,
    read_table,
    write_csv,
    write_xlsx,
)
from sportello.kernel.tabular import writing as writing_module
from sportello.kernel.tabular.archive import check_archive

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
    assert not [cell for row in raw for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
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


# --- XLSX -------------------------------------------------------------------------------------------------------------


def test_xlsx_gives_the_same_rows_as_csv() -> None:
    rows = [["+393123456789", "Piano Blu", date(2026, 1, 31)], ["+393123456790", None, datetime(2026, 2, 1)]]  # noqa: DTZ001
    assert [row.values for row in read(workbook(HEADINGS, *rows), "lines.xlsx")] == [
        dict(zip(HEADINGS, row, strict=True)) for row in ROWS
    ]


def test_xlsx_cells_become_canonical_text() -> None:
    cells = [12, 12.5, 0.1, -3, True, datetime(2026, 1, 2, 3, 4, 5), time(8, 30), timedelta(hours=26)]  # noqa: DTZ001
    names = [f"c{position}" for position in range(len(cells))]
    (row,) = read(workbook(names, cells), "x.xlsx")
    assert list(row.values.values()) == [
        "12",
        "12.5",
        "0.1",
        "-3",
        "1",
        "2026-01-02T03:04:05",
        "08:30:00",
        "1 day, 2:00:00",
    ]


def test_f07_formulas_faults_and_rounded_numbers_are_refused_cell_by_cell() -> None:
    rows = read(
        workbook(["a", "b"], ["=1+1", 2], [3, 8939000000000000001], ["#REF!", "x"], [None, None], [5, 6]), "x.xlsx"
    )
    assert [str(error) for row in rows for error in row.errors] == [
        "line 2, column a: is a formula: enter its value instead",
        "line 3, column b: is a number of more than 15 digits, which spreadsheets round: format the cell as text",
        "line 4, column a: shows an error (#REF!)",
    ]
    assert rows[-1] == Row(6, {"a": "5", "b": "6"})


def test_blank_cells_beyond_the_last_column_are_no_fault() -> None:
    wide = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c><c r="B2"/></row>'
    assert read(with_sheet(sheet_xml(wide)), "x.xlsx") == [Row(2, {"1": "2"})]


def test_f07_dates_of_both_epochs_are_the_same_day() -> None:
    for epoch in (False, True):
        target = io.BytesIO()
        with xlsxwriter.Workbook(target, {"date_1904": epoch}) as book:
            sheet = book.add_worksheet()
            sheet.write(0, 0, "day")
            sheet.write_datetime(1, 0, date(2026, 11, 22), book.add_format({"num_format": "dd/mm/yyyy"}))
        assert [row["day"] for row in read(target.getvalue(), "x.xlsx")] == ["2026-11-22"]


def test_f07_hidden_and_further_sheets_are_left_out_with_a_notice() -> None:
    content = workbook(["a"], ["1"], secret="hidden", deep="veryHidden", second="visible")
    with read_table(io.BytesIO(content), name="x.xlsx") as table:
        assert (table.columns, [row["a"] for row in table.rows]) == (("a",), ["1"])
        assert table.notices == [
            "Hidden sheets were not read: secret, deep.",
            "Only the first sheet was read, not these: second.",
        ]


def test_xlsx_with_a_formula_as_heading_or_no_visible_sheet_is_refused() -> None:
    assert str(refusal(workbook(["=A2"]), "x.xlsx")) == "The name of a column is a formula."
    assert str(refusal(workbook(), "x.xlsx")) == "The file is empty: its first line must name the columns."
    book, target = openpyxl.Workbook(), io.BytesIO()
    book.save(target)
    hidden = target.getvalue()
    content = {
        name: zipfile.ZipFile(io.BytesIO(hidden)).read(name) for name in zipfile.ZipFile(io.BytesIO(hidden)).namelist()
    }
    content["xl/workbook.xml"] = content["xl/workbook.xml"].replace(b'state="visible"', b'state="hidden"')
    assert str(refusal(archive(content), "x.xlsx")) == "The workbook has no visible sheet."


def with_sheet(sheet: bytes) -> bytes:
    source = zipfile.ZipFile(io.BytesIO(workbook(["a"], ["1"])))
    members = {name: source.read(name) for name in source.namelist()}
    return archive(members | {"xl/worksheets/sheet1.xml": sheet})


def sheet_xml(rows: str) -> bytes:
    schema = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0"?><worksheet xmlns="{schema}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def test_f04_row_and_cell_numbers_that_claim_millions_are_refused() -> None:
    far_row = '<row r="1"><c r="A1"><v>1</v></c></row><row r="999999999"><c r="A999999999"><v>1</v></c></row>'
    assert str(refusal(with_sheet(sheet_xml(far_row)), "x.xlsx")).startswith("Too many blank lines")
    infinite = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row><row r="2"><c r="A2"><v>1e999</v></c></row>'
    )
    (row,) = read(with_sheet(sheet_xml(infinite)), "x.xlsx")
    assert row.errors == (RowError(2, "a", "is not a number"),)
    far_cell = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="ZZZ2"><v>1</v></c></row>'
    assert str(refusal(with_sheet(sheet_xml(far_cell)), "x.xlsx")) == "Line 2 has too many cells."


def test_f05_entity_bomb_in_a_sheet_is_refused() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "lol">{entities}]><worksheet>&e9;</worksheet>'
    assert str(refusal(with_sheet(bomb.encode()), "x.xlsx")).startswith("The file ")


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({"xl/worksheets/sheet1.xml": b"\0" * 5_000_000}, "The file would unpack to far more than it is."),
        ({f"part{n}.xml": b"" for n in range(1_001)}, "The file holds too many parts."),
        ({"../../etc/cron.d/x": b"x"}, "The file holds a part with a forbidden name."),
        ({"/etc/passwd": b"x"}, "The file holds a part with a forbidden name."),
        ({"xl\\..\\..\\x": b"x"}, "The file holds a part with a forbidden name."),
        ({"a.xml": b"x", "inner.zip": b"PK"}, "The file holds another archive."),
        ({"a.xml": b"x"}, "The file is not a readable XLSX workbook."),
    ],
)
def test_f04_archive_that_is_no_honest_workbook_is_refused(members: dict[str, bytes], sentence: str) -> None:
    assert str(refusal(archive(members), "x.xlsx")) == sentence


def test_f04_size_is_bounded_before_anything_is_unpacked() -> None:
    content = archive({"a.xml": b"x" * 1_000, "xl/sharedStrings.xml": b"y" * 500}, zipfile.ZIP_STORED)
    for limits, sentence in (
        (Limits(unpacked_bytes=1_499), "The file would unpack to more than is allowed."),
        (Limits(shared_text_bytes=499), "The file holds too much text."),
    ):
        with pytest.raises(TableRefused) as refused:
            check_archive(io.BytesIO(content), limits)
        assert str(refused.value) == sentence
    check_archive(io.BytesIO(content), Limits(unpacked_bytes=1_500, shared_text_bytes=500))


def test_f04_links_and_passwords_in_an_archive_are_refused() -> None:
    target = io.BytesIO()
    link = zipfile.ZipInfo("xl/link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(target, "w") as file:
        file.writestr(link, "/etc/passwd")
    assert str(refusal(target.getvalue(), "x.xlsx")) == "The file holds a link to another file."
    locked = bytearray(archive({"a.xml": b"x"}))
    locked[locked.rfind(b"PK\x01\x02") + 8] |= 1
    assert str(refusal(bytes(locked), "x.xlsx")) == "The file is protected by a password."


def test_f04_a_lie_about_the_number_of_entries_does_not_help() -> None:
    content = bytearray(archive({f"some/long/folder/name/part{n:06}.xml": b"" for n in range(20_000)}))
    end = content.rfind(b"PK\x05\x06")
    content[end + 8 : end + 12] = b"\x01\0\x01\0"
    assert str(refusal(bytes(content), "x.xlsx")) == "The file holds too many parts."


def test_archive_with_a_damaged_directory_is_refused() -> None:
    content = bytearray(archive({"a.xml": b"x"}))
    content[content.rfind(b"PK\x01\x02")] = 0
    assert str(refusal(bytes(content), "x.xlsx")) == "The file is damaged or cut off."


@pytest.mark.parametrize("cut", [10, 100, -30])
def test_xlsx_cut_off_is_refused(cut: int) -> None:
    assert str(refusal(workbook(["a"], ["1"])[:cut], "x.xlsx")) == "The file is damaged or cut off."


def test_xlsx_with_a_damaged_part_is_refused() -> None:
    content = workbook(["a"], *[[f"text {n}"] for n in range(2_000)])
    at = content.find(b"xl/worksheets/sheet1.xml") + 400
    assert str(refusal(content[:at] + b"\xff" * 50 + content[at + 50 :], "x.xlsx")).startswith("The file is ")


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


# --- writing ----------------------------------------------------------------------------------------------------------

DANGERS = [
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "'=1",
    "plain",
    "-",
    "1=1",
    "\N{FULLWIDTH EQUALS SIGN}1",
]
INSTANT = datetime(2026, 7, 1, 10, 30, tzinfo=UTC)


def test_f06_csv_guards_texts_and_leaves_numbers_and_days() -> None:
    target = io.BytesIO()
    written = [[text] for text in DANGERS] + [[Decimal("-12.50")], [-3], [True], [None], [date(2026, 7, 1)], [INSTANT]]
    assert write_csv(target, ["=heading"], written, zone=ROME) == len(written)
    lines = [
        row[0] if row else "" for row in csv.reader(io.StringIO(target.getvalue().decode("utf-8-sig"), newline=""))
    ]
    assert lines == [
        "'=heading", "'=cmd|' /C calc'!A0", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "'\r=1", "''=1", "plain", "'-", "1=1",
        "'\N{FULLWIDTH EQUALS SIGN}1",
        "-12.50", "-3", "1", "", "2026-07-01", "2026-07-01T12:30:00+02:00",
    ]  # fmt: skip


def test_csv_for_an_italian_spreadsheet_has_semicolons_and_decimal_commas() -> None:
    target = io.BytesIO()
    write_csv(target, ["a", "b"], [["x;y", Decimal("1234.5")]], style=CsvStyle(";", decimal_comma=True))
    assert target.getvalue() == b'\xef\xbb\xbfa;b\r\n"x;y";1234,5\r\n'


def test_f06_xlsx_keeps_texts_texts_numbers_numbers_and_days_days() -> None:
    target = io.BytesIO()
    row = [*DANGERS, Decimal("-12.50"), -3, 8939000000000000001, True, None, date(2026, 7, 1), INSTANT]
    assert write_xlsx(target, [f"=h{n}" for n in range(len(row))], [row], zone=ROME) == 1
    sheet = openpyxl.load_workbook(target).active
    cells = [(cell.value, cell.data_type) for cell in sheet[2]]
    texts = [(text.replace("\r", "_x000D_"), "s") for text in DANGERS]
    assert [(value.replace("\r", "_x000D_"), kind) for value, kind in cells[: len(DANGERS)]] == texts
    assert cells[len(DANGERS) :] == [
        (-12.5, "n"), (-3, "n"), ("8939000000000000001", "s"), (1, "n"), (None, "n"),
        (datetime(2026, 7, 1), "d"), (datetime(2026, 7, 1, 12, 30), "d"),  # noqa: DTZ001
    ]  # fmt: skip
    assert [cell.quotePrefix for cell in sheet[2][: len(DANGERS)]] == [True] * len(DANGERS)


def test_xlsx_cuts_what_a_cell_cannot_hold_visibly_and_refuses_rows_beyond_the_sheet(monkeypatch: Any) -> None:
    target = io.BytesIO()
    write_xlsx(target, ["a"], [["x" * 40_000]])
    text = openpyxl.load_workbook(target).active["A2"].value
    assert (len(text), text[-1]) == (32_767, "…")
    monkeypatch.setattr(writing_module, "XLSX_ROWS", 3)
    assert write_xlsx(io.BytesIO(), ["a"], [["1"], ["2"]]) == 2
    with pytest.raises(TableRefused, match="choose CSV"):
        write_xlsx(io.BytesIO(), ["a"], [["1"], ["2"], ["3"]])


def test_a_hundred_thousand_rows_stream_in_bounded_memory() -> None:
    content = b"a,b\n" + b"1,2\n" * 100_000
    with read_table(io.BytesIO(content), name="x.csv") as table:
        assert next(table.rows).line == 2
        assert sum(1 for _row in table.rows) == 99_999
