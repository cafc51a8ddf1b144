"""Files handed in: how they are called, what they may be, what of them is searched (ABUSE F01 to F04)."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from django.utils.translation import gettext as _

from sportello.kernel.refusals import InvalidInput

LONGEST_NAME: Final = 120
LONGEST_ENDING: Final = 10
LONGEST_SEARCHED: Final = 100_000
BINARY: Final = "application/octet-stream"
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_ODD: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')

MAGIC: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\xd4\xc3\xb2\xa1", "application/vnd.tcpdump.pcap"),
    (b"\xa1\xb2\xc3\xd4", "application/vnd.tcpdump.pcap"),
    (b"\x0a\x0d\x0d\x0a", "application/x-pcapng"),
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"),
    (b"#!", "text/x-script"),
)
RUNS: Final = frozenset({"application/x-msdownload", "application/x-executable"})
_ZIPPED: Final = frozenset({"application/zip"})
EXPECTED: Final[dict[str, frozenset[str]]] = {
    "png": frozenset({"image/png"}),
    "jpg": frozenset({"image/jpeg"}),
    "jpeg": frozenset({"image/jpeg"}),
    "gif": frozenset({"image/gif"}),
    "pdf": frozenset({"application/pdf"}),
    "zip": _ZIPPED,
    "docx": _ZIPPED,
    "xlsx": _ZIPPED,
    "pptx": _ZIPPED,
    "odt": _ZIPPED,
    "ods": _ZIPPED,
    "gz": frozenset({"application/gzip"}),
    "7z": frozenset({"application/x-7z-compressed"}),
    "rar": frozenset({"application/vnd.rar"}),
    "doc": frozenset({"application/x-ole-storage"}),
    "xls": frozenset({"application/x-ole-storage"}),
    "msg": frozenset({"application/x-ole-storage"}),
    "pcap": frozenset({"application/vnd.tcpdump.pcap", "application/x-pcapng"}),
    "pcapng": frozenset({"application/x-pcapng", "application/vnd.tcpdump.pcap"}),
    **dict.fromkeys(
        ("txt", "csv", "log", "xml", "json", "md", "eml", "ics", "sip", "htm", "html", "svg"), frozenset({"text/plain"})
    ),
}
"""What the content of a file of each ending begins like; an ending that is not named may hold anything that does not run."""
PROGRAMS: Final = frozenset(
    {
        "exe", "com", "bat", "cmd", "scr", "pif", "msi", "msp", "dll", "jar", "js", "jse", "vbs", "vbe", "wsf", "wsh", "ps1", "psm1",
        "hta", "lnk", "reg", "cpl", "sh", "app", "apk", "dmg", "deb", "rpm", "iso", "img",
    }
)  # fmt: skip
TEXTS: Final = frozenset({"text/plain"})


class FileRefused(InvalidInput):
    """A file that is not kept; the sentence names it and says why."""


def cleaned_name(name: str) -> str:
    """Return a name that is one plain file name on every system: no path, no control or direction signs, not too long."""
    last = re.split(r"[/\\]", name)[-1]
    seen = "".join(one for one in unicodedata.normalize("NFC", last) if unicodedata.category(one)[0] != "C")
    plain = _ODD.sub("_", seen).strip(" .")
    if _RESERVED.fullmatch(plain):
        plain = f"_{plain}"
    if len(plain) > LONGEST_NAME:
        stem, dot, ending = plain.rpartition(".")
        cut = LONGEST_NAME - len(ending) - 1
        plain = f"{stem[:cut]}.{ending}" if dot and len(ending) <= LONGEST_ENDING else plain[:LONGEST_NAME]
    return plain or "file"


def kind_of_content(content: bytes) -> str:
    """Return the type that a content shows by its first bytes: never what its sender says."""
    known = next((kind for start, kind in MAGIC if content.startswith(start)), "")
    if known and known != "text/x-script":
        return known
    return "text/plain" if _is_text(content) else BINARY


def check_can_keep(*, name: str, content: bytes, most_bytes: int) -> None:
    """Refuse an empty file, one that is too big, a program under whatever name, and a content that its ending does not fit.

    `name` is clean already. Raises `FileRefused` with the field `attachments`.
    """
    if not content:
        raise FileRefused(_("“%(name)s” is empty.") % {"name": name}, field="attachments")
    if len(content) > most_bytes:
        sentence = _("“%(name)s” is too big: a file has %(most)s MB at most.")
        raise FileRefused(sentence % {"name": name, "most": most_bytes // 1024 // 1024}, field="attachments")
    kind, endings = kind_of_content(content), name.lower().split(".")[1:]
    if kind in RUNS or _runs(endings):
        raise FileRefused(_("“%(name)s” is a program: such files are not taken.") % {"name": name}, field="attachments")
    expected = EXPECTED.get(endings[-1]) if endings else None
    if (expected is not None and kind not in expected) or _is_two(kind, content):
        sentence = _("“%(name)s” is not what its name says: its content is of another kind.")
        raise FileRefused(sentence % {"name": name}, field="attachments")


def check_room(*, count: int, most_files: int, bytes_then: int, most_bytes: int) -> None:
    """Refuse more files at once, and more in one ticket together, than the settings allow (ABUSE F11). Raises `FileRefused`."""
    if count > most_files:
        raise FileRefused(_("Add %(most)s files at most at once.") % {"most": most_files}, field="attachments")
    if bytes_then > most_bytes:
        sentence = _("The files of one ticket have %(most)s MB together at most.")
        raise FileRefused(sentence % {"most": most_bytes // 1024 // 1024}, field="attachments")


def searchable_text(*, kind: str, content: bytes) -> str:
    """Return what of a file can be searched: the text of text files."""
    if kind not in TEXTS:
        return ""
    return content[: LONGEST_SEARCHED * 2].decode("utf-8", errors="ignore")[:LONGEST_SEARCHED]


def _runs(endings: list[str]) -> bool:
    """Tell whether a name ends like a program, or hides such an ending before a harmless one; `example.com.txt` hides none."""
    return bool(set(endings[-1:]) & PROGRAMS or set(endings[-2:-1]) & (PROGRAMS - {"com"}))


def _is_two(kind: str, content: bytes) -> bool:
    """Tell whether a picture or a PDF is something else as well: a zip archive at its end, a page of script at its beginning."""
    if kind not in {"image/png", "image/jpeg", "image/gif", "application/pdf"}:
        return False
    return b"PK\x05\x06" in content[-66_000:] or any(
        tag in content[:4096].lower() for tag in (b"<script", b"<html", b"<?php")
    )


def _is_text(content: bytes) -> bool:
    head = content[:8192]
    if b"\x00" in head:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as wrong:
        if wrong.start < len(head) - 4:  # a letter that is cut at the end of what is looked at is none
            return all(byte >= 0x20 or byte in b"\t\r\n\x0c\x1b" for byte in head)  # noqa: PLR2004 - a text of one byte a letter
    return True
