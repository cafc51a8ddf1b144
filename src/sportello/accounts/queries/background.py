"""Whoever asked for something that is done later, with the rights that they have then (ABUSE C03, D06)."""

from __future__ import annotations

from dataclasses import replace

from sportello.accounts import sessions
from sportello.accounts.queries.sign_in import memberships_held
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor, Via


def background_actor(*, person_id: int | None, membership_id: int | None, section: Section) -> Actor | None:
    """Return the actor of a job that a person asked for, as their membership stands now: of a read-only organisation it is frozen.

    None when the membership ended, the person is deactivated, the organisation is closed, or the profile opens the section no more.
    """
    held = memberships_held(person_id or 0).filter(pk=membership_id or 0).first()
    if held is None or not held.person.is_active:
        return None
    actor = replace(sessions.actor_of(held), via=Via.JOB)
    return actor if actor.may(section) else None
