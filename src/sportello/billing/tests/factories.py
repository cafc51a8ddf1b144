"""Documents and rows for the tests of bills."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from sportello.billing.fatturapa.writing import WrittenBill, WrittenLine, WrittenParty, WrittenTax, write_bill
from sportello.billing.operations import Outcome, load_file
from sportello.billing.states import Source
from sportello.inventory.models import Agreement, Line, LinePeriod
from sportello.inventory.states import LineKind, LineStatus
from sportello.kernel.actor import Actor, system_actor
from sportello.kernel.testing import arrange
from sportello.parties.models import CostCentre, Organisation

SCHEMAS = Path(settings.SPORTELLO["FATTURAPA_SCHEMAS"])
SAMPLES = SCHEMAS / "samples"
needs_schemas = pytest.mark.skipif(not SCHEMAS.is_dir(), reason=f"the official schemas are not there: {SCHEMAS}")
NOW = datetime(2026, 4, 10, 9, 0, tzinfo=UTC)
VAT_A, VAT_B = "09876543217", "12345670017"
OFFICE_A, OFFICE_B = "ABCDEF", "BCDEFG1"
NUMBER = "+393120000001"
SYSTEM = system_actor(reason="a test loads bills")


def line(amount: str = "100.00", **changes: object) -> WrittenLine:
    made = WrittenLine(
        description="Canone",
        quantity=Decimal(1),
        unit_price=Decimal(amount),
        amount=Decimal(amount),
        first=date(2026, 3, 1),
        last=date(2026, 3, 31),
        charge="CANONE",
    )
    return replace(made, **changes)


def document(*lines: WrittenLine, **changes: object) -> WrittenBill:
    """Return a bill of customer A, which is a public body; its sums follow from its lines."""
    lines = lines or (line(),)
    if "vat_rate" in changes:
        tax = WrittenTax(rate=changes.pop("vat_rate"))
        lines = tuple(replace(one, tax=tax) for one in lines)
    party = {
        "country": "IT",
        "tax_code": "",
        "address": "Via Roma 1",
        "postcode": "00100",
        "city": "Roma",
        "province": "RM",
    }
    made = WrittenBill(
        public=True,
        progressive="00001",
        office_code=OFFICE_A,
        supplier=WrittenParty(name="Operatore di prova", vat_number="12345678903", **party),
        customer=WrittenParty(name="Comune di Alfa", vat_number=VAT_A, **party),
        number="2026/1",
        issue_date=date(2026, 4, 1),
        due_date=date(2026, 5, 1),
        agreement="",
        agreement_date=None,
        cig="",
        cup="",
        lines=lines,
        split=False,
        iban="",
    )
    return replace(made, **changes)


def xml(*lines: WrittenLine, **changes: object) -> bytes:
    return write_bill(document(*lines, **changes))


def customers(world) -> None:
    """Give customers A and B of the cast what bills find them by."""
    with arrange():
        Organisation.objects.across_tenants(reason="a test").filter(pk=world.a.pk).update(
            vat_number=VAT_A, ipa_code=OFFICE_A, public_administration=True
        )
        Organisation.objects.across_tenants(reason="a test").filter(pk=world.b.pk).update(
            vat_number=VAT_B, ipa_code=OFFICE_B
        )
    world.a.refresh_from_db()
    world.b.refresh_from_db()


def held_line(
    world, number: str = NUMBER, *, holder: str | None = "bo", centre: str = "CC1", **changes: object
) -> Line:
    """Write a line of customer A from the start of 2026, held by one of the cast."""
    with arrange():
        agreement, _new = _one(Agreement, organisation=world.a, code="AG1")
        cost_centre, _new = _one(CostCentre, organisation=world.a, code=centre)
        person = world.memberships[holder].person if holder else None
        facts = {
            "organisation": world.a,
            "number": number,
            "active_from": datetime(2026, 1, 1, tzinfo=UTC),
            "person": person,
            "cost_centre": cost_centre,
            "status": LineStatus.ACTIVE,
        }
        row = Line.objects.create(agreement=agreement, kind=LineKind.MOBILE, **(facts | changes))
        LinePeriod.objects.create(line=row, **(facts | changes))
    return row


def _one(model, **key):
    found = model.objects.across_tenants(reason="a test").filter(**key).first()
    return (found, False) if found else (model.objects.create(**key), True)


def load(
    content: bytes, *, name: str = "IT12345678903_00001.xml", actor: Actor = SYSTEM, now: datetime = NOW
) -> Outcome:
    return load_file(actor=actor, name=name, content=content, source=Source.COMMAND, now=now)
