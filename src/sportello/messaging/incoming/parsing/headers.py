"""Headers of a mail or of one of its parts, read leniently: unfolded, decoded (RFC 2047, 2231), shortened."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from quopri import decodestring
from typing import Final
from urllib.parse import unquote_to_bytes

from sportello.messaging.incoming.parsing.charsets import decoded, one_line

_LONGEST: Final = 20_000
_NAME: Final = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_WORD: Final = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN: Final = re.compile(r"(\?=)[ \t\n\r]+(=\?[^?\s]{1,60}\?[bBqQ]\?)")
_PARAM: Final = re.compile(r""";\s*([^\s=;"]{1,60})\s*=\s*(?:"((?:[^"\\]|\\.){0,2000})"?|([^;"]{0,2000}))""")
_NUMBERED: Final = re.compile(r"^(.+?)\*(\d{1,2})?(\*)?$")


@dataclass(frozen=True)
class Headers:
    """The headers of one part in order, names in lower case, values unfolded but not decoded."""

    fields: tuple[tuple[str, str], ...] = ()
    lines: int = field(default=0, compare=False)

    def first(self, name: str) -> str:
        """Return the first value of a header as it stands, or nothing."""
        return next((value for key, value in self.fields if key == name), "")

    def all(self, name: str) -> list[str]:
        """Return every value of a header."""
        return [value for key, value in self.fields if key == name]

    def text(self, name: str) -> str:
        """Return the first value decoded, as one clean line."""
        return one_line(words_decoded(self.first(name)))

    def kind(self) -> str:
        """Return the content type in lower case, `text/plain` when none is given or it makes no sense."""
        value = self.first("content-type").split(";", 1)[0].strip().strip('"').lower()
        return value if re.fullmatch(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+*-]{1,100}", value) else "text/plain"


def split_headers(octets: bytes, *, most: int) -> tuple[Headers, int]:
    """Read the headers at the beginning of a part; return them and where its body begins.

    A line that is no header ends them, as in mails whose empty line was lost: nothing of the body goes missing.
    """
    fields: list[tuple[str, list[bytes]]] = []
    position, size, folded = 0, len(octets), 0
    octets = with_line_ends(octets)
    while position < size:
        end = octets.find(b"\n", position)
        end = size if end < 0 else end + 1
        line = octets[position : min(end, position + _LONGEST)].rstrip(b"\r\n")
        if not line.strip():
            position = end if not line or fields else position
            break
        if line[:1] in b" \t" and fields:
            folded += len(line)
            if folded < _LONGEST:
                fields[-1][1].append(line)
        elif found := _NAME.match(line):
            fields.append((found[1].decode("ascii").lower(), [line[found.end() :]]))
            folded = 0
        elif position > 0 or not (line.startswith(b"From ") or _is_rest_of_header(octets, line, end)):
            break  # the first line may be that of an mbox file
        position = end
        if position > most:
            position = _end_of_headers(octets, position)
            break
    return Headers(tuple((name, _unfolded(lines)) for name, lines in fields), len(fields)), position


def with_line_ends(octets: bytes) -> bytes:
    """Return the octets of a mail whose lines end as those of old Macs did with ends that can be found, each where it was."""
    return octets if b"\n" in octets else octets.replace(b"\r", b"\n")


def _is_rest_of_header(octets: bytes, line: bytes, end: int) -> bool:
    """Tell whether a first line is what was left of a header whose beginning was lost: headers follow it."""
    return line[:1] in b" \t" and bool(_NAME.match(octets[end : end + 200]))


def _end_of_headers(octets: bytes, position: int) -> int:
    """Return where the body begins when the headers are longer than what is read of them."""
    found = re.compile(rb"\r?\n\r?\n").search(octets, position - 1)
    return found.end() if found else len(octets)


def _unfolded(lines: list[bytes]) -> str:
    text, _clean = decoded(b" ".join(line.strip() for line in lines)[:_LONGEST])
    return text.strip()


def words_decoded(value: str) -> str:
    """Return a header's text with its encoded words (RFC 2047) read; octets of one character split over two words are joined."""
    if "=?" not in value:
        return value
    value = _BETWEEN.sub(r"\1\2", value[:_LONGEST])
    out: list[str] = []
    held, held_charset, last = b"", "", 0
    for found in _WORD.finditer(value):
        octets = _word_octets(found[2], found[3])
        charset = found[1].split("*")[0].lower()
        between = value[last : found.start()]
        if held and (between or charset != held_charset):
            out.append(decoded(held, held_charset)[0])
            held = b""
        out.append(between)
        held, held_charset, last = held + octets, charset, found.end()
    if held:
        out.append(decoded(held, held_charset)[0])
    return "".join([*out, value[last:]])


def _word_octets(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return decodestring(raw.replace(b"_", b" "))
    try:
        return b64decode(re.sub(rb"[^A-Za-z0-9+/]", b"", raw) + b"==")
    except (binascii.Error, ValueError):
        return raw


def params(value: str) -> dict[str, str]:
    """Return the parameters of a header (`filename`, `boundary`, `charset`, …), RFC 2231 and RFC 2047 read, names in lower case."""
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, text in _raw_params(value):
        if found := _NUMBERED.match(name):
            pieces.setdefault(found[1], []).append((int(found[2] or 0), bool(found[3] or not found[2]), text))
        else:
            plain.setdefault(name, one_line(words_decoded(text)))
    for name, parts in pieces.items():
        plain[name] = one_line(_continued(sorted(parts, key=lambda part: part[0])))
    return plain


def _raw_params(value: str) -> Iterator[tuple[str, str]]:
    start = value.find(";")
    if start < 0:
        return
    for found in _PARAM.finditer(value[start:_LONGEST]):
        quoted, bare = found[2], found[3]
        text = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else (bare or "").strip()
        yield found[1].lower(), text


def _continued(parts: list[tuple[int, bool, str]]) -> str:
    charset, octets = "", b""
    for place, (_number, encoded, text) in enumerate(parts):
        value = text
        if encoded and place == 0 and value.count("'") >= 2:  # noqa: PLR2004 - charset'language'text
            charset, _language, value = value.split("'", 2)
        octets += unquote_to_bytes(value) if encoded else value.encode("utf-8", "replace")
    return decoded(octets, charset)[0]
