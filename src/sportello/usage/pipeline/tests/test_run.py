"""The pipeline held against the reference, file by file and row by row."""

import csv
import shutil
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sportello.usage.pipeline.columns import COLUMNS
from sportello.usage.pipeline.store import RecordQuery
from sportello.usage.pipeline.tests.reference import (
    WINDOW,
    Book,
    Desk,
    Period,
    Reference,
    csv_text,
    manifest,
    put,
    row,
    rows_of,
    us,
)

CHANGED_HANDS = datetime(2026, 11, 10, 11, tzinfo=UTC)
BOOK = Book(
    (
        Period(1, "+393200000001"),
        Period(2, "+393200000002", active_to=CHANGED_HANDS, organisation_id=1),
        Period(3, "+393200000002", active_from=CHANGED_HANDS, organisation_id=2, time_zone="Atlantic/Canary"),
        Period(4, "+34600000004", time_zone="Atlantic/Canary", organisation_id=2),
        Period(5, "xdsl-17"),
    )
)

POOLS = {
    "record_id": [
        "r1",
        "r2",
        "r3",
        "r4",
        "r5",
        "r6",
        "r7",
        "r8",
        "",
        "à" * 64,
        "x" * 65,
        'q"uo,te',
        "two\nlines",
        " r1",
        "0x1",
    ],
    "msisdn": ["+393200000001", "+393200000002", "+34600000004", "+393200000009", "393200000001", "+39", "xdsl-17", ""],
    "started_at": [
        "2026-11-15T10:00:00+01:00",
        "2026-11-10T11:00:00Z",
        "2026-11-10T10:59:59.999999Z",
        "2026-11-10T11:59:59.9999999+01:00",
        "2026-10-31T23:30:00Z",
        "2026-11-01 00:30:00+00:00",
        "2026-10-25T02:30:00+02:00",
        "2026-10-25T02:30:00+01:00",
        "2026-05-20T12:00:00Z",
        "2026-05-20T11:59:59Z",
        "2026-11-21T11:59:59Z",
        "2026-11-21T12:00:00Z",
        "2026-11-15T10:00:00",
        "2026-11-15",
        "2026-11-15T10:00Z",
        "2026-11-15T1000+0100",
        "2026-11-15T100000.5+01",
        "2026-11-15T10Z",
        "2026-11-15T10:00:00+01:75",
        "2026-11-15T10:00:00+24:00",
        "2026-11-15T24:00:00Z",
        "2026-11-15T10:00:60Z",
        "2026-02-30T10:00:00Z",
        "1970-01-01T00:00:00Z",
        "2106-02-07T06:28:16Z",
        "2026-11-15t10:00:00z",
        " 2026-11-15T10:00:00Z",
        "now",
        "epoch",
        "infinity",
        "",
    ],
    "traffic_type": ["voice", "sms", "mms", "data", "Voice", "fax", ""],
    "direction": ["out", "in", "IN", ""],
    "other_party": ["+393471234567", "", "12", "*123#", "1", "POSTE", "+0123456789", "3471234567"],
    "duration_s": [
        "0",
        "60",
        "007",
        "-1",
        "1e5",
        "1.0",
        "1_000",
        "+5",
        " 5",
        "0x1F",
        "999999999",
        "1000000000",
        "9" * 30,
        "",
    ],
    "volume_bytes": ["0", "1048576", "99999999999999", "100000000000000", "0xFF", "٣", ""],
    "units": ["1", "0", "-0", "1.5"],
    "amount": [
        "0",
        "0.12345",
        "1.5",
        "007.50",
        "-0",
        "-0.00000",
        "-1.00000",
        "0.123456",
        "1e5",
        "1.234,56",
        "1,5",
        "NaN",
        "inf",
        "+1",
        ".5",
        "5.",
        "999999.99999",
        "1000000",
        "1000000000000000",
        "0x10",
        " 1",
        "1_0",
        "",
    ],
    "vat_class": ["standard", "exempt", "outside", "reduced"],
    "zone": ["national", "eu", "extra_eu", "moon"],
    "country": ["IT", "ES", "XK", "AQ", "it", "ZZ", "ITA", ""],
    "personal": ["0", "1", "true", "2", ""],
    "apn": ["", "ibox.tim.it", "a b", "x" * 101],
    "corrects": ["", "r0", "r1", "c" * 65],
}


@st.composite
def usage_rows(draw: st.DrawFn) -> list[dict[str, str]]:
    """Rows that are right but for a few fields, so that every rule is met alone and together with others."""
    rows = []
    for number in range(draw(st.integers(0, 14))):
        names = draw(st.lists(st.sampled_from(COLUMNS), max_size=3))
        changes = {name: draw(st.sampled_from(POOLS[name])) for name in names}
        if draw(st.booleans()):
            changes = {"traffic_type": "data", "other_party": "", "apn": "ibox.tim.it", **changes}
        rows.append(row(**{"record_id": f"r{number % 9}", **changes}))
    return rows


def readable_sum(rows: list[dict[str, str]]) -> str:
    """Say the sum that the manifest must have; where an amount cannot be read, any will do."""
    total = Decimal(0)
    for each in rows:
        try:
            total += Decimal(each["amount"])
        except InvalidOperation:
            continue
    return f"{total.quantize(Decimal('0.00001')):f}" if total.is_finite() else "0"


def agree(desk: Desk, result, reference: Reference) -> None:
    assert (result.rows, result.duplicates) == (reference.rows, reference.duplicates)
    assert result.rejected == len(reference.rejects)
    assert result.loaded == len(reference.records)
    assert +desk.counters == +reference.counters
    assert [(line, reasons) for line, reasons, _ in desk.rejects(result)] == sorted(reference.rejects)


def stored(desk: Desk) -> dict[str, tuple[object, ...]]:
    query = RecordQuery(period_ids=range(1, 9), since=WINDOW.earliest, until=WINDOW.latest, limit=1000)
    return {
        record.record_id: (
            us(record.started_at),
            record.amount_e5,
            record.other_party,
            record.duration_s,
            record.country,
        )
        for record in desk.store.records(desk.parts, query).records
    }


WRITTEN = st.fixed_dictionaries(
    {
        "end": st.sampled_from(["\n", "\r\n"]),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        "bom": st.booleans(),
        "cut": st.booleans(),
        "name": st.sampled_from(["u.csv", "u.csv.gz"]),
    }
)
READ = st.fixed_dictionaries(
    {"piece_bytes": st.sampled_from([64, 700, 1 << 20]), "group_rows": st.sampled_from([1, 5, 1000])}
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=usage_rows(), written=WRITTEN, read=READ)
def test_load_of_any_rows_agrees_with_the_reference(tmp_path, rows, written, read) -> None:
    shutil.rmtree(tmp_path, ignore_errors=True)
    tmp_path.mkdir()
    text = csv_text(rows, end=written["end"], quoting=written["quoting"])
    text = text.removesuffix(written["end"]) if written["cut"] else text
    bom = "\ufeff" * written["bom"]
    path = put(tmp_path / written["name"], bom + text, records=len(rows), amount=readable_sum(rows))
    desk, reference = Desk(tmp_path, BOOK), Reference(BOOK).load(rows_of(text))
    agree(desk, desk.load(path, **read), reference)
    assert stored(desk) == {
        record.record_id: (record.at_us, record.amount_e5, record.other_party, record.duration_s, record.country)
        for record in reference.records.values()
    }


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=usage_rows())
def test_load_of_parquet_text_agrees_with_the_reference(tmp_path, rows) -> None:
    shutil.rmtree(tmp_path, ignore_errors=True)
    tmp_path.mkdir()
    path = tmp_path / "u.parquet"
    pq.write_table(pa.table({name: pa.array([each[name] for each in rows], pa.string()) for name in COLUMNS}), path)
    manifest(path, records=len(rows), amount=readable_sum(rows))
    desk = Desk(tmp_path, BOOK)
    reference = Reference(BOOK).load([(at + 1, [each[name] for name in COLUMNS]) for at, each in enumerate(rows)])
    agree(desk, desk.load(path), reference)
