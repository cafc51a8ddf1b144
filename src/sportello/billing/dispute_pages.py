"""The pages on which disputed lines are answered: tickets stand above billing and register how these are found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sportello.billing.events import BillLineDisputed
from sportello.kernel.actor import Actor
from sportello.kernel.models import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputePage:
    """Where a dispute is answered: the code that people name it by, and the page in the reader's reach."""

    code: str
    url: str


DisputePages = Callable[[Actor, Sequence[int]], Mapping[int, DisputePage]]
"""From the ids of the events `BillLineDisputed` to those pages of them that the actor may open."""

_registered: list[DisputePages] = []


def register_dispute_pages(pages: DisputePages) -> None:
    """Let an app above billing say where disputes are answered (once, in `AppConfig.ready`); the last registered counts."""
    _registered[:] = [pages]


def pages_of_disputes(actor: Actor, bill_id: int) -> dict[int, DisputePage]:
    """Return the pages of a bill's disputes by the id of the disputed line; lines without one (yet) are not in it."""
    told = Event.append_only.filter(kind=BillLineDisputed.kind, subject_type="bill", subject_id=str(bill_id))
    lines = {row.pk: int(row.payload["line_id"]) for row in told}
    found = _registered[0](actor, sorted(lines)) if lines and _registered else {}
    return {lines[event_id]: page for event_id, page in found.items()}
