"""Whoever asked for something that is done later, with the rights that they have then (ABUSE C03, D06)."""

from __future__ import annotations

from dataclasses import replace

from sportello.accounts import queries, sessions
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor, Via


def actor_now(*, person_id: int, membership_id: int) -> Actor | None:
    """Return the person's actor as the membership stands now; None when it ended, or opens Traffic no more."""
    held = queries.memberships_held(person_id).filter(pk=membership_id).first()
    if held is None or not held.person.is_active:
        return None
    actor = replace(sessions.actor_of(held), via=Via.JOB)
    return actor if actor.may(Section.TRAFFIC_BILLING) else None
