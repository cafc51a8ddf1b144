"""The bill run: prices and counters in, documents that our own reader and the schema take out; reconciliation with the counters."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from sportello.billing import queries, tasks
from sportello.billing.models import Bill, BillFile, BillLine, BillVat, PriceRow
from sportello.billing.operations import run_bills, running, set_prices, set_terms
from sportello.billing.tests.factories import NUMBER, SYSTEM, customers, held_line, needs_schemas
from sportello.billing.types import RunFailure
from sportello.inventory.models import Agreement, Line, LinePeriod
from sportello.inventory.states import LineKind
from sportello.kernel.jobs.worker import run_due
from sportello.kernel.models import Job
from sportello.kernel.refusals import InvalidInput, NotPermitted
from sportello.kernel.testing import arrange
from sportello.parties.models import Organisation
from sportello.usage.models import Counter, LineMonth
from sportello.usage.operations import load_file as load_usage
from sportello.usage.tests.factories import row as usage_row
from sportello.usage.tests.factories import usage_file

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


def load_usage_of(row: Line, *amounts: tuple[str, str]) -> None:
    """Load a usage file with a call of March for each amount and class of VAT."""
    rows = [
        usage_row(
            record_id=f"r{place}", msisdn=row.number, started_at=f"2026-03-10T1{place}:00:00Z", amount=amount,
            vat_class=vat_class,
        )
        for place, (amount, vat_class) in enumerate(amounts)
    ]  # fmt: skip
    done = load_usage(actor=SYSTEM, path=usage_file(*rows), now=APRIL)
    assert (done.loaded, done.rejected) == (len(rows), 0)


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


def test_two_clicks_make_one_job_and_a_run_that_ended_can_be_asked_for_again(stock, signed_in):
    browser = signed_in("olga")
    for _click in range(2):
        browser.post("/bills/files/run/", {"month": "2026-03"})
    assert Job.objects.filter(task__endswith="run_bills").count() == 0
    run_due()
    runs = Job.objects.filter(task__endswith="run_bills")
    assert [(row.state, row.result) for row in runs] == [("succeeded", 1)]
    browser.post("/bills/files/run/", {"month": "2026-03"})
    run_due()
    assert sorted(row.result for row in runs.all()) == [0, 1]


def test_a_customer_that_cannot_be_billed_holds_up_no_other_and_is_named_to_the_operator(stock, world, signed_in):
    with arrange():
        Organisation.objects.across_tenants(reason="a test").filter(pk=world.a.pk).update(ipa_code="")
        agreement = Agreement.objects.create(organisation=world.b, code="AGB")
        facts = {
            "organisation": world.b, "number": "+393120000009", "active_from": datetime(2026, 1, 1, tzinfo=UTC),
            "status": "active",
        }  # fmt: skip
        row = Line.objects.create(agreement=agreement, kind=LineKind.MOBILE, **facts)
        LinePeriod.objects.create(line=row, agreement=agreement, **facts)
    assert tasks.run_bills.func("2026-03-01") == 1
    assert [bill.organisation_id for bill in Bill.objects.for_(SYSTEM)] == [world.b.pk]
    (ended,) = queries.ended_runs()
    why = "A public body without an office code (IPA) cannot be billed: enter it first."
    name = f"{world.a.legal_name} ({world.a.code})"
    assert (ended.month, ended.bills, ended.failures) == (
        MARCH, 1, [RunFailure(customer_id=world.a.pk, name=name, reason=why)],
    )  # fmt: skip
    page = signed_in("olga").get("/bills/files/run/").content.decode()
    assert (f"<strong>{name}</strong>: {why}" in page, "1 customer has no bill" in page) == (True, True)


def test_what_a_discarded_bill_billed_is_billed_anew_and_the_rest_is_not(stock, world, monkeypatch):
    monkeypatch.setattr(running, "MOST_DETAILS", 1)
    held_line(world, "+393120000002", holder=None)
    first, second = run_bills(actor=SYSTEM, month=MARCH, now=APRIL)
    with arrange():
        Bill.objects.for_(SYSTEM).filter(pk=first.pk).update(state="discarded")
    (anew,) = run_bills(actor=SYSTEM, month=MARCH, now=APRIL)
    numbers = [BillLine.objects.for_(SYSTEM).get(bill=one).number for one in (first, second, anew)]
    assert numbers == [NUMBER, "+393120000002", NUMBER]
    assert run_bills(actor=SYSTEM, month=MARCH, now=APRIL) == []


def test_discounts_that_outweigh_the_rest_of_a_document_are_a_credit_note(stock, world, ada, monkeypatch):
    monkeypatch.setattr(running, "MOST_DETAILS", 1)
    counted(stock, "-1.25")
    fee, discount = run_bills(actor=SYSTEM, month=MARCH, now=APRIL)
    assert [(one.document_type, one.taxable, one.vat, one.sign, one.payable) for one in (fee, discount)] == [
        ("TD01", Decimal("4.90"), Decimal("1.08"), 1, Decimal("4.90")),
        ("TD04", Decimal("1.25"), Decimal("0.28"), -1, Decimal("-1.25")),
    ]
    assert run_bills(actor=SYSTEM, month=MARCH, now=APRIL) == []
    assert [(one.here, one.counted, one.agrees) for one in queries.reconciliation(ada, discount)] == [
        (Decimal("-1.25000"), Decimal("-1.25000"), True)
    ]


def test_usage_is_billed_with_vat_as_its_class_says(world, stock):
    load_usage_of(stock, ("10.00000", "standard"), ("3.00000", "exempt"), ("2.00000", "outside"))
    (bill,) = run_bills(actor=SYSTEM, month=MARCH, now=APRIL)
    vat = BillVat.objects.for_(SYSTEM).filter(bill=bill).order_by("pk")
    assert [(one.rate, one.nature, one.taxable, one.vat, one.exigibility) for one in vat] == [
        ("22.00", "", Decimal("14.90"), Decimal("3.28"), "S"),
        ("0", "N2.2", Decimal("2.00"), Decimal(0), ""),
        ("0", "N4", Decimal("3.00"), Decimal(0), ""),
    ]
    lines = BillLine.objects.for_(SYSTEM).filter(bill=bill).order_by("position")
    assert [(one.description, one.amount, one.nature) for one in lines] == [
        ("Canone", Decimal("4.90"), ""),
        ("Traffico voce", Decimal("10.00"), ""),
        ("Traffico voce, esente IVA", Decimal("3.00"), "N4"),
        ("Traffico voce, fuori campo IVA", Decimal("2.00"), "N2.2"),
    ]
    assert (bill.total, bill.payable) == (Decimal("23.18"), Decimal("19.90"))


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
