"""The messages of orders: their texts stand in `templates/messaging/`."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from sportello.messaging.catalogue import Template, register
from sportello.messaging.states import Kind
from sportello.messaging.types import Channel

_STEP: Final = ("code", "type", "state", "note", "done", "link")
_SAMPLE: Final = {
    "code": "ORD-2026-000123",
    "type": "Cambio piano",
    "state": "In lavorazione",
    "note": "Serve il codice IMEI.",
    "done": "1 / 3",
    "link": "/orders/",
}
_OF_STEPS: Final = {
    "order_step": _("A step of an order"),
    "order_approval": _("An order waits for approval"),
    "order_question": _("A question about an order"),
}


def register_messages() -> None:
    """Add the messages to the catalogue."""
    mail: dict[str, Any] = {"channels": (Channel.EMAIL,)}
    for name, title in _OF_STEPS.items():
        register(Template(name=name, title=title, kind=Kind.ORDERS, variables=_STEP, sample=_SAMPLE, **mail))
    register(
        Template(
            name="order_on_your_number",
            title=_("A change of SIM or holder was ordered for your number"),
            kind=Kind.SECURITY,
            variables=("code", "type", "number", "asker"),
            sample={
                "code": "ORD-2026-000123",
                "type": "Sostituzione SIM",
                "number": "+39 351 000 0001",
                "asker": "Ada Prova",
            },
            **mail,
        )
    )
    register(
        Template(
            name="order_number_code",
            title=_("A code that proves a number"),
            kind=Kind.SECURITY,
            channels=(Channel.SMS,),
            variables=("minutes",),
            secrets=("code",),
            lifetime_setting="CODE_LIFETIME",
            sample={"minutes": "30", "code": "482913"},
        )
    )
