"""What happened to thresholds. Of a private one (dual billing) its existence alone is told: the chain is the customer's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from sportello.kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class ThresholdSet(DomainEvent):
    """A threshold was set on a line."""

    kind: ClassVar[str] = "thresholds.set"
    line_id: int
    private: bool


@dataclass(frozen=True, kw_only=True)
class ThresholdChanged(DomainEvent):
    """A threshold's limit or steps were changed."""

    kind: ClassVar[str] = "thresholds.changed"
    line_id: int
    private: bool


@dataclass(frozen=True, kw_only=True)
class ThresholdSuspended(DomainEvent):
    """A threshold was put aside."""

    kind: ClassVar[str] = "thresholds.suspended"
    line_id: int


@dataclass(frozen=True, kw_only=True)
class ThresholdResumed(DomainEvent):
    """A suspended threshold watches again."""

    kind: ClassVar[str] = "thresholds.resumed"
    line_id: int


@dataclass(frozen=True, kw_only=True)
class ThresholdCancelled(DomainEvent):
    """A threshold was ended for good."""

    kind: ClassVar[str] = "thresholds.cancelled"
    line_id: int


@dataclass(frozen=True, kw_only=True)
class ThresholdsCrossed(DomainEvent):
    """Counters passed steps of thresholds: the ids of the crossings that somebody is told of.

    Of one customer; of the installation when a load passes steps of many customers at once. `told_at_once` when their messages
    were written in the same transaction; otherwise a handler writes them.
    """

    kind: ClassVar[str] = "thresholds.crossed"
    crossings: list[int] = field(default_factory=list)
    told_at_once: bool = False
