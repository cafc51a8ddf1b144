"""What each capability adds to the first page, for the profile that the person acts as.

A capability is asked only when its section is open to the actor, and answers inside the actor's reach.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.shell.queries import billed, limits, own, running, spending, stock, welcome
from sportello.shell.types import Parts

Provider = Callable[..., Parts]

PROVIDERS: Final[tuple[tuple[Section, Provider], ...]] = (
    (Section.OPERATIONS, running.parts),
    (Section.THRESHOLDS, limits.barred),
    (Section.TRAFFIC_BILLING, spending.parts),
    (Section.TRAFFIC_BILLING, billed.parts),
    (Section.THRESHOLDS, limits.parts),
    (Section.TRAFFIC_BILLING, own.parts),
    (Section.ADMINISTRATION, stock.parts),
)


def dashboard(actor: Actor, *, now: datetime) -> Parts:
    """Return the figures and panels of the actor's first page, in the order of `PROVIDERS`; who has none of them is welcomed."""
    found = [provider(actor, now=now) for section, provider in PROVIDERS if actor.may(section)]
    if not any(parts.figures or parts.panels for parts in found):
        found = [welcome.parts(actor, now=now)]
    return Parts(
        figures=[figure for parts in found for figure in parts.figures],
        panels=[panel for parts in found for panel in parts.panels],
    )
