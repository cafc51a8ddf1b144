"""Octets to text: what a mail declares, what it more likely is, and never an exception."""

from __future__ import annotations

import codecs
import re
from typing import Final

_NOT_TEXT: Final = frozenset(
    {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem", "unicode_internal"}
)
_ALIASES: Final = {
    # The names that programs write, and the wider set that browsers read them as (WHATWG Encoding).
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "utf8mb4": "utf-8",
    "utf8mb3": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "x-unicode-2-0-utf-7": "utf-7",
    "unicode": "utf-16",
    "iso-8859-9": "cp1254",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "tis-620": "cp874",
    "iso-8859-11": "cp874",
    "windows-874": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "big5": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "cp-850": "cp850",
    "cp-1252": "cp1252",
    "x-ansi": "cp1252",
    "ansi": "cp1252",
    "windows-1252http-equivcontent-type": "cp1252",
    "koi8": "koi8_r",
}
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE: Final = ("utf-16", "utf-32", "utf_16", "utf_32")
_NARROW: Final = ("cp125", "iso8859")
_UNKEEPABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_ONE_LINE_ONLY: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\ud800-\udfff\ufeff\ufffe\uffff]+"
)


def decoded(octets: bytes, charset: str = "") -> tuple[str, bool]:
    """Return text without control characters, and whether every octet made sense in the declared or a likely charset."""
    text, clean = _decoded(octets, charset)
    return _UNKEEPABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")), clean


def one_line(text: str, *, most: int = 1000) -> str:
    """Return a text for one line of a page or a header: no line breaks, no control or direction marks (ABUSE E22, E23)."""
    return " ".join(_ONE_LINE_ONLY.sub(" ", text).split())[:most]


def known(charset: str) -> str | None:
    """Return Python's name of a charset that a mail names, or None for one that does not exist or is no charset of texts."""
    wanted = charset.strip().strip("'\"").lower().replace(" ", "")[:60]
    wanted = _ALIASES.get(wanted, wanted)
    try:
        found = codecs.lookup(wanted)
    except (LookupError, ValueError, UnicodeError):
        return None
    is_text = getattr(found, "_is_text_encoding", True) and found.name.replace("-", "_") not in _NOT_TEXT
    return found.name if is_text else None


def _decoded(octets: bytes, charset: str) -> tuple[str, bool]:
    for mark, name in _BOMS:
        if octets.startswith(mark):
            return octets.decode(name, errors="replace"), True
    declared = known(charset) if charset else None
    if declared is not None and declared.startswith(_WIDE) and b"\0" not in octets[:2000]:
        declared = None  # said to be wide, and is not
    if declared is not None and declared.startswith(_NARROW) and not octets.isascii():
        declared = "utf-8" if _strictly(octets, "utf-8") is not None else declared  # said to be of the West, and is not
    for name in (declared, "utf-8", *(("iso2022_jp",) if b"\x1b$" in octets else ())):
        text = _strictly(octets, name)
        if text is not None:
            return text, True
    if declared is None or declared == "utf-8":
        text = _strictly(octets, "cp1252")
        return (octets.decode("latin-1"), False) if text is None else (text, not charset or declared == "utf-8")
    return octets.decode(declared, errors="replace"), False


def _strictly(octets: bytes, name: str | None) -> str | None:
    if name is None:
        return None
    try:
        return octets.decode(name)
    except (UnicodeError, ValueError, LookupError, RuntimeError):
        return None
