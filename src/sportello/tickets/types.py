"""What tickets take and give: fields of a form, answers, files handed in, words of an entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language

from sportello.tickets.states import Channel, FieldKind, Party

Labels = Mapping[str, str]
"""A text of the operator's in several languages, by `it`, `es`, `en`."""

LANGUAGES = ("it", "es", "en")


def in_words(labels: Labels, language: str | None = None) -> str:
    """Return a text in a language (the active one), else in the first that there is."""
    wanted = (language or get_language() or "en").partition("-")[0]
    return labels.get(wanted) or next((labels[one] for one in ("en", "it", "es") if labels.get(one)), "")


@dataclass(frozen=True, kw_only=True)
class FormField:
    """One question of the initial data. `choices` are (code, labels); `lines` the kinds of lines that a contract is chosen among."""

    key: str
    kind: FieldKind
    label: Labels
    help: Labels = field(default_factory=dict)
    required: bool = False
    choices: Sequence[tuple[str, Labels]] = ()
    lines: Sequence[str] = ()

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> FormField:
        """Return the field that a form keeps as JSON."""
        return cls(
            key=stored["key"],
            kind=FieldKind(stored["kind"]),
            label=stored["label"],
            help=stored.get("help", {}),
            required=bool(stored.get("required")),
            choices=tuple((code, labels) for code, labels in stored.get("choices", ())),
            lines=tuple(stored.get("lines", ())),
        )

    def stored(self) -> dict[str, Any]:
        """Return the field as a form keeps it."""
        return {
            "key": self.key,
            "kind": self.kind.value,
            "label": dict(self.label),
            "help": dict(self.help),
            "required": self.required,
            "choices": [[code, dict(labels)] for code, labels in self.choices],
            "lines": list(self.lines),
        }


@dataclass(frozen=True, kw_only=True)
class Contract:
    """A contract with its site that a field offers: the line (None: the agreement alone), what is shown of it, its province."""

    value: str
    shown: str
    line_id: int | None = None
    province: str = ""


@dataclass(frozen=True, kw_only=True)
class NewFile:
    """A file handed in. `name` is as the sender wrote it; rules clean it before it is kept."""

    name: str
    content: bytes = field(repr=False)
    content_type: str = ""


@dataclass(frozen=True, kw_only=True)
class KeptFile:
    """A file that lies in the data folder under a random name, before its row is written."""

    token: str
    name: str
    content_type: str
    size: int
    sha256: str
    text: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class Callback:
    """The person to call back, with a direct number (E.164)."""

    name: str
    phone: str


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What somebody writes: the text, what was cut of a mail (quotes, signature), the mail's clean HTML, notices (kept sentences)."""

    text: str
    cut: str = ""
    html: str = ""
    notices: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Writer:
    """Whose words an entry holds and by which way they came. `address` of those who are known by their address alone."""

    party: Party
    channel: Channel
    person_id: int | None = None
    name: str = ""
    address: str = ""
