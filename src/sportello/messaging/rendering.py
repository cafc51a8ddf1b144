"""From a template and its variables to the words that go out. Pure but for reading the shipped texts.

A text knows one construct, `{{ name }}`: what an operator may write in an override is exactly that, so that no wording can
run anything, and nothing of one rendering can stay behind for the next (ABUSE C09).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from django.template.loader import render_to_string
from django.template.utils import get_app_template_dirs
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from sportello.kernel.crypto import CannotDecrypt
from sportello.kernel.refusals import InvalidInput
from sportello.messaging.catalogue import CODE_TEXTS, LANGUAGES, Template, UnknownTemplate
from sportello.messaging.states import Channel

MASK = "••••••"
_VARIABLE = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")
_LEFT_OVER = re.compile(r"\{\{|\}\}|\{%|%\}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\x85\u2028\u2029]")
_GREETINGS = {"it": "Buongiorno", "es": "Hola", "en": "Hello"}
FALLBACK_LANGUAGE = "en"


class ContextIncomplete(KeyError):
    """A variable of the text has no value: a defect of the caller, found when the message is written."""


class ForeignLink(ValueError):
    """A link leads out of the portal: links are built from the configured address alone (ABUSE B10)."""


CANNOT_RENDER = (ContextIncomplete, ForeignLink, UnknownTemplate, CannotDecrypt, FileNotFoundError)
"""Why a message that was written once cannot be rendered any more: its template or a key has gone since."""


class WordingInvalid(InvalidInput):
    """A wording cannot be used."""


@dataclass(frozen=True)
class Wording:
    """The text of one template in one language and channel; `subject` is empty for SMS."""

    subject: str
    text: str


@dataclass(frozen=True)
class Rendered:
    """What goes out: `html` is empty for SMS."""

    subject: str
    text: str
    html: str = ""


@dataclass(frozen=True)
class Portal:
    """Who speaks, and where: from the settings, never from a request."""

    operator: str
    address: str

    @property
    def host(self) -> str:
        """Return the host of the portal's address, as a phone's browser binds a one-time code to it."""
        return urlsplit(self.address).hostname or ""


def language_of(wanted: str) -> str:
    """Return a language that the texts exist in."""
    short = wanted.partition("-")[0].lower()
    return short if short in LANGUAGES else FALLBACK_LANGUAGE


@cache
def shipped(template: str, language: str, channel: str) -> Wording:
    """Read the text that comes with the portal. Raises `FileNotFoundError` when an app forgot to bring it."""
    name = f"messaging/{template}/{language}.{channel}.txt"
    for folder in get_app_template_dirs("templates"):
        path = Path(folder) / name
        if path.is_file():
            return _split(path.read_text(encoding="utf-8"), channel)
    raise FileNotFoundError(name)


def variables(
    template: Template, values: Mapping[str, str], *, portal: Portal, name: str, language: str
) -> dict[str, str]:
    """Return every variable of a template with its value. Raises `ContextIncomplete`, `ForeignLink`."""
    missing = [wanted for wanted in (*template.variables, *template.secrets) if wanted not in values]
    if missing:
        raise ContextIncomplete(f"{template.name} needs {', '.join(missing)}")
    greeting = _GREETINGS[language]
    chosen = {wanted: _clean(values[wanted]) for wanted in (*template.variables, *template.secrets)}
    links = {key: _inside(value, portal) for key, value in chosen.items() if key == "link" or key.endswith("_link")}
    return {
        **chosen,
        **links,
        "greeting": f"{greeting} {_clean(name)}," if name else f"{greeting},",
        "operator": portal.operator,
        "portal": portal.address,
        "host": portal.host,
    }


def masked(values: Mapping[str, str], template: Template) -> dict[str, str]:
    """Return the variables with the secrets hidden, for the record and for the operator's eyes."""
    return {name: MASK if name in template.secrets else value for name, value in values.items()}


def render(
    wording: Wording, values: Mapping[str, str], *, channel: str, language: str, answered: bool = False
) -> Rendered:
    """Fill in a wording; `answered` when replies to the mail are read. Raises `ContextIncomplete` for a name without value."""
    text = _fill(wording.text, values)
    if channel == Channel.SMS:
        return Rendered(subject="", text=text.strip())
    subject = " ".join(_fill(wording.subject, values).split())
    return Rendered(subject=subject, text=text, html=_html(subject, text, values, language, answered=answered))


def check_wording(template: Template, wording: Wording, *, channel: str) -> None:
    """Raise `WordingInvalid` when an operator's text names an unknown variable, forgets a secret, or breaks a rule."""
    if channel == Channel.EMAIL and not wording.subject.strip():
        raise WordingInvalid(_("A mail needs a subject."), field="subject")
    if not wording.text.strip():
        raise WordingInvalid(_("The text is empty."), field="text")
    _check_names(template, wording.subject, field="subject")
    _check_names(template, wording.text, field="text")
    used = set(_VARIABLE.findall(wording.text))
    for secret in template.secrets:
        if secret not in used:
            sentence = _("The text must contain {{ %(name)s }}: without it the message is of no use.")
            raise WordingInvalid(sentence % {"name": secret}, field="text")
    if template.name in CODE_TEXTS:
        _check_code_form(wording.text)


def _check_names(template: Template, text: str, *, field: str) -> None:
    for name in _VARIABLE.findall(text):
        if name not in template.all_variables:
            sentence = _("{{ %(name)s }} does not exist here. You can use: %(known)s.")
            raise WordingInvalid(sentence % {"name": name, "known": ", ".join(template.all_variables)}, field=field)
    if _LEFT_OVER.search(_VARIABLE.sub("", text)):
        raise WordingInvalid(_("Variables are written as {{ name }}; other braces cannot be used."), field=field)


def _check_code_form(text: str) -> None:
    # Phones offer the code by its place: first in the text, and bound to the host in the last line (WICG, "Origin-bound
    # one-time codes delivered via SMS").
    bare = _VARIABLE.sub(r"{{\1}}", text.strip())
    if not bare.startswith("{{code}}") or not bare.endswith("\n@{{host}} #{{code}}"):
        raise WordingInvalid(
            _("The text must start with {{ code }} and its last line must be “@{{ host }} #{{ code }}”."), field="text"
        )


def _fill(text: str, values: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        try:
            return values[match[1]]
        except KeyError:
            raise ContextIncomplete(match[1]) from None

    return _VARIABLE.sub(value, text)


def _html(subject: str, text: str, values: Mapping[str, str], language: str, *, answered: bool) -> str:
    # The HTML says what the text says: a paragraph that is one link of the portal becomes a button. Escaping is Django's.
    blocks = [block.strip() for block in re.split(r"\n\s*\n", text) if block.strip()]
    paragraphs = [
        {"link": block}
        if block.startswith(f"{values['portal']}/") and " " not in block
        else {"lines": block.split("\n")}
        for block in blocks
    ]
    context = {
        "subject": subject,
        "paragraphs": paragraphs,
        "operator": values["operator"],
        "language": language,
        "answered": answered,
    }
    with override(language):
        return render_to_string("messaging/mail.html", context)


def _split(text: str, channel: str) -> Wording:
    if channel == Channel.SMS:
        return Wording("", text.strip("\n"))
    subject, _gap, body = text.partition("\n\n")
    return Wording(subject.strip(), body.strip("\n") + "\n")


def _clean(value: str) -> str:
    return _CONTROL.sub(" ", value.replace("\r\n", "\n")).strip()


def _inside(link: str, portal: Portal) -> str:
    absolute = f"{portal.address}{link}" if link.startswith("/") and not link.startswith("//") else link
    if not absolute.startswith(f"{portal.address}/") or re.search(r"\s", absolute):
        raise ForeignLink("links in messages start at the portal's configured address")
    return absolute
