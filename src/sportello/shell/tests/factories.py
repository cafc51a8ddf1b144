"""Rows that the shell shows and finds; written inside `arrange()`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sportello.accounts.models import Person
from sportello.inventory.models import Line
from sportello.parties.models import Organisation
from sportello.usage.models import Counter, CustomerMonth, LineMonth


def person_of(organisation: Organisation, given: str, family: str) -> Person:
    return Person.objects.create(
        organisation=organisation,
        username=f"{given}.{family}".lower(),
        given_name=given,
        family_name=family,
        language="en",
    )


def spent(line: Line, month: date, amount: str, *, traffic_type: str = "data") -> None:
    """Write what a load leaves behind: the counter, the line's month and the customer's month."""
    money = Decimal(amount)
    sums = {"records": 1, "volume_bytes": 10**9 if traffic_type == "data" else 0, "duration_s": 60, "amount": money}
    period = line.periods.across_tenants(reason="arranging").first()
    place = {"organisation": line.organisation, "month": month}
    Counter.objects.create(line=line, period=period, traffic_type=traffic_type, zone="national", **place, **sums)
    LineMonth.objects.create(line=line, amount=money, records=1, **place)
    CustomerMonth.objects.create(traffic_type=traffic_type, zone="national", **place, **sums)
