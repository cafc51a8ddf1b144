"""The lines that people hold: inventory stands above accounts and registers how to read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from django.db.models import Q
from django.utils.functional import Promise

from sportello.accounts.models import Person
from sportello.kernel.actor import Actor


@dataclass(frozen=True, kw_only=True)
class PersonLine:
    """A line as the page of its person shows it; `url` is empty when the reader has no page of it."""

    number: str
    kind: str | Promise
    status: str
    status_label: str | Promise
    plan: str
    cost_centre: str
    dual_billing: bool
    url: str = ""


class LinesOfPeople(Protocol):
    """What inventory registers."""

    def of(self, actor: Actor, person: Person) -> Sequence[PersonLine]:
        """Return the lines that a person holds now, in the actor's reach."""

    def has_line(self, actor: Actor) -> Q:
        """Return the condition on people for holding a line that has not ended."""

    def number_holds(self, actor: Actor, number: str) -> Q:
        """Return the condition on people for holding a line with this number, or with these digits as a part of it."""


_registered: list[LinesOfPeople] = []


def register_lines_of_people(lines: LinesOfPeople) -> None:
    """Let inventory say which lines people hold (once, in `AppConfig.ready`); the last registered counts."""
    _registered[:] = [lines]


def lines_of_people() -> LinesOfPeople | None:
    """Return how lines are read, or None where there is no inventory."""
    return _registered[0] if _registered else None
