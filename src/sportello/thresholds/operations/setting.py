"""Setting, changing, suspending, resuming and cancelling thresholds; each is held against the counter at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from sportello.inventory.models import Line
from sportello.kernel.access import Access, Section
from sportello.kernel.actor import Actor
from sportello.kernel.events import changed
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput
from sportello.kernel.states import StateChanged, advance
from sportello.thresholds import rules
from sportello.thresholds.events import (
    ThresholdCancelled,
    ThresholdChanged,
    ThresholdResumed,
    ThresholdSet,
    ThresholdSuspended,
)
from sportello.thresholds.models import Threshold
from sportello.thresholds.operations.evaluating import evaluate_one, highest_told, hold_evaluations
from sportello.thresholds.queries.counting import current_month
from sportello.thresholds.states import TRANSITIONS, State
from sportello.thresholds.types import Terms


class ThresholdThere(InvalidInput):
    """One threshold for the same thing is enough."""

    default = _("This line already has such a threshold. Change that one instead.")


@operation(section=Section.THRESHOLDS)
def set_threshold(*, actor: Actor, line: Line, terms: Terms, now: datetime) -> Threshold:
    """Set a threshold on a line and hold it against this month's counter at once.

    An employee's is private: it counts their personal traffic. Raises `NotFound`, `NoDualBilling`, `OnlyInformational`, `LineEnded`,
    `InvalidInput` with the field, `ThresholdThere`.
    """
    rules.check_can_set(actor, line, terms)
    hold_evaluations()
    own = actor.access(Section.THRESHOLDS) is Access.OWN
    row = _insert(
        organisation_id=line.organisation_id,
        line=line,
        owner_id=actor.person_id if own else None,
        traffic_type=terms.traffic_type,
        zone=terms.zone,
        measure=terms.measure,
        period=terms.period,
        kind=terms.kind,
        set_by_id=actor.person_id,
        active_from=now,
        counts_from=current_month(now, line.organisation.time_zone),
        **_figures(terms.limit, terms.steps),
    )
    publish(
        ThresholdSet(
            organisation_id=row.organisation_id,
            subject_type="threshold",
            subject_id=row.pk,
            line_id=line.pk,
            private=row.private,
            changes={} if row.private else changed({}, _facts(row)),
        )
    )
    evaluate_one(actor=actor, threshold=row, told_before=0, now=now)
    return row


@operation(section=Section.THRESHOLDS)
def change_threshold(
    *, actor: Actor, threshold: Threshold, limit: int, steps: Sequence[int], now: datetime
) -> Threshold:
    """Change limit (whole units of the measure) and steps, and hold the result against this month's counter at once.

    Steps that the counter has not reached under the new limit are armed again; what was told already is not told again, only a
    higher step is. Raises `NotFound`, `NoDualBilling`, `ThresholdEnded`, `InvalidInput`, and `StateChanged` when somebody changed
    it since it was read.
    """
    rules.check_can_change(actor, threshold)
    rules.check_terms(_terms(threshold, limit, tuple(steps)))
    if (limit, list(steps)) == (threshold.limit_units, threshold.steps):
        return threshold
    hold_evaluations()
    before = _facts(threshold)
    told_before = highest_told(actor, threshold, current_month(now, threshold.organisation.time_zone))
    _change(actor, threshold, **_figures(limit, steps), revision=threshold.revision + 1)
    publish(
        ThresholdChanged(
            organisation_id=threshold.organisation_id,
            subject_type="threshold",
            subject_id=threshold.pk,
            line_id=threshold.line_id,
            private=threshold.private,
            changes={} if threshold.private else changed(before, _facts(threshold)),
        )
    )
    evaluate_one(actor=actor, threshold=threshold, told_before=told_before, now=now)
    return threshold


@operation(section=Section.THRESHOLDS)
def suspend_threshold(*, actor: Actor, threshold: Threshold) -> None:
    """Put a threshold aside: it watches nothing until it is resumed. Raises `NotFound`, `NoDualBilling`, `WrongState`."""
    rules.check_can_change(actor, threshold)
    advance(threshold, State.SUSPENDED, transitions=TRANSITIONS)
    publish(ThresholdSuspended(line_id=threshold.line_id, **_subject(threshold)))


@operation(section=Section.THRESHOLDS)
def resume_threshold(*, actor: Actor, threshold: Threshold, now: datetime) -> None:
    """Let a suspended threshold watch again, and hold it against this month's counter at once. Raises as `suspend_threshold`."""
    rules.check_can_change(actor, threshold)
    rules.check_can_set_on(actor, threshold.line)
    hold_evaluations()
    advance(threshold, State.ACTIVE, transitions=TRANSITIONS)
    publish(ThresholdResumed(line_id=threshold.line_id, **_subject(threshold)))
    # It may have been changed while it was suspended: what was told before that is not told again.
    month = current_month(now, threshold.organisation.time_zone)
    told_before = highest_told(actor, threshold, month, any_revision=True)
    evaluate_one(actor=actor, threshold=threshold, told_before=told_before, now=now)


@operation(section=Section.THRESHOLDS)
def suspend_thresholds(*, actor: Actor, thresholds: Iterable[Threshold]) -> int:
    """Suspend those of the thresholds that are active, all or none; return how many. Raises as `suspend_threshold`."""
    active = [row for row in thresholds if row.state == State.ACTIVE]
    for row in active:
        suspend_threshold(actor=actor, threshold=row)
    return len(active)


@operation(section=Section.THRESHOLDS)
def resume_thresholds(*, actor: Actor, thresholds: Iterable[Threshold], now: datetime) -> int:
    """Resume those of the thresholds that are suspended, all or none; return how many. Raises as `resume_threshold`."""
    suspended = [row for row in thresholds if row.state == State.SUSPENDED]
    for row in suspended:
        resume_threshold(actor=actor, threshold=row, now=now)
    return len(suspended)


@operation(section=Section.THRESHOLDS)
def cancel_threshold(*, actor: Actor, threshold: Threshold, now: datetime) -> None:
    """End a threshold for good; what it passed stays on record. Raises as `suspend_threshold`."""
    rules.check_can_change(actor, threshold)
    advance(threshold, State.CANCELLED, transitions=TRANSITIONS, active_to=now)
    publish(ThresholdCancelled(line_id=threshold.line_id, **_subject(threshold)))


def _insert(**values: Any) -> Threshold:
    try:
        with transaction.atomic():
            return Threshold.objects.create(**values)
    except IntegrityError as twice:  # the partial unique indexes: also of two forms sent at once, one wins
        raise ThresholdThere from twice


def _change(actor: Actor, threshold: Threshold, **values: Any) -> None:
    seen = Threshold.objects.for_(actor).filter(pk=threshold.pk, revision=threshold.revision, state=threshold.state)
    if seen.update(**values) != 1:
        raise StateChanged
    for name, value in values.items():
        setattr(threshold, name, value)


def _figures(limit: int, steps: Sequence[int]) -> dict[str, Any]:
    return {"limit_units": limit, "steps": list(steps), "first_step": min(steps), "last_step": max(steps)}


def _terms(threshold: Threshold, limit: int, steps: tuple[int, ...]) -> Terms:
    return Terms(
        traffic_type=threshold.traffic_type,
        measure=threshold.measure,
        zone=threshold.zone,
        period=threshold.period,
        kind=threshold.kind,
        limit=limit,
        steps=steps,
    )


def _facts(threshold: Threshold) -> dict[str, Any]:
    names = ("traffic_type", "zone", "measure", "limit_units", "steps", "period", "kind")
    return {name: getattr(threshold, name) for name in names}


def _subject(threshold: Threshold) -> dict[str, Any]:
    return {
        "organisation_id": threshold.organisation_id,
        "subject_type": "threshold",
        "subject_id": threshold.pk,
    }
