"""Files that are refused whole, and rows that are rejected alone (ABUSE G02, G07, G09, G13, G20)."""

import gzip
import json

import pytest

from sportello.kernel.sentences import in_english
from sportello.usage.pipeline.columns import COLUMNS
from sportello.usage.pipeline.tests.reference import Book, Desk, Period, csv_text, manifest, put, put_rows, row
from sportello.usage.types import FileRefused

BOOK = Book((Period(1, "+393200000001"),))
ROWS = [row(record_id=f"r{number}") for number in range(5)]


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path, BOOK)


def refusal(desk, path) -> tuple[str, ...]:
    with pytest.raises(FileRefused) as refused:
        desk.load(path)
    assert [file for file in (desk.folder / "store").rglob("*") if file.is_file()] == []
    assert list((desk.folder / "rejected").glob("*")) == []
    return tuple(map(in_english, refused.value.reasons))


def test_g02_file_without_manifest_is_refused(desk) -> None:
    path = desk.folder / "u.csv"
    path.write_text(csv_text(ROWS))
    assert refusal(desk, path) == ("manifest missing: u.csv.manifest.json",)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("{", "manifest is not JSON: something is wrong at line 1, column 2"),
        ('{"records": 3\n"amount": "0"}', "manifest is not JSON: something is wrong at line 2, column 1"),
        ("[" * 60_000, "manifest is not a JSON object"),
        ("9" * 5_000, "manifest is not a JSON object"),
        ("[]", "manifest is not a JSON object"),
        ('{"records": -1}', "manifest: records must be a whole number, is -1"),
        ('{"records": true}', "manifest: records must be a whole number, is True"),
    ],
)
def test_g02_unusable_manifest_is_refused_with_what_is_wrong(desk, said, reason) -> None:
    path = put_rows(desk.folder / "u.csv", ROWS)
    path.with_name("u.csv.manifest.json").write_text(said)
    assert refusal(desk, path)[0] == reason


def test_g02_manifest_in_another_encoding_is_refused(desk) -> None:
    path = put_rows(desk.folder / "u.csv", ROWS)
    path.with_name("u.csv.manifest.json").write_bytes('{"source": "città"}'.encode("latin-1"))
    assert refusal(desk, path) == ("manifest is not UTF-8 text",)


def test_g02_amount_in_the_manifest_must_be_exact_text(desk) -> None:
    path = put_rows(desk.folder / "u.csv", ROWS)
    beside = path.with_name("u.csv.manifest.json")
    beside.write_text(json.dumps({**json.loads(beside.read_text()), "amount": 1}))
    assert refusal(desk, path) == ('manifest: amount must be text such as "123.45678", is 1',)


def test_g02_wrong_digest_is_refused(desk) -> None:
    path = put_rows(desk.folder / "u.csv", ROWS, sha256="0" * 64)
    size = path.stat().st_size
    assert refusal(desk, path)[0].startswith(
        f"sha256 differs: the manifest says {'0' * 64}, the file of {size} bytes has "
    )


def test_g02_file_still_being_copied_is_refused_and_the_good_copy_accepted(desk) -> None:
    path = put_rows(desk.folder / "u.csv", ROWS)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert refusal(desk, path)[0].startswith("sha256 differs")
    path.write_bytes(whole)
    assert desk.load(path).loaded == 5


def test_g02_wrong_count_and_wrong_sum_are_both_named(desk) -> None:
    path = put_rows(desk.folder / "u.csv", ROWS, records=6, amount="0.61726")
    assert refusal(desk, path) == (
        "record count differs: the manifest says 6, the file has 5",
        "sum of amounts differs: the manifest says 0.61726, the file has 0.61725",
    )


def test_g02_sum_counts_rejected_rows_and_is_not_compared_when_an_amount_is_unreadable(desk) -> None:
    refused_row = row(record_id="bad", country="ZZ", amount="2")
    assert desk.load(put_rows(desk.folder / "a.csv", [*ROWS, refused_row])).amount_checked is True
    text = csv_text([row(record_id="x"), row(record_id="y", amount="1e5")])
    result = desk.load(put(desk.folder / "b.csv", text, records=2, amount="77"))
    assert (result.loaded, result.rejected, result.amount_checked) == (1, 1, False)


def test_g02_gzip_cut_off_is_refused(desk) -> None:
    path = desk.folder / "u.csv.gz"
    path.write_bytes(gzip.compress(csv_text(ROWS).encode())[:-9])
    manifest(path, records=5, amount="0.61725")
    assert refusal(desk, path) == ("u.csv.gz: the gzip data is cut off before its end",)


def test_g02_damaged_gzip_is_refused(desk) -> None:
    path = desk.folder / "u.csv.gz"
    path.write_bytes(csv_text(ROWS).encode())
    manifest(path, records=5, amount="0.61725")
    assert refusal(desk, path)[0].startswith("u.csv.gz: damaged gzip data: Not a gzipped file")


def test_file_of_another_name_is_refused(desk) -> None:
    path = put_rows(desk.folder / "u.txt", ROWS)
    assert refusal(desk, path) == ("u.txt: a usage file is named .csv, .csv.gz or .parquet",)


def test_file_that_is_not_there_is_refused(desk) -> None:
    path = put_rows(desk.folder / "u.csv", ROWS)
    path.unlink()
    assert refusal(desk, path) == ("u.csv: cannot be read: No such file or directory",)


def test_wrong_columns_are_all_named(desk) -> None:
    text = csv_text(ROWS).replace("vat_class", "vat", 1).replace("zone,country", "zone,zone", 1)
    path = put(desk.folder / "u.csv", text, records=5, amount="0.61725")
    assert refusal(desk, path) == (
        "column vat_class is missing",
        "column country is missing",
        "column 'vat' is unknown",
        "column zone is there 2 times",
    )


def test_empty_file_is_refused(desk) -> None:
    assert refusal(desk, put(desk.folder / "u.csv", "", records=0, amount="0")) == (
        "line 1: the header row is missing",
    )


def test_file_of_a_header_alone_is_taken(desk) -> None:
    result = desk.load(put(desk.folder / "u.csv", csv_text([]), records=0, amount="0.00"))
    assert (result.rows, result.loaded, result.parts, result.counters.num_rows) == (0, 0, (), 0)


def test_columns_in_another_order_are_read(desk) -> None:
    lines = csv_text(ROWS).splitlines()
    text = "\n".join(",".join(reversed(line.split(","))) for line in lines)
    assert desk.load(put(desk.folder / "u.csv", text, records=5, amount="0.61725")).loaded == 5


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_other_encodings_are_refused(desk, encoding) -> None:
    rows = [row(record_id="r1"), row(record_id="perché")]
    path = put(desk.folder / "u.csv", csv_text(rows).encode(encoding), records=2, amount="0.24690")
    expected = {"latin-1": "not UTF-8: byte 0xE9 on line 3", "utf-16": "not UTF-8: byte 0xFF on line 1"}
    assert refusal(desk, path) == (expected[encoding],)


def test_wrong_byte_in_a_quoted_row_is_found_on_its_line(desk) -> None:
    text = csv_text([row(record_id="a\nb"), row(record_id="perché")]).encode("latin-1")
    assert refusal(desk, put(desk.folder / "u.csv", text, records=2, amount="0")) == ("not UTF-8: byte 0xE9 on line 4",)


def test_endless_line_is_refused(desk) -> None:
    path = put(desk.folder / "u.csv.gz", csv_text(ROWS) + "x" * 3_000_000, records=6, amount="0")
    with pytest.raises(FileRefused, match=r"no line break in [0-9]+ bytes from line 7 on: this is no usage file"):
        desk.load(path, piece_bytes=1 << 20)


def test_g20_poisoned_rows_are_rejected_alone_with_line_reason_and_text(desk) -> None:
    good = [",".join(each.values()) for each in ROWS]
    poison = [
        "only,three,fields",
        ",".join(row(record_id='in"side').values()),
        ",".join(row(record_id='"never closed').values()),
        good[0] + ",seventeen",
        "x" * 70_000,
    ]
    lines = [
        ",".join(COLUMNS),
        good[0],
        poison[0],
        "",
        good[1],
        poison[1],
        poison[2],
        good[2],
        poison[3],
        poison[4],
        good[3],
    ]
    path = put(desk.folder / "u.csv", "\n".join(lines) + "\n", records=9, amount="0")
    result = desk.load(path)
    assert (result.rows, result.loaded, result.rejected) == (9, 4, 5)
    assert desk.rejects(result) == [
        (3, "the row has 3 fields instead of 16", poison[0]),
        (6, "a quote or carriage return stands inside an unquoted field", poison[1]),
        (7, "a quoted field is opened and never closed", poison[2]),
        (9, "the row has 17 fields instead of 16", poison[3]),
        (10, "the row is longer than 65536 bytes (cut off here)", "x" * 65536),
    ]


def test_line_numbers_count_physical_lines_and_text_is_as_it_came(desk) -> None:
    rows = [row(record_id="two\nlines"), row(record_id='quo"te', country="ZZ"), row(record_id="last", units="x")]
    text = csv_text(rows, end="\r\n", quoting=1)
    result = desk.load(put(desk.folder / "u.csv", text, records=3, amount="0.37035"))
    lines = text.split("\r\n")
    assert desk.rejects(result) == [
        (4, "country: 'ZZ' is not an ISO 3166 alpha-2 code", lines[2]),
        (5, "units: 'x' is not a whole number of 0 or more", lines[3]),
    ]


def test_every_reason_of_a_row_is_said(desk) -> None:
    bad = row(record_id="", traffic_type="fax", duration_s="-1", amount="-1", started_at="yesterday", corrects="")
    result = desk.load(put_rows(desk.folder / "u.csv", [bad]))
    assert desk.rejects(result)[0][1].split("; ") == [
        "record_id: must have 1 to 64 characters, has 0",
        "traffic_type: 'fax' is not one of voice, sms, mms, data",
        "duration_s: '-1' is not a whole number of 0 or more",
        "amount: negative, but the row corrects no other",
        "started_at: 'yesterday' is not an ISO 8601 instant with offset",
    ]


@pytest.mark.parametrize(
    ("instant", "reason"),
    [
        ("1970-01-01T00:00:00Z", "is before 2026-05-20T12:00:00Z, too late to be loaded"),
        ("2026-05-20T11:59:59Z", "is before 2026-05-20T12:00:00Z, too late to be loaded"),
        ("2026-11-21T12:00:00Z", "is in the future"),
        ("2106-02-07T06:28:16Z", "is in the future"),
    ],
)
def test_g07_records_outside_the_window_are_rejected(desk, instant, reason) -> None:
    result = desk.load(put_rows(desk.folder / "u.csv", [row(started_at=instant)]))
    assert desk.rejects(result)[0][1] == f"started_at: '{instant}' {reason}"


@pytest.mark.parametrize("amount", ["NaN", "1e5", "1.234,56", "0.123456", "inf", "+1", "1 000", "0x10"])
def test_g09_amounts_that_are_no_plain_decimals_are_rejected(desk, amount) -> None:
    text = csv_text([row(amount=amount), row(record_id="r2")])
    result = desk.load(put(desk.folder / "u.csv", text, records=2, amount="0"))
    assert result.loaded == 1
    assert [reason for _, reason, _ in desk.rejects(result)] == [
        f"amount: '{amount}' is not a plain decimal number with at most 5 decimals"
    ]


def test_g09_huge_amount_is_rejected_but_summed(desk) -> None:
    result = desk.load(put_rows(desk.folder / "u.csv", [row(amount="1000000000000000"), row(record_id="r2")]))
    assert (result.amount_checked, [reason for _, reason, _ in desk.rejects(result)]) == (
        True,
        ["amount: '1000000000000000' is not within 1000000.00000 EUR"],
    )


def test_g09_correction_is_negative_and_counts_in_its_own_month(desk) -> None:
    rows = [
        row(record_id="r1", amount="1.00000"),
        row(record_id="r2", amount="-0.40000", corrects="r1", started_at="2026-10-02T10:00:00Z"),
    ]
    result = desk.load(put_rows(desk.folder / "u.csv", rows))
    sums = [(each["month"].month, each["amount_e5"]) for each in result.counters.to_pylist()]
    assert sums == [(10, -40000), (11, 100000)]


def test_g13_number_that_nobody_held_is_rejected(desk) -> None:
    result = desk.load(put_rows(desk.folder / "u.csv", [row(msisdn="+393200000009"), row(record_id="r2")]))
    assert [(line, reason) for line, reason, _ in desk.rejects(result)] == [
        (2, "msisdn: no line held +393200000009 at 2026-11-15T09:00:00Z")
    ]


@pytest.mark.parametrize("bad", ['a""', '""a', '"', '"""', 'a"b', '""""""a', '"a"b"'])
def test_quotes_that_open_nothing_are_told_from_empty_fields(desk, bad) -> None:
    text = csv_text([row(record_id="1"), row(record_id="2")]).replace(",,\n", ',"",""\n', 1)
    broken = ",".join(row(record_id=bad).values())
    result = desk.load(put(desk.folder / "u.csv", text + broken + "\n", records=3, amount="0"))
    assert (result.loaded, [line for line, _, _ in desk.rejects(result)]) == (2, [4])


def test_g09_unreadable_amount_of_a_correction_is_rejected_too(desk) -> None:
    text = csv_text([row(record_id="1", amount="-1,5", corrects="r0"), row(record_id="2")])
    result = desk.load(put(desk.folder / "u.csv", text, records=2, amount="0"))
    assert (result.loaded, result.rejected) == (1, 1)


def test_row_over_several_lines_survives_any_cut_of_the_file(desk) -> None:
    rows = [row(record_id=f"two\nlines {number}") for number in range(8)]
    for piece in (40, 64, 100, 200):
        path = put_rows(
            desk.folder / f"{piece}.csv", [{**each, "record_id": f"{piece}\n{each['record_id']}"} for each in rows]
        )
        assert desk.load(path, piece_bytes=piece).loaded == 8


def test_g02_file_that_is_written_to_while_it_is_read_is_refused(desk, monkeypatch) -> None:
    path = put_rows(desk.folder / "u.csv", ROWS)
    real = desk.book.periods

    def written_to(numbers):
        path.write_bytes(path.read_bytes() + b"\n")
        return real(numbers)

    monkeypatch.setattr(type(desk.book), "periods", lambda _book, numbers: written_to(numbers))
    # The digest is taken beside the reading: it may see the file before the write or after it.
    changed, differs = "u.csv: the file was changed while it was being read", "sha256 differs: the manifest says"
    assert [one.startswith((changed, differs)) for one in refusal(desk, path)] == [True]


def test_path_that_cannot_be_read_is_refused(desk) -> None:
    path = put_rows(desk.folder / "u.csv", ROWS)
    path.unlink()
    path.mkdir()
    assert refusal(desk, path) == ("u.csv: cannot be read: Is a directory",)


def test_totals_larger_than_any_counter_refuse_the_file(desk, monkeypatch) -> None:
    from sportello.usage.pipeline import count

    monkeypatch.setattr(
        count, "_FIRST", count._FIRST.replace("sum(units)", "sum(units::HUGEINT * 1000000000000000000000)")
    )
    path = put_rows(desk.folder / "u.csv", ROWS)
    assert refusal(desk, path) == ("the totals of the file are larger than any counter: it cannot be right",)


def test_many_rows_are_summed_from_time_to_time(desk, monkeypatch) -> None:
    from sportello.usage.pipeline.count import Counting

    monkeypatch.setattr(Counting, "SUM_UP_AFTER", 2)
    rows = [row(record_id=f"{number}", amount="0.00001") for number in range(9)]
    result = desk.load(put_rows(desk.folder / "u.csv", rows), piece_bytes=100, group_rows=1)
    assert [(each["records"], each["amount_e5"]) for each in result.counters.to_pylist()] == [(9, 9)]


def test_tabs_hexadecimal_and_control_marks_leave_the_fast_way(desk) -> None:
    rows = [
        row(record_id="a\tb"),
        row(record_id="0X1"),
        row(record_id="0x1"),
        row(record_id='q"\x01'),
        row(record_id='\r"'),
    ]
    for number, each in enumerate(rows):
        assert desk.load(put_rows(desk.folder / f"{number}.csv", [each])).loaded == 1


def test_lone_carriage_return_breaks_its_row_alone(desk) -> None:
    text = csv_text([row(record_id="1"), row(record_id="2")]).replace("2,+39", "2\r,+39")
    result = desk.load(put(desk.folder / "u.csv", text, records=2, amount="0"))
    assert (result.loaded, [line for line, _, _ in desk.rejects(result)]) == (1, [3])
