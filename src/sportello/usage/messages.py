"""The messages of traffic: their texts stand in `templates/messaging/`."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from sportello.messaging.catalogue import Template, register
from sportello.messaging.states import Kind
from sportello.messaging.types import Channel


def register_messages() -> None:
    """Add the messages to the catalogue."""
    register(
        Template(
            name="traffic_documentation_password",
            title=_("Password of a traffic documentation"),
            kind=Kind.SECURITY,
            channels=(Channel.SMS,),
            variables=("line",),
            secrets=("password",),
            lifetime=timedelta(days=1),
            sample={"line": "+39 351 000 0001", "password": "abcd-efgh-ijkm-npqr"},
        )
    )
    register(
        Template(
            name="traffic_documentation_notice",
            title=_("The records of a line that you used were asked for"),
            kind=Kind.SECURITY,
            channels=(Channel.EMAIL,),
            variables=("line", "since", "until", "who", "reason"),
            sample={
                "line": "+39 351 000 0001",
                "since": "01/10/2026",
                "until": "31/10/2026",
                "who": "Ada Prova",
                "reason": "Contested charges",
            },
        )
    )
    register(
        Template(
            name="traffic_report",
            title=_("Scheduled report of traffic"),
            kind=Kind.OPERATION,
            channels=(Channel.EMAIL,),
            variables=("name", "month", "link"),
            sample={"name": "Totals by cost centre", "month": "10/2026", "link": "/traffic/exports/"},
        )
    )
