"""Text that a spreadsheet would run as a formula is kept from it, reversibly (ABUSE.md F06; OWASP, CSV injection)."""

import re

# The wide signs are folded into the narrow ones by some spreadsheets. Quotes before the sign count too, so that taking
# off one quote always gives back what was written.
DANGEROUS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")  # noqa: RUF001  the wide signs are meant
GUARDED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")  # noqa: RUF001
PHONE = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
"""A whole cell that is a number in E.164 is data that other programs read: it goes out as it is.

A spreadsheet may show it without its sign, but can run nothing: there are only digits in it, no name, reference or operator.
"""


def guard(text: str) -> str:
    """Return the text so that no spreadsheet takes it for a formula; a telephone number in E.164 is none."""
    return f"'{text}" if DANGEROUS.match(text) and not PHONE.fullmatch(text) else text


def unguard(text: str) -> str:
    """Return the text that `guard` was given, so that an export can be imported."""
    return text[1:] if GUARDED.match(text) else text
