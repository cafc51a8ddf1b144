"""Who may set what on which line (the matrix, ABUSE D02, D03; product/04).

The administration sets thresholds on any line of the customer. An employee sets informational ones, on a line that they hold
themselves, and only where dual billing is active on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from sportello.inventory.states import LineStatus
from sportello.kernel.access import Access, Section
from sportello.kernel.actor import Actor
from sportello.kernel.refusals import NotFound, NotPermitted, WrongState
from sportello.kernel.states import StateChanged
from sportello.thresholds.rules.limits import check_terms
from sportello.thresholds.states import Kind, State

if TYPE_CHECKING:
    from sportello.inventory.models import Line
    from sportello.thresholds.models import Threshold
    from sportello.thresholds.types import Terms


class NoDualBilling(NotPermitted):
    """An employee has no say where all traffic is the employer's."""

    default = _(
        "You can set thresholds of your own only on a line with dual billing, where your private traffic is billed to you. "
        "It is not active on this line."
    )


class OnlyInformational(NotPermitted):
    """An employee's threshold tells and never acts."""

    default = _("Your profile can set informational thresholds only.")


class NoConsentNeeded(WrongState):
    """There is nothing to consent to: no safeguard, or its bar is lifted already."""

    default = _("Nothing is barred here that your consent could lift.")


class LineEnded(WrongState):
    """Nothing more will be counted on a line that ended."""

    default = _("This line has ended: nothing can be watched on it any more.")


class ThresholdEnded(WrongState):
    """A cancelled threshold stays as it was."""

    default = _("This threshold has ended. Set a new one instead.")


def check_can_set_on(actor: Actor, line: Line) -> None:
    """Refuse a line that the actor may not set thresholds on. Raises `NotFound`, `NoDualBilling`, `LineEnded`."""
    if actor.access(Section.THRESHOLDS) is Access.OWN:
        _check_own_line(actor, line)
    if line.active_to is not None or line.status == LineStatus.TERMINATED:
        raise LineEnded


def check_can_set(actor: Actor, line: Line, terms: Terms) -> None:
    """Refuse a new threshold. Raises what `check_can_set_on` and `check_terms` raise, and `OnlyInformational`."""
    check_can_set_on(actor, line)
    check_kind(actor, terms.kind)
    check_terms(terms)


def check_kind(actor: Actor, kind: str) -> None:
    """Refuse an employee's wish for a threshold that acts. Raises `OnlyInformational`."""
    if actor.access(Section.THRESHOLDS) is Access.OWN and kind != Kind.INFORMATIONAL:
        raise OnlyInformational


def check_can_manage(actor: Actor) -> None:
    """Refuse what is the administration's alone: profiles, bars, many lines at once. Raises `NotPermitted`."""
    if actor.access(Section.THRESHOLDS) is not Access.FULL:
        raise NotPermitted


def check_can_consent(actor: Actor, line: Line, threshold: Threshold, *, lifted: bool) -> None:
    """Refuse a consent by anybody but the line's own user, and where none is asked for. Raises `NotFound`, `NoConsentNeeded`."""
    if line.person_id is None or line.person_id != actor.person_id:
        raise NotFound
    if lifted or not threshold.consent:
        raise NoConsentNeeded


def check_can_change(actor: Actor, threshold: Threshold) -> None:
    """Refuse a change by whom it does not belong to. Raises `NotFound`, `NoDualBilling`, `ThresholdEnded`."""
    own = actor.access(Section.THRESHOLDS) is Access.OWN
    if threshold.owner_id != (actor.person_id if own else None):
        raise NotFound
    if own:
        _check_own_line(actor, threshold.line)
    if threshold.state == State.CANCELLED:
        raise ThresholdEnded


def check_seen(threshold: Threshold, seen: int | None) -> None:
    """Refuse a change of what somebody changed since the person saw revision `seen` (None: no person looked). Raises `StateChanged`."""
    if seen is not None and seen != threshold.revision:
        raise StateChanged


def _check_own_line(actor: Actor, line: Line) -> None:
    if line.person_id != actor.person_id:
        raise NotFound
    if not line.dual_billing:
        raise NoDualBilling
