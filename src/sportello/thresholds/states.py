"""What a threshold watches, what it does, and the states it is in."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sportello.kernel.money import from_units
from sportello.kernel.sentences import Money, Value, Volume, phrase
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

    def phrased(self, units: int) -> Value:
        """Return so many units as a value of a sentence that readers of any language read as they write it."""
        if self is Measure.AMOUNT:
            return Money(from_units(units))
        if self is Measure.VOLUME:
            return Volume(units)
        if self is Measure.MESSAGES:
            return Decimal(units)
        minutes = (Decimal(units) / 60).quantize(Decimal(1) if units % 60 == 0 else Decimal("0.01"))
        return phrase(f"%(count)s{formats.NARROW}min", count=minutes)


MINUS: Final = "\N{MINUS SIGN}"


def _minutes(seconds: int) -> str:
    # Limits are set in minutes, and are compared with: no hours here.
    whole, rest = divmod(abs(seconds), 60)
    text = f"{formats.number(whole)}{formats.NARROW}min" + (f" {rest:02d}{formats.NARROW}s" if rest else "")
    return f"{MINUS}{text}" if seconds < 0 else text


class Period(TextChoices):
    """How long the counter runs before it starts again, by the customer's local time."""

    MONTH = "month", _("Calendar month")
    BILL = "bill", _("Bill period")
    DAY = "day", _("Day")


class Kind(TextChoices):
    """Whether a threshold only tells, or also bars the traffic when the limit is reached."""

    INFORMATIONAL = "informational", _("Informational")
    ENFORCING = "enforcing", _("Enforcing")


class State(TextChoices):
    """Whether a threshold watches."""

    ACTIVE = "active", pgettext_lazy("a threshold", "Active")
    SUSPENDED = "suspended", _("Suspended")
    CANCELLED = "cancelled", pgettext_lazy("a threshold", "Ended")


TRANSITIONS: Final[Transitions] = {
    State.ACTIVE: {State.SUSPENDED, State.CANCELLED},
    State.SUSPENDED: {State.ACTIVE, State.CANCELLED},
    State.CANCELLED: set(),
}

DEFAULT_STEPS: Final = (50, 80, 100)
"""The warning steps of product/04, in hundredths of the limit."""


FULL: Final = 100
"""The step at which an enforcing threshold bars, in hundredths of the limit."""

LATEST_CUT_OFF: Final = 28
"""Bill periods begin on a day that every month has."""


class Stage(TextChoices):
    """What the network says of a bar: its state, never the wish."""

    ASKED = "asked", _("Bar asked of the network")
    BARRED = "barred", _("Barred")
    FAILED = "failed", _("Bar refused")
    LIFTING = "lifting", _("Asked to lift")
    LIFT_FAILED = "lift_failed", _("Lift refused")
    HELD = "held", _("Another bar holds")
    LIFTED = "lifted", _("Lifted")


class Lifted(TextChoices):
    """Why a bar ended."""

    PERIOD = "period", _("The period ended")
    RAISED = "raised", _("The limit is no longer reached")
    PERSON = "person", _("Lifted by an administrator")
    CONSENT = "consent", _("The line's user consented")
    THRESHOLD = "threshold", _("The threshold was suspended or ended")
    LINE = "line", _("The line ended or changed its number")


class BulkWhat(TextChoices):
    """What a change of many does: to lines, or to thresholds."""

    SET = "set", _("Set a threshold")
    PROFILE = "profile", _("Give a profile")
    LIMIT = "limit", _("Change the limit")
    SUSPEND = "suspend", _("Suspend")
    RESUME = "resume", _("Resume")
    CANCEL = "cancel", _("End thresholds")


class BulkState(TextChoices):
    """Where a change of many lines stands."""

    DRAFT = "draft", _("Being chosen")
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Stopped")


BULK_TRANSITIONS: Final[Transitions] = {
    BulkState.DRAFT: {BulkState.WAITING},
    BulkState.WAITING: {BulkState.RUNNING, BulkState.FAILED},
    BulkState.RUNNING: {BulkState.DONE, BulkState.FAILED},
    BulkState.DONE: set(),
    BulkState.FAILED: set(),
}
