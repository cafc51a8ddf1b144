"""What a type of tickets and its form may be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _

from sportello.kernel.refusals import InvalidInput
from sportello.tickets.states import FieldKind
from sportello.tickets.types import LANGUAGES, FormField, Labels

MOST_QUESTIONS: Final = 40
FEWEST_CHOICES, MOST_CHOICES = 2, 60
_CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}")
_PREFIX: Final = re.compile(r"[A-Z0-9]{2,10}")
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


def check_type(*, code: str, prefix: str, names: Labels) -> None:
    """Refuse a type that cannot be named or whose codes could not be read. Raises `InvalidInput`."""
    if not _CODE.fullmatch(code):
        raise InvalidInput(_("A code has up to 20 capital letters, digits and hyphens."), field="code")
    if not _PREFIX.fullmatch(prefix):
        raise InvalidInput(_("A prefix has 2 to 10 capital letters and digits."), field="code_prefix")
    if not any(names.get(one, "").strip() for one in LANGUAGES):
        raise InvalidInput(_("Give the type a name."), field="name_en")


def check_questions(questions: Sequence[FormField]) -> None:
    """Refuse a form that could not be filled in or read again. Raises `InvalidInput`."""
    keys = [one.key for one in questions]
    if len(keys) > MOST_QUESTIONS:
        raise InvalidInput(_("A form has %(most)s questions at most.") % {"most": MOST_QUESTIONS})
    for question in questions:
        if not _KEY.fullmatch(question.key):
            sentence = _("“%(key)s” is no key: small letters, digits and underscores, a letter first.")
            raise InvalidInput(sentence % {"key": question.key})
        if keys.count(question.key) > 1:
            raise InvalidInput(_("Two questions have the key “%(key)s”.") % {"key": question.key})
        _check_question(question)
    if sum(one.kind is FieldKind.CONTRACT for one in questions) > 1:
        raise InvalidInput(_("A form asks for one contract at most."))


def _check_question(question: FormField) -> None:
    if not any(question.label.get(one, "").strip() for one in LANGUAGES):
        raise InvalidInput(_("The question “%(key)s” has no words.") % {"key": question.key})
    codes = [code for code, _labels in question.choices]
    if question.kind is FieldKind.CHOICE and not FEWEST_CHOICES <= len(codes) <= MOST_CHOICES:
        raise InvalidInput(_("The question “%(key)s” needs two answers at least.") % {"key": question.key})
    if len(set(codes)) != len(codes) or not all(_KEY.fullmatch(code) for code in codes):
        sentence = _("The answers of “%(key)s” need codes of their own: small letters, digits, underscores.")
        raise InvalidInput(sentence % {"key": question.key})
    if question.kind is FieldKind.CONTRACT and not question.lines:
        raise InvalidInput(_("Say which kinds of lines “%(key)s” lists.") % {"key": question.key})


def read_choices(text: str) -> list[tuple[str, Labels]]:
    """Return the answers written one a line: `code | English | Italian | Spanish`; what is not said in a language is the first."""
    found: list[tuple[str, Labels]] = []
    for line in filter(None, (one.strip() for one in text.splitlines())):
        code, *words = (part.strip() for part in line.split("|"))
        words = [*words, "", "", ""][:3]
        first = next((one for one in words if one), code)
        found.append((code, dict(zip(("en", "it", "es"), (one or first for one in words), strict=True))))
    return found


def written_choices(choices: Sequence[tuple[str, Labels]]) -> str:
    """Return answers as `read_choices` reads them."""
    return "\n".join(
        " | ".join((code, *(labels.get(one, "") for one in ("en", "it", "es")))) for code, labels in choices
    )
