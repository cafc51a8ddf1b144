"""What orders take and give: questions of a form, rows that are asked for, what is completed; and what other apps hang in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from django.utils.functional import Promise
from django.utils.translation import get_language

from sportello.inventory.models import Line
from sportello.kernel.actor import Actor
from sportello.orders.states import Effect, FieldKind

Labels = Mapping[str, str]
"""A text of the operator's in several languages, by `it`, `es`, `en`."""

LANGUAGES: Final = ("it", "es", "en")


def in_words(labels: Labels, language: str | None = None) -> str:
    """Return a text in a language (the active one), else in the first that there is."""
    wanted = (language or get_language() or "en").partition("-")[0]
    return labels.get(wanted) or next((labels[one] for one in ("en", "it", "es") if labels.get(one)), "")


@dataclass(frozen=True, kw_only=True)
class Question:
    """One field of a type's form. `choices` are (code, labels)."""

    key: str
    kind: FieldKind
    label: Labels
    help: Labels = field(default_factory=dict)
    required: bool = False
    choices: Sequence[tuple[str, Labels]] = ()

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Question:
        """Return the question that a form keeps as JSON."""
        return cls(
            key=stored["key"],
            kind=FieldKind(stored["kind"]),
            label=stored["label"],
            help=stored.get("help", {}),
            required=bool(stored.get("required")),
            choices=tuple((code, labels) for code, labels in stored.get("choices", ())),
        )

    def stored(self) -> dict[str, Any]:
        """Return the question as a form keeps it."""
        return {
            "key": self.key,
            "kind": self.kind.value,
            "label": dict(self.label),
            "help": dict(self.help),
            "required": self.required,
            "choices": [[code, dict(labels)] for code, labels in self.choices],
        }


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A checked answer: the value in its one form, and how people read it. `secret`: kept encrypted, shown masked."""

    value: str
    shown: str
    secret: bool = False


Answers = Mapping[str, Answer]


@dataclass(frozen=True, kw_only=True)
class AskedRow:
    """One item that is asked for: its line (None: a line to come, or the organisation) and what is its own of the answers."""

    line_id: int | None = None
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked for, as it was typed: the rows, and the answers that hold for all of them."""

    rows: Sequence[AskedRow] = (AskedRow(),)
    answers: Mapping[str, str] = field(default_factory=dict)

    def stored(self) -> dict[str, Any]:
        """Return the request as a draft keeps it."""
        rows = [{"line": row.line_id, "answers": dict(row.answers)} for row in self.rows]
        return {"rows": rows, "answers": dict(self.answers)}

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Request:
        """Return the request that a draft keeps."""
        rows = [AskedRow(line_id=row["line"], answers=row["answers"]) for row in stored["rows"]]
        return cls(rows=rows, answers=stored["answers"])


@dataclass(frozen=True, kw_only=True)
class HandedIn:
    """A file handed in with an order."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Done:
    """An item that is completed, for who changes the inventory: the values of its answers, and what the work brought (`result`)."""

    organisation_id: int
    line: Line | None
    answers: Mapping[str, str]
    result: Mapping[str, str]


class Completes(Protocol):
    """What an app above does when an item is completed, in its transaction."""

    def __call__(self, *, actor: Actor, done: Done, now: datetime) -> None:
        """Change what the item asks for. Raises a `Refusal`, and then nothing of the completion stands."""


class HangsOn(Protocol):
    """What an app above knows to hang on lines that are to be ended."""

    def __call__(self, actor: Actor, line_ids: Sequence[int]) -> Mapping[int, Sequence[str | Promise]]:
        """Return, by the ids of lines, sentences that warn."""


_COMPLETED_ABOVE: dict[Effect, Completes] = {}
_HANGING: list[HangsOn] = []


def register_completion(effect: Effect, completes: Completes) -> None:
    """Let an app above bring an effect about (in its `ready`)."""
    _COMPLETED_ABOVE[effect] = completes


def completed_above(effect: Effect) -> Completes | None:
    """Return who above brings an effect about, or None."""
    return _COMPLETED_ABOVE.get(effect)


def register_hanging(find: HangsOn) -> None:
    """Let an app above say what hangs on a line (in its `ready`)."""
    if find not in _HANGING:
        _HANGING.append(find)


def hanging_on(actor: Actor, line_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return what hangs on lines, in sentences by the ids of the lines."""
    found: dict[int, list[str]] = {}
    for find in _HANGING:
        for line_id, sentences in find(actor, line_ids).items():
            found.setdefault(line_id, []).extend(str(one) for one in sentences)
    return found
