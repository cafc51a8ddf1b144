"""Who may view the portal as whom: operator's and partners' staff, as a customer's user in their reach (ABUSE B06)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Membership
from sportello.kernel.access import CUSTOMER_PROFILES, Reach, Section
from sportello.kernel.actor import Actor
from sportello.kernel.refusals import InvalidInput, NotPermitted, WrongState
from sportello.parties.states import OrganisationKind, OrganisationState

SHORTEST_REASON = 5


def may_view(viewer: Actor) -> bool:
    """Tell whether the viewer is staff that views as customers' users at all."""
    return viewer.reach in {Reach.ALL, Reach.PARTNER} and viewer.may(Section.ADMINISTRATION) and not viewer.read_only


def may_view_as(viewer: Actor, target: Membership) -> bool:
    """Tell whether the viewer may (still) view as the target: asked at every request, so that what is lost ends."""
    organisation = target.organisation
    reached = viewer.reach is Reach.ALL or organisation.partner_id == viewer.organisation_id
    return (
        may_view(viewer)
        and reached
        and organisation.kind == OrganisationKind.CUSTOMER
        and organisation.state != OrganisationState.CLOSED
        and target.profile in CUSTOMER_PROFILES
        and target.ended_at is None
        and target.person.is_active
        and target.person_id != viewer.person_id
    )


def check_can_view_as(viewer: Actor, target: Membership, reason: str) -> None:
    """Refuse viewing to all but staff in its reach, as anybody but an active customer's user, and without a reason."""
    if not may_view(viewer):
        raise NotPermitted
    if not may_view_as(viewer, target):
        raise WrongState(_("The portal can be viewed only as an active user of a customer, with a customer's profile."))
    if len(reason) < SHORTEST_REASON:
        raise InvalidInput(_("Say why: the reason stays on the customer's record and on yours."), field="reason")
