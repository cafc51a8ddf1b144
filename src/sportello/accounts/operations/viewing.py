"""View as: staff look at the portal as a customer's user sees it, for a reason, on the record of both."""

from __future__ import annotations

from sportello.accounts.events.people import ViewingEnded, ViewingStarted
from sportello.accounts.models import Membership, Session
from sportello.accounts.rules import viewing as rules
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import NotFound, WrongState


@operation(section=Section.ADMINISTRATION)
def start_viewing(*, actor: Actor, session: Session, target: Membership, reason: str) -> None:
    """Let the signed-in browser view as `target`, read-only (ABUSE B06).

    Viewing is never nested: who views already is read-only, and every operation refuses them. Raises `NotPermitted`,
    `WrongState`, `InvalidInput` at `reason`.
    """
    if session.person_id != actor.person_id:
        raise NotFound
    why = " ".join(reason.split())[:200]
    rules.check_can_view_as(actor, target, why)
    session.viewing_membership, session.viewing_reason = target, why
    session.save(update_fields=["viewing_membership", "viewing_reason"])
    for organisation_id in (target.organisation_id, actor.organisation_id):
        publish(
            ViewingStarted(
                organisation_id=organisation_id, subject_type="person", subject_id=target.person_id, viewer=actor.name,
                name=target.person.name, profile=target.profile, reason=why,
            )
        )  # fmt: skip


@operation(section=None, why="whoever views may always stop")
def end_viewing(*, actor: Actor, session: Session) -> None:
    """Bring the browser back to its own person; `actor` is that person as themselves. Raises `WrongState`."""
    if session.person_id != actor.person_id:
        raise NotFound
    target = session.viewing_membership
    if target is None:
        raise WrongState
    session.viewing_membership, session.viewing_reason = None, ""
    session.save(update_fields=["viewing_membership", "viewing_reason"])
    for organisation_id in (target.organisation_id, actor.organisation_id):
        publish(
            ViewingEnded(
                organisation_id=organisation_id, subject_type="person", subject_id=target.person_id, viewer=actor.name,
                name=target.person.name,
            )
        )  # fmt: skip
