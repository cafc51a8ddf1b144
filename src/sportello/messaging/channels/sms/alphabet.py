"""The GSM 7-bit alphabet (3GPP TS 23.038, clause 6.2.1): default table and extension table, one septet per octet."""

from typing import Final

ESCAPE: Final = 0x1B

_DEFAULT: Final = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
_EXTENSION: Final = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_SEPTETS: Final[dict[str, bytes]] = {
    **{char: bytes([code]) for code, char in enumerate(_DEFAULT) if code != ESCAPE},
    **{char: bytes([ESCAPE, code]) for code, char in _EXTENSION.items()},
}


def septets(char: str) -> bytes | None:
    """Return the one or two septets of a character, each in its own octet; None when the alphabet lacks it."""
    return _SEPTETS.get(char)


def is_gsm(text: str) -> bool:
    """Say whether every character of the text is in the default table or its extension."""
    return all(char in _SEPTETS for char in text)


def decode(octets: bytes) -> str:
    """Read unpacked septets as a phone does: an unknown extension shows the default character."""
    text: list[str] = []
    escaped = False
    for octet in octets:
        code = octet & 0x7F
        if escaped:
            text.append(_EXTENSION.get(code, _DEFAULT[code]))
            escaped = False
        elif code == ESCAPE:
            escaped = True
        else:
            text.append(_DEFAULT[code])
    if escaped:
        text.append(" ")
    return "".join(text)
