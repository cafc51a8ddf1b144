"""What the validator of the schema finds, in kept sentences; in its own words where it finds something rare."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from django.utils.translation import gettext_noop as _

from sportello.kernel.sentences import kept

Found = re.Match[str]
LONGEST_VALUE: Final = 60
LONGEST_SET: Final = 200
_NAMESPACE: Final = re.compile(r"\{[a-z]+:[^}]*\}")
_HEAD: Final = re.compile(
    r"Element '(?P<element>[^']+)'(?:, attribute '(?P<attribute>[^']+)')?: (?:\[facet '\w+'\] )?(?P<fault>.+)",
    re.DOTALL,
)
_LETTERS: Final = re.compile(r"\(?(?:\[[^]]*\]|\\p\{\w+\})\{(?P<least>[0-9]+),(?P<most>[0-9]+)\}\)?")
"""A pattern of one class of letters, so many of them: how the schema bounds most texts."""
_BEYOND: Final = {
    r"\p{IsLatin-1Supplement}": re.compile(r"[^\x00-\xff]"),
    r"\p{IsBasicLatin}": re.compile(r"[^\x00-\x7f]"),
}


def sentence_of(message: str) -> str:
    """Return what the validator said of an element as a kept sentence that names the element."""
    plain = _NAMESPACE.sub("", message)
    head = _HEAD.fullmatch(plain)
    name = "" if head is None else head["attribute"] or f"<{head['element']}>"
    for pattern, write in _FAULTS if head else ():
        found = pattern.fullmatch(head["fault"])  # type: ignore[index] # there are faults only where there is a head
        if found:
            return write(name, found)
    return kept(_("The schema finds: “%(words)s”"), words=_short(plain, LONGEST_SET))


def _missing(name: str, found: Found) -> str:
    if found["several"]:
        return kept(_("In %(name)s one of %(expected)s is missing."), name=name, expected=_names(found))
    return kept(_("In %(name)s %(expected)s is missing."), name=name, expected=_names(found))


def _unexpected(name: str, found: Found) -> str:
    if found["expected"] is None:
        return kept(_("%(name)s has no place here."), name=name)
    if found["several"]:
        return kept(_("One of %(expected)s is expected here, not %(name)s."), name=name, expected=_names(found))
    return kept(_("%(expected)s is expected here, not %(name)s."), name=name, expected=_names(found))


def _of_pattern(name: str, found: Found) -> str:
    value, pattern = found["value"], found["pattern"]
    if not value:
        return _empty(name)
    letters = _LETTERS.fullmatch(pattern)
    if letters and len(value) > int(letters["most"]):
        return _long(name, len(value), int(letters["most"]))
    beyond = next((signs.search(value) for text, signs in _BEYOND.items() if text in pattern), None)
    if beyond:
        return kept(_("%(name)s holds “%(sign)s”, a sign that the format does not admit."), name=name, sign=beyond[0])
    sentence = _("%(name)s holds “%(value)s”, which is not of the form %(pattern)s.")
    return kept(sentence, name=name, value=_short(value), pattern=pattern)


def _too_long(name: str, found: Found) -> str:
    return _long(name, int(found["length"]), int(found["bound"]))


def _long(name: str, length: int, most: int) -> str:
    sentence = _("%(name)s is too long: %(length)d characters, where %(most)d fit.")
    return kept(sentence, name=name, length=length, most=most)


def _other_length(name: str, found: Found) -> str:
    if found["length"] == "0":
        return _empty(name)
    sentence = _("%(name)s has %(length)d characters, where %(bound)d are asked for.")
    return kept(sentence, name=name, length=int(found["length"]), bound=int(found["bound"]))


def _not_in_set(name: str, found: Found) -> str:
    if not found["value"]:
        return _empty(name)
    known = _short(found["set"].replace("'", ""), LONGEST_SET)
    sentence = _("%(name)s holds “%(value)s”; it may hold: %(set)s.")
    return kept(sentence, name=name, value=_short(found["value"]), set=known)


def _below(name: str, found: Found) -> str:
    sentence = _("%(name)s holds %(value)s; the least is %(bound)s.")
    return kept(sentence, name=name, value=_short(found["value"]), bound=found["bound"])


def _above(name: str, found: Found) -> str:
    sentence = _("%(name)s holds %(value)s; the most is %(bound)s.")
    return kept(sentence, name=name, value=_short(found["value"]), bound=found["bound"])


def _of_type(name: str, found: Found) -> str:
    if not found["value"]:
        return _empty(name)
    kind = found["type"] or ""
    if re.search("Data|date", kind):
        sentence = _("%(name)s holds “%(value)s”, which is no day as the format writes it (like 2026-03-31).")
    elif re.search("Decimal|decimal|Rate|Quantita", kind):
        sentence = _("%(name)s holds “%(value)s”, which is no number as the format writes it (like 1234.56).")
    else:
        sentence = _("%(name)s holds “%(value)s”, which it may not hold.")
    return kept(sentence, name=name, value=_short(found["value"]))


def _no_text(name: str, _found: Found) -> str:
    return kept(_("%(name)s holds text between its elements."), name=name)


def _unexpected_attribute(name: str, _found: Found) -> str:
    return kept(_("%(name)s has no place here."), name=name)


def _no_attribute(name: str, found: Found) -> str:
    return kept(_("In %(name)s %(expected)s is missing."), name=name, expected=found["attribute"])


def _empty(name: str) -> str:
    return kept(_("%(name)s is empty."), name=name)


def _names(found: Found) -> str:
    return ", ".join(f"<{name.strip()}>" for name in found["expected"].split(","))


def _short(text: str, most: int = LONGEST_VALUE) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}\N{HORIZONTAL ELLIPSIS}"


_EXPECTED: Final = r"Expected is (?P<several>one of )?\( (?P<expected>.+) \)\."
_LENGTH: Final = r"(?:The value|The attribute value)(?: '.*')? has a length of '(?P<length>\d+)'; this "
_FAULTS: Final[tuple[tuple[re.Pattern[str], Callable[[str, Found], str]], ...]] = tuple(
    (re.compile(pattern, re.DOTALL), write)
    for pattern, write in (
        (rf"Missing child element\(s\)\. {_EXPECTED}", _missing),
        (rf"This element is not expected\.(?: {_EXPECTED})?", _unexpected),
        (r"The value '(?P<value>.*)' is not accepted by the pattern '(?P<pattern>.+)'\.", _of_pattern),
        (rf"{_LENGTH}exceeds the allowed maximum length of '(?P<bound>\d+)'\.", _too_long),
        (rf"{_LENGTH}(?:underruns|differs from) the allowed (?:minimum )?length of '(?P<bound>\d+)'\.", _other_length),
        (r"The value '(?P<value>.*)' is not an element of the set \{(?P<set>.*)\}\.", _not_in_set),
        (r"The value '(?P<value>.*)' is less than the minimum value allowed \('(?P<bound>.+)'\)\.", _below),
        (r"The value '(?P<value>.*)' is greater than the maximum value allowed \('(?P<bound>.+)'\)\.", _above),
        (r"'(?P<value>.*)' is not a valid value of the (?:local )?(?:atomic|union|list) type(?: '(?P<type>.*)')?\.", _of_type),
        (r"Character content other than whitespace is not allowed because .+", _no_text),
        (r"The attribute '(?P<attribute>.+)' is required but missing\.", _no_attribute),
        (r"The attribute '.+' is not allowed\.", _unexpected_attribute),
    )
)  # fmt: skip
