"""Every refusal leaves one audit row, without secrets, and changes nothing else (ABUSE.md, conventions)."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from sportello.kernel.actor import Actor
from sportello.kernel.events import DomainEvent
from sportello.kernel.operations import operation, publish


@dataclass(frozen=True, kw_only=True)
class AccessRefused(DomainEvent):
    """A request was refused: method, path without its query, status and the refusal's name."""

    kind = "access.refused"
    sentence = _("Refused, %(status)s: %(method)s %(path)s")
    words = {
        "method": {"GET": _("open"), "HEAD": _("open"), "POST": _("send to")},
        "status": {
            "403": _("not allowed"), "404": _("not found"), "405": _("not that way"), "409": _("not in this state"),
            "422": _("not sensible"), "429": _("too often"),
        },
    }  # fmt: skip
    news = False
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
