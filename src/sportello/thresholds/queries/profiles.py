"""Profiles of lines, and the lines that have them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count

from sportello.inventory.models import Line
from sportello.inventory.states import LineStatus
from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.kernel.refusals import NotFound
from sportello.kernel.scope import ScopedQuerySet
from sportello.parties import queries as parties
from sportello.parties.models import Organisation
from sportello.thresholds.models import Enrolment, LineProfile, ProfileTerm, Threshold
from sportello.thresholds.states import State


def profiles(actor: Actor) -> ScopedQuerySet[LineProfile]:
    """Return the profiles in reach that stand, the default first."""
    rows = LineProfile.objects.for_(actor).filter(ended_at=None).select_related("organisation")
    return rows.order_by("organisation__legal_name", "-default", "name")


def customer_acted_in(actor: Actor) -> Organisation:
    """Return the customer whose profiles and bill periods the actor sets. Raises `NotFound`: who reaches many has none of their own."""
    if actor.reach is not Reach.CUSTOMER:
        raise NotFound
    return parties.organisations(actor).get_or_refuse(pk=actor.organisation_id)


def profile(actor: Actor, pk: int) -> LineProfile:
    """Return one of them. Raises `NotFound`."""
    return profiles(actor).get_or_refuse(pk=pk)


def terms_of_profiles(actor: Actor, found: Sequence[LineProfile]) -> dict[int, list[ProfileTerm]]:
    """Return the terms of some profiles, by profile."""
    by_profile: dict[int, list[ProfileTerm]] = {row.pk: [] for row in found}
    for term in ProfileTerm.objects.for_(actor).filter(profile__in=by_profile).order_by("pk"):
        by_profile[term.profile_id].append(term)
    return by_profile


def term(actor: Actor, pk: int) -> ProfileTerm:
    """Return one term of a profile. Raises `NotFound`."""
    return ProfileTerm.objects.for_(actor).select_related("profile__organisation").get_or_refuse(pk=pk)


def lines_by_profile(actor: Actor, found: Sequence[LineProfile]) -> dict[int, int]:
    """Return how many lines have each of some profiles."""
    rows = Enrolment.objects.for_(actor).filter(profile__in=[row.pk for row in found], line__active_to=None)
    return dict(
        rows.order_by().values("profile_id").annotate(count=Count("line_id")).values_list("profile_id", "count")
    )


def watched_lines(actor: Actor) -> ScopedQuerySet[Any]:
    """Return the running lines in reach with their profile, for lists and bulk changes."""
    rows = Line.objects.for_(actor).filter(active_to=None).exclude(status=LineStatus.TERMINATED)
    return rows.select_related("person", "organisation", "cost_centre", "plan", "enrolment__profile")


def thresholds_of(actor: Actor, lines: Sequence[Line]) -> dict[int, list[Threshold]]:
    """Return the thresholds of some lines that are not cancelled, private ones left out, by line."""
    by_line: dict[int, list[Threshold]] = {line.pk: [] for line in lines}
    rows = Threshold.objects.for_(actor).filter(line__in=by_line, owner=None).exclude(state=State.CANCELLED)
    for row in rows.order_by("pk"):
        by_line[row.line_id].append(row)
    return by_line
