"""What happens to organisations and what belongs to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from django.utils.translation import gettext_lazy as _

from sportello.kernel.events import DomainEvent, Sentence, Words

PARTS: Final[Words] = {
    "site": _("Site"),
    "cost_centre": _("Cost centre"),
    "contact": _("Contact"),
    "brand": _("Brand"),
}


@dataclass(frozen=True, kw_only=True)
class OrganisationCreated(DomainEvent):
    """A customer or partner was written for the first time."""

    kind: ClassVar[str] = "organisation.created"
    sentence: ClassVar[Sentence] = _("%(name)s (%(code)s) was created")
    code: str
    name: str


@dataclass(frozen=True, kw_only=True)
class OrganisationChanged(DomainEvent):
    """Registry data of an organisation changed."""

    kind: ClassVar[str] = "organisation.changed"
    sentence: ClassVar[Sentence] = _("The data of %(name)s were changed")
    name: str


@dataclass(frozen=True, kw_only=True)
class CustomerMoved(DomainEvent):
    """A customer went to another partner, or to the operator (None); the former partner lost it at once."""

    kind: ClassVar[str] = "customer.moved"
    sentence: ClassVar[Sentence] = _("%(name)s was moved to another partner")
    name: str
    from_partner_id: int | None
    to_partner_id: int | None


@dataclass(frozen=True, kw_only=True)
class OrganisationClosed(DomainEvent):
    """An organisation was closed: its people's sessions end."""

    kind: ClassVar[str] = "organisation.closed"
    sentence: ClassVar[Sentence] = _("%(name)s was closed: %(reason)s")
    name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class OrganisationMadeReadOnly(DomainEvent):
    """An organisation's people may look but not change anything any more."""

    kind: ClassVar[str] = "organisation.read_only"
    sentence: ClassVar[Sentence] = _("%(name)s was made read only: %(reason)s")
    name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class OrganisationReopened(DomainEvent):
    """An organisation is active again."""

    kind: ClassVar[str] = "organisation.reopened"
    sentence: ClassVar[Sentence] = _("%(name)s was opened again: %(reason)s")
    name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PartAdded(DomainEvent):
    """A site, cost centre, contact or brand (`subject_type`) was added."""

    kind: ClassVar[str] = "organisation.part_added"
    sentence: ClassVar[Sentence] = _("%(part)s was added: %(name)s")
    words: ClassVar[Mapping[str, Words]] = {"part": PARTS}
    part: str
    name: str


@dataclass(frozen=True, kw_only=True)
class PartChanged(DomainEvent):
    """A site, cost centre, contact or brand (`subject_type`) was changed."""

    kind: ClassVar[str] = "organisation.part_changed"
    sentence: ClassVar[Sentence] = _("%(part)s was changed: %(name)s")
    words: ClassVar[Mapping[str, Words]] = {"part": PARTS}
    part: str
    name: str


@dataclass(frozen=True, kw_only=True)
class PartRemoved(DomainEvent):
    """A site, cost centre, contact or brand (`subject_type`) was removed."""

    kind: ClassVar[str] = "organisation.part_removed"
    sentence: ClassVar[Sentence] = _("%(part)s was removed: %(name)s")
    words: ClassVar[Mapping[str, Words]] = {"part": PARTS}
    part: str
    name: str
