"""Taking a MIME message apart, without recursion: nested a thousand times over, it costs what its limits allow and no more."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from typing import Final

from sportello.messaging.incoming.parsing.headers import Headers, params, split_headers, with_line_ends
from sportello.messaging.incoming.parsing.limits import Limits

_GUESSED: Final = re.compile(rb"(?:^|\n)--([!-~]{4,70}?)(?:--)?[ \t]*\r?\n(?=content-[a-z-]{4,30}:)", re.IGNORECASE)
_TEXT_BELOW: Final = re.compile(rb"\n[ \t]*\r?\n(?=[^\r\n]{0,200}[^A-Za-z0-9+/=\s])")
_LONGEST_BOUNDARY: Final = 200


@dataclass(frozen=True)
class Container:
    """A multipart that a part lies in; `number` tells two of one kind apart."""

    number: int
    kind: str


@dataclass(frozen=True)
class Part:
    """One part that holds something itself. `octets` are as they were sent; `content` undoes the transfer encoding."""

    headers: Headers
    kind: str
    octets: bytes
    within: tuple[Container, ...] = ()

    @property
    def content(self) -> bytes:
        """Return the decoded octets; what is broken in them is read as far as it goes."""
        encoding = self.headers.first("content-transfer-encoding").split(";")[0].strip().strip('"').lower()
        return transfer_decoded(self.octets, encoding)

    @property
    def charset(self) -> str:
        """Return the charset that the part names, or nothing."""
        return params(self.headers.first("content-type")).get("charset", "")

    @property
    def file_name(self) -> str:
        """Return the name that the part gives itself, uncleaned, or nothing."""
        named = params(self.headers.first("content-disposition")).get("filename", "")
        return named or params(self.headers.first("content-type")).get("name", "")

    @property
    def is_attachment(self) -> bool:
        """Tell whether the part says that it is a file, not something to read in place."""
        return self.headers.first("content-disposition").split(";")[0].strip().lower() == "attachment"

    @property
    def content_id(self) -> str:
        """Return the id that the HTML of the mail shows the part by, without brackets."""
        return self.headers.text("content-id").strip("<> ")


@dataclass(frozen=True)
class Taken:
    """A message taken apart; `left_out` is true when a limit stopped it."""

    headers: Headers
    parts: tuple[Part, ...]
    left_out: bool


@dataclass(frozen=True)
class _Piece:
    """A part still to be looked at: octets from `start` to `end`, its headers first."""

    start: int
    end: int
    within: tuple[Container, ...]
    default: str = "text/plain"


def take_apart(raw: bytes, limits: Limits) -> Taken:
    """Return the headers of a message and its leaves in the order they stand in."""
    raw = with_line_ends(raw)
    top, _body = split_headers(raw, most=limits.headers)
    waiting = [_Piece(0, len(raw), ())]
    parts: list[Part] = []
    left_out, containers = False, 0
    while waiting:
        piece = waiting.pop()
        if len(parts) >= limits.parts or containers >= limits.parts:
            left_out = True
            break
        headers, begin = split_headers(raw[piece.start : piece.end], most=limits.headers)
        begin += piece.start
        kind = headers.kind() if headers.first("content-type") else piece.default
        inner = _inner(raw, (begin, piece.end), headers, limits.parts) if kind.startswith("multipart/") else []
        if inner and len(piece.within) < limits.depth:
            containers += 1
            within = (*piece.within, Container(containers, kind))
            default = "message/rfc822" if kind == "multipart/digest" else "text/plain"
            waiting += [_Piece(start, end, within, default) for start, end in reversed(inner)]
            continue
        left_out = left_out or bool(inner)
        leaf_kind = "application/octet-stream" if inner else "text/plain" if kind.startswith("multipart/") else kind
        parts.append(Part(headers, leaf_kind, raw[begin : piece.end], piece.within))
    return Taken(top, tuple(parts), left_out)


def _inner(raw: bytes, where: tuple[int, int], headers: Headers, most: int) -> list[tuple[int, int]]:
    start, end = where
    boundary = params(headers.first("content-type")).get("boundary", "").rstrip().encode("utf-8", "replace")
    found = _between(raw, where, boundary[:_LONGEST_BOUNDARY], most) if boundary else []
    if not found and (guess := _GUESSED.search(raw, start, min(end, start + 100_000))):
        found = _between(raw, where, guess[1], most)
    return found


def _between(raw: bytes, where: tuple[int, int], boundary: bytes, most: int) -> list[tuple[int, int]]:
    """Return where the parts between the lines of a boundary begin and end; without a closing line the last one ends with all."""
    start, end = where
    mark = b"--" + boundary
    found: list[tuple[int, int]] = []
    opened: int | None = None
    position = start
    while len(found) <= most:
        at = raw.find(mark, position, end)
        if at < 0:
            break
        position = at + len(mark)
        stop = raw.find(b"\n", position, end)
        stop = end if stop < 0 else stop
        rest = raw[position : min(stop, position + 100)].strip()
        at_line_start = at == start or raw[at - 1 : at] == b"\n"
        if not at_line_start or rest not in {b"", b"--"}:
            continue
        if opened is not None:
            found.append((opened, _without_line_end(raw, opened, at)))
        if rest == b"--":
            return found
        opened = position = min(stop + 1, end)
    if opened is not None:
        found.append((opened, end))
    return found


def _without_line_end(raw: bytes, start: int, at: int) -> int:
    """Return the end of a part: the line end before its boundary belongs to the boundary (RFC 2046 5.1.1)."""
    end = at
    if end > start and raw[end - 1 : end] == b"\n":
        end -= 1
        if end > start and raw[end - 1 : end] == b"\r":
            end -= 1
    return end


def transfer_decoded(octets: bytes, encoding: str) -> bytes:
    """Undo a transfer encoding; an unknown one is left as it is."""
    if encoding == "base64":
        return _base64(octets)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(octets)
    if encoding in {"x-uuencode", "uuencode", "x-uue", "uue"}:
        return _uu(octets)
    return octets


def _base64(octets: bytes) -> bytes:
    """Decode base64 whatever else stands between, padded in the middle or not at all; text that is none stays as it is.

    Lists write their footer below a body that they do not decode, and some programs only say that they encode.
    """
    below = _TEXT_BELOW.search(octets, len(octets) - len(octets.lstrip()))
    if below:
        return _base64(octets[: below.start()]) + b"\n\n" + octets[below.end() :]
    if _is_text(octets[:2_000]):
        return octets
    letters = re.sub(rb"[^A-Za-z0-9+/=]+", b"", octets)
    out = []
    for stretch in re.findall(rb"[^=]+", letters):
        whole = stretch[: len(stretch) - 1] if len(stretch) % 4 == 1 else stretch
        out.append(binascii.a2b_base64(whole + b"=" * (-len(whole) % 4)))
    return b"".join(out)


def _is_text(octets: bytes) -> bool:
    """Tell whether octets that should be base64 are words: with spaces between them, or letters that base64 has not."""
    said = octets.strip()
    words = len(re.findall(rb"[^\s]+", said))
    strange = len(re.findall(rb"[^A-Za-z0-9+/=\s]", said))
    lines = said.count(b"\n") + 1
    return bool(said) and words > 2 * lines and words > len(said) // 20 and strange > 0


def _uu(octets: bytes) -> bytes:
    out = []
    for line in octets.splitlines():
        if line.startswith((b"begin ", b"end")) or not line.strip():
            continue
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            count = ((line[0] - 32) & 63) * 4 // 3 + 5  # a line whose padding is wrong, as old encoders write it
            try:
                out.append(binascii.a2b_uu(line[:count]))
            except binascii.Error:
                continue
    return b"".join(out)
