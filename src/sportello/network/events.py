"""What was asked of the network, and what it answered. `orders` are ids; the subject of an answer is the switch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

from django.utils.translation import gettext_lazy as _

from sportello.kernel.events import DomainEvent, Sentence, Words
from sportello.network.features import FEATURES

ON_OFF: Final[Words] = {"True": _("on"), "False": _("off")}


@dataclass(frozen=True, kw_only=True)
class NetworkAsked(DomainEvent):
    """Orders were written; they go out after the commit."""

    kind: ClassVar[str] = "network.asked"
    sentence: ClassVar[Sentence] = _("The network was asked for changes: %(orders)s")
    news: ClassVar[bool] = False
    orders: list[int] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class NetworkConfirmed(DomainEvent):
    """The network says that a feature is as wanted."""

    kind: ClassVar[str] = "network.confirmed"
    sentence: ClassVar[Sentence] = _("The network confirmed: %(feature)s on %(resource)s is %(enabled)s")
    words: ClassVar[Mapping[str, Words]] = {"enabled": ON_OFF, "feature": FEATURES}
    resource: str
    feature: str
    enabled: bool


@dataclass(frozen=True, kw_only=True)
class NetworkRefusedOrder(DomainEvent):
    """The network refused an order, with its reason."""

    kind: ClassVar[str] = "network.refused"
    sentence: ClassVar[Sentence] = _("The network refused to turn %(feature)s on %(resource)s %(enabled)s: %(reason)s")
    words: ClassVar[Mapping[str, Words]] = {"enabled": ON_OFF, "feature": FEATURES}
    resource: str
    feature: str
    enabled: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class NetworkAskedAgain(DomainEvent):
    """A person had a refused order sent once more."""

    kind: ClassVar[str] = "network.asked_again"
    sentence: ClassVar[Sentence] = _("The network was asked again to turn %(feature)s on %(resource)s %(enabled)s")
    words: ClassVar[Mapping[str, Words]] = {"enabled": ON_OFF, "feature": FEATURES}
    news: ClassVar[bool] = False
    resource: str
    feature: str
    enabled: bool
