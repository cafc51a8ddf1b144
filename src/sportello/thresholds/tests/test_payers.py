"""Who pays a record decides for whose threshold it counts: where dual billing is, the marker of the file alone says nothing (ABUSE H07)."""

from datetime import UTC, date, datetime

import duckdb
import pyarrow as pa
import pytest

from sportello.inventory.models import LinePeriod
from sportello.kernel.actor import system_actor
from sportello.kernel.testing import arrange
from sportello.thresholds import operations as thresholds
from sportello.thresholds import queries
from sportello.thresholds.models import Crossing, CutOff
from sportello.thresholds.queries.report import Above
from sportello.thresholds.tests.factories import a_line, euro, terms
from sportello.usage import operations as usage
from sportello.usage import queries as stored
from sportello.usage import types as usage_types
from sportello.usage.tests.factories import row, usage_file

pytestmark = pytest.mark.django_db
SYSTEM = system_actor(reason="a test of who pays")
BILLED, PLAIN = "+393510000002", "+393510000003"
NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)
TODAY, BILL_DAY = date(2026, 11, 16), date(2026, 11, 15)
PREFIX = "4146"


@pytest.fixture
def lines(world, monkeypatch):
    """Return a line of Bo with dual billing from always on, and one without; bill periods begin on the 15th."""
    person = world.memberships["bo"].person
    billed, plain = a_line(world.a, person=person, number=BILLED, dual_billing=True), a_line(world.a, number=PLAIN)
    spans = [
        {"period_id": one.pk, "from_us": 0, "to_us": 2**62, "agreement_id": 1, "messages": False, "roaming": False, "data": False}
        for one in LinePeriod.objects.for_(SYSTEM).filter(line=billed)
    ]  # fmt: skip
    numbers = pa.schema(
        [("agreement_id", pa.int64()), ("number", pa.string()), ("from_us", pa.int64()), ("to_us", pa.int64())]
    )
    said = usage_types.PrivateTerms(
        spans=pa.Table.from_pylist(spans), numbers=numbers.empty_table(), prefix=PREFIX, apns=()
    )
    monkeypatch.setattr(usage_types, "_terms_sources", [lambda **_asked: said])
    with arrange():
        CutOff.objects.create(organisation=world.a, day=15)
    return billed, plain


def load():
    records = [
        ("0", BILLED, "0.4", {}),
        ("1", BILLED, "0.3", {"personal": "1"}),
        ("2", PLAIN, "5", {"personal": "1"}),
        ("3", BILLED, "5", {"other_party": f"{PREFIX}3471234567"}),
    ]
    rows = [
        row(record_id=code, msisdn=number, started_at="2026-11-16T08:00:00Z", amount=amount, **others)
        for code, number, amount, others in records
    ]
    usage.load_file(actor=SYSTEM, path=usage_file(*rows), now=NOW)


def codes():
    """Return the payer's code of each record as the store has it."""
    files = [str(stored.store().root / part.name) for part in stored.parts_of(date(2026, 11, 1))]
    with duckdb.connect() as engine:
        found = engine.execute("SELECT record_id, personal FROM read_parquet($files) ORDER BY 1", {"files": files})
        return dict(found.fetchall())


def passed(line):
    rows = Crossing.objects.for_(SYSTEM).filter(line=line).order_by("threshold__owner", "period_start")
    return [(one.threshold.owner_id, one.period_start, one.used_units) for one in rows.select_related("threshold")]


def test_h07_days_and_bill_periods_count_what_the_employer_pays_and_the_employees_own_what_they_pay(lines, ada, bo):
    billed, plain = lines
    for actor, line, period in (
        (ada, billed, "day"), (ada, billed, "bill"), (ada, plain, "day"), (ada, plain, "bill"), (bo, billed, "day"), (bo, billed, "bill"),
    ):  # fmt: skip
        asked = terms("1", traffic="all", period=period, steps=(100,))
        assert thresholds.set_threshold(actor=actor, line=line, terms=asked, now=NOW).by_days
    load()
    assert codes() == {"0": "0", "1": "1", "2": "2", "3": "3"}
    assert passed(plain) == [(None, BILL_DAY, euro("5")), (None, TODAY, euro("5"))]
    assert passed(billed) == [(bo.person_id, BILL_DAY, euro("5.3")), (bo.person_id, TODAY, euro("5.3"))]


def test_h07_lines_above_an_amount_at_a_day_count_what_the_employer_pays(lines, ada):
    billed, plain = lines
    load()

    def above(amount, on=TODAY):
        return queries.spent_above(ada, Above(amount=euro(amount), on=on, traffic="all"), zone="Europe/Rome")

    assert above("0.39") == [(euro("0.4"), billed.pk), (euro("5"), plain.pk)]
    assert above("0.4") == [(euro("5"), plain.pk)]
    assert above("0.1", BILL_DAY) == []
