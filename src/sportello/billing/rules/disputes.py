"""Who may dispute which line."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sportello.billing.states import VOID
from sportello.kernel.refusals import InvalidInput, WrongState

SHORTEST, LONGEST = 10, 2000


class DisputedAlready(WrongState):
    """One dispute a line."""

    default = _("This line is disputed already.")


def check_can_dispute(*, state: str, disputed: bool, reason: str) -> None:
    """Refuse a second dispute of a line, a bill that counts for nothing, and a reason that says nothing."""
    if disputed:
        raise DisputedAlready
    if state in VOID:
        raise WrongState(_("This bill was refused or discarded: there is nothing to dispute."))
    if not SHORTEST <= len(reason.strip()) <= LONGEST:
        raise InvalidInput(_("Say in some words what is wrong (10 to 2,000 characters)."), field="reason")
