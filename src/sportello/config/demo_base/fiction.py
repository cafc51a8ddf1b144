"""Numbers and codes that are right in form and nobody's in fact.

Assumptions, checked by a test where they can be:
- Italy reserves no numbers for fiction. Mobiles are `+39 312 …`: well formed, assigned to no operator in the tables of
  libphonenumber. Fixed lines are `+39 0X 00…`: no Italian subscriber number begins with 00 after its area code.
- Spain neither: mobiles are `+34 749 …`, open for mobiles in the plan, assigned to no operator in the same tables.
- Abroad the ranges kept for drama: `+44 7700 900…` (Ofcom), `+1 202 555 01…` (NANPA), `+33 6 39 98 …` (ARCEP).
- VAT numbers are `99NNNNN 999 C`: a serial number that no Italian office has come near; Spanish ones have `00` for the
  province, which is none. IPA and SdI codes begin with ZZ. SIMs carry the issuer 8939 99, and in their IMSI the test
  network 001 01 (3GPP TS 23.003). Mail domains end in `.example` (RFC 2606).
"""

import re
import unicodedata

from stdnum import luhn
from stdnum.es import cif

MOBILE_PREFIX = {"IT": "+39312", "ES": "+34749"}
MOBILE_DIGITS = {"IT": 7, "ES": 6}
AREA_CODES = ("02", "06", "010", "011", "041", "051", "055", "081", "091")
NATIONAL_DIGITS = 10
FOREIGN_PREFIXES = ("+447700900", "+120255501", "+336399800")
PUBLIC_LETTER, COMPANY_LETTER = "P", "B"


def mobile(country: str, serial: int) -> str:
    """Return a fictional mobile number, E.164."""
    return f"{MOBILE_PREFIX[country]}{serial:0{MOBILE_DIGITS[country]}d}"


def fixed(serial: int) -> str:
    """Return a fictional Italian land-line number, E.164."""
    rest, place = divmod(serial, len(AREA_CODES))
    area = AREA_CODES[place]
    return f"+39{area}00{rest:0{NATIONAL_DIGITS - len(area) - 2}d}"


def vat_number(country: str, serial: int, *, public: bool = False) -> str:
    """Return a fictional VAT number with its right check digit."""
    if country == "ES":
        body = f"{PUBLIC_LETTER if public else COMPANY_LETTER}00{serial:05d}"
        return f"ES{body}{cif.calc_check_digits(body)[1]}"
    body = f"99{serial:05d}999"
    return body + str(luhn.calc_check_digit(body))


def iccid(serial: int) -> str:
    """Return a fictional SIM number of 19 digits with its right check digit."""
    body = f"893999{serial:012d}"
    return body + str(luhn.calc_check_digit(body))


def imsi(serial: int) -> str:
    """Return an IMSI in the test network."""
    return f"00101{serial:010d}"


def slug(name: str) -> str:
    """Return a name in small ASCII letters and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def mail_domain(name: str) -> str:
    """Return a mail domain that can never exist, from a place's name."""
    return f"{slug(name)}.example"
