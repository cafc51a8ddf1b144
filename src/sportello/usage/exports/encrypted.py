"""A table in an encrypted archive: ZIP with AES-256 (WinZip AE-2), which 7-Zip, WinZip and macOS tools open."""

from __future__ import annotations

import secrets
from datetime import tzinfo
from typing import Any, BinaryIO, Final, cast

import pyzipper

from sportello.usage.exports.sheets import Sheet, write
from sportello.usage.states import ExportForm

LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"
"""Without those that are taken for one another on paper (o, l, 0, 1): five bits each."""

GROUPS, GROUP = 4, 4


def new_password() -> str:
    """Return a random password of 80 bits, in groups that can be typed."""
    return "-".join("".join(secrets.choice(LETTERS) for _each in range(GROUP)) for _group in range(GROUPS))


def write_encrypted(sheet: Sheet, target: BinaryIO, password: str, *, zone: tzinfo) -> int:
    """Write the table as CSV into an archive that the password opens; return how many rows. No plain text touches the disk."""
    with pyzipper.AESZipFile(target, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password.encode())
        archive.setencryption(pyzipper.WZ_AES, nbits=256)
        with archive.open(f"{sheet.name}.csv", "w") as entry:
            return write(sheet, cast("Any", entry), ExportForm.CSV, zone=zone)
