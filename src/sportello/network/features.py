"""The network's features in words."""

from __future__ import annotations

from typing import Final

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from sportello.kernel.events import Words

FEATURES: Final[Words] = {
    "barring.all": _("bar of all traffic"),
    "barring.all.national": _("bar of all national traffic"),
    "barring.all.eu": _("bar of all roaming in the EU"),
    "barring.all.extra_eu": _("bar of all roaming outside the EU"),
    "barring.data": _("bar of data"),
    "barring.data.national": _("bar of national data"),
    "barring.data.eu": _("bar of data roaming in the EU"),
    "barring.data.extra_eu": _("bar of data roaming outside the EU"),
    "barring.voice": _("bar of calls"),
    "barring.voice.national": _("bar of national calls"),
    "barring.voice.eu": _("bar of calls when roaming in the EU"),
    "barring.voice.extra_eu": _("bar of calls when roaming outside the EU"),
    "barring.sms": _("bar of messages"),
    "barring.sms.national": _("bar of national messages"),
    "barring.sms.eu": _("bar of messages when roaming in the EU"),
    "barring.sms.extra_eu": _("bar of messages when roaming outside the EU"),
}


def named(feature: str) -> str:
    """Return a feature as people read it; one that this version does not know shows as it is."""
    return capfirst(str(FEATURES.get(feature, feature)))
