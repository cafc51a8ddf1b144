"""Reading the environment: every setting of an installation is one variable, named in docs/how-to/configure.md."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    """Return the variable `SPORTELLO_<name>`, or the default."""
    return os.environ.get(f"SPORTELLO_{name}", default)


def number(name: str, default: int) -> int:
    """Return a whole number; anything else stops the start with the variable's name."""
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError as wrong:
        msg = f"SPORTELLO_{name} is not a whole number: {value!r}"
        raise ImproperlyConfigured(msg) from wrong


def switch(name: str, *, default: bool) -> bool:
    """Return an on/off variable (1/0, true/false, yes/no, on/off)."""
    value = text(name, "1" if default else "0").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off", ""}:
        return False
    msg = f"SPORTELLO_{name} is neither on nor off: {value!r}"
    raise ImproperlyConfigured(msg)


def words(name: str, default: str = "") -> list[str]:
    """Return a list separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def kept_secret(name: str, folder: Path, make: object = None) -> str:
    """Return the secret of the variable; without one, the one kept in `folder` (made at first start, readable by the owner only)."""
    given = text(name)
    if given:
        return given
    path = folder / f"{name.lower()}.txt"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        fresh = make() if callable(make) else secrets.token_urlsafe(48)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(fresh)
    return path.read_text().strip()
