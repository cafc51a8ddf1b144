"""What the network gave as its reason, in the reader's words where this portal knows them."""

from __future__ import annotations

import re
from typing import Final

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

KNOWN: Final[dict[str, str | Promise]] = {
    "the subscriber is unknown to this network": gettext_lazy("the subscriber is unknown to this network"),
    "subscriber profile locked by another order": gettext_lazy("the subscriber's profile is locked by another order"),
    "the network gave the order up": gettext_lazy("the network gave the order up"),
    "no such resource": gettext_lazy("the network does not know this feature of the number"),
}
"""Reasons of the connector itself and of the demo's network, as they are stored."""

_STATUS: Final = re.compile(r"the network answered ([0-9]{3})")


def worded(answer: str) -> str:
    """Return a stored reason in the reader's language; one that is not known stands in quotes, as the network wrote it."""
    if not answer:
        return ""
    if answer in KNOWN:
        return capfirst(str(KNOWN[answer]))
    if status := _STATUS.fullmatch(answer):
        return _("The network answered %(status)s, without a reason") % {"status": status[1]}
    return _("“%(words)s”") % {"words": answer}
