"""Which orders may be sent again."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sportello.kernel.refusals import WrongState
from sportello.network.states import State


class NotRefused(WrongState):
    """The order is done, overtaken, or still on its way."""

    default = _("Only an order that the network refused can be sent again.")


def check_can_ask_again(*, state: str, last: bool) -> None:
    """Refuse an order that was not refused, or that is not the last for its feature. Raises `NotRefused`."""
    if state != State.FAILED or not last:
        raise NotRefused
