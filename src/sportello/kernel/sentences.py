"""Sentences that are stored and read later, by readers of other languages.

What a worker writes down (why a file was refused, why a message did not go out) is read by people of several languages, so it is kept
as the untranslated sentence with its values, and put into words when it is shown: `kept("Line %(line)d is too long.", line=7)` gives
a text for any text column, `told(text)` the sentence in the reader's language. The sentence passes `gettext_noop` where it is written,
so that translators find it. A plain text (an older row, a provider's own words) is told as it is, translated where it is known.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext, override

from sportello.kernel.ui import formats

SEPARATOR: Final = "\x1f"
"""ASCII's unit separator: no sentence holds one, every database keeps it."""
BETWEEN: Final = "\x1e"
"""ASCII's record separator, between several kept sentences in one text."""


class Money(Decimal):
    """An amount in euro among the values of a sentence."""


class Volume(int):
    """So many bytes among the values of a sentence."""


class Phrase(str):
    """A sentence with its values, as its first reader reads it; `kept` keeps it for readers of other languages."""

    __slots__ = ("kept",)
    kept: str


Value = str | int | Decimal | date | Promise


def kept(sentence: str, **values: Value) -> str:
    """Return the text that keeps an untranslated sentence (named placeholders) with its values.

    A `Decimal`, `Money`, a `Volume` and a day are told as their reader writes them, a number with as many decimals as it has here; a
    `Phrase` and a lazy text in the reader's language. Other texts and whole numbers stay as they are.
    """
    typed = {name: _typed(value) for name, value in values.items()}
    return sentence + (SEPARATOR + json.dumps(typed, ensure_ascii=False, separators=(",", ":")) if values else "")


def phrase(sentence: str | Promise, **values: Value) -> Phrase:
    """Return a sentence with its values in the active language that `untranslated` can still keep for others: for refusals."""
    text = kept(untranslated(sentence), **values)
    said = Phrase(told(text))
    said.kept = text
    return said


def untranslated(sentence: str | Promise) -> str:
    """Return a sentence as it stands in the code, for keeping: of a lazy one its English source, of a phrase all that it keeps."""
    if isinstance(sentence, Phrase):
        return sentence.kept
    with override("en"):
        return str(sentence)


def together(texts: Iterable[str]) -> str:
    """Return several kept sentences as one text."""
    return BETWEEN.join(texts)


def told(text: str) -> str:
    """Return kept sentences in the active language."""
    return "; ".join(_told(one) for one in text.split(BETWEEN))


def in_english(text: str) -> str:
    """Return kept sentences in English, whoever reads: for the command line and for files beside files."""
    with override("en"):
        return told(text)


def _typed(value: Value) -> Any:
    if isinstance(value, Phrase | Promise):
        return {"kept": untranslated(value)}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, Decimal):
        return {"money" if isinstance(value, Money) else "number": f"{value:f}"}
    return {"volume": int(value)} if isinstance(value, Volume) else value


def _written(value: Any) -> Any:
    """Return a kept value as the reader writes it. Raises `ValueError`, `ArithmeticError` for what is none."""
    if not isinstance(value, dict):
        return value
    if "kept" in value:
        return told(value["kept"])
    if "money" in value:
        return formats.money(Decimal(value["money"]))
    if "volume" in value:
        return formats.volume(int(value["volume"]))
    if "day" in value:
        return formats.day(date.fromisoformat(value["day"]))
    number = Decimal(value["number"])
    return formats.number(number, places=max(0, -int(number.as_tuple().exponent)))


def _told(text: str) -> str:
    sentence, separator, values = text.partition(SEPARATOR)
    words = gettext(sentence) if sentence else ""
    try:
        return words % {name: _written(value) for name, value in json.loads(values).items()} if separator else words
    except (ValueError, KeyError, TypeError, ArithmeticError, AttributeError):  # cut off by the width of its column
        return words
