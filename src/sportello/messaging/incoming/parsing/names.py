"""Names of files that come with mails: one plain name, whatever was written there (a path, line breaks, a device)."""

from __future__ import annotations

import mimetypes
import re
from typing import Final

from sportello.messaging.incoming.parsing.charsets import one_line

_LONGEST: Final = 120
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')
_DEVICES: Final = re.compile(r"^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_KNOWN: Final = {
    "message/rfc822": ".eml",
    "text/calendar": ".ics",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-signature": ".p7s",
    "application/pkcs7-mime": ".p7m",
    "application/x-pkcs7-mime": ".p7m",
    "application/pgp-signature": ".asc",
    "application/pgp-encrypted": ".asc",
    "application/ms-tnef": ".dat",
    "message/delivery-status": ".txt",
    "message/disposition-notification": ".txt",
    "text/rfc822-headers": ".txt",
    "text/plain": ".txt",
    "text/html": ".html",
}


def file_name(given: str, *, kind: str, number: int) -> str:
    """Return a name without folders, control or direction marks; one made of the kind where nothing is left."""
    name = one_line(given).replace("\\", "/").rsplit("/", 1)[-1]
    name = _FORBIDDEN.sub("_", name).strip(" .")
    if not name or not name.strip("._ "):
        return f"file-{number}{ending(kind)}"
    if _DEVICES.match(name):
        name = f"_{name}"
    return _shortened(name)


def ending(kind: str) -> str:
    """Return the usual ending of a content type's files."""
    return _KNOWN.get(kind) or mimetypes.guess_extension(kind) or ".bin"


def _shortened(name: str) -> str:
    if len(name) <= _LONGEST:
        return name
    stem, dot, last = name.rpartition(".")
    if dot and len(last) <= 10:  # noqa: PLR2004 - an ending worth keeping
        return f"{stem[: _LONGEST - len(last) - 1]}.{last}"
    return name[:_LONGEST]
