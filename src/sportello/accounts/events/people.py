"""What happens to people and to what they hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from sportello.kernel.events import DomainEvent, Sentence


@dataclass(frozen=True, kw_only=True)
class PersonCreated(DomainEvent):
    """A person was written for the first time."""

    kind: ClassVar[str] = "person.created"
    sentence: ClassVar[Sentence] = _("%(name)s was added")
    name: str
    username: str


@dataclass(frozen=True, kw_only=True)
class PersonChanged(DomainEvent):
    """What is kept of a person changed, by somebody else than the person."""

    kind: ClassVar[str] = "person.changed"
    sentence: ClassVar[Sentence] = _("The data of %(name)s were changed")
    name: str


@dataclass(frozen=True, kw_only=True)
class PersonDeactivated(DomainEvent):
    """A person may not come in any more; sessions ended at once."""

    kind: ClassVar[str] = "person.deactivated"
    sentence: ClassVar[Sentence] = _("%(name)s was deactivated")
    name: str
    sessions_ended: int


@dataclass(frozen=True, kw_only=True)
class PersonReactivated(DomainEvent):
    """A person may come in again."""

    kind: ClassVar[str] = "person.reactivated"
    sentence: ClassVar[Sentence] = _("%(name)s was reactivated")
    name: str


@dataclass(frozen=True, kw_only=True)
class ProfileGranted(DomainEvent):
    """A person may act as a profile in the organisation."""

    kind: ClassVar[str] = "profile.granted"
    sentence: ClassVar[Sentence] = _("%(name)s was given the profile %(profile)s")
    name: str
    profile: str
    membership_id: int


@dataclass(frozen=True, kw_only=True)
class ProfileEnded(DomainEvent):
    """A person may not act as a profile in the organisation any more."""

    kind: ClassVar[str] = "profile.ended"
    sentence: ClassVar[Sentence] = _("The profile %(profile)s of %(name)s was ended")
    name: str
    profile: str
    membership_id: int


@dataclass(frozen=True, kw_only=True)
class ViewingStarted(DomainEvent):
    """Operator or partner staff began to view the portal as a customer's user: read-only, for a reason."""

    kind: ClassVar[str] = "viewing.started"
    sentence: ClassVar[Sentence] = _("%(viewer)s began to view the portal as %(name)s: %(reason)s")
    viewer: str
    name: str
    profile: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ViewingEnded(DomainEvent):
    """Operator or partner staff stopped viewing as a customer's user."""

    kind: ClassVar[str] = "viewing.ended"
    sentence: ClassVar[Sentence] = _("%(viewer)s stopped viewing the portal as %(name)s")
    news: ClassVar[bool] = False
    viewer: str
    name: str


@dataclass(frozen=True, kw_only=True)
class SessionsOfClosedEnded(DomainEvent):
    """The sessions of a closed organisation's people were ended."""

    kind: ClassVar[str] = "organisation.sessions_ended"
    sentence: ClassVar[Sentence] = _("%(number)s sessions were ended because the organisation was closed")
    number: int
