"""Telephone numbers: one written form (E.164), and what may be shown of them."""

import re
from collections.abc import Iterable

import phonenumbers
from django.utils.translation import gettext_lazy as _
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from sportello.kernel.refusals import InvalidInput

DEFAULT_REGION = "IT"
# ASCII only: the library would also take letters (vanity numbers), other scripts' digits and extensions.
WRITTEN = re.compile(r"\+?[0-9 ()./-]{3,40}", re.ASCII)
E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
MOBILE_TYPES = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


class InvalidPhoneNumber(InvalidInput):
    """Refuse what is not a telephone number, in a sentence for the reader."""


def _parsed(text: str, region: str | None) -> phonenumbers.PhoneNumber:
    if not WRITTEN.fullmatch(text):
        raise InvalidPhoneNumber(_("A phone number has only digits, spaces and a leading +."))
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException as error:
        raise InvalidPhoneNumber(_("Write the phone number with its country code, as in +39 312 3456789.")) from error
    if not phonenumbers.is_valid_number(number):
        raise InvalidPhoneNumber(_("This phone number does not exist: check its prefix and the number of digits."))
    return number


def normalise(text: str, region: str = DEFAULT_REGION) -> str:
    """Return a number as people write it in E.164 (`+393123456789`).

    `region` (ISO 3166 alpha-2) gives the country of a number written without `+` or `00`. Raises `InvalidPhoneNumber`.
    """
    return phonenumbers.format_number(_parsed(text.strip(), region), PhoneNumberFormat.E164)


def prefix_of(region: str) -> str:
    """Return the prefix of a country's numbers (`IT`: `+39`)."""
    return f"+{phonenumbers.country_code_for_region(region)}"


def is_e164(text: str) -> bool:
    """Tell whether the text has the form of E.164; says nothing about the number being assigned (ITU-T E.164)."""
    return E164.fullmatch(text) is not None


def is_mobile(number: str) -> bool:
    """Tell whether an E.164 number can receive SMS as a mobile phone: premium and land-line numbers cannot."""
    try:
        return phonenumbers.number_type(_parsed(number, None)) in MOBILE_TYPES
    except InvalidPhoneNumber:
        return False


def is_allowed_for_codes(number: str, prefixes: Iterable[str]) -> bool:
    """Tell whether one-time codes may go to an E.164 number: a mobile under one of the allowed `prefixes` (`+39`)."""
    return number.startswith(tuple(prefixes)) and is_mobile(number)


def mask_last(number: str, digits: int = 3) -> str:
    """Return the number with its last `digits` characters hidden (Italian privacy code, article 124 paragraph 4)."""
    hidden = min(digits, len(number))
    return number[: len(number) - hidden] + "*" * hidden


def display(number: str) -> str:
    """Return an E.164 number in groups for reading; anything else (short code, masked number) as it is."""
    if not is_e164(number):
        return number
    try:
        parsed = phonenumbers.parse(number, None)
    except NumberParseException:
        return number
    return phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)
