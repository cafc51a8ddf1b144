"""States of a load, and the words of the usage file."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from sportello.kernel.states import Transitions


class LoadState(TextChoices):
    """What became of a usage file."""

    LOADING = "loading", _("Loading")
    LOADED = "loaded", _("Loaded")
    KNOWN = "known", _("Known already")
    REFUSED = "refused", _("Refused")


TRANSITIONS: Final[Transitions] = {
    LoadState.LOADING: {LoadState.LOADED, LoadState.KNOWN, LoadState.REFUSED},
    LoadState.LOADED: set(),
    LoadState.KNOWN: set(),
    LoadState.REFUSED: {LoadState.LOADING},
}


class TrafficType(TextChoices):
    """The kinds of traffic."""

    VOICE = "voice", _("Voice")
    SMS = "sms", _("SMS")
    MMS = "mms", _("MMS")
    DATA = "data", _("Data")


PLOTTED: Final = (TrafficType.VOICE, TrafficType.DATA, TrafficType.SMS, TrafficType.MMS)
"""The order in which plots tell the kinds apart, and so their colours: the same on every page, also where one kind has nothing."""


class Zone(TextChoices):
    """Where the line was."""

    NATIONAL = "national", _("National")
    EU = "eu", _("EU roaming")
    EXTRA_EU = "extra_eu", _("Roaming outside the EU")
