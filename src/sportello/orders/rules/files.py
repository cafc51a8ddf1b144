"""What documents may be handed in with an order."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from sportello.kernel.refusals import InvalidInput

LONGEST_FILE: Final = 5 * 1024 * 1024
SIGNATURES: Final = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
)


def check_file(content: bytes, *, field: str) -> str:
    """Return the content type by what the file begins with, whatever it is called (ABUSE F02). Raises `InvalidInput`."""
    if len(content) > LONGEST_FILE:
        raise InvalidInput(_("The file has more than 5 MB."), field=field)
    for beginning, kind in SIGNATURES:
        if content.startswith(beginning):
            return kind
    raise InvalidInput(_("Hand in a PDF, a JPEG or a PNG."), field=field)
