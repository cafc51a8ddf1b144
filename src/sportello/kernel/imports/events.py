"""What happened to files that people handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from sportello.kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class FileHandedIn(DomainEvent):
    """A file was handed in and its preview made; nothing was written from it yet."""

    kind = "imports.handed_in"
    sentence = _("Handed in the file %(name)s for a preview")
    news = False
    purpose: str
    name: str
    content_hash: str
    counts: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class FileApplied(DomainEvent):
    """All rows of a file were written."""

    kind = "imports.applied"
    sentence = _("Applied the file %(name)s")
    purpose: str
    name: str
    content_hash: str
    counts: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class FileDiscarded(DomainEvent):
    """A file was thrown away before it was applied."""

    kind = "imports.discarded"
    sentence = _("Threw the file %(name)s away")
    news = False
    purpose: str
    name: str
    content_hash: str
    counts: Mapping[str, int]
