"""The block of headers above a quoted mail (“Da: … Inviato: … A: … Oggetto: …”), and lines such as “-----Original Message-----”."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sportello.messaging.incoming.replies.words import COPY, FORWARDED, FROM, MORE_LABELS, ORIGINAL, SENT, SUBJECT, TO

_MOST_LINES: Final = 40
_LABELS: Final = re.compile(
    rf"^[\s*_|>]*(?:(?P<sender>{FROM})|(?P<sent>{SENT})|(?P<to>{TO})|(?P<copy>{COPY})|(?P<subject>{SUBJECT})|(?P<more>{MORE_LABELS}))"
    r"[\s\xa0]*[*_]*[\s\xa0]*[:：][*_]*(?P<value>.*)$"
)
_SPACED: Final = re.compile(
    rf"^(?:(?P<sender>{FROM})|(?P<sent>{SENT})|(?P<to>{TO})|(?P<copy>{COPY})|(?P<subject>{SUBJECT})|(?P<more>{MORE_LABELS}))(?:\s+(?P<value>.*))?$"
)
_STARTS_SPACED: Final = re.compile(rf"^\s*{FROM}\s+\S")
_ALONE: Final = re.compile(rf"^(?:{TO}|{COPY}|{SUBJECT}|cc|bcc|ccn)$")
_SUBJECT_ALONE: Final = re.compile(rf"^{SUBJECT}$")
_ONLY_MOMENT: Final = re.compile(
    r"^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}[ ,]+\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?: ?[AaPp]\.?[Mm]\.?)?(?: [A-Z]{2,5})?$"
)
_DASHED: Final = re.compile(
    rf"^[\s*_|>]*[-_=*~]{{2,}}\s*(?:{ORIGINAL}|{FORWARDED})\b.{{0,80}}$|^[\s*_]*(?:{ORIGINAL}|{FORWARDED})\s*[-_=*~]{{2,}}\s*$",
    re.IGNORECASE,
)
_BARE: Final = re.compile(rf"^[\s*_|>]*(?:{ORIGINAL}|{FORWARDED})\s*[:：]?[\s*_]*$", re.IGNORECASE)
_TRACE: Final = re.compile(r"\b(?:sips?|tel):", re.IGNORECASE)
"""What headers of calls hold: people send traces of them, with From, To, Subject and Date."""
_DRAWN: Final = frozenset("-_=*~–—")
_LONGEST: Final = 300
_GOES_ON: Final = re.compile(r"@|[,;<]\s*$|^\s|>\s*;?$")
_OPEN: Final = re.compile(r"[,;<:]\s*\**$")
_SENT_NOT_DATE: Final = re.compile(
    rf"^[\s*_|>]*(?!(?:Date|Data|Fecha|Datum|Dato|Dátum|Дата|日期|Tarih)\b){SENT}[\s*_]*[:：]"
)
_MOMENT: Final = re.compile(r"\d{1,2}[:.]\d{2}|\d{4}|\d{1,2}[./-]\d{1,2}")


def is_rule(line: str) -> bool:
    """Tell whether a line is drawn of dashes, underscores or the like."""
    drawn = line.replace(" ", "").strip()
    return len(drawn) >= 5 and _DRAWN.issuperset(drawn)  # noqa: PLR2004


class Headings:
    """The lines of a text, each looked at once for what it would be in a heading."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._labels = [_label(line) for line in lines]

    def end_of(self, start: int) -> int | None:
        """Return the line after the heading of a quoted mail that begins at `start`, or None when none begins there."""
        line = self._lines[start]
        if len(line) > _LONGEST:
            return None
        if _DASHED.match(line):
            return self._block(self._next(start + 1), after_mark=True) or start + 1
        if is_rule(line) or _BARE.match(line):
            return self._block(self._next(start + 1), after_mark=True)
        if self._labels[start]:
            return self._block(start, after_mark=False)
        if _STARTS_SPACED.match(line):
            return _spaced_block(self._lines, start)
        return _notes_block(self._lines, start) if "@" in line else None

    def _next(self, start: int) -> int:
        """Return the next line that says something."""
        at = start
        while at < min(len(self._lines), start + 4) and not self._lines[at].strip():
            at += 1
        return at

    def _block(self, start: int, *, after_mark: bool) -> int | None:
        found: dict[str, str] = {}
        end = start
        for at in range(start, min(len(self._lines), start + _MOST_LINES)):
            line, label = self._lines[at], self._labels[at]
            if label:
                found.setdefault(*label)
                end = at + 1
            elif not found or at > end or (line.strip() and not self._goes_on(at)):
                break
            elif line.strip():
                end = at + 1
        return end if _is_heading(found, self._lines[start:end], after_mark=after_mark) else None

    def _goes_on(self, at: int) -> bool:
        """Tell whether a line goes on with the header above it: wrapped recipients, or one that the line above left open."""
        line = self._lines[at]
        return len(line) <= _LONGEST and bool(_GOES_ON.search(line) or _OPEN.search(self._lines[at - 1]))


def _spaced_block(lines: Sequence[str], start: int) -> int | None:
    """Return the line after a heading whose labels have no colon (“Da Ada ada@acme.it / A … / Data … / Oggetto …”): one that is whole."""
    found: dict[str, str] = {}
    for at in range(start, min(len(lines), start + 8)):
        label = _SPACED.match(lines[at].strip())
        kind = _kind(label) if label else ""
        if label is None or kind in found or len(lines[at]) > _LONGEST:
            return None
        found[kind] = label["value"] or ""
        if len(found) > 3 and kind in {"subject", "sent"} and {"sender", "sent", "to", "subject"} <= set(found):  # noqa: PLR2004
            return at + 1 if "@" in found["sender"] + found["to"] and _MOMENT.search(found["sent"]) else None
    return None


def _notes_block(lines: Sequence[str], start: int) -> int | None:
    """Return the line after the heading of Lotus Notes: sender, moment, and labels that stand alone on their lines."""
    said = [at for at in range(start, min(len(lines), start + 24)) if lines[at].strip()]
    if len(said) < 5 or "@" not in lines[said[0]] or not _ONLY_MOMENT.match(lines[said[1]].strip()):  # noqa: PLR2004
        return None
    alone = [at for at in said[2:] if _ALONE.match(lines[at].strip())]
    subject = next((at for at in alone if _SUBJECT_ALONE.match(lines[at].strip())), None)
    after = next((at for at in said if subject is not None and at > subject), None)
    return after + 1 if len(alone) > 1 and after is not None else None


def _label(line: str) -> tuple[str, str] | None:
    found = _LABELS.match(line) if ":" in line or "：" in line else None
    return (_kind(found), found["value"].strip()) if found else None


def _kind(label: re.Match[str]) -> str:
    return next(name for name in ("sender", "sent", "to", "copy", "subject", "more") if label[name] is not None)


def _is_heading(found: dict[str, str], lines: Sequence[str], *, after_mark: bool) -> bool:
    """Tell a heading from a list that a person wrote (“Da: Milano, A: Roma, Data: domani”)."""
    kinds = set(found) - {"more"}
    if any(_TRACE.search(line) for line in lines):
        return False
    if after_mark:
        return "sender" in kinds and len(kinds) > 1
    if len(kinds) < 3 and not ({"sender", "sent"} <= kinds and "@" in found["sender"]):  # noqa: PLR2004
        return False
    if not {"sender", "sent", "subject"} & kinds or not ({"sender"} & kinds or {"sent", "subject"} <= kinds):
        return False
    if any("@" in line for line in lines):
        return True
    moment = bool(_MOMENT.search(found.get("sent", "")))
    says_sent = any(_SENT_NOT_DATE.match(line) for line in lines)
    return moment and ("subject" in kinds or ("sender" in kinds and says_sent))
