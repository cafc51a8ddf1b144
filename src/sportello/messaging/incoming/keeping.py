"""The originals of mails that came in: files that only the portal's user reads, named by their fingerprint, written whole or not at all."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from sportello.messaging.incoming import deciding
from sportello.messaging.incoming.parsing.headers import split_headers
from sportello.messaging.types import ParsedMail


def folder() -> Path:
    """Return the folder of the originals."""
    return Path(settings.SPORTELLO["DATA_FOLDER"]) / "mail"


def path_of(fingerprint: str) -> Path:
    """Return where the original of a fingerprint is."""
    return folder() / fingerprint[:2] / f"{fingerprint}.eml"


def fingerprint_of(raw: bytes, mail: ParsedMail) -> str:
    """Return the name of a mail: the same for each time that it is delivered, another for each of its reply addresses (ABUSE E24).

    Made of what its sender wrote (id, sender, subject, date, body) and not of what servers on the way added.
    """
    headers, body = split_headers(raw, most=256 * 1024)
    tokens = deciding.tokens_of(mail)
    facts = [headers.first(name) for name in ("message-id", "from", "subject", "date")]
    facts += [*sorted(tokens.replies), *map(str, sorted(tokens.messages))]
    digest = sha256("\0".join(facts).encode("utf-8", "replace"))
    digest.update(b"\0" + raw[body:].replace(b"\r\n", b"\n").rstrip())
    return digest.hexdigest()


def keep(raw: bytes, fingerprint: str) -> Path:
    """Write an original unless it is there; it is on disk when this returns."""
    path = path_of(fingerprint)
    if path.exists():
        return path
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    return path
