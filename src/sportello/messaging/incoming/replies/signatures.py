"""Where a signature begins: its delimiter, the line that a phone adds, the footer of a list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sportello.messaging.incoming.replies.headings import is_rule
from sportello.messaging.incoming.replies.words import DEVICES, EXCUSE, PAPER, VIRUS

_DELIMITER: Final = re.compile(r"^(?:--|–|—|__|—-|-—)[ \t]*$")
_SHORT_RULE: Final = re.compile(r"^\s*[-_=*~–—]{3,}\s*$")
_LIST: Final = re.compile(
    r"mailing list|listinfo|lists?[@.]|unsubscribe|you received this message because", re.IGNORECASE
)
_CONTACT: Final = re.compile(
    r"@|https?:|www\.|\+?\d[\d\s()./-]{6,}\d|\b(?:tel|fax|mob|cell|phone|mobile|p\.? ?iva|vat|via|piazza|calle|rue|straße)\b",
    re.IGNORECASE,
)
_DISCLAIMER_TITLE: Final = re.compile(
    r"(?:disclaimer|confidentiality|legal notice|avvertenz|avviso|nota di riservatezza|privacy|informativa|aviso|nota de confidencialidad|"
    r"avis|clause de|haftungsausschluss|hinweis|vertraulichkeit|rechtlicher)",
    re.IGNORECASE,
)
_THIS_MAIL: Final = re.compile(
    r"e-?mail|message|messaggio|comunicazion|communication|mensaje|correo|courriel|nachricht|mensagem|bericht",
    re.IGNORECASE,
)
_SECRET: Final = re.compile(
    r"confidential and|(?:is|are|be|contain\w*) (?:strictly |privileged and/or |privileged and |privileged or )?confidential|"
    r"intended solely|intended only|"
    r"intended recipient|esclusivamente (?:al|per|ai)|esclusivo uso|"
    r"riservat[aeio] (?:e|ed|al|ai|esclus)|informazioni riservate|strettamente riservat|"
    r"destinatario (?:indicato|sopra)|d\.? ?lgs|gdpr|regolamento (?:ue|\(ue\))|"
    r"exclusivamente|confidencial|uso exclusivo|confidentiel|destiné exclusivement|"
    r"vertraulich\w* (?:und|informationen)|rechtlich geschützt|"
    r"vertrouwelijk",
    re.IGNORECASE,
)
_NATURE: Final = re.compile(r"environment|ambiente|environnement|umwelt|planet", re.IGNORECASE)
_SENTENCE: Final = re.compile(r"[.?!]\s*$")
_ADDRESSES: Final = re.compile(r"<?https?://\S+>?|\bwww\.\S+|\(https?:\S+\)|\[[^\]]{0,200}\]|<mailto:[^>]*>")
_LINK: Final = re.compile(r"\s*(?:<?https?://[^\s<>]+>?|<#[0-9A-Fa-f-]{8,60}>|\(https?://[^\s()]+\))\s*")
_LONGEST: Final = 2_000
_LONGEST_LINE: Final = 100
_LONGEST_DEVICE: Final = 95
_MOST_LINES: Final = 25
_MOST_WORDS: Final = 12


def signature_start(lines: Sequence[str]) -> int:
    """Return where the signature in the lines of one stretch of text begins; their number when there is none.

    Everything before it is what the person wrote. A line of dashes counts only when what follows looks like a signature.
    """
    for at, line in enumerate(lines):
        if not line or len(line) > _LONGEST:
            continue
        if (
            (_DELIMITER.match(line) and _said_below(lines, at) <= _MOST_LINES)
            or ((is_rule(line) or _SHORT_RULE.match(line)) and looks_like_signature(_section(lines, at + 1)))
            or _is_disclaimer(lines, at)
        ):
            return _before_devices(lines, at - (at > 0 and is_rule(lines[at - 1])))
    return _before_devices(lines, len(lines))


def _said_below(lines: Sequence[str], at: int) -> int:
    """Return how many lines below say something; more than matter are not counted."""
    return sum(bool(line.strip()) for line in lines[at + 1 : at + 4 * _MOST_LINES])


def _section(lines: Sequence[str], start: int) -> list[str]:
    """Return the lines that say something from `start` to the next rule."""
    found: list[str] = []
    for line in lines[start : start + 4 * _MOST_LINES]:
        if found and (is_rule(line) or _SHORT_RULE.match(line)):
            break
        if line.strip():
            found.append(line)
    return found


def _is_disclaimer(lines: Sequence[str], at: int) -> bool:
    """Tell whether a paragraph begins here that declares the mail confidential, as companies put under each of theirs."""
    line = lines[at].strip(" *_-")
    if not line or (at and lines[at - 1].strip() and not is_rule(lines[at - 1])):
        return False
    following = " ".join(each.strip()[:500] for each in lines[at : at + 12])
    if _saves_paper(lines, at):
        return True
    if len(line) <= 60 and _DISCLAIMER_TITLE.match(line):  # noqa: PLR2004
        return bool(_SECRET.search(following))
    paragraph = " ".join(_paragraph(lines, at))
    return len(paragraph) >= 100 and bool(_THIS_MAIL.search(paragraph[:250]) and _SECRET.search(paragraph))  # noqa: PLR2004


def _saves_paper(lines: Sequence[str], at: int) -> bool:
    line = lines[at]
    if len(line) > 200 or "?" in line or not PAPER.search(line):  # noqa: PLR2004
        return False
    return bool(_THIS_MAIL.search(line) or _NATURE.search(line)) and _said_below(lines, at) <= 8  # noqa: PLR2004


def _paragraph(lines: Sequence[str], at: int) -> list[str]:
    found: list[str] = []
    for line in lines[at : at + _MOST_LINES]:
        if not line.strip():
            break
        found.append(line.strip())
    return found


def _before_devices(lines: Sequence[str], start: int) -> int:
    """Move the start up over lines such as “Sent from my iPhone”, and the empty lines between."""
    at = start
    while at > 0:
        line = lines[at - 1]
        if is_device_line(line) or _is_image(line):
            above = lines[at - 2].strip() if at > 1 else ""
            start = at - 1 - (_is_link(above) and above in line)
        elif line.strip() and not _is_link(line):
            break
        at -= 1
    return start


def is_device_line(line: str) -> bool:
    """Tell whether a line is one that a program or a phone puts under each mail."""
    if len(line) > _LONGEST:
        return False
    text = EXCUSE.sub("", _ADDRESSES.sub(" ", line).strip()).strip(" \t*_<>|\"'“”()")
    if VIRUS.search(line[:_LONGEST_LINE]) and "?" not in line:
        return len(line.split()) <= 2 * _MOST_WORDS
    if len(text) > _LONGEST_DEVICE or "," in text or not DEVICES.match(text):
        return False
    return len(text.split()) <= _MOST_WORDS and "?" not in text and not re.search(r"\.\s+\w", text)


def _is_link(line: str) -> bool:
    """Tell whether a line is nothing but an address in the web, as stands under the line of a program."""
    return len(line) <= _LONGEST and bool(_LINK.fullmatch(line))


def _is_image(line: str) -> bool:
    return bool(re.fullmatch(r"\s*\[(?:image|cid|photo|logo)[:\w][^\]]*\]\s*", line, re.IGNORECASE))


def looks_like_signature(lines: Sequence[str]) -> bool:
    """Tell whether lines below a rule are a signature or the footer of a list, not more of the text."""
    if not lines or len(lines) > _MOST_LINES:
        return False
    if any(_LIST.search(line) or VIRUS.search(line) for line in lines[:3]):
        return True
    if len(lines) > 10 or any(len(line) > _LONGEST_LINE for line in lines):  # noqa: PLR2004
        return False
    sentences = sum(bool(_SENTENCE.search(line)) and len(line.split()) > 5 for line in lines)  # noqa: PLR2004
    return any(_CONTACT.search(line) for line in lines) and sentences * 3 <= len(lines)
