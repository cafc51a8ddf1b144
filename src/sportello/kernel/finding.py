"""What a search box is asked for: numbers and names, read off one text the same way on every list and in search-anything.

`+39 312 000 0006 Bo Bruno` is one number and two words. A number is written in groups, with or without its country code, or is a part of
one; a name is written given name first or family name first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.db.models import Q

MOST_WORDS: Final = 6
LONGEST: Final = 100
SHORTEST_NUMBER: Final = 3
SHORTEST_FOREIGN: Final = 8
"""Digits from which on a leading `00` is taken for a `+` too."""
_NUMBER: Final = re.compile(r"(?<!\S)\+?[0-9(](?:[0-9()./\-\s]*[0-9)])?(?!\S)", re.ASCII)
_ROW_ID: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
_LAST: Final = "\N{LATIN SMALL LETTER Z}"


@dataclass(frozen=True, slots=True)
class Sought:
    """A text of a search box: numbers (digits, `+` before them when it was typed) and words."""

    numbers: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def phrase(self) -> str:
        """Return the words as they were typed."""
        return " ".join(self.words)


def sought(text: str) -> Sought:
    """Read a search box; what is longer than anybody types is cut."""
    text = " ".join(text.replace("\x00", "")[:LONGEST].split())  # the no-break spaces of a copied number too
    found = [re.sub(r"[^0-9+]", "", number) for number in _NUMBER.findall(text)]
    words = _NUMBER.sub(" ", text).split()[:MOST_WORDS]
    return Sought(tuple(number for number in found if number.strip("+"))[:MOST_WORDS], tuple(words))


def row_id(text: str) -> int | None:
    """Read a row's id off an address or a form: ASCII digits, no more than a key has; None for all else.

    `int` alone reads other scripts' digits too, and raises on some thousands of them.
    """
    return int(text) if _ROW_ID.fullmatch(text) else None


def holds_number(field: str, number: str) -> Q:
    """Return the condition for a field of E.164 numbers to hold a part of one; from the beginning when a `+` was typed."""
    if number.startswith("+"):
        return Q(**{f"{field}__startswith": number})
    found = Q(**{f"{field}__contains": number})
    if number.startswith("00") and len(number) >= SHORTEST_FOREIGN:
        found |= Q(**{f"{field}__startswith": f"+{number[2:]}"})
    return found


def begins(field: str, text: str) -> Q:
    """Return the condition for a field in small letters to begin with a text, as a range: every database finds it in the field's index.

    A `LIKE` would not do: it is no condition that PostgreSQL looks up by index behind row-level security.
    """
    start = text.lower()
    if start and not start[0].isascii():  # SQLite makes ASCII letters small only
        return _range(field, start) | _range(field, start[0].upper() + start[1:])
    return _range(field, start)


def _range(field: str, start: str) -> Q:
    head = start.rstrip(_LAST)
    within = Q(**{f"{field}__gte": start})
    return within & Q(**{f"{field}__lt": head[:-1] + chr(ord(head[-1]) + 1)}) if head else within


def called(words: tuple[str, ...], *, given: str, family: str) -> Q:
    """Return the condition for two fields in small letters to hold a name: begun with either part, or whole in either order."""
    phrase = " ".join(words)
    found = begins(family, phrase) | begins(given, phrase)
    for place in range(1, len(words)):
        first, second = " ".join(words[:place]), " ".join(words[place:])
        found |= begins(given, first) & begins(family, second)
        found |= begins(family, first) & begins(given, second)
    return found
