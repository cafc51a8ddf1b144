"""Who pays a record: the vectorised classification held against the rule written plainly, and the load that applies it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sportello.usage.pipeline.payers import Payers
from sportello.usage.pipeline.store import RecordQuery
from sportello.usage.pipeline.tests.reference import WINDOW, Book, Desk, Period, deltas_of, put_rows, row, us
from sportello.usage.types import PrivateTerms

NUMBER, COLLEAGUE, STRANGER = "+393200000001", "+393200000002", "+393471234567"
PREFIX, APN = "4146", "pamobilepersonale.tim.it"
START = datetime(2026, 11, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SPAN_NAMES = ("period_id", "from_us", "to_us", "agreement_id", "messages", "roaming", "data")


@dataclass(frozen=True)
class Span:
    """Dual billing of one period for some time, with its options."""

    period_id: int
    begins: datetime
    ends: datetime
    messages: bool = False
    roaming: bool = False
    data: bool = False


def terms(*spans: Span, colleagues: tuple[str, ...] = (COLLEAGUE,)) -> PrivateTerms:
    rows = [(s.period_id, us(s.begins), us(s.ends), 7, s.messages, s.roaming, s.data) for s in spans]
    table = pa.table({name: [each[n] for each in rows] for n, name in enumerate(SPAN_NAMES)})
    kept = {"agreement_id": [7] * len(colleagues), "number": list(colleagues)}
    numbers = pa.table({**kept, "from_us": [0] * len(colleagues), "to_us": [2**62] * len(colleagues)})
    return PrivateTerms(spans=table, numbers=numbers, prefix=PREFIX, apns=(APN,))


def is_private(fields: dict[str, str], at: datetime, period_id: int, spans: tuple[Span, ...]) -> bool:
    """The rule of DOMAIN §5, one record at a time."""
    for span in spans:
        if span.period_id == period_id and span.begins <= at < span.ends:
            dialled = fields["personal"] == "1" or (
                fields["other_party"].startswith(PREFIX) and len(fields["other_party"]) >= len(PREFIX) + 2
            )
            message = fields["traffic_type"] in {"sms", "mms"} and fields["direction"] == "out"
            return (
                dialled
                or (span.roaming and fields["zone"] != "national")
                or (span.data and fields["apn"].lower() == APN)
                or (span.messages and message and fields["other_party"] != COLLEAGUE)
            )
    return False


RECORDS = st.fixed_dictionaries(
    {
        "personal": st.sampled_from(["0", "1"]),
        "direction": st.sampled_from(["out", "in"]),
        "zone": st.sampled_from(["national", "eu", "extra_eu"]),
        "kind": st.sampled_from(
            [("voice", STRANGER, ""), ("voice", f"{PREFIX}3471234567", ""), ("voice", "+41463471234", ""), ("voice", "4146", ""),
             ("sms", STRANGER, ""), ("sms", COLLEAGUE, ""), ("sms", "40123", ""), ("mms", STRANGER, ""),
             ("data", "", APN), ("data", "", APN.upper()), ("data", "", "ibox.tim.it"), ("data", "", "")]
        ),
        "day": st.integers(-3, 5),
    }
)  # fmt: skip
SPANS = st.lists(st.tuples(st.integers(1, 2), st.integers(-3, 1), st.integers(1, 4), *[st.booleans()] * 3), max_size=2)


@given(records=st.lists(RECORDS, min_size=1, max_size=12), drawn=SPANS)
@settings(max_examples=60)
def test_classification_agrees_with_the_plain_rule_and_each_record_has_one_payer(records, drawn):
    spans = tuple(
        {one[0]: Span(one[0], START + one[1] * DAY, START + one[2] * DAY, *one[3:]) for one in drawn}.values()
    )
    fields = [
        {**one, "traffic_type": one["kind"][0], "other_party": one["kind"][1], "apn": one["kind"][2]} for one in records
    ]
    days = [START + one["day"] * DAY for one in records]
    periods = [1 + n % 3 for n in range(len(records))]
    body = pa.table(
        {
            name: pa.chunked_array([pa.array([one[name] for one in fields]).dictionary_encode()])
            for name in ("traffic_type", "direction", "zone", "apn", "personal")
        }
        | {"other_party": [one["other_party"] for one in fields]}
    )
    verdict = pa.table(
        {
            "period_id": pa.array(periods, pa.int64()),
            "at_us": [us(day) for day in days],
            "kind": pa.array([40 + 2 * int(one["personal"]) for one in fields], pa.uint8()),
        }
    )
    found, kinds = Payers(terms(*spans)).applied(body, verdict)
    wanted = [is_private(one, at, period, spans) for one, at, period in zip(fields, days, periods, strict=True)]
    assert [value in {"1", "3"} for value in found["personal"].to_pylist()] == wanted
    assert [value in {"1", "2"} for value in found["personal"].to_pylist()] == [
        one["personal"] == "1" for one in fields
    ]
    assert kinds["kind"].to_pylist() == [40 + 2 * payer for payer in wanted]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, Book((Period(1, NUMBER, datetime(2026, 1, 1, tzinfo=UTC)), Period(2, COLLEAGUE))))


def at(instant: datetime, record_id: str, amount: str, **more: str) -> dict[str, str]:
    return row(record_id=record_id, started_at=f"{instant:%Y-%m-%dT%H:%M:%SZ}", amount=amount, **more)


def amounts(counters) -> dict[str, int]:
    """The sums by payer, in hundred-thousandths of a euro."""
    found = {"0": 0, "1": 0}
    for key, value in counters.items():
        if key[-1] == "amount_e5":
            found[key[6]] += value
    return found


def test_load_counts_each_record_for_its_payer_from_the_instant_of_the_start(desk):
    source = lambda **_asked: terms(Span(1, START, START + 2 * DAY, roaming=True))  # noqa: E731
    rows = [
        at(START - timedelta(seconds=1), "before", "1", personal="1"),
        at(START, "first", "2", personal="1"),
        at(START + DAY, "company", "4"),
        at(START + DAY, "abroad", "8", zone="eu", country="ES"),
        at(START + 2 * DAY, "after", "16", personal="1"),
        at(START + DAY, "colleague", "32", msisdn=COLLEAGUE, personal="1"),
    ]
    result = desk.load(put_rows(desk.folder / "one.csv", rows), terms=source)
    assert amounts(deltas_of(result)) == {"0": 53_00000, "1": 10_00000}
    query = RecordQuery([1, 2], WINDOW.earliest, WINDOW.latest)
    records = desk.store.records(desk.parts, query).records
    assert {record.record_id for record in records if record.personal} == {"first", "abroad"}
    both = [
        {
            record.record_id
            for record in desk.store.records(desk.parts, RecordQuery(**{**query.__dict__, "personal": flag})).records
        }
        for flag in (True, False)
    ]
    assert both == [{"first", "abroad"}, {"before", "company", "after", "colleague"}]


def test_same_records_are_known_again_whoever_pays_them_now(desk):
    rows = [at(START, "1", "1", personal="1"), at(START, "2", "2", zone="eu", country="ES")]
    desk.load(put_rows(desk.folder / "one.csv", rows), terms=lambda **_asked: terms(Span(1, START, START + DAY)))
    again = desk.load(
        put_rows(desk.folder / "two.csv", [*rows, at(START, "3", "4")]),
        terms=lambda **_asked: terms(Span(1, START + DAY, START + 2 * DAY, roaming=True)),
    )
    assert (again.loaded, again.duplicates, again.rejected) == (1, 2, 0)
    other = [at(START, "1", "1", personal="0")]
    contradiction = desk.load(put_rows(desk.folder / "three.csv", other), terms=lambda **_asked: terms())
    assert (contradiction.loaded, contradiction.duplicates, contradiction.rejected) == (0, 0, 1)
