"""The list of messages."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sportello.kernel.sentences import told
from sportello.kernel.ui import formats
from sportello.kernel.ui.filters import Choice, Days, Search
from sportello.kernel.ui.listing import Column, Kind, Listing
from sportello.kernel.ui.templatetags.ui import state
from sportello.kernel.ui.types import Tone
from sportello.messaging import catalogue
from sportello.messaging.models import Message
from sportello.messaging.states import Channel, State

TONES: dict[str, Tone] = {
    State.QUEUED: "warn",
    State.SENDING: "info",
    State.SENT: "info",
    State.DELIVERED: "good",
    State.FAILED: "bad",
    State.UNKNOWN: "warn",
    State.WITHHELD: "off",
}


def titles() -> Iterable[tuple[str, str | Promise]]:
    """Return the messages of the catalogue with their titles."""
    return [(template.name, template.title) for template in catalogue.TEMPLATES.values()]


def title_of(name: str) -> str:
    """Return the title of a message; its name when an app that brought it is gone."""
    template = catalogue.TEMPLATES.get(name)
    return str(template.title) if template else name


def drawn_state(message: Message) -> object:
    """Return the state as a pill."""
    return state(message.state, message.get_state_display(), TONES[message.state])


class MessageList(Listing[Message]):
    """Every message of the installation, the newest first."""

    name = "messaging.outbox"
    columns = (
        Column[Message]("queued_at", _("Written"), sort="queued_at", kind=Kind.INSTANT),
        Column[Message](
            "address",
            _("To"),
            cell=lambda row: formats.phone(row.address) if row.channel == Channel.SMS else formats.mail(row.address),
            link=lambda row: reverse("messaging:message", args=[row.pk]),
        ),
        Column[Message]("template", _("Message"), value=lambda row: title_of(row.template)),
        Column[Message]("channel", _("Channel"), value=lambda row: row.get_channel_display()),
        Column[Message]("organisation", _("Customer"), value=lambda row: str(row.organisation or "")),
        Column[Message]("state", _("State"), value=lambda row: row.get_state_display(), cell=drawn_state),
        Column[Message]("tries", _("Tries"), kind=Kind.NUMBER),
        Column[Message]("answer", _("Answer of the provider"), value=lambda row: told(row.answer)),
    )
    filters = (
        Search(("address__startswith", "person__family_name__istartswith"), label=_("Address or family name")),
        Choice("state", _("State"), State.choices),
        Choice("channel", _("Channel"), Channel.choices),
        Choice("template", _("Message"), titles),
        Days("queued", _("Written"), field="queued_at"),
    )
    default_sort = "-queued_at"
