"""Two years of bills of the reference base, written straight into the tables: what is measured is how they are read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import Any

from bench.saying import say

MONTHS = 24
FEE = Decimal("7.50")
ROUND = 5_000
MOST_IN_A_FILE = 15_000


def made_bills(actor: Any, facts: dict[str, str]) -> int:
    """Write a bill of each customer and month with two charges of each line, unless they are there; return how many there are."""
    from sportello.billing.models import Bill
    from sportello.kernel.operations import bulk_write

    known = Bill.objects.for_(actor).filter(number__startswith="BENCH-").count()
    if known:
        return known
    say(
        f"writing {MONTHS} months of bills with two charges of each of {facts['lines']} lines, once for this folder ..."
    )
    with bulk_write(actor=actor):
        rows = _bills(actor, date.fromisoformat(facts["month"]))
        while chunk := list(islice(rows, ROUND)):
            Bill.objects.bulk_create(chunk)
        _lines()
    return Bill.objects.for_(actor).filter(number__startswith="BENCH-").count()


def _bills(actor: Any, last: date) -> Iterator[Any]:
    from django.db.models import Count

    from sportello.inventory.models import Line
    from sportello.parties.models import Organisation

    constant = _constant()
    held = list(Line.objects.for_(actor).order_by().values_list("organisation_id").annotate(lines=Count("pk")))
    files = {organisation: _file(organisation, lines) for organisation, lines in held}
    names = dict(Organisation.objects.for_(actor).values_list("pk", "legal_name"))
    position, month = 0, last
    for _month in range(MONTHS):
        for organisation, lines in held:
            position += 1
            whose = {
                "organisation_id": organisation,
                "recipient_name": names[organisation][:200],
                "file": files[organisation],
                **constant,
            }
            yield _bill(position, month, FEE * 2 * lines, whose)
        month = (month - timedelta(days=3)).replace(day=1)


def _constant() -> dict[str, Any]:
    """Return what is the same in each bill."""
    from django.utils import timezone

    return {
        "format": "FPR12",
        "document_type": "TD01",
        "supplier_name": "Operatore",
        "supplier_identity": "IT00000000000",
        "recipient_identity": "IT",
        "office_code": "0000000",
        "loaded_at": timezone.now(),
    }


def _file(organisation: int, lines: int) -> Any:
    """Write the document that all bills of a customer came in, as large as one that is taken may be: pages read the parties off it."""
    from django.utils import timezone

    from sportello.billing.models import BillFile
    from sportello.billing.states import FileState, Source

    content = _document(min(lines, MOST_IN_A_FILE))
    return BillFile.objects.create(
        name=f"bench-{organisation}.xml",
        bare_name=f"bench-{organisation}",
        sha256=f"bench-{organisation}",
        size=len(content),
        content=content,
        organisation_id=organisation,
        state=FileState.LOADED,
        source=Source.RUN,
        received_at=timezone.now(),
    )


@cache
def _document(lines: int) -> bytes:
    from sportello.billing.fatturapa.writing import WrittenBill, WrittenLine, WrittenParty, write_bill

    seat = {
        "country": "IT",
        "tax_code": "",
        "address": "Via Roma 1",
        "postcode": "00100",
        "city": "Roma",
        "province": "RM",
    }
    fee, day = FEE * 2, date(2026, 3, 1)
    line = WrittenLine(
        description="Canone", quantity=Decimal(1), unit_price=fee, amount=fee, first=day, last=day, charge="CANONE"
    )
    return write_bill(
        WrittenBill(
            public=True, progressive="00001", office_code="ABCDEF", number="BENCH-1", issue_date=day, due_date=day,
            supplier=WrittenParty(name="Operatore", vat_number="12345678903", **seat),
            customer=WrittenParty(name="Cliente", vat_number="09876543217", **seat),
            agreement="", agreement_date=None, cig="", cup="", lines=(line,) * lines, split=False, iban="",
        )
    )  # fmt: skip


def _bill(position: int, month: date, taxable: Decimal, whose: dict[str, Any]) -> Any:
    from sportello.billing.models import Bill

    vat = taxable * Decimal("0.22")
    return Bill(
        **whose,
        position=position,
        number=f"BENCH-{position}",
        issue_date=month + timedelta(days=35),
        year=month.year,
        period_from=month,
        period_to=month + timedelta(days=27),
        taxable=taxable,
        vat=vat,
        total=taxable + vat,
        payable=taxable + vat,
        due_date=month + timedelta(days=65),
        paid=taxable + vat,
        payment_state="paid",  # else a day's reminders of all of them would be written while something else is measured
    )


def _lines() -> None:
    """Write a fee and a traffic charge of each line into each bill of its customer, in the database itself: nearly five million rows."""
    from django.db import connection

    sql = """
        INSERT INTO billing_billline (
            organisation_id, bill_id, position, description, charge, quantity, unit, unit_price, amount, vat_rate, nature,
            period_from, period_to, line_id, cost_centre_id, number, cost_centre_code
        )
        SELECT bill.organisation_id, bill.id, line.id * 2 + charge.place, charge.words, charge.kind,
            '1.00', '', '7.50', 750000, '22.00', '', bill.period_from, bill.period_to, line.id, line.cost_centre_id, line.number, ''
        FROM billing_bill AS bill
        JOIN inventory_line AS line ON line.organisation_id = bill.organisation_id
        CROSS JOIN (SELECT 0 AS place, 'Canone' AS words, 'fee' AS kind UNION ALL SELECT 1, 'Traffico', 'traffic') AS charge
        WHERE bill.number LIKE 'BENCH-%%'
    """
    with connection.cursor() as cursor:
        cursor.execute(sql)


def pages(system: Any, administrator: Any, operator: Any, largest: int) -> list[tuple[str, Any, str]]:
    """Return the pages of bills that are opened: what they are, by whose browser, at which address."""
    from sportello.billing.models import Bill

    bill = Bill.objects.for_(system).filter(organisation_id=largest, number__startswith="BENCH-").latest("issue_date")
    return [
        ("bills of the largest customer", administrator, "/bills/"),
        ("all bills (operator)", operator, "/bills/"),
        ("a bill of 40,000 lines", administrator, f"/bills/{bill.pk}/"),
        ("a bill of 40,000 lines, its lines", administrator, f"/bills/{bill.pk}/lines/"),
        ("a bill of 40,000 lines, its lines by number", administrator, f"/bills/{bill.pk}/lines/?sort=number"),
        ("a bill of 40,000 lines against the counters", administrator, f"/bills/{bill.pk}/reconciliation/"),
    ]
