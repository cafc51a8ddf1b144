"""What a ticket of another program is once it is read, and how its words, instants and states are understood."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from sportello.kernel.refusals import InvalidInput
from sportello.tickets.states import Party, Priority, State

T = TypeVar("T", bound=str)
Faults = tuple[tuple[str, str], ...]
OLDEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
LONGEST_ID: Final = 40
LONGEST_WORDS: Final = 200_000


@dataclass(frozen=True, kw_only=True)
class CustomerHints:
    """By what the customer of a ticket is found: its code, its name, an address of its people."""

    code: str = ""
    name: str = ""
    email: str = ""

    def __str__(self) -> str:
        return self.code or self.name or self.email


@dataclass(frozen=True, kw_only=True)
class OldFile:
    """A file of an entry; `content` None when the export names it alone."""

    name: str
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class OldEntry:
    """Words of somebody. `way` is how they came, as the old program calls it; `note`: for the operator's people alone."""

    id: str
    at: datetime
    party: Party
    text: str
    author: str = ""
    address: str = ""
    note: bool = False
    way: str = ""
    files: tuple[OldFile, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OldTicket:
    """A ticket with its entries, the oldest first. `line` is its place in the file; `faults` are (field, reason) pairs."""

    line: int
    id: str
    number: str = ""
    subject: str = ""
    type: str = ""
    state: State = State.OPEN
    priority: Priority = Priority.NORMAL
    customer: CustomerHints = CustomerHints()
    contact: str = ""
    opened_at: datetime | None = None
    ended_at: datetime | None = None
    entries: tuple[OldEntry, ...] = ()
    faults: Faults = ()


_FORMS: Final = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y",
    "%m/%d/%y %I:%M %p", "%m/%d/%Y %I:%M %p", "%d-%m-%Y %H:%M",
)  # fmt: skip


def instant_of(text: str, *, now: datetime, name: str) -> datetime:
    """Return an instant of a file; without a zone it is that of the installation's clock on the wall. Raises `InvalidInput`."""
    found = _parsed(" ".join(text.replace("\u202f", " ").split()))
    if found is None:
        raise InvalidInput(_("is no instant: write it like 2024-03-31 14:05"), field=name)
    at = (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(settings.TIME_ZONE))).astimezone(UTC)
    if not OLDEST <= at <= now:
        raise InvalidInput(_("lies in the future, or before 1990"), field=name)
    return at


def _parsed(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in _FORMS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the zone is given by `instant_of`
        except ValueError:
            continue
    return None


def word_of(words: Mapping[str, T], text: str, *, name: str, otherwise: T) -> T:
    """Return what a word of the old program means here; nothing written is `otherwise`. Raises `InvalidInput`."""
    key = " ".join(text.casefold().split())
    if not key:
        return otherwise
    if key not in words:
        raise InvalidInput(
            _("“%(word)s” is not known here; known are: %(known)s")
            % {"word": text[:60], "known": ", ".join(sorted(words))},
            field=name,
        )
    return words[key]


def id_of(text: str, *, name: str) -> str:
    """Return the old program's own mark of a ticket or entry. Raises `InvalidInput`."""
    found = " ".join(text.split())
    if not found or len(found) > LONGEST_ID or not found.isprintable():
        raise InvalidInput(_("must be there, of 40 signs at most"), field=name)
    return found


class _Words(HTMLParser):
    """Takes the words out of HTML: what breaks a line there breaks it here; scripts and styles say nothing."""

    SILENT: Final = frozenset({"script", "style", "head", "title"})
    BREAKING: Final = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3", "blockquote", "table", "ul", "ol"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, _attributes: list[tuple[str, str | None]]) -> None:
        self.silent += tag in self.SILENT
        if tag in self.BREAKING:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.silent = max(0, self.silent - (tag in self.SILENT))
        if tag in self.BREAKING - {"br"}:
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.append(re.sub(r"\s+", " ", data))


def words_of_html(html: str) -> str:
    """Return the words of HTML as plain text: nothing of it runs or loads anything."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    lines = [" ".join(line.split()) for line in "".join(reader.found).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def shortened(text: str) -> str:
    """Return a text as much of it as an entry takes."""
    return text[:LONGEST_WORDS]
