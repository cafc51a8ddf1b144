"""Entries as pages draw them: who, when, by which way, the words or the deed, and what the reader may do with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _

from sportello.kernel.sentences import told
from sportello.kernel.ui import formats
from sportello.kernel.ui.types import Tone
from sportello.tickets.models import Interaction, Ticket
from sportello.tickets.states import Channel, EntryKind, FieldKind, Party, Priority, State
from sportello.tickets.types import in_words
from sportello.tickets.visibility import Audience, may_be_shown

PARTY_TONES: Final[dict[str, Tone]] = {
    Party.OPERATOR: "accent",
    Party.PARTNER: "info",
    Party.CUSTOMER: "good",
    Party.SUPPLIER: "warn",
    Party.SYSTEM: "off",
}
ICONS: Final = {
    EntryKind.STATE: "switch-horizontal",
    EntryKind.VISIBILITY: "eye",
    EntryKind.PRIORITY: "flag",
    EntryKind.ASSIGNMENT: "user-check",
    EntryKind.TAGS: "bookmark",
    EntryKind.LINK: "arrows-exchange",
    EntryKind.MERGE: "arrow-right",
}


@dataclass(frozen=True, kw_only=True)
class ShownEntry:
    """An entry as it is drawn. `deed` says what was done, when it is no words; `files` are (name, size, address)."""

    row: Interaction
    who: str
    tone: Tone
    icon: str
    deed: str = ""
    notices: list[str] = field(default_factory=list)
    files: list[tuple[str, str, str]] = field(default_factory=list)
    answers: list[tuple[str, str]] = field(default_factory=list)
    may_show: bool = False
    says_shown: bool = False

    @property
    def by(self) -> str:
        """Return the way it came, when that was not the portal."""
        return str(Channel(self.row.channel).label) if self.row.channel != Channel.WEB else ""


def drawn(
    rows: Iterable[Interaction], ticket: Ticket, audience: Audience, file_url: Callable[[int], str], *, may_show: bool
) -> list[ShownEntry]:
    """Return entries as they are drawn for an audience; `file_url` makes the address of a file."""
    return [_drawn(row, ticket, audience, file_url, may_show=may_show) for row in rows]


def _drawn(
    row: Interaction, ticket: Ticket, audience: Audience, file_url: Callable[[int], str], *, may_show: bool
) -> ShownEntry:
    kind, files = EntryKind(row.kind), getattr(row, "listed_files", [])
    showable = may_be_shown(kind=row.kind, channel=row.channel)
    return ShownEntry(
        row=row,
        who=row.author_name or str(Party(row.party).label),
        tone=PARTY_TONES[row.party],
        icon=ICONS.get(kind, "point"),
        deed=_deed(row),
        notices=[told(one) for one in row.data.get("notices", ())],
        files=[(one.name, formats.volume(one.size), file_url(one.pk)) for one in files],
        answers=answers_of(row, ticket) if kind is EntryKind.OPENING else [],
        may_show=may_show and showable,
        says_shown=audience is not Audience.CUSTOMER and showable and row.shown,
    )


def answers_of(row: Interaction, ticket: Ticket) -> list[tuple[str, str]]:
    """Return the initial data in the reader's language, by the questions of the form that the ticket was opened with."""
    given: dict[str, dict[str, str]] = row.data.get("answers", {})
    found = []
    for question in ticket.form.questions:
        answer = given.get(question.key)
        if answer is None:
            continue
        labels = dict(question.choices).get(answer["value"]) if question.kind is FieldKind.CHOICE else None
        shown = in_words(labels) if labels else answer["shown"]
        found.append((in_words(question.label), formats.phone(shown) if question.kind is FieldKind.PHONE else shown))
    return found


def _deed(row: Interaction) -> str:
    tell = _DEEDS.get(EntryKind(row.kind))
    return tell(row.data) if tell else ""


def _of_state(data: dict[str, Any]) -> str:
    return _("State: %(state)s") % {"state": State(data["to"]).label}


def _of_visibility(data: dict[str, Any]) -> str:
    if "entry" in data:
        sentence = (
            _("Entry %(entry)s shown to the customer")
            if data["visible"]
            else _("Entry %(entry)s hidden from the customer")
        )
        return sentence % {"entry": data["entry"]}
    return _("Ticket made visible to the customer") if data["visible"] else _("Ticket hidden from the customer")


def _of_priority(data: dict[str, Any]) -> str:
    return _("Priority: %(priority)s") % {"priority": Priority(data["to"]).label}


def _of_assignment(data: dict[str, Any]) -> str:
    return _("Assigned to %(to)s") % {"to": data["to"]} if data["to"] else _("Assigned to nobody")


def _of_tags(data: dict[str, Any]) -> str:
    return _("Tags: %(tags)s") % {"tags": ", ".join(data["to"]) or formats.NOTHING}


def _of_link(data: dict[str, Any]) -> str:
    other = data.get("other")
    if other is None:
        return _("Linked with another ticket") if data["linked"] else _("Set apart from another ticket")
    return (_("Linked with %(other)s") if data["linked"] else _("Set apart from %(other)s")) % {"other": other}


def _of_merge(data: dict[str, Any]) -> str:
    if "into" in data:
        return _("This ticket goes on in %(into)s") % {"into": data["into"]}
    return _("%(of)s goes on here") % {"of": data["of"]}


_DEEDS: Final[dict[EntryKind, Callable[[dict[str, Any]], str]]] = {
    EntryKind.STATE: _of_state,
    EntryKind.VISIBILITY: _of_visibility,
    EntryKind.PRIORITY: _of_priority,
    EntryKind.ASSIGNMENT: _of_assignment,
    EntryKind.TAGS: _of_tags,
    EntryKind.LINK: _of_link,
    EntryKind.MERGE: _of_merge,
}
