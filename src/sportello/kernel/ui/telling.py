"""Events as people read them: an event's own sentence, with what its payload holds put into the reader's words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from sportello.kernel.access import Profile
from sportello.kernel.events import EVENT_KINDS
from sportello.kernel.sentences import told
from sportello.kernel.ui import formats

NUMBER: Final = re.compile(r"\+[1-9][0-9]{5,14}")
INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)")
AMOUNT: Final = re.compile(r"-?\d{1,15}\.\d{2,5}")
DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


class _Known(dict[str, object]):
    """What an older event did not carry reads as a dash."""

    def __missing__(self, _name: str) -> str:
        return formats.NOTHING


def sentence(kind: str, payload: Mapping[str, Any]) -> str:
    """Return what happened in the reader's language; a kind that this version does not know shows as it is."""
    event = EVENT_KINDS.get(kind)
    if event is None or not event.sentence:
        return kind
    return str(event.sentence) % _Known({name: worded(kind, name, value) for name, value in payload.items()})


def worded(kind: str, name: str, value: object) -> object:
    """Return one value of an event's payload in words: what the event names for it, else what its form tells."""
    event = EVENT_KINDS.get(kind)
    words = event.words.get(name, {}) if event else {}
    if not isinstance(value, list | dict) and str(value) in words:
        return words[str(value)]
    return read(value)


def read(value: object) -> object:  # noqa: PLR0911 - one line per form is the plainest
    """Return a value of a payload as people read it: numbers, instants and days in their language, lists in one line or counted."""
    if value is None or value == "":
        return formats.NOTHING
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, int):
        return formats.number(value)
    if isinstance(value, list):
        return "; ".join(map(told, value)) if value and isinstance(value[0], str) else formats.number(len(value))
    if not isinstance(value, str):
        return value
    if value in Profile.values:
        return Profile(value).label
    return _form(value)


def _form(text: str) -> str:
    if NUMBER.fullmatch(text):
        return formats.phone(text)
    if INSTANT.fullmatch(text):
        return formats.instant(dt.datetime.fromisoformat(text))
    if AMOUNT.fullmatch(text):
        return formats.number(Decimal(text), len(text.partition(".")[2]))
    if DAY.fullmatch(text):
        return formats.day(dt.date.fromisoformat(text))
    return text
