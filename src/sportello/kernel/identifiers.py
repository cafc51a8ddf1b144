"""Codes that other registers hand out: each is checked with its own check digit and returned in one written form."""

import re
from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from stdnum import iban as iban_numbers
from stdnum import imei as imei_numbers
from stdnum import luhn
from stdnum.es import nif
from stdnum.exceptions import ValidationError as CheckFailed
from stdnum.it import codicefiscale, iva

from sportello.kernel.refusals import InvalidInput

IPA_CODE = re.compile(r"[A-Z0-9]{6}", re.ASCII)
SDI_CODE = re.compile(r"[A-Z0-9]{7}", re.ASCII)
ICCID = re.compile(r"89[0-9]{17,18}", re.ASCII)
SEPARATORS = re.compile(r"[ .\-/]")


class InvalidIdentifier(InvalidInput):
    """Refuse a code whose form or check digit is wrong; `field` names the code, `sentence` says what is wrong."""

    def __init__(self, field: str, sentence: str | Promise) -> None:
        super().__init__(sentence, field=field)


def _compact(text: str) -> str:
    return SEPARATORS.sub("", text.strip()).upper()


def _checked(field: str, check: Callable[[str], str], text: str, sentence: str | Promise) -> str:
    if not text.isascii():
        raise InvalidIdentifier(field, sentence)
    try:
        return check(text)
    except CheckFailed as error:
        raise InvalidIdentifier(field, sentence) from error


def vat_number(text: str, country: str = "IT") -> str:
    """Return a VAT number: 11 digits for Italy, `ES` and the NIF for Spain (DPR 633/1972 art. 35; RD 1065/2007).

    `country` says how to read a number without its country's letters. Raises `InvalidIdentifier`.
    """
    sentence = _("The VAT number is wrong: check its digits.")
    number = _compact(text)
    if number.startswith("IT") or (country == "IT" and not number.startswith("ES")):
        return _checked("vat_number", iva.validate, number.removeprefix("IT"), sentence)
    return "ES" + _checked("vat_number", nif.validate, number.removeprefix("ES"), sentence)


def tax_code(text: str, country: str = "IT") -> str:
    """Return a tax code: 16 characters for a person, 11 digits for an organisation (DPR 605/1973), or a Spanish NIF.

    Knows the letters that replace digits when two people would have the same code. Raises `InvalidIdentifier`.
    """
    check = nif.validate if country == "ES" else codicefiscale.validate
    return _checked("tax_code", check, _compact(text), _("The tax code is wrong: check its characters."))


def ipa_code(text: str) -> str:
    """Return the six-character code of a public office in the IPA register (FatturaPA 1.2, CodiceDestinatario)."""
    code = _compact(text)
    if not IPA_CODE.fullmatch(code):
        raise InvalidIdentifier("ipa_code", _("The IPA code of an office has six letters or digits."))
    return code


def sdi_code(text: str) -> str:
    """Return the seven-character SdI code of a private recipient of e-invoices (FatturaPA 1.2, CodiceDestinatario)."""
    code = _compact(text)
    if not SDI_CODE.fullmatch(code):
        raise InvalidIdentifier("sdi_code", _("The SdI code has seven letters or digits."))
    return code


def iban(text: str) -> str:
    """Return an IBAN without blanks, its check digits and country's length right (ISO 13616)."""
    return _checked("iban", iban_numbers.validate, _compact(text), _("The IBAN is wrong: check its characters."))


def iccid(text: str) -> str:
    """Return the 19 or 20 digits printed on a SIM, check digit right (ITU-T E.118)."""
    number = _compact(text)
    if not ICCID.fullmatch(number) or not luhn.is_valid(number):
        raise InvalidIdentifier("iccid", _("The SIM's ICCID is wrong: it has 19 or 20 digits and begins with 89."))
    return number


def imei(text: str) -> str:
    """Return the 15 digits of a device's IMEI, check digit right (3GPP TS 23.003)."""
    number = _compact(text)
    sentence = _("The IMEI is wrong: it has 15 digits, the last of which checks the others.")
    if len(number) != 15:  # noqa: PLR2004  an IMEI without its check digit proves nothing
        raise InvalidIdentifier("imei", sentence)
    return _checked("imei", imei_numbers.validate, number, sentence)
