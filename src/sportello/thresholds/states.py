"""What a threshold watches, what it does, and the states it is in."""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from sportello.kernel.money import from_units
from sportello.kernel.states import Transitions
from sportello.kernel.ui import formats


class Traffic(TextChoices):
    """The traffic that a threshold counts. Multimedia messages count as messages."""

    DATA = "data", _("Data")
    VOICE = "voice", _("Voice")
    SMS = "sms", _("Messages")
    ALL = "all", _("All traffic")


class Zone(TextChoices):
    """Where the line was (the zones of the usage file, version 1)."""

    ANY = "any", _("Everywhere")
    NATIONAL = "national", _("National")
    EU = "eu", _("Roaming in the EU")
    EXTRA_EU = "extra_eu", _("Roaming outside the EU")


class Measure(TextChoices):
    """What is counted. All counting is in whole units: 1e-5 EUR net of VAT, bytes, seconds, messages."""

    AMOUNT = "amount", _("Euro")
    VOLUME = "volume", _("Volume")
    MINUTES = "minutes", _("Minutes")
    MESSAGES = "messages", _("Number")

    def written(self, units: int) -> str:
        """Write so many units in the reader's language: `€10.00`, `1.5 GB`, `300 min`, `40`."""
        if self is Measure.AMOUNT:
            return formats.money(from_units(units))
        if self is Measure.VOLUME:
            return formats.volume(units)
        return _minutes(units) if self is Measure.MINUTES else formats.number(units)


MINUS: Final = "\N{MINUS SIGN}"


def _minutes(seconds: int) -> str:
    # Limits are set in minutes, and are compared with: no hours here.
    whole, rest = divmod(abs(seconds), 60)
    text = f"{formats.number(whole)}{formats.NARROW}min" + (f" {rest:02d}{formats.NARROW}s" if rest else "")
    return f"{MINUS}{text}" if seconds < 0 else text


class Period(TextChoices):
    """How long the counter runs before it starts again. So far all thresholds run by calendar month."""

    MONTH = "month", _("Calendar month")
    BILL = "bill", _("Bill period")
    DAY = "day", _("Day")


class Kind(TextChoices):
    """Whether a threshold only tells, or also acts. So far all thresholds tell."""

    INFORMATIONAL = "informational", _("Informational")
    ENFORCING = "enforcing", _("Enforcing")


class State(TextChoices):
    """Whether a threshold watches."""

    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    CANCELLED = "cancelled", _("Cancelled")


TRANSITIONS: Final[Transitions] = {
    State.ACTIVE: {State.SUSPENDED, State.CANCELLED},
    State.SUSPENDED: {State.ACTIVE, State.CANCELLED},
    State.CANCELLED: set(),
}

DEFAULT_STEPS: Final = (50, 80, 100)
"""The warning steps of product/04, in hundredths of the limit."""
