import csv
import gzip
import hashlib
import json
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command

from sportello.config.demo_base.building import Recipe
from sportello.config.demo_base.scale import SMALL
from sportello.config.demo_base.storing import store
from sportello.config.demo_base.traffic import Holder, Order, drawn_month, holders
from sportello.config.demo_base.usage_file import Wish, holder_at, line_of, write_usage_file

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
START, MIDDLE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2026, 10, 15, tzinfo=UTC)
KINDS = [("mobile", "VOCE-A"), ("mobile", "TUTTO"), ("data", "M2M"), ("fixed", "FISSO")]
LINES = [
    Holder(f"+39312{serial:07}", *KINDS[serial % 4], "IT", dual_billing=serial % 3 == 0, begins=START, ends=None)
    for serial in range(400)
]
OCTOBER = Order(date(2026, 10, 1), 3_000, NOW, seed=7)


def written(
    tmp_path: Path, order: Order = OCTOBER, lines: list[Holder] = LINES, name: str = "a.csv"
) -> list[dict[str, str]]:
    with drawn_month(order, lines, tmp_path / "scratch") as month:
        month.write(tmp_path / name)
    return read(tmp_path / name)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_month_is_as_large_as_ordered_and_the_same_for_the_same_seed(tmp_path: Path) -> None:
    rows = written(tmp_path)
    originals = [row for row in rows if not row["corrects"]]
    assert len(originals) == 3_000
    assert len({row["record_id"] for row in rows}) == len(rows)
    assert written(tmp_path, name="again.csv") == rows
    assert written(tmp_path, Order(OCTOBER.month, 3_000, NOW, seed=8), name="other.csv") != rows


def test_manifest_says_what_the_file_holds_in_all_formats(tmp_path: Path) -> None:
    with drawn_month(OCTOBER, LINES, tmp_path) as month:
        names = ["a.csv", "a.csv.gz", "a.parquet"]
        counts = {month.write(tmp_path / name) for name in names}
    (count,) = counts
    rows = read(tmp_path / "a.csv")
    with gzip.open(tmp_path / "a.csv.gz", "rt", newline="") as file:
        assert list(csv.DictReader(file)) == rows
    assert [row["record_id"] for row in pq.read_table(tmp_path / "a.parquet").to_pylist()] == [
        row["record_id"] for row in rows
    ]
    for name in names:
        assert json.loads((tmp_path / f"{name}.manifest.json").read_text()) == {
            "records": count,
            "amount": str(sum(Decimal(row["amount"]) for row in rows)),
            "sha256": hashlib.sha256((tmp_path / name).read_bytes()).hexdigest(),
        }


def test_traffic_lies_within_its_month_its_holder_and_the_present(tmp_path: Path) -> None:
    lines = [
        Holder("+393120000001", "mobile", "VOCE-A", "IT", dual_billing=False, begins=START, ends=MIDDLE),
        Holder("+393120000002", "mobile", "VOCE-A", "IT", dual_billing=False, begins=MIDDLE, ends=None),
        Holder("+393120000003", "mobile", "VOCE-A", "IT", dual_billing=False, begins=START, ends=START),
    ]
    until = datetime(2026, 10, 20, tzinfo=UTC)
    rows = written(tmp_path, Order(OCTOBER.month, 600, until, seed=1), lines)
    moments = {
        number: [datetime.fromisoformat(row["started_at"]) for row in rows if row["msisdn"].endswith(number)]
        for number in "123"
    }
    assert datetime(2026, 9, 30, 22, tzinfo=UTC) <= min(moments["1"]) <= max(moments["1"]) < MIDDLE
    assert MIDDLE <= min(moments["2"]) <= max(moments["2"]) < until
    assert moments["3"] == []


def test_traffic_looks_like_that_of_offices(tmp_path: Path) -> None:
    rows = written(tmp_path, Order(OCTOBER.month, 20_000, NOW, seed=7))
    moments = [datetime.fromisoformat(row["started_at"]) for row in rows]
    by_weekday, by_hour = Counter(at.weekday() for at in moments), Counter(at.hour for at in moments)
    assert min(by_weekday[day] for day in range(5)) > 2 * max(by_weekday[5], by_weekday[6])
    assert by_hour[8] > 10 * by_hour[2]
    spent = Counter[str]()
    for row in rows:
        spent[row["msisdn"]] += int(Decimal(row["amount"]) * 100)
    top = sum(amount for _number, amount in spent.most_common(40))
    assert top * 3 > spent.total()
    kinds = {(row["traffic_type"], row["zone"], row["personal"]) for row in rows}
    assert {("voice", "eu", "0"), ("data", "extra_eu", "0"), ("sms", "national", "1")} < kinds


def test_corrections_take_back_the_amount_of_the_record_they_name(tmp_path: Path) -> None:
    rows = written(tmp_path, Order(OCTOBER.month, 20_000, NOW, seed=7))
    originals = {row["record_id"]: row for row in rows}
    corrections = [row for row in rows if row["corrects"]]
    assert corrections
    for row in corrections:
        assert Decimal(row["amount"]) == -Decimal(originals[row["corrects"]]["amount"]) < 0
        assert row["msisdn"] == originals[row["corrects"]]["msisdn"]


@pytest.mark.django_db
def test_every_line_that_works_has_traffic_and_no_other(tmp_path: Path) -> None:
    store(Recipe(SMALL, 1, NOW))
    lines = holders()
    assert {line.kind for line in lines} == {"mobile", "data", "fixed", "voip"}
    rows = written(tmp_path, Order(OCTOBER.month, 3_600, NOW, seed=1), lines)
    for row in rows:
        holder = holder_at(row["msisdn"], datetime.fromisoformat(row["started_at"]))
        assert holder is not None
        assert holder.status == "active"


@pytest.mark.django_db
def test_usage_file_of_a_newcomer_shares_the_amount_exactly(tmp_path: Path) -> None:
    store(Recipe(SMALL, 1, NOW))
    number = line_of("bo.employee")
    assert number is not None
    path = write_usage_file(tmp_path, Wish(number, Decimal(5), "data", records=3), now=NOW)
    rows = read(path)
    assert [row["amount"] for row in rows] == ["1.66667", "1.66667", "1.66666"]
    assert {row["msisdn"] for row in rows} == {number}
    manifest = json.loads((tmp_path / f"{path.name}.manifest.json").read_text())
    assert (manifest["records"], manifest["amount"]) == (3, "5.00000")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "no bo.employee"),
        (["--number", "+393120000001"], "nobody holds"),
        (["--number", "12"], "phone number"),
        (["--number", "+393120000001", "--amount", "NaN"], "not an amount"),
        (["--number", "+393120000001", "--amount", "-1"], "0 or more"),
        (["--number", "+393120000001", "--records", "0"], "1 or more"),
    ],
)
def test_command_refuses_what_would_be_no_usage_file(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("demo_usage_file", "--folder", str(tmp_path), *arguments)
    assert list(tmp_path.glob("*.csv")) == []


@pytest.mark.django_db
def test_command_writes_a_record_of_a_stranger_when_told_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("demo_usage_file", "--folder", str(tmp_path), "--number", "+393120000001", "--anyway")
    (file,) = tmp_path.glob("*.csv")
    assert capsys.readouterr().out.splitlines()[0] == str(file)
