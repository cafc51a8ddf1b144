"""The mails of tickets: their texts stand in `templates/messaging/`."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from sportello.messaging.catalogue import Template, register
from sportello.messaging.states import Channel, Kind

OPENED, WRITTEN, STATE, ADDRESS = "ticket_opened", "ticket_written", "ticket_state", "ticket_address"
FEEDBACK: Final = "ticket_feedback"
_SAMPLE: Final = {
    "code": "TCKXDSL0000042",
    "type": "xDSL",
    "subject": "No dial tone",
    "customer": "Comune di Esempio",
    "author": "Pia Blu (Partner)",
    "text": "Since this morning nothing works.",
    "state": "Resolved",
    "days": "7",
    "link": "/tickets/link/example/",
}
_WORDS: Final = ("code", "subject", "customer")


def register_messages() -> None:
    """Add the messages to the catalogue."""
    for name, title, more in (
        (OPENED, _("New ticket"), ("author", "type", "text")),
        (WRITTEN, _("New entry in a ticket"), ("author", "text")),
        (STATE, _("New state of a ticket"), ("author", "state")),
        (FEEDBACK, _("Question at the end of a ticket"), ("days",)),
    ):
        register(
            Template(
                name=name,
                title=title,
                kind=Kind.TICKETS,
                channels=(Channel.EMAIL,),
                variables=(*_WORDS, *more),
                secrets=("link",),
                lifetime=timedelta(days=7),
                sample=_SAMPLE,
            )
        )
    register(
        Template(
            name=ADDRESS,
            title=_("Confirmation of an address for tickets"),
            kind=Kind.SECURITY,
            channels=(Channel.EMAIL,),
            variables=("organisation", "days"),
            secrets=("link",),
            lifetime=timedelta(days=2),
            sample={"organisation": "Partner Uno", "days": "2", "link": "/tickets/options/confirm/example/"},
        )
    )
