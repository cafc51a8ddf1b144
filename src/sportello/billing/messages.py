"""The messages about bills, in the catalogue of messaging."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from sportello.messaging.catalogue import Template, register
from sportello.messaging.states import Channel, Kind

_VARIABLES = ("number", "date", "open", "due", "customer", "link")
_SAMPLE = {
    "number": "2026-000123",
    "date": "30/06/2026",
    "open": "1.234,56 €",
    "due": "30/07/2026",
    "customer": "Comune di Esempio",
    "link": "/bills/1/",
}

register(
    Template(
        name="bill_due",
        title=_("Bill to be paid soon"),
        kind=Kind.BILLS,
        channels=(Channel.EMAIL,),
        variables=_VARIABLES,
        lifetime=timedelta(days=7),
        sample=_SAMPLE,
    )
)
register(
    Template(
        name="bill_overdue",
        title=_("Bill overdue"),
        kind=Kind.BILLS,
        channels=(Channel.EMAIL,),
        variables=_VARIABLES,
        lifetime=timedelta(days=14),
        sample=_SAMPLE,
    )
)
