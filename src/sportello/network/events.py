"""What was asked of the network, and what it answered. `orders` are ids; the subject of an answer is the switch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from sportello.kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class NetworkAsked(DomainEvent):
    """Orders were written; they go out after the commit."""

    kind: ClassVar[str] = "network.asked"
    orders: list[int] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class NetworkConfirmed(DomainEvent):
    """The network says that a feature is as wanted."""

    kind: ClassVar[str] = "network.confirmed"
    resource: str
    feature: str
    enabled: bool


@dataclass(frozen=True, kw_only=True)
class NetworkRefusedOrder(DomainEvent):
    """The network refused an order, with its reason."""

    kind: ClassVar[str] = "network.refused"
    resource: str
    feature: str
    enabled: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class NetworkAskedAgain(DomainEvent):
    """A person had a refused order sent once more."""

    kind: ClassVar[str] = "network.asked_again"
    resource: str
    feature: str
    enabled: bool
