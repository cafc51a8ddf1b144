"""The notices of a person in the portal: the steps that were told, and those that are new to them."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from sportello.kernel.access import Access, Section
from sportello.kernel.actor import Actor
from sportello.messaging import queries as messaging
from sportello.messaging.states import Kind as Subject
from sportello.messaging.types import Way
from sportello.thresholds.models import ALWAYS_TOLD, Crossing, NoticeReader
from sportello.thresholds.queries.reading import crossings

COUNTED_UP_TO = 99


def portal_notices(actor: Actor) -> QuerySet[Crossing]:
    """Return the crossings that were told and that the person may and wants to see; an employee sees also those of the lines they hold.

    Who switched notices in the portal off is shown what nobody can switch off.
    """
    rows = _told(actor)
    return rows if wants_notices(actor) else rows.filter(ALWAYS_TOLD)


def wants_notices(actor: Actor) -> bool:
    """Tell whether the person wants notices of thresholds in the portal."""
    return actor.person_id is None or messaging.wants(actor.person_id, Subject.THRESHOLDS, Way.PORTAL)


def _told(actor: Actor) -> QuerySet[Crossing]:
    if actor.access(Section.THRESHOLDS) is not Access.OWN:
        return crossings(actor).filter(told=True)
    rows = Crossing.objects.across_tenants(reason="what was told of lines that the person holds").filter(
        organisation_id=actor.organisation_id or 0, line__person_id=actor.person_id or 0, told=True
    )
    theirs = Q(threshold__owner=None)
    if actor.sees_private:
        theirs |= Q(threshold__owner_id=actor.person_id)
    return (
        rows.filter(theirs)
        .select_related("threshold", "line__person", "organisation")
        .order_by("-crossed_at", "-step", "-pk")
    )


def unread(actor: Actor) -> int:
    """Return how many notices are new to the person, counted up to a hundred."""
    if actor.person_id is None or not actor.may(Section.THRESHOLDS):
        return 0
    rows = portal_notices(actor)
    seen = reader(actor)
    if seen is not None:
        rows = rows.filter(crossed_at__gt=seen.seen_until)
    return len(rows.order_by("-crossed_at").values_list("pk", flat=True)[: COUNTED_UP_TO + 1])


def reader(actor: Actor) -> NoticeReader | None:
    """Return how far the person has read in this organisation."""
    rows = NoticeReader.objects.for_(actor).filter(organisation=actor.organisation_id, person=actor.person_id)
    return rows.first()
