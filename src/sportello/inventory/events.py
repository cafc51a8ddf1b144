"""What happened to lines. `subject` is the line; `changes` are in words: codes of plans and cost centres, names of people and sites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from sportello.kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class LineAdded(DomainEvent):
    """A line came into the inventory; it is held from `active_from` on."""

    kind = "inventory.line_added"
    sentence = _("Line %(number)s was added")
    number: str
    active_from: datetime


@dataclass(frozen=True, kw_only=True)
class LinesAdded(DomainEvent):
    """Lines of one customer came into the inventory with a file, some hundreds in one event."""

    kind = "inventory.lines_added"
    sentence = _("%(line_count)s lines were added by file")
    line_count: int
    line_ids: Sequence[int]
    numbers: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class LineChanged(DomainEvent):
    """A line stands otherwise from `at` on."""

    kind = "inventory.line_changed"
    sentence = _("Line %(number)s was changed")
    number: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class LineEnded(DomainEvent):
    """A line holds its number no more since `at`."""

    kind = "inventory.line_ended"
    sentence = _("Line %(number)s was ended")
    number: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class OptionAdded(DomainEvent):
    """An option is active on a line from `at` on."""

    kind = "inventory.option_added"
    sentence = _("Option %(option)s was added to a line")
    option: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class OptionEnded(DomainEvent):
    """An option is no more active on a line since `at`."""

    kind = "inventory.option_ended"
    sentence = _("Option %(option)s of a line was ended")
    option: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class PukShown(DomainEvent):
    """Somebody looked at the PUK of a line's SIM; the PUK itself is not here."""

    kind = "inventory.puk_shown"
    sentence = _("The PUK of SIM %(iccid)s was shown")
    iccid: str


@dataclass(frozen=True, kw_only=True)
class LinesLoaded(DomainEvent):
    """A file of lines, or of assignments, was taken: all its rows."""

    kind = "inventory.file_loaded"
    sentence = _("A file of lines was taken")
    counts: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class LinesAssigned(DomainEvent):
    """Several lines were given to a person, a cost centre or a site at once; each has its own `LineChanged`."""

    kind = "inventory.lines_assigned"
    sentence = _("%(line_count)s lines were assigned")
    line_count: int
