"""The messages of thresholds beside the plain warning, which messaging brings: their texts stand in `templates/messaging/`."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from sportello.messaging.catalogue import Template, register, register_notices
from sportello.messaging.states import Kind
from sportello.messaging.types import Channel

SAMPLE: Final = {
    "line": "+39 351 000 0001",
    "measure": "Euro",
    "used": "8,12 €",
    "limit": "10,00 €",
    "percent": "81",
    "period": "11/2026",
    "link": "/thresholds/",
}


def register_messages() -> None:
    """Add the messages to the catalogue, and say what of them nobody can switch off."""
    register_notices(
        Kind.THRESHOLDS,
        always=_(
            "Two things are always told, whatever is switched off: that traffic is being barred, because the line stops working "
            "for it, and the roaming safeguard, because the law asks for it (Regulation (EU) 2022/612, article 14)."
        ),
    )
    for name, title in (
        ("threshold_enforcing", _("Warning before a bar")),
        ("threshold_barred", _("Limit reached, traffic is being barred")),
    ):
        register(
            Template(
                name=name,
                title=title,
                kind=Kind.THRESHOLDS,
                channels=(Channel.SMS, Channel.EMAIL),
                variables=tuple(SAMPLE),
                sample=SAMPLE,
            )
        )
    register(
        Template(
            name="threshold_list",
            title=_("Many thresholds passed a step at once"),
            kind=Kind.THRESHOLDS,
            channels=(Channel.EMAIL,),
            variables=("count", "list", "more", "link"),
            sample={"count": "42", "list": "- +39 351 000 0001: 81 %", "more": "12", "link": "/thresholds/"},
        )
    )
