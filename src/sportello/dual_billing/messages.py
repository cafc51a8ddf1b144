"""The messages of dual billing: their texts stand in `templates/messaging/`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sportello.messaging.catalogue import Template, register
from sportello.messaging.states import Kind
from sportello.messaging.types import Channel


def register_messages() -> None:
    """Add the messages to the catalogue."""
    register(
        Template(
            name="dual_billing_asked",
            title=_("Dual billing is offered to you"),
            kind=Kind.SECURITY,
            channels=(Channel.EMAIL,),
            variables=("line", "link"),
            sample={"line": "+39 351 000 0001", "link": "/dual-billing/own/"},
        )
    )
    register(
        Template(
            name="dual_billing_changed",
            title=_("Your data for dual billing were changed"),
            kind=Kind.SECURITY,
            channels=(Channel.EMAIL,),
            variables=("line", "what", "link"),
            sample={"line": "+39 351 000 0001", "what": "IBAN", "link": "/dual-billing/own/"},
        )
    )
    register(
        Template(
            name="private_bill",
            title=_("A bill of your private traffic"),
            kind=Kind.BILLS,
            channels=(Channel.EMAIL,),
            variables=("line", "month", "link"),
            sample={"line": "+39 351 000 0001", "month": "10/2026", "link": "/dual-billing/own/"},
        )
    )
