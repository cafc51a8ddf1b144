"""Which parts of a mail are to be read, which are files, and what the operator should know of them."""

from __future__ import annotations

import html as entities
import re
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext_noop

from sportello.kernel.sentences import kept
from sportello.messaging.incoming.parsing.charsets import decoded
from sportello.messaging.incoming.parsing.flowed import plain_of_enriched, unflowed
from sportello.messaging.incoming.parsing.headers import params
from sportello.messaging.incoming.parsing.html import cleaned, is_too_much, to_text
from sportello.messaging.incoming.parsing.limits import Limits
from sportello.messaging.incoming.parsing.marks import MARKS
from sportello.messaging.incoming.parsing.names import file_name
from sportello.messaging.incoming.parsing.parts import Part
from sportello.messaging.types import MailFile

SIGNED: Final = gettext_noop("The mail is signed. The signature is kept as a file; it was not checked.")
ENCRYPTED: Final = gettext_noop("The mail is encrypted. It is kept as a file: its text cannot be read here.")
WINMAIL: Final = gettext_noop("The mail came in Outlook's own format (winmail.dat). It is kept as a file.")
CALENDAR: Final = gettext_noop("The mail holds a calendar invitation. It is kept as a file.")
CHARSET: Final = gettext_noop("Some characters of the mail could not be read.")
TEXT_CUT: Final = gettext_noop("The text was too long and is cut after %(most)d characters. The original is kept.")
HTML_LEFT: Final = gettext_noop("The formatted text was too large and is left out. The original is kept.")
FILES_LEFT: Final = gettext_noop(
    "The mail has more than %(most)d files. The others are in the original, which is kept."
)
FILE_LEFT: Final = gettext_noop("The file “%(name)s” is too large and is left out. The original is kept.")

_IGNORED: Final = frozenset({"text/x-amp-html", "text/watch-html"})
_SIGNATURES: Final = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
)
_PKCS7: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_RICH: Final = frozenset({"text/enriched", "text/richtext"})
_PERHAPS_TEXT: Final = frozenset({"application/octet-stream", "application/x-unknown", "unknown/unknown"})
_NO_WORDS: Final = frozenset({"text/calendar", "text/vcard", "text/x-vcard", "text/directory", "text/rtf", "text/css"})
_ANYHOW: Final = 100_000
_NO_HTML: Final = re.compile(r"html|browser|visuali[sz]|formato|client de messagerie|e-?mail-programm", re.IGNORECASE)


@dataclass
class _Passage:
    """Something to read: the plain and the HTML form of one and the same, or one of them."""

    group: int
    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)


@dataclass
class Body:
    """What a mail says. `marked` is the text of its HTML with marks where programs put quotes, empty without HTML."""

    text: str = ""
    html: str = ""
    marked: str = ""
    files: list[MailFile] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def read_body(parts: tuple[Part, ...], limits: Limits) -> Body:
    """Return the text, the clean HTML and the files of a mail's parts."""
    body = Body()
    passages: list[_Passage] = []
    shown: str = ""
    for part in parts:
        if part.kind in _IGNORED:
            continue
        if _is_readable(part):
            _read(part, passages, body)
            shown = shown if part.kind != "text/html" else shown + passages[-1].html[-1]
        else:
            _keep_file(part, body, limits, shown)
    if not passages:
        _read_anyhow(parts, passages)
    _compose(passages, body, limits)
    body.notices = list(dict.fromkeys(body.notices))
    return body


def _is_readable(part: Part) -> bool:
    if part.is_attachment or part.file_name:
        return False
    if any(each.kind == "multipart/encrypted" for each in part.within):
        return False
    return part.kind in {"text/plain", "text/html", "text"} or part.kind in _RICH


def _read_anyhow(parts: tuple[Part, ...], passages: list[_Passage]) -> None:
    """Read the first part that holds nothing but text, where none says that it is to be read; it stays a file as well."""
    for part in parts:
        said_text = part.kind in _PERHAPS_TEXT or part.kind.startswith(("text/", "message/"))
        is_encrypted = any(each.kind == "multipart/encrypted" for each in part.within)
        if said_text and part.kind not in _NO_WORDS and not is_encrypted and _is_text(part.content[:_ANYHOW]):
            text, _clean = decoded(part.content[:_ANYHOW], part.charset)
            passages.append(
                _Passage(0, html=[text]) if part.kind == "text/html" else _Passage(0, plain=[MARKS.sub("", text)])
            )
            return


def _is_text(octets: bytes) -> bool:
    return bool(octets.strip()) and not re.search(rb"[\x00-\x08\x0e-\x1f]", octets) and decoded(octets)[1]


def _read(part: Part, passages: list[_Passage], body: Body) -> None:
    text, clean = decoded(part.content, part.charset)
    if not clean:
        body.notices.append(CHARSET)
    group = next((each.number for each in part.within if each.kind == "multipart/alternative"), 0)
    if not passages or group == 0 or passages[-1].group != group:
        passages.append(_Passage(group))
    passage = passages[-1]
    if part.kind == "text/html":
        passage.html.append(text)
        return
    facts = params(part.headers.first("content-type"))
    if part.kind in _RICH:
        text = plain_of_enriched(text)
    elif facts.get("format", "").lower() == "flowed":
        text = unflowed(text, delete_space=facts.get("delsp", "").lower() == "yes")
    passage.plain.append(MARKS.sub("", text))


def _compose(passages: list[_Passage], body: Body, limits: Limits) -> None:
    texts, marked, htmls = [], [], []
    for passage in passages:
        plain, html = "\n\n".join(passage.plain), "\n".join(passage.html)
        reading = to_text(html, limits) if html.strip() else ""
        texts.append(plain if _is_worth_reading(plain, reading) else MARKS.sub("", reading))
        marked.append(reading or plain)
        htmls.append(_safe_html(html, plain, body, limits))
    body.text = _cut("\n\n".join(each.strip("\n") for each in texts if each.strip()), body, limits)
    if any(passage.html for passage in passages):
        body.html = "\n".join(each for each in htmls if each)
        body.marked = "\n\n".join(each for each in marked if each.strip())[: limits.text]


def _is_worth_reading(plain: str, reading: str) -> bool:
    """Tell whether the plain form says something: not when it is empty, or only says that the mail is in HTML."""
    if not plain.strip():
        return False
    said = " ".join(plain.split())
    return not (len(said) < 200 and len(reading) > 2 * len(said) and said not in reading and _NO_HTML.search(said))  # noqa: PLR2004


def _safe_html(html: str, plain: str, body: Body, limits: Limits) -> str:
    if not html.strip():
        return f"<p>{entities.escape(plain[: limits.text])}</p>".replace("\n", "<br>") if plain.strip() else ""
    if is_too_much(html, limits):
        body.notices.append(HTML_LEFT)
        return ""
    return cleaned(html, limits)


def _cut(text: str, body: Body, limits: Limits) -> str:
    if len(text) <= limits.text:
        return text
    body.notices.append(kept(TEXT_CUT, most=limits.text))
    return text[: limits.text]


def _keep_file(part: Part, body: Body, limits: Limits, shown: str) -> None:
    _tell(part, body)
    if len(body.files) >= limits.files:
        body.notices.append(kept(FILES_LEFT, most=limits.files))
        return
    content = part.content
    name = file_name(_name_of(part), kind=part.kind, number=len(body.files) + 1)
    if len(content) > limits.file:
        body.notices.append(kept(FILE_LEFT, name=name))
        return
    inline = part.kind.startswith("image/") and bool(part.content_id) and f"cid:{part.content_id}" in shown
    body.files.append(
        MailFile(name=name, content_type=part.kind, content=content, inline=inline, content_id=part.content_id)
    )


def _name_of(part: Part) -> str:
    if part.file_name or part.kind != "message/rfc822":
        return part.file_name or part.headers.text("content-description")
    found = re.search(rb"(?im)^subject:[ \t]*(.{1,100})", part.content[:20_000])
    return f"{decoded(found[1])[0].strip()}.eml" if found else ""


def _tell(part: Part, body: Body) -> None:
    name = part.file_name.lower()
    if part.kind in _SIGNATURES:
        body.notices.append(SIGNED)
    elif part.kind in _PKCS7:
        kind = params(part.headers.first("content-type")).get("smime-type", "").lower()
        body.notices.append(SIGNED if kind == "signed-data" or name.endswith(".p7s") else ENCRYPTED)
    elif any(each.kind == "multipart/encrypted" for each in part.within):
        body.notices.append(ENCRYPTED)
    elif part.kind == "application/ms-tnef" or name == "winmail.dat":
        body.notices.append(WINMAIL)
    elif part.kind == "text/calendar":
        body.notices.append(CALENDAR)
