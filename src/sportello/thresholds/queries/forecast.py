"""The forecast: at the pace of the period so far, when does a counter reach its limit; and who reaches it before the period ends.

The pace is what was used since the period began, over the time gone by. In the first tenth of a period nothing is foretold: a single
expensive call on the first morning would make everybody a spender.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q

from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.kernel.scope import ScopedQuerySet
from sportello.parties.models import Organisation
from sportello.thresholds.models import CutOff
from sportello.thresholds.queries.counting import with_standing
from sportello.thresholds.queries.reading import thresholds
from sportello.thresholds.rules.forecast import PERMILLE, crosses_at, due_share
from sportello.thresholds.rules.periods import Span, present_span
from sportello.thresholds.states import Period, State

LATEST: Final = timedelta(days=400)


def likely_to_cross(actor: Actor, now: datetime) -> ScopedQuerySet[Any]:
    """Return the active thresholds that are not reached yet and will be before their period ends, with where they stand: one query."""
    due = Q(pk__in=())
    for span in _spans(actor, now):
        share = due_share(span, now)
        if share is not None:
            due |= Q(
                tally__period_start=span.start,
                tally__period_to=span.to,
                tally__permille__gte=share,
                tally__permille__lt=PERMILLE,
            )
    rows = thresholds(actor).filter(due, state=State.ACTIVE).exclude(period=Period.DAY)
    if actor.reach is Reach.CUSTOMER:
        rows = rows.filter(tally__organisation=actor.organisation_id)
    return with_standing(actor, rows, now)


def crossing_of(row: Any, now: datetime) -> datetime | None:
    """Return when a threshold that `with_standing` read reaches its limit at today's pace, if that is foreseeable."""
    return crosses_at(row.used_units, row.limit_units, period_at=row.period_at, now=now, latest=now + LATEST)


def _spans(actor: Actor, now: datetime) -> list[Span]:
    """Return the present periods that thresholds in reach can have: by time zone and by the day on which bills are cut off."""
    zones = set(Organisation.objects.for_(actor).order_by().values_list("time_zone", flat=True))
    days = set(CutOff.objects.for_(actor).order_by().values_list("day", flat=True)) | {1}
    return [present_span(Period.BILL, now, zone, cut_off=day) for zone in sorted(zones) for day in sorted(days)]
