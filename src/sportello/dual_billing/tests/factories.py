"""Enrolments of the tests, written directly or asked for as the administration does."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sportello.dual_billing.models import Enrolment
from sportello.dual_billing.states import EnrolmentState, PaymentMethod
from sportello.dual_billing.types import EnrolmentData
from sportello.kernel.testing import arrange

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TODAY = date(2026, 11, 20)
TAX_CODE = "RSSMRA80A01H501U"
IBAN = "IT60X0542811101000000123456"


def data(**changes) -> EnrolmentData:
    """Return what an administrator enters."""
    values = {
        "tax_code": TAX_CODE, "address": "Via Roma 1", "postcode": "00184", "city": "Roma", "province": "RM",
        "email": "bo@home.example", "payment_method": PaymentMethod.BANK_TRANSFER, "iban": IBAN, "start_date": TODAY,
    }  # fmt: skip
    return EnrolmentData(**values | changes)


def enrolled(
    line, *, person=None, begins=datetime(2026, 1, 1, tzinfo=UTC), ends=None, state=None, **values
) -> Enrolment:
    """Write a dual billing of a line that counts from `begins` to `ends`."""
    person = person or line.person
    facts = {name: getattr(data(), name) for name in ("tax_code", "address", "postcode", "city", "province", "email")}
    with arrange():
        return Enrolment.objects.create(
            organisation_id=line.organisation_id, line=line, person=person, iban=IBAN, asked_at=begins, accepted_at=begins,
            payment_method=PaymentMethod.BANK_TRANSFER, start_date=begins.date(), active_from=begins, active_to=ends,
            state=state or (EnrolmentState.ENDED if ends else EnrolmentState.ACTIVE), **facts | values,
        )  # fmt: skip
