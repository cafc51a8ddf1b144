"""Who acts: built once at the door (session, API client, mail token, job) and passed to every query and operation."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from sportello.kernel.access import REACH, Access, Profile, Reach, Section, access_of, narrower


class Via(enum.StrEnum):
    """The door an actor came through."""

    SESSION = "session"
    API = "api"
    MAIL = "mail"
    JOB = "job"
    COMMAND = "command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person acting as one profile in one organisation, or the system acting for a stated reason.

    `viewer_id` is the operator's or partner's person who *views as* this actor: such an actor is read-only, sees no section
    that `viewer_profile` does not open, never the own account (ABUSE B06), and both identities go into the audit trail.
    `frozen`: the organisation is read only, and so is everybody in it (B03). `reason` is set for system actors only.
    """

    person_id: int | None
    organisation_id: int | None
    profile: Profile | None
    reach: Reach
    via: Via = Via.SESSION
    membership_id: int | None = None
    name: str = ""
    viewer_id: int | None = None
    viewer_name: str = ""
    viewer_profile: Profile | None = None
    frozen: bool = False
    address: str = ""
    request_id: str = ""
    reason: str = ""

    @property
    def is_system(self) -> bool:
        """Tell whether this is the system itself, not a person."""
        return bool(self.reason)

    @property
    def read_only(self) -> bool:
        """Tell whether this actor may only look (someone views as this person)."""
        return self.viewer_id is not None

    @property
    def sees_private(self) -> bool:
        """Tell whether what is private to the person (their own traffic, their own thresholds) is shown: to nobody who views as them.

        Viewing never shows more than the viewer's own rights, and nobody else's rights reach there (ABUSE B06, G14).
        """
        return self.person_id is not None and not self.read_only

    def access(self, section: Section) -> Access:
        """Return how far this actor gets in `section`."""
        if self.is_system:
            return Access.FULL
        own = access_of(self.profile, section) if self.profile else Access.NONE
        if not self.read_only:
            return own
        if section is Section.OWN_ACCOUNT or self.viewer_profile is None:
            return Access.NONE
        return narrower(own, access_of(self.viewer_profile, section))

    def may(self, section: Section) -> bool:
        """Tell whether `section` is open to this actor at all."""
        return self.access(section) is not Access.NONE

    def viewed_by(self, viewer: Actor) -> Actor:
        """Return this actor as seen, read-only, by `viewer`."""
        return replace(self, viewer_id=viewer.person_id, viewer_name=viewer.name, viewer_profile=viewer.profile)


def member_actor(
    *,
    person_id: int,
    organisation_id: int,
    profile: Profile,
    membership_id: int | None = None,
    name: str = "",
    via: Via = Via.SESSION,
    address: str = "",
    request_id: str = "",
) -> Actor:
    """Build the actor of a membership; the reach follows from the profile alone."""
    return Actor(
        person_id=person_id,
        organisation_id=organisation_id,
        profile=profile,
        reach=REACH[profile],
        membership_id=membership_id,
        name=name,
        via=via,
        address=address,
        request_id=request_id,
    )


def system_actor(*, reason: str, via: Via = Via.JOB, address: str = "", request_id: str = "") -> Actor:
    """Build an actor for work across tenants or without a person; `reason` stands in the audit trail."""
    if not reason:
        msg = "a system actor states its reason"
        raise ValueError(msg)
    return Actor(
        person_id=None,
        organisation_id=None,
        profile=None,
        reach=Reach.ALL,
        via=via,
        reason=reason,
        address=address,
        request_id=request_id,
    )
