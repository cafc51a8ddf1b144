"""Every refusal leaves one audit row, without secrets, and changes nothing else (ABUSE.md, conventions)."""

from __future__ import annotations

import dataclasses
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


def record_refusal(*, actor: Actor, method: str, path: str, status: int, name: str) -> None:
    """Write the audit row of a refusal, in the chain of the organisation that the person acted in.

    Also what a viewer is refused is recorded, so the actor's read-only mark is put aside for this row alone.
    """
    _record_refusal(
        actor=dataclasses.replace(actor, viewer_id=None, reason=actor.reason or _viewed(actor)),
        method=method,
        path=path.replace("\0", "\N{REPLACEMENT CHARACTER}")[:500],
        status=status,
        name=name,
    )


@operation(section=None, why="a refusal is on record whoever was refused")
def _record_refusal(*, actor: Actor, method: str, path: str, status: int, name: str) -> None:
    publish(AccessRefused(organisation_id=actor.organisation_id, method=method, path=path, status=status, refusal=name))


def _viewed(actor: Actor) -> str:
    return f"viewed by person {actor.viewer_id}" if actor.viewer_id else ""
