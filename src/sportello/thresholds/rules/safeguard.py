"""The safeguard that a mobile line has unless somebody takes it out: the figures of the regulation.

National data 150 EUR a month for business customers (Delibera 326/10/CONS); data roaming in the EU and outside it 50 EUR net of VAT in
a bill period, told at 80 and 100 %, then stopped until the line's user consents (Regulation (EU) 2022/612 art. 14). DOMAIN 3.2 and 3.3.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from sportello.inventory.states import LineKind
from sportello.kernel.money import to_units
from sportello.thresholds.states import Kind, Measure, Period, Traffic, Zone
from sportello.thresholds.types import Terms

NAME: Final = "it_business_default"
STEPS: Final = (80, 100)
ROAMING_KINDS: Final = (LineKind.MOBILE, LineKind.DATA)
"""Lines that can roam."""


def _stops_data(zone: Zone, euros: int, period: Period) -> Terms:
    return Terms(
        traffic_type=Traffic.DATA, zone=zone, measure=Measure.AMOUNT, limit=to_units(Decimal(euros)), steps=STEPS,
        period=period, kind=Kind.ENFORCING,
    )  # fmt: skip


SAFEGUARD: Final = (
    _stops_data(Zone.NATIONAL, 150, Period.MONTH),
    _stops_data(Zone.EU, 50, Period.BILL),
    _stops_data(Zone.EXTRA_EU, 50, Period.BILL),
)
