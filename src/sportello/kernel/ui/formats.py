"""How numbers, money, days, instants, phone numbers, volumes and durations read in the person's language.

Pure functions from values to text; the template filters of the same names call them. Nothing known is shown as a dash.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from django.utils import formats, timezone, translation
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext

from sportello.kernel.phones import display

NOTHING: Final = "\N{EN DASH}"
MINUS: Final = "\N{MINUS SIGN}"
NARROW: Final = "\N{NO-BREAK SPACE}"
SIGNS: Final = {"EUR": "€", "USD": "$", "GBP": "£"}
SMALL_MONTHS: Final = frozenset({"it", "es"})
VOLUME_UNITS: Final = ("B", "kB", "MB", "GB", "TB", "PB")


def number(value: Decimal | int | None, places: int = 0) -> str:
    """Write a number with the language's separators, rounded half up to `places`."""
    if value is None:
        return NOTHING
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return formats.number_format(rounded, places, use_l10n=True, force_grouping=True)


def money(value: Decimal | None, currency: str = "EUR", places: int = 2) -> str:
    """Write an amount with its currency: `€1,234.56` in English, `1.234,56 €` elsewhere. Never takes a float."""
    if value is None:
        return NOTHING
    if not isinstance(value, Decimal):
        message = f"Money is Decimal, not {type(value).__name__}."
        raise TypeError(message)
    text, sign = number(abs(value), places), SIGNS.get(currency, currency)
    minus = MINUS if value < 0 and any(digit in text for digit in "123456789") else ""
    if (translation.get_language() or "en").startswith("en"):
        gap = NARROW if len(sign) > 1 else ""
        return f"{minus}{sign}{gap}{text}"
    return f"{minus}{text}{NARROW}{sign}"


def money_short(value: Decimal | None, currency: str = "EUR") -> str:
    """Write an amount without its cents when it has none worth showing: for the axes of plots."""
    if value is None:
        return NOTHING
    return money(value, currency, places=0 if value == value.to_integral_value() or abs(value) >= 100 else 2)  # noqa: PLR2004


def percent(value: Decimal | int | None, places: int = 0) -> str:
    """Write a share that is already in hundredths: `83` becomes `83%`, with a space in Spanish."""
    if value is None:
        return NOTHING
    gap = NARROW if (translation.get_language() or "").startswith("es") else ""
    return f"{number(value, places)}{gap}%"


def share(value: Decimal | int | None) -> str:
    """Write how much of a limit is used, in whole hundredths rounded down: 99.9 is not full, and messages say the same number."""
    return percent(None if value is None else int(value))


def volume(count: int | None) -> str:
    """Write bytes in powers of 1,000 (SI, as volumes are sold): `1.2 GB`."""
    if count is None:
        return NOTHING
    amount, unit = Decimal(abs(count)), 0
    while amount >= 1000 and unit < len(VOLUME_UNITS) - 1:  # noqa: PLR2004 - the step of the SI prefixes
        amount, unit = amount / 1000, unit + 1
    places = 0 if unit == 0 or amount >= 100 else 1  # noqa: PLR2004 - three digits say enough
    return f"{MINUS if count < 0 else ''}{number(amount, places)}{NARROW}{VOLUME_UNITS[unit]}"


def duration(seconds: int | None) -> str:
    """Write a duration in seconds by its two largest units: `42 s`, `5 min 12 s`, `1 h 05 min`."""
    if seconds is None:
        return NOTHING
    minutes, rest = divmod(abs(int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    minus = MINUS if seconds < 0 else ""
    if hours:
        return f"{minus}{number(hours)}{NARROW}h {minutes:02d}{NARROW}min"
    if minutes:
        return f"{minus}{minutes}{NARROW}min {rest:02d}{NARROW}s"
    return f"{minus}{rest}{NARROW}s"


def day(value: date | None) -> str:
    """Write a day: `22 Nov 2026`. An instant is first brought to the person's time zone."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return _dated(value, "j M Y")


def month(value: date | None) -> str:
    """Write a month: `November 2026`."""
    return NOTHING if value is None else _dated(value, "F Y")


def month_name(value: date) -> str:
    """Write a month without its year: `November`."""
    return _dated(value, "F")


def month_short(value: date) -> str:
    """Write a month for the axis of a plot: `Nov 26`."""
    return _dated(value, "M y")


def _dated(value: date, pattern: str) -> str:
    """Write a day by a pattern; Italian and Spanish write their months small, also where Django's tables do not."""
    text = formats.date_format(value, pattern)
    return text.lower() if (translation.get_language() or "en")[:2] in SMALL_MONTHS else text


def instant(value: datetime | None, *, seconds: bool = False) -> str:
    """Write an aware instant in the person's time zone: `22 Nov 2026, 14:05`."""
    if value is None:
        return NOTHING
    return _dated(timezone.localtime(value), "j M Y, H:i:s" if seconds else "j M Y, H:i")


def ago(value: datetime | None, *, now: datetime) -> str:
    """Write how long ago an instant was, and the day itself when that is more than a week."""
    if value is None:
        return NOTHING
    passed = int((now - value).total_seconds())
    if passed < 0 or passed >= 7 * 86_400:
        return day(value)
    if passed < 60:  # noqa: PLR2004 - seconds of a minute
        return gettext("just now")
    if passed < 3600:  # noqa: PLR2004 - seconds of an hour
        return ngettext("%(count)d minute ago", "%(count)d minutes ago", passed // 60) % {"count": passed // 60}
    if passed < 86_400:  # noqa: PLR2004 - seconds of a day
        return ngettext("%(count)d hour ago", "%(count)d hours ago", passed // 3600) % {"count": passed // 3600}
    return ngettext("%(count)d day ago", "%(count)d days ago", passed // 86_400) % {"count": passed // 86_400}


def phone(value: str | None) -> str:
    """Write an E.164 number in groups that do not break; what is no such number (masked, short) stays as it is."""
    return display(value).replace(" ", NARROW) if value else NOTHING


def mail(address: str) -> str:
    """Write an e-mail address as markup that may break before its domain: the longest word of a list."""
    name, at, domain = address.rpartition("@")
    return format_html("{}<wbr>@{}", name, domain) if at else address


def initials(name: str) -> str:
    """Return the first letters of the first and the last word of a name."""
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in (words if len(words) < 2 else (words[0], words[-1]))).upper() or "?"  # noqa: PLR2004
