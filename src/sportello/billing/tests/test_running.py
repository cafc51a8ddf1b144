"""The bill run: prices and counters in, documents that our own reader and the schema take out; reconciliation with the counters."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from sportello.billing import queries, tasks
from sportello.billing.models import Bill, BillFile, BillLine, PriceRow
from sportello.billing.operations import run_bills, set_prices, set_terms
from sportello.billing.tests.factories import NUMBER, SYSTEM, customers, held_line, needs_schemas
from sportello.inventory.models import Line, LinePeriod
from sportello.inventory.states import LineKind
from sportello.kernel.refusals import InvalidInput, NotPermitted
from sportello.kernel.testing import arrange
from sportello.parties.models import Organisation
from sportello.usage.models import Counter, LineMonth

pytestmark = [needs_schemas, pytest.mark.django_db]
MARCH, APRIL = date(2026, 3, 1), datetime(2026, 4, 1, 8, tzinfo=UTC)


def counted(row: Line, amount: str, traffic_type: str = "voice", *, personal: bool = False) -> None:
    with arrange():
        period = LinePeriod.objects.across_tenants(reason="a test").get(line=row)
        facts = {"organisation_id": row.organisation_id, "line": row, "month": MARCH, "amount": Decimal(amount)}
        Counter.objects.create(
            period=period, traffic_type=traffic_type, zone="national", personal=personal, records=1, **facts
        )
        if not personal:
            LineMonth.objects.create(**facts)


@pytest.fixture
def stock(world):
    customers(world)
    with arrange():
        Organisation.objects.across_tenants(reason="a test").filter(pk=world.operator.pk).update(
            vat_number="12345678903"
        )
    row = held_line(world)
    set_prices(
        actor=SYSTEM,
        rows=[PriceRow(code="C", description="Canone", line_kind=LineKind.MOBILE, amount=Decimal("4.90"), active_from=date(2026, 1, 1)),
              PriceRow(code="OLD", description="Vecchio", line_kind=LineKind.MOBILE, amount=Decimal(9), active_from=date(2025, 1, 1),
                       active_to=date(2026, 1, 1))],
    )  # fmt: skip
    return row


def test_a_run_bills_fees_and_counters_exactly_and_is_read_back(stock, world, ada, bo):
    counted(stock, "1.23456")
    counted(stock, "7.00000", "data", personal=True)
    set_terms(actor=SYSTEM, agreement=stock.agreement, cig="ABC1234567", cup="J31B12345678901", payment_days=60)
    (bill,) = run_bills(actor=SYSTEM, month=MARCH, now=APRIL)
    lines = [
        (one.description, one.amount, one.number, one.cost_centre_code, one.charge)
        for one in queries.lines_of(ada, bill).order_by("position")
    ]
    assert lines == [
        ("Canone", Decimal("4.90000"), NUMBER, "CC1", "fee"),
        ("Traffico voce", Decimal("1.23456"), NUMBER, "CC1", "traffic"),
    ]
    assert (bill.taxable, bill.vat, bill.total, bill.payable, bill.split_payment) == (
        Decimal("6.13"), Decimal("1.35"), Decimal("7.48"), Decimal("6.13"), True,
    )  # fmt: skip
    assert (bill.cig, bill.cup, bill.due_date, bill.agreement_id, bill.format) == (
        "ABC1234567", "J31B12345678901", date(2026, 5, 31), stock.agreement_id, "FPA12",
    )  # fmt: skip
    assert BillFile.objects.for_(SYSTEM).get(pk=bill.file_id).source == "run"
    assert [row.amount for row in BillLine.objects.for_(bo).order_by("position")] == [
        Decimal("4.90000"),
        Decimal("1.23456"),
    ]


def test_a_run_again_bills_nothing_twice(stock):
    assert len(run_bills(actor=SYSTEM, month=MARCH, now=APRIL)) == 1
    assert run_bills(actor=SYSTEM, month=MARCH, now=APRIL) == []
    assert Bill.objects.for_(SYSTEM).count() == 1


def test_a_month_that_is_not_over_and_profiles_that_may_not_are_refused(stock, ada):
    with pytest.raises(InvalidInput):
        run_bills(actor=SYSTEM, month=date(2026, 4, 1), now=APRIL)
    with pytest.raises(NotPermitted):
        run_bills(actor=ada, month=MARCH, now=APRIL)


def test_operator_asks_for_a_run_and_the_worker_makes_it_once(stock, signed_in):
    browser = signed_in("olga")
    assert [
        browser.post("/bills/files/run/", {"month": month}).status_code for month in ("2099-01", "next", "2026-03")
    ] == [
        422,
        422,
        302,
    ]
    assert [tasks.run_bills.func("2026-03-01"), tasks.run_bills.func("2026-03-01")] == [1, 0]


def test_a_run_by_cost_centre_sums_the_same(stock, world):
    held_line(world, "+393120000002", holder=None)
    counted(stock, "1.23456")
    (bill,) = run_bills(actor=SYSTEM, month=MARCH, by_line=False, now=APRIL)
    lines = [
        (one.description, one.amount, one.number)
        for one in BillLine.objects.for_(SYSTEM).filter(bill=bill).order_by("position")
    ]
    assert lines == [("Canone", Decimal("9.80000"), ""), ("Traffico voce", Decimal("1.23456"), "")]


def test_customers_abroad_are_billed_without_vat(stock, world):
    with arrange():
        Organisation.objects.across_tenants(reason="a test").filter(pk=world.a.pk).update(
            country="ES", vat_number="ESB12345674"
        )
    (bill,) = run_bills(actor=SYSTEM, month=MARCH, now=APRIL)
    assert (bill.vat, bill.total, bill.office_code, bill.format, bill.recipient_identity) == (
        Decimal(0), Decimal("4.90"), "XXXXXXX", "FPR12", "ESB12345674",
    )  # fmt: skip


def test_reconciliation_shows_the_difference_of_each_line(stock, world, ada):
    other = held_line(world, "+393120000002", holder=None)
    counted(stock, "1.23456")
    (bill,) = run_bills(actor=SYSTEM, month=MARCH, now=APRIL)
    assert [(one.number, one.here, one.counted, one.agrees) for one in queries.reconciliation(ada, bill)] == [
        (NUMBER, Decimal("1.23456"), Decimal("1.23456"), True)
    ]
    with arrange():
        LineMonth.objects.across_tenants(reason="a late record").filter(line=stock).update(amount=Decimal("2.00"))
    counted(other, "5.00")
    assert [(one.number, one.difference, one.agrees) for one in queries.reconciliation(ada, bill)] == [
        ("+393120000002", Decimal("-5.00000"), False),
        (NUMBER, Decimal("-0.76544"), False),
    ]
