"""What happened to usage files. They concern the installation: no customer's chain holds them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from sportello.kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class UsageLoadStarted(DomainEvent):
    """A usage file was taken up."""

    kind = "usage.load_started"
    news = False
    sentence = _("Usage file %(file_name)s was taken up")
    file_name: str


@dataclass(frozen=True, kw_only=True)
class UsageLoaded(DomainEvent):
    """A usage file was loaded; its counters stand."""

    kind = "usage.loaded"
    sentence = _(
        "Usage file %(file_name)s was loaded: %(loaded)s records, %(duplicates)s known already, %(rejected)s rejected"
    )
    file_name: str
    sha256: str
    loaded: int
    duplicates: int
    rejected: int


@dataclass(frozen=True, kw_only=True)
class UsageKnown(DomainEvent):
    """A usage file came whose content was loaded before; nothing of it counts again."""

    kind = "usage.known"
    news = False
    sentence = _("Usage file %(file_name)s held nothing new: its content was loaded before")
    file_name: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class UsageKnown(DomainEvent):
    """A usage file came whose content was loaded before; nothing of it counts again."""

    kind = "usage.known"
    sentence = _("Usage file %(file_name)s held nothing new: its content was loaded before")
    file_name: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class UsageRefused(DomainEvent):
    """A usage file was refused whole; nothing of it counts."""

    kind = "usage.refused"
    sentence = _("Usage file %(file_name)s was refused")
    file_name: str
    reasons: list[str]


@dataclass(frozen=True, kw_only=True)
class UsagePartsMerged(DomainEvent):
    """Small files of the record store became one; the records are the same."""

    kind = "usage.parts_merged"
    news = False
    sentence = _("%(parts)s files of the record store became one of %(rows)s rows")
    parts: int
    rows: int


@dataclass(frozen=True, kw_only=True)
class UsageForgotten(DomainEvent):
    """Records past their retention were removed; counters and the record ids stay."""

    kind = "usage.forgotten"
    news = False
    sentence = _("%(records)s usage records older than %(instant)s were removed")
    records: int
    instant: str
