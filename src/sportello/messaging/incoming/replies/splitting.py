"""Splitting a mail into what its writer wrote, the signature, and the quotes: linear in its length, and nothing of it is lost.

Each line gets a role; then the shape of the roles decides. What stands below, between or above quotes survives: answers that are
interleaved with quotes keep the quotes between them, which make them understandable.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from sportello.messaging.incoming.parsing.marks import CUT, MARKS, SIGNATURE
from sportello.messaging.incoming.replies.headings import Headings, is_rule
from sportello.messaging.incoming.replies.introductions import find_introduction, split_inline
from sportello.messaging.incoming.replies.signatures import signature_start
from sportello.messaging.incoming.replies.words import ABOVE
from sportello.messaging.types import MailReply

_QUOTE: Final = re.compile(r"^[ \t]{0,4}(?:>|&gt;)")
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00ad]")
_SPACES: Final = re.compile("[\u00a0\u2007\u202f\u2000-\u2006\u2008-\u200a\u3000]")
_SPACE_LIKE: Final = " \t\u00a0\u202a\u200e"
_MOST_LINES: Final = 20_000
_LONG_QUOTE: Final = 66
_SHORT_REST: Final = 30


class Role(Enum):
    """What one line is."""

    EMPTY = "empty"
    TEXT = "text"
    QUOTE = "quote"
    INTRODUCTION = "introduction"
    SIGNATURE = "signature"
    BELOW = "below"


@dataclass
class _Split:
    """The lines of a text as they came, as they are compared, and their roles."""

    raw: list[str]
    seen: list[str]
    roles: list[Role] = field(default_factory=list)
    headings: Headings = field(init=False)

    def __post_init__(self) -> None:
        self.headings = Headings(self.seen)

    def with_role(self, *roles: Role) -> list[int]:
        return [at for at, role in enumerate(self.roles) if role in roles]


def split_reply(text: str, marked: str = "") -> MailReply:
    """Split the plain text of a mail; `marked` is the text of its HTML, used where the plain text shows no quote.

    When nothing would be left of the writer's own, all is the writer's own.
    """
    if marked and MARKS.sub("", marked) == text:  # there is no plain form: the marks are of use at once
        return _reply(marked)
    plain = _reply(text)
    if plain.quoted or not marked:
        return plain
    html = _reply(marked)
    is_whole = len("".join(marked.split())) * 2 >= len("".join(text.split()))
    return html if html.quoted and html.own and is_whole else plain


def _reply(text: str) -> MailReply:
    if text.count("\n") > _MOST_LINES:
        return MailReply(own=MARKS.sub("", text).strip("\n"))
    split = _prepared(text)
    _give_roles(split)
    _find_signatures(split)
    own = _own_lines(split)
    if not own:
        return MailReply(own=_joined(split, range(len(split.raw))))
    signature = [at for at in split.with_role(Role.SIGNATURE) if at not in own]
    kept = own | set(signature)
    return MailReply(
        own=_joined(split, sorted(own)),
        signature=_joined(split, signature),
        quoted=_joined(split, [at for at in range(len(split.raw)) if at not in kept]),
    )


def _prepared(text: str) -> _Split:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    raw = [
        part for line in lines for part in (split_inline(line) if line.lstrip(_SPACE_LIKE)[:1].isalpha() else (line,))
    ]
    return _Split(raw, [_SPACES.sub(" ", _INVISIBLE.sub("", line)).rstrip() for line in raw])


def _joined(split: _Split, lines: Iterable[int]) -> str:
    """Return lines as one text: what was cut out between two leaves one empty line."""
    out: list[str] = []
    before = None
    for at in lines:
        line = MARKS.sub("", split.raw[at]).rstrip() if split.raw[at] != "-- " else "-- "
        gap = before is not None and at > before + 1
        if (gap and out and out[-1]) and line:
            out.append("")
        if not (gap and not line and out and not out[-1]):
            out.append(line)
        before = at
    return "\n".join(out).strip("\n")


def _give_roles(split: _Split) -> None:
    lines = [line.strip() for line in split.seen]
    next_said = _next_said(split.seen)
    introductions = _introductions(lines, split.seen, next_said)
    at = 0
    while at < len(lines):
        end = _boundary(split, at, introductions)
        if end is None:
            split.roles.append(_plain_role(split.seen[at]))
            at += 1
            continue
        follows = next_said[end] if end < len(lines) else None
        if follows is None or CUT in split.seen[at] or not _is_quote(split.seen[follows]):
            split.roles += [Role.BELOW] * (len(lines) - at)
            _take_rule_above(split, at)
            break
        split.roles += [Role.INTRODUCTION] * (end - at)
        at = end
    _join_wrapped_quotes(split)


def _take_rule_above(split: _Split, start: int) -> None:
    """Count a line drawn right above the quoted mail as part of it."""
    at = start - 1
    while at >= 0 and split.roles[at] is Role.EMPTY:
        at -= 1
    if at >= 0 and is_rule(split.seen[at]):
        split.roles[at:start] = [Role.BELOW] * (start - at)


def _boundary(split: _Split, at: int, introductions: dict[int, int]) -> int | None:
    """Return the line after a boundary that begins at `at` (introduction, heading, mark), or None."""
    line = split.seen[at]
    if CUT in line or (ABOVE.search(line) and not _is_quote(line)):
        return at + 1
    if at in introductions:
        return introductions[at]
    if not line.strip() or _is_quote(line):
        return None
    return split.headings.end_of(at)


def _plain_role(line: str) -> Role:
    if line.startswith(SIGNATURE):
        return Role.SIGNATURE if line.strip(SIGNATURE + " ") else Role.EMPTY
    if not line.strip():
        return Role.EMPTY
    return Role.QUOTE if _is_quote(line) else Role.TEXT


def _is_quote(line: str) -> bool:
    return bool(_QUOTE.match(line.lstrip(SIGNATURE)))


def _next_said(lines: Sequence[str]) -> list[int | None]:
    """Return for each line the first line from it on that says something."""
    found: list[int | None] = [None] * (len(lines) + 1)
    for at in range(len(lines) - 1, -1, -1):
        found[at] = at if lines[at].strip() else found[at + 1]
    return found


def _introductions(lines: Sequence[str], seen: Sequence[str], next_said: Sequence[int | None]) -> dict[int, int]:
    """Return the lines before quotes: where each begins, and the line after its end."""

    def is_quoted_after(end: int) -> bool:
        following = next_said[end + 1]
        return following is not None and _is_quote(seen[following])

    found: dict[int, int] = {}
    free_from = 0
    for end, line in enumerate(lines):
        if not line or _is_quote(seen[end]):
            continue
        window = lines[max(free_from, end - 4) : end + 1]
        start = find_introduction(window, len(window) - 1, is_quoted_after=lambda _last, end=end: is_quoted_after(end))  # type: ignore[misc]
        if start is not None:
            begin = end - (len(window) - 1) + start
            found[begin] = end + 1
            free_from = end + 1
    return found


def _join_wrapped_quotes(split: _Split) -> None:
    """Count the short rest of a quoted line that was broken on its way as quoted: it stands tight between two quotes."""
    roles, seen = split.roles, split.seen
    for at in range(1, len(roles) - 1):
        is_between = roles[at - 1] is Role.QUOTE and roles[at] is Role.TEXT and roles[at + 1] is Role.QUOTE
        if is_between and len(seen[at - 1]) >= _LONG_QUOTE and len(seen[at]) <= _SHORT_REST:
            roles[at] = Role.QUOTE


def _stretches(split: _Split) -> list[list[int]]:
    """Return the stretches of the writer's lines between quotes, each from its first to its last line that says something."""
    found: list[list[int]] = []
    current: list[int] = []
    for at, role in enumerate([*split.roles, Role.BELOW]):
        if role in {Role.TEXT, Role.EMPTY, Role.SIGNATURE}:
            current.append(at)
        elif current:
            found.append(current)
            current = []
    return [each for each in found if any(split.roles[at] is Role.TEXT for at in each)]


def _find_signatures(split: _Split) -> None:
    for stretch in _stretches(split):
        written = [at for at in stretch if split.roles[at] is not Role.SIGNATURE]
        lines = [split.seen[at] for at in written]
        start = signature_start(lines)
        for at in written[start:]:
            if split.roles[at] is Role.TEXT:
                split.roles[at] = Role.SIGNATURE


def _own_lines(split: _Split) -> set[int]:
    """Return the lines that the writer wrote, with the quotes between interleaved answers."""
    stretches = _stretches(split)
    texts = [at for each in stretches for at in each if split.roles[at] is Role.TEXT]
    if not texts:
        return set()
    first, last = texts[0], texts[-1]
    if len(stretches) > 1:
        first = _start_of_quote_above(split, first)
    wanted = {Role.TEXT, Role.EMPTY, Role.QUOTE}
    return {at for at in range(first, last + 1) if split.roles[at] in wanted}


def _start_of_quote_above(split: _Split, first: int) -> int:
    """Return where the quote right above the first of several answers begins; the answer itself where none is."""
    at = first
    while at > 0 and split.roles[at - 1] in {Role.QUOTE, Role.EMPTY}:
        at -= 1
    return at
