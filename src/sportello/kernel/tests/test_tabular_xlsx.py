"""Workbooks handed in: as bad as they come."""

import io
import zipfile
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
import xlsxwriter

from sportello.kernel.tabular import (
    Limits,
    Row,
    RowError,
    TableRefused,
    read_table,
)
from sportello.kernel.tabular.archive import check_archive
from sportello.kernel.tests.tables import HEADINGS, ROWS, archive, read, refusal, workbook


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
