"""What setting a threshold needs to know of its line: bill periods, limits beside it, and where its counter stands."""

from __future__ import annotations

from typing import Any

from django.db.models import Max, Min

from sportello.inventory.models import Line
from sportello.kernel.access import Access, Section
from sportello.kernel.actor import Actor
from sportello.thresholds import rules
from sportello.thresholds.models import Bar, CutOff, Tally, Threshold
from sportello.thresholds.states import Kind, State
from sportello.thresholds.types import Terms


def cut_off_of(line: Line) -> int:
    """Return the day on which the bill periods of a line begin: its agreement's, else its customer's, else the first.

    For whoever may set something on the line: an employee's own thresholds run by the customer's days too.
    """
    rows = CutOff.objects.across_tenants(
        reason="a line's bill periods are its customer's, whoever asks", opens_wall=False
    )
    rows = rows.filter(organisation=line.organisation_id)
    days: dict[int | None, int] = dict(rows.values_list("agreement_id", "day"))
    return days.get(line.agreement_id) or days.get(None) or 1


def cut_offs(actor: Actor, organisation_id: int) -> dict[int | None, int]:
    """Return the days of a customer by agreement; None is the customer's own."""
    return dict(CutOff.objects.for_(actor).filter(organisation=organisation_id).values_list("agreement_id", "day"))


def limits_beside(actor: Actor, line: Line, terms: Terms, owner_id: int | None) -> dict[str, int | None]:
    """Return the highest informational and the lowest enforcing limit of the same thing on a line, in units."""
    same = {name: getattr(terms, name) for name in ("traffic_type", "zone", "measure", "period")}
    rows = Threshold.objects.for_(actor).filter(line=line, owner=owner_id, state=State.ACTIVE, **same)
    told = rows.filter(kind=Kind.INFORMATIONAL).aggregate(limit=Max("limit_units"))
    barred = rows.filter(kind=Kind.ENFORCING).aggregate(limit=Min("limit_units"))
    return {"informational": told["limit"], "enforcing": barred["limit"]}


def same_threshold(actor: Actor, line: Line, terms: Terms) -> Threshold | None:
    """Return the threshold of a line that watches the same thing in the same way, of those that the actor may change."""
    same = {name: getattr(terms, name) for name in ("traffic_type", "zone", "measure", "period", "kind")}
    owner = actor.person_id if actor.access(Section.THRESHOLDS) is Access.OWN else None
    rows = Threshold.objects.for_(actor).filter(line=line, owner=owner, **same).exclude(state=State.CANCELLED)
    return rows.first()


def tally_of(actor: Actor, threshold: Threshold) -> Tally:
    """Return the tally of a threshold."""
    return Tally.objects.for_(actor).get(threshold=threshold)


def bars(actor: Actor, **which: Any) -> Any:
    """Return bars with all that shows their stage, the latest first."""
    rows = Bar.objects.for_(actor).filter(**which)
    shown = ("switch", "threshold__set_by", "threshold__profile", "line__person", "organisation", "lifted_by")
    return rows.select_related(*shown).order_by("-asked_at", "-pk")


def bar(actor: Actor, pk: int) -> Bar:
    """Return one bar. Raises `NotFound`."""
    found: Bar = bars(actor).get_or_refuse(pk=pk)
    return found


def bars_beside(actor: Actor, row: Bar) -> list[Bar]:
    """Return the other bars of its line that stand and hold some of the same traffic: it stays stopped when this one ends."""
    others = bars(actor, line=row.line_id, lifted_at=None).exclude(pk=row.pk)
    return [other for other in others if rules.overlap(other.threshold, row.threshold)]


def open_bars(actor: Actor, *, most: int = 20) -> list[Bar]:
    """Return the bars that stand, the latest first."""
    return list(bars(actor, lifted_at=None)[:most])
