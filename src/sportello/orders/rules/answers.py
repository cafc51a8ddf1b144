"""Answers to the questions of a form: each in its one written form, or refused at its field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from sportello.kernel import identifiers, phones
from sportello.kernel.refusals import InvalidInput
from sportello.kernel.ui import formats
from sportello.orders.states import SECRET, Check, FieldKind
from sportello.orders.types import Answer, Answers, Question, in_words

LONGEST_LINE: Final = 200
LONGEST_TEXT: Final = 4_000
THEFT: Final = frozenset({"theft", "loss"})
"""Why a SIM is replaced where the police report is needed (DOMAIN §8.1)."""
YES, NO = "1", "0"
LOOKED_UP: Final = frozenset(
    {FieldKind.PLAN, FieldKind.OPTION, FieldKind.COST_CENTRE, FieldKind.SITE, FieldKind.PERSON, FieldKind.AGREEMENT}
)
"""Kinds whose answers name something of the inventory or of the customer."""

Find = Callable[[FieldKind, str], tuple[str, str] | None]
"""Returns (value, how it is shown) of what a text names among the customer's own, or None."""


def checked_answers(
    questions: Sequence[Question], given: Mapping[str, str], find: Find, *, country: str
) -> dict[str, Answer]:
    """Return the answers in their one form; what is not asked is ignored. Raises `InvalidInput` at the key of the first that is wrong."""
    found: dict[str, Answer] = {}
    for question in questions:
        text = given.get(question.key, "").strip()
        if not text:
            if question.required:
                raise InvalidInput(_("This is needed."), field=question.key)
            continue
        value, shown = _read(question, text, find, country)
        secret = question.kind in SECRET
        found[question.key] = Answer(value=value, shown=masked(value) if secret else shown, secret=secret)
    return found


def masked(text: str) -> str:
    """Return a secret with its last four signs alone."""
    return f"{'•' * max(0, len(text) - 4)}{text[-4:]}"


def _read(question: Question, text: str, find: Find, country: str) -> tuple[str, str]:
    kind = question.kind
    if kind in LOOKED_UP:
        found = find(kind, text)
        if found is None:
            raise InvalidInput(_("Unknown here: %(text)s") % {"text": text[:80]}, field=question.key)
        return found
    if kind is FieldKind.CHOICE:
        labels = dict(question.choices).get(text)
        if labels is None:
            codes = ", ".join(code for code, _labels in question.choices)
            raise InvalidInput(_("is none of: %(codes)s") % {"codes": codes}, field=question.key)
        return text, in_words(labels)
    if kind is FieldKind.YES_NO:
        return _yes_no(question, text)
    if kind is FieldKind.DAY:
        return _day(question, text)
    try:
        return _coded(kind, text, country)
    except (InvalidInput, ValidationError) as wrong:
        sentence = str(wrong) if isinstance(wrong, InvalidInput) else _("Enter a whole e-mail address.")
        raise InvalidInput(sentence, field=question.key) from wrong


def _coded(kind: FieldKind, text: str, country: str) -> tuple[str, str]:
    if kind is FieldKind.PHONE:
        number = phones.normalise(text, country)
        return number, phones.display(number)
    if kind is FieldKind.TAX_CODE:
        return (identifiers.tax_code(text, country),) * 2
    if kind is FieldKind.IBAN:
        return (identifiers.iban(text),) * 2
    if kind is FieldKind.ICCID:
        return (identifiers.iccid(text),) * 2
    if kind is FieldKind.EMAIL:
        validate_email(text)
    longest = LONGEST_TEXT if kind is FieldKind.LONG_TEXT else LONGEST_LINE
    if len(text) > longest:
        raise InvalidInput(_("At most %(count)s signs.") % {"count": longest})
    plain = text.replace("\x00", "").replace("\r\n", "\n")
    return plain, plain


def _yes_no(question: Question, text: str) -> tuple[str, str]:
    said = {YES: _("Yes"), NO: _("No")}.get(text)
    if said is None:
        raise InvalidInput(_("is none of: %(codes)s") % {"codes": "0, 1"}, field=question.key)
    return text, str(said)


def _day(question: Question, text: str) -> tuple[str, str]:
    try:
        day = date.fromisoformat(text)
    except ValueError as wrong:
        raise InvalidInput(_("Write the day like 2026-03-31."), field=question.key) from wrong
    return day.isoformat(), formats.day(day)


def check_switched_on(
    checks: Sequence[Check], answers: Answers, *, own_codes: frozenset[str], file_keys: frozenset[str]
) -> None:
    """Ask what the type's checks ask of the answers. `own_codes`: tax code and VAT number of the customer; `file_keys`: files handed in.

    DOMAIN §8.1: replacement for theft or loss needs the report; only the holder of a number may have it ported. Raises `InvalidInput`.
    """
    if Check.REPORT in checks and "why" in answers and answers["why"].value in THEFT and "report" not in file_keys:
        raise InvalidInput(_("After a theft or a loss, hand in the report to the police."), field="report")
    holder = answers.get("holder_tax_code")
    if Check.HOLDER in checks and holder is not None and own_codes and holder.value not in own_codes:
        refused = _("Only the holder may ask for this: the tax code is not that of the customer.")
        raise InvalidInput(refused, field="holder_tax_code")


def number_to_prove(checks: Sequence[Check], answers: Answers, line_number: str) -> str:
    """Return the number that a code by SMS must prove, or nothing: the one to be ported, else the line's."""
    if Check.NUMBER_CODE not in checks:
        return ""
    asked = answers.get("number")
    return asked.value if asked else line_number
