"""Every refusal leaves one audit row, without secrets, and changes nothing else (ABUSE.md, conventions)."""

from __future__ import annotations

from dataclasses import dataclass

from sportello.kernel.actor import Actor
from sportello.kernel.events import DomainEvent
from sportello.kernel.operations import operation, publish


@dataclass(frozen=True, kw_only=True)
class AccessRefused(DomainEvent):
    """A request was refused: method, path without its query, status and the refusal's name."""

    kind = "access.refused"
    method: str
    path: str
    status: int
    refusal: str


@operation(section=None, why="a refusal is on record whoever was refused", viewer_too=True)
def record_refusal(*, actor: Actor, method: str, path: str, status: int, name: str) -> None:
    """Write the audit row of a refusal, in the chain of the organisation that the person acted in."""
    shown = path.replace("\0", "\N{REPLACEMENT CHARACTER}")[:500]
    publish(
        AccessRefused(organisation_id=actor.organisation_id, method=method, path=shown, status=status, refusal=name)
    )
