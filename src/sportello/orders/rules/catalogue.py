"""What a type of orders must be."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from django.utils.translation import gettext_lazy as _

from sportello.kernel.access import Access, Profile, Section, access_of
from sportello.kernel.refusals import InvalidInput
from sportello.orders.rules.effects import SPECS
from sportello.orders.states import Check, Effect, FieldKind, Subject
from sportello.orders.types import LANGUAGES, Labels, Question

CODE: Final = re.compile(r"[A-Z][A-Z0-9-]{1,19}", re.ASCII)
KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
MOST_QUESTIONS: Final = 40
MOST_DAYS: Final = 250
ASKERS: Final = tuple(one for one in Profile if access_of(one, Section.CHANGES) is Access.FULL)
"""Profiles to which the matrix opens changes at all: a type narrows them, never widens."""
RESERVED: Final = frozenset({"line", "lines", "key", "quantity", "customer", "type", "version"})
"""Words that the form of an order needs for itself."""


def check_type(*, code: str, names: Labels) -> None:
    """Refuse a code or names that cannot be. Raises `InvalidInput`."""
    if not CODE.fullmatch(code):
        raise InvalidInput(_("2 to 20 capital letters, digits and hyphens, a letter first."), field="code")
    for language in LANGUAGES:
        if not names.get(language, "").strip():
            raise InvalidInput(_("Give the name in all three languages."), field=f"name_{language}")


def check_form(
    *, effect: Effect, questions: Sequence[Question], checks: Collection[Check], asked_by: Collection[str], days: int
) -> None:
    """Refuse a form that its effect cannot be brought about with. Raises `InvalidInput`."""
    if not 0 <= days <= MOST_DAYS:
        raise InvalidInput(_("From 0 to %(most)s working days.") % {"most": MOST_DAYS}, field="expected_days")
    if not asked_by or not set(asked_by) <= set(ASKERS):
        raise InvalidInput(_("Say who may ask for it."), field="asked_by")
    if len(questions) > MOST_QUESTIONS:
        raise InvalidInput(_("At most %(most)s questions.") % {"most": MOST_QUESTIONS})
    for question in questions:
        _check_question(question)
    kinds = {question.key: question for question in questions}
    if len(kinds) != len(questions):
        raise InvalidInput(_("Two questions have the same key."))
    for key, kind in SPECS[effect].asked.items():
        if key not in kinds or kinds[key].kind is not kind or not kinds[key].required:
            raise InvalidInput(
                _("“%(effect)s” needs a question with the key “%(key)s” of the kind “%(kind)s” that must be answered.")
                % {"effect": effect.label, "key": key, "kind": kind.label}
            )
    _check_checks(effect, checks, kinds.keys())


def _check_checks(effect: Effect, checks: Collection[Check], keys: Collection[str]) -> None:
    if Check.REPORT in checks and not {"why", "report"} <= set(keys):
        raise InvalidInput(_("This check needs the questions “why” and “report”."), field="checks")
    if Check.HOLDER in checks and "holder_tax_code" not in keys:
        raise InvalidInput(_("This check needs the question “holder_tax_code”."), field="checks")
    if Check.NUMBER_CODE in checks and SPECS[effect].subject is Subject.ORGANISATION:
        raise InvalidInput(_("There is no number to be proved."), field="checks")


def _check_question(question: Question) -> None:
    if not KEY.fullmatch(question.key) or question.key in RESERVED:
        refused = _("“%(key)s” cannot be a key: small letters, digits and _, a letter first.") % {"key": question.key}
        raise InvalidInput(refused)
    if not all(question.label.get(language, "").strip() for language in LANGUAGES):
        raise InvalidInput(_("The question “%(key)s” needs its words in all three languages.") % {"key": question.key})
    if question.kind is FieldKind.CHOICE and not question.choices:
        raise InvalidInput(_("The question “%(key)s” needs answers to choose from.") % {"key": question.key})


def read_choices(text: str) -> list[tuple[str, Labels]]:
    """Return the answers written one a line: code | English | Italian | Spanish. Raises `InvalidInput` at `choices`."""
    found: list[tuple[str, Labels]] = []
    for line in filter(None, (one.strip() for one in text.splitlines())):
        code, *labels = (part.strip() for part in line.split("|"))
        if not KEY.fullmatch(code) or len(labels) != len(LANGUAGES) or not all(labels):
            raise InvalidInput(_("Write one answer a line: code | English | Italian | Spanish"), field="choices")
        found.append((code, dict(zip(("en", "it", "es"), labels, strict=True))))
    return found


def written_choices(choices: Sequence[tuple[str, Labels]]) -> str:
    """Return answers as `read_choices` reads them."""
    return "\n".join(
        f"{code} | {labels.get('en')} | {labels.get('it')} | {labels.get('es')}" for code, labels in choices
    )
