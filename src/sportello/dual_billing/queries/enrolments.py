"""Enrolments: those in reach, a person's own, and when one ends by itself."""

from __future__ import annotations

from datetime import datetime

from sportello.accounts.models import Membership
from sportello.dual_billing.models import Enrolment
from sportello.dual_billing.states import OPEN
from sportello.inventory.models import Line, LinePeriod
from sportello.kernel.actor import Actor
from sportello.kernel.phones import InvalidPhoneNumber, normalise
from sportello.kernel.scope import ScopedQuerySet

_RELATED = ("line", "person", "organisation")


def enrolments(actor: Actor) -> ScopedQuerySet[Enrolment]:
    """Return the enrolments in reach."""
    return Enrolment.objects.for_(actor).select_related(*_RELATED)


def enrolment(actor: Actor, pk: int) -> Enrolment:
    """Return an enrolment in reach. Raises `NotFound`."""
    return enrolments(actor).get_or_refuse(pk=pk)


def open_of_line(actor: Actor, line: Line) -> Enrolment | None:
    """Return the enrolment of a line that has not ended."""
    return enrolments(actor).filter(line=line, state__in=OPEN).first()


def is_enrolled(**whose: int) -> bool:
    """Tell whether a line (`line_id`) or person (`person_id`) has an enrolment that has not ended, for handlers of events."""
    rows = Enrolment.objects.across_tenants(reason="events of lines and people with dual billing")
    return rows.filter(state__in=OPEN, **whose).exists()


def own_enrolments(actor: Actor) -> list[Enrolment]:
    """Return the reader's own enrolments in the organisation acted in, the newest first."""
    rows = enrolments(actor).filter(person_id=actor.person_id or 0, organisation_id=actor.organisation_id or 0)
    return list(rows.order_by("-asked_at", "-pk"))


def own_enrolment(actor: Actor, pk: int, *, lock: bool = False) -> Enrolment:
    """Return one of the reader's own, locked to the end of the transaction with `lock`.

    Raises `NotFound`: a colleague's looks the same, also to an administrator.
    """
    rows = enrolments(actor).select_for_update(of=("self",)) if lock else enrolments(actor)
    return rows.get_or_refuse(pk=pk, person_id=actor.person_id or 0)


def line_named(actor: Actor, number: str) -> Line | None:
    """Return the line in reach that holds a number now, or None."""
    try:
        found = normalise(number)
    except InvalidPhoneNumber:
        return None
    return (
        Line.objects.for_(actor).filter(number=found, active_to=None).select_related("person", "organisation").first()
    )


def lost_at(actor: Actor, row: Enrolment, now: datetime) -> datetime | None:
    """Return since when the person holds the line no more, None while they do."""
    periods = LinePeriod.objects.for_(actor).filter(line_id=row.line_id, active_from__lte=now)
    held = [one for one in periods.order_by("active_from") if one.active_to is None or one.active_to > one.active_from]
    if held and held[-1].person_id == row.person_id and (held[-1].active_to is None or held[-1].active_to > now):
        return None
    ends = [one.active_to for one in held if one.person_id == row.person_id and one.active_to is not None]
    return max(ends, default=row.asked_at)


def left_at(actor: Actor, row: Enrolment) -> datetime | None:
    """Return since when the person is not of the customer any more: deactivated, or without any profile; None while they are.

    Who never had a profile has not left.
    """
    if row.person.deactivated_at is not None:
        return row.person.deactivated_at
    held = Membership.objects.for_(actor).filter(person_id=row.person_id, organisation_id=row.organisation_id)
    ends = list(held.values_list("ended_at", flat=True))
    return None if not ends or None in ends else max(end for end in ends if end is not None)
