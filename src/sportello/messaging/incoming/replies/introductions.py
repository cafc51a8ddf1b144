"""The line before a quote (“On 3 May, Ada wrote:”), in many languages and wrapped over up to five lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from sportello.messaging.incoming.replies.words import MONTH, OPENING, QUOTING, WEEKDAY, WROTE

MOST_LINES: Final = 5
_LONGEST: Final = 400
_LONGEST_ALONE: Final = 120
_SHORT_END: Final = 30

_EMAIL: Final = re.compile(r"[^\s<>@\"]{1,80}@[^\s<>@\"]{2,80}")
_TIME: Final = re.compile(r"\b\d{1,2}[:.h]\d{2}\b|\b\d{1,2}\s?[ap]\.?m\b|\d{1,2}時\d{2}", re.IGNORECASE)
_DATE: Final = re.compile(
    rf"\b\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{1,4}}\b|\d{{1,4}}\s?[年년]|\b{MONTH}\b\.?,?\s+\d|\d{{1,2}}(?:st|nd|rd|th|\.|º|er)?[\s-]+(?:de\s+|di\s+|d['’])?{MONTH}\b",
    re.IGNORECASE,
)
_WROTE: Final = re.compile(rf"(?<!\w){WROTE}(?!\w)|(?:写道|寫道|写了|작성|書きました)", re.IGNORECASE)
_WROTE_LAST: Final = re.compile(rf"(?:(?<!\w){WROTE}|写道|寫道|写了|작성)\s*[:：]?[\s*_|>-]*$", re.IGNORECASE)
_OPENS_BY_WORD: Final = re.compile(rf"^(?:{OPENING})(?:\s|\d|$)")
_OPENS_BY_DATE: Final = re.compile(
    rf"^(?:{WEEKDAY}\b\.?,?\s+(?:den\s+)?(?:\d|{MONTH}\b)|\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{2,4}}|\d{{4}}[./-]\d{{1,2}}[./-]\d|\d{{4}}\s?[年년]|"
    rf"\d{{1,2}}\.?\s+(?:de\s+)?{MONTH}\b)",
    re.IGNORECASE,
)
_QUOTING: Final = re.compile(rf"^{QUOTING}\s.{{2,160}}[:：]$", re.IGNORECASE)
_BETWEEN_DASHES: Final = re.compile(r"^\s*-{2,}.{10,300}[^-]-{2,}\s*$")
_CLOSING: Final = re.compile(r"[:：][\s*_|-]*$")
_INLINE: Final = re.compile(
    rf"^(\W{{0,8}}(?:{OPENING})\s[^\n]{{8,300}}?@[^\n]{{1,120}}?{WROTE}\s?:)\s{{2,}}\S", re.IGNORECASE
)
_EDGES: Final = " \t*_|-–—"


def find_introduction(lines: Sequence[str], end: int, *, is_quoted_after: Callable[[int], bool]) -> int | None:
    """Return where the introduction that ends with line `end` begins, or None when that line ends none.

    `lines` are stripped; `is_quoted_after(end)` tells whether the next line that says something is quoted.
    """
    last = lines[end].strip(_EDGES)
    closes = bool(_CLOSING.search(last)) or bool(_BETWEEN_DASHES.match(lines[end]))
    if not closes and not _may_close_open(last):
        return None
    quoted = is_quoted_after(end)
    if not closes and not quoted:
        return None
    found = _opened(lines, end, quoted=quoted)
    if found is not None:
        return found
    return _by_name(lines, end, quoted=quoted)


def split_inline(line: str) -> tuple[str, ...]:
    """Part an introduction from the quote that some phones put on the same line behind it, after two spaces or more."""
    found = _INLINE.match(line) if "@" in line else None
    is_one = found is not None and is_introduction(found[1].strip(_EDGES), quoted=False)
    return (found[1], line[found.end(1) :]) if found is not None and is_one else (line,)


def _may_close_open(last: str) -> bool:
    """Tell whether a line may end an introduction without a colon: it ends with “wrote”, or with an address in brackets."""
    return bool(_WROTE_LAST.search(last)) or last.endswith(">")


def _opened(lines: Sequence[str], end: int, *, quoted: bool) -> int | None:
    """Look upwards for a line that begins with a date, or with a word that stands before one."""
    text = ""
    for start in range(end, max(end - MOST_LINES, -1), -1):
        line = lines[start].strip(_EDGES)
        if not line or len(text) + len(line) > _LONGEST:
            return None
        text = f"{line} {text}".strip()
        if (_OPENS_BY_WORD.match(line) or _OPENS_BY_DATE.match(line)) and is_introduction(text, quoted=quoted):
            return _with_word_above(lines, start)
    return None


def _with_word_above(lines: Sequence[str], start: int) -> int:
    """Take in a line above that holds nothing but the beginning (“Il giorno”, wrapped before its date)."""
    above = lines[start - 1].strip(_EDGES) if start else ""
    return start - 1 if 0 < len(above) <= 12 and _OPENS_BY_WORD.match(above) else start  # noqa: PLR2004


def is_introduction(text: str, *, quoted: bool) -> bool:
    """Tell whether a text that begins as one does introduces a quote: a writer's verb with a moment or an address."""
    has_email, has_date, has_time = bool(_EMAIL.search(text)), bool(_DATE.search(text)), bool(_TIME.search(text))
    if not _WROTE.search(text):
        return has_email and (has_date or has_time)
    if quoted:
        return has_email or has_date or has_time or bool(_WROTE_LAST.search(text))
    return has_email or (has_date and has_time)


def _by_name(lines: Sequence[str], end: int, *, quoted: bool) -> int | None:
    """Accept a line that begins with the writer's name: “Ada Neri <ada@acme.it> schrieb am 3.5.2025 um 10:12:”."""
    line = lines[end].strip(_EDGES)
    if len(line) > _LONGEST_ALONE * 2:
        return None
    if _QUOTING.match(line) and (quoted or _EMAIL.search(line)):
        return end
    moment = _DATE.search(line) or _TIME.search(line)
    if _WROTE.search(line):
        if moment or _EMAIL.search(line):
            return end if _CLOSING.search(line) or quoted else None
        return _wrapped_name(lines, end, quoted=quoted)
    above = lines[end - 1].strip(_EDGES) if end else ""
    if moment and len(line) <= _SHORT_END and _WROTE.search(above) and _EMAIL.search(above):
        return end - 1  # “Ada <ada@acme.it> ha scritto il giorno …”, its time on a line of its own
    is_dated_name = bool(moment and _EMAIL.search(line) and _CLOSING.search(line))
    return end if is_dated_name and quoted and len(line) <= _LONGEST_ALONE else None


def _wrapped_name(lines: Sequence[str], end: int, *, quoted: bool) -> int | None:
    """Accept “Ada Neri wrote:” before a quote, also with the name and the address on the line above."""
    line = lines[end].strip(_EDGES)
    above = lines[end - 1].strip(_EDGES) if end else ""
    is_only_verb = bool(_WROTE_LAST.match(line)) or len(line) <= 20  # noqa: PLR2004
    if is_only_verb and _EMAIL.search(above) and len(above) <= _LONGEST_ALONE:
        return end - 1
    return end if quoted and _WROTE_LAST.search(line) and len(line) <= _LONGEST_ALONE else None
