"""Where a wish stands with the network."""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from sportello.kernel.states import Transitions


class State(TextChoices):
    """What the network has said of a wish: nothing yet, done, or refused. `superseded`: a later wish took its place unsent."""

    ASKED = "asked", _("Asked of the network")
    CONFIRMED = "confirmed", _("Confirmed by the network")
    FAILED = "failed", _("Refused by the network")
    SUPERSEDED = "superseded", _("Overtaken by a later order")


TRANSITIONS: Final[Transitions] = {
    State.ASKED: {State.CONFIRMED, State.FAILED, State.SUPERSEDED},
    State.CONFIRMED: set(),
    State.FAILED: set(),
    State.SUPERSEDED: set(),
}
