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
from sportello.network import queries as network
from sportello.thresholds import rules
from sportello.thresholds.events import (
    ThresholdCancelled,
    ThresholdChanged,
    ThresholdResumed,
    ThresholdSet,
    ThresholdSuspended,
)
from sportello.thresholds.models import Threshold
from sportello.thresholds.operations.barring import lift_of
from sportello.thresholds.operations.evaluating import evaluate_one, gathered, highest_told, tell_gathered
from sportello.thresholds.operations.lock import hold_as_it_stands, hold_evaluations
from sportello.thresholds.operations.tallying import open_tallies, write_tally
from sportello.thresholds.queries import standing as queries
from sportello.thresholds.states import TRANSITIONS, Lifted, State
from sportello.thresholds.types import Terms


class ThresholdThere(InvalidInput):
    """One threshold for the same thing is enough; `queries.same_threshold` finds the one that stands."""

    default = _("This line already has such a threshold. Change that one instead.")


@operation(section=Section.THRESHOLDS)
def set_threshold(*, actor: Actor, line: Line, terms: Terms, now: datetime) -> Threshold:
    """Set a threshold on a line and hold it against this month's counter at once.

    An employee's is private: it counts their personal traffic. Raises `NotFound`, `NoDualBilling`, `OnlyInformational`, `LineEnded`,
    `InvalidInput` with the field, `ThresholdThere`.
    """
    rules.check_can_set(actor, line, terms)
    rules.check_network(terms, connected=network.connected())
    hold_evaluations()
    owner_id = actor.person_id if actor.access(Section.THRESHOLDS) is Access.OWN else None
    rules.check_beside(terms, **queries.limits_beside(actor, line, terms, owner_id))
    row = _insert(
        **new_values(line, terms, now, cut_off=queries.cut_off_of(line)),
        owner_id=owner_id,
        set_by_id=actor.person_id,
    )
    open_tallies([row], now)
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
    *, actor: Actor, threshold: Threshold, limit: int, steps: Sequence[int], now: datetime, seen: int | None = None
) -> Threshold:
    """Change limit (whole units of the measure) and steps, and hold the result against this month's counter at once.

    `seen` is the revision that the person had before them when they typed.

    Steps that the counter has not reached under the new limit are armed again; what was told already is not told again, only a
    higher step is. Raises `NotFound`, `NoDualBilling`, `ThresholdEnded`, `InvalidInput`, and `StateChanged` when somebody changed
    it since it was read.
    """
    rules.check_can_change(actor, threshold)
    rules.check_seen(threshold, seen)
    terms = _terms(threshold, limit, tuple(steps))
    rules.check_terms(terms)
    if (limit, list(steps)) == (threshold.limit_units, threshold.steps):
        return threshold
    hold_evaluations()
    rules.check_beside(terms, **queries.limits_beside(actor, threshold.line, terms, threshold.owner_id))
    before = _facts(threshold)
    tally = queries.tally_of(actor, threshold)
    told_before = highest_told(actor, threshold, tally.period_start)
    _change(actor, threshold, **figures(limit, steps), revision=threshold.revision + 1)
    _tell_changed(threshold, before)
    write_tally(actor, threshold, tally.used_units)
    # The bars of the old limit end; the new one bars again at once where it is passed.
    lift_of(actor, threshold, Lifted.RAISED, now)
    evaluate_one(actor=actor, threshold=threshold, told_before=told_before, now=now)
    return threshold


@operation(section=Section.THRESHOLDS)
def suspend_threshold(*, actor: Actor, threshold: Threshold, now: datetime) -> None:
    """Put a threshold aside until it is resumed, and lift its bar. Raises `NotFound`, `NoDualBilling`, `StateChanged`."""
    rules.check_can_change(actor, threshold)
    _hold(threshold)
    advance(threshold, State.SUSPENDED, transitions=TRANSITIONS)
    lift_of(actor, threshold, Lifted.THRESHOLD, now)
    publish(ThresholdSuspended(line_id=threshold.line_id, **_subject(threshold)))


@operation(section=Section.THRESHOLDS)
def resume_threshold(*, actor: Actor, threshold: Threshold, now: datetime) -> None:
    """Let a suspended threshold watch again, and hold it against the present counter at once. Raises as `suspend_threshold`."""
    rules.check_can_change(actor, threshold)
    rules.check_can_set_on(actor, threshold.line)
    _hold(threshold)
    # A bar that the suspension lifted may come back: that takes a new revision. What was told before is not told again.
    told_before = highest_told(actor, threshold, queries.tally_of(actor, threshold).period_start, any_revision=True)
    revision = threshold.revision + int(threshold.enforcing)
    advance(threshold, State.ACTIVE, transitions=TRANSITIONS, revision=revision)
    publish(ThresholdResumed(line_id=threshold.line_id, **_subject(threshold)))
    evaluate_one(actor=actor, threshold=threshold, told_before=told_before, now=now)


@operation(section=Section.THRESHOLDS)
def suspend_thresholds(*, actor: Actor, thresholds: Iterable[Threshold], now: datetime) -> int:
    """Suspend those of the thresholds that are active, all or none; return how many. Raises as `suspend_threshold`."""
    active = [row for row in thresholds if row.state == State.ACTIVE]
    for row in active:
        suspend_threshold(actor=actor, threshold=row, now=now)
    return len(active)


@operation(section=Section.THRESHOLDS)
def resume_thresholds(*, actor: Actor, thresholds: Iterable[Threshold], now: datetime) -> int:
    """Resume those of the thresholds that are suspended, all or none; return how many. Raises as `resume_threshold`."""
    suspended = [row for row in thresholds if row.state == State.SUSPENDED]
    with gathered() as told:
        for row in suspended:
            resume_threshold(actor=actor, threshold=row, now=now)
    tell_gathered(actor, told, now)
    return len(suspended)


@operation(section=Section.THRESHOLDS)
def cancel_threshold(*, actor: Actor, threshold: Threshold, now: datetime) -> None:
    """End a threshold for good and lift its bar; what it passed stays on record. Raises as `suspend_threshold`."""
    rules.check_can_change(actor, threshold)
    _hold(threshold)
    advance(threshold, State.CANCELLED, transitions=TRANSITIONS, active_to=now)
    lift_of(actor, threshold, Lifted.THRESHOLD, now)
    publish(ThresholdCancelled(line_id=threshold.line_id, **_subject(threshold)))


def new_values(line: Line, terms: Terms, now: datetime, *, cut_off: int) -> dict[str, Any]:
    """Return the fields of a new threshold on a line, read with its organisation."""
    span = rules.present_span(terms.period, now, line.organisation.time_zone, cut_off=cut_off)
    return {
        "organisation_id": line.organisation_id,
        "line": line,
        "traffic_type": terms.traffic_type,
        "zone": terms.zone,
        "measure": terms.measure,
        "period": terms.period,
        "kind": terms.kind,
        "active_from": now,
        "counts_from": span.start,
        "cut_off": cut_off,
        **figures(terms.limit, terms.steps),
    }


def _insert(**values: Any) -> Threshold:
    try:
        with transaction.atomic():
            return Threshold.objects.create(**values)
    except IntegrityError as twice:  # the partial unique indexes: also of two forms sent at once, one wins
        raise ThresholdThere from twice


def _hold(threshold: Threshold) -> None:
    """Take the lock and work on the row as it stands: a limit that was changed since it was read has a revision of its own (ABUSE G06)."""
    seen = threshold.state
    hold_as_it_stands(threshold, "state", "revision", "limit_units", "steps", "first_step", "last_step")
    if threshold.state != seen:
        raise StateChanged


def _change(actor: Actor, threshold: Threshold, **values: Any) -> None:
    seen = Threshold.objects.for_(actor).filter(pk=threshold.pk, revision=threshold.revision, state=threshold.state)
    if seen.update(**values) != 1:
        raise StateChanged
    for name, value in values.items():
        setattr(threshold, name, value)


def _tell_changed(threshold: Threshold, before: dict[str, Any]) -> None:
    publish(
        ThresholdChanged(
            line_id=threshold.line_id,
            private=threshold.private,
            changes={} if threshold.private else changed(before, _facts(threshold)),
            **_subject(threshold),
        )
    )


def figures(limit: int, steps: Sequence[int]) -> dict[str, Any]:
    """Return the fields that a limit and its steps fill."""
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
