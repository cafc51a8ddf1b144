"""Changes of many lines or thresholds: chosen in a list, started once, gone through in the background piece by piece."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_noop

from sportello.inventory.models import Line
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor, system_actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import Refusal
from sportello.kernel.sentences import kept, phrase, untranslated
from sportello.kernel.states import StateChanged, advance, change_if
from sportello.thresholds import rules
from sportello.thresholds.events import BulkChosen, BulkDone, BulkFailed, BulkStarted, BulkStep
from sportello.thresholds.models import BulkChange, Crossing, LineProfile, Threshold
from sportello.thresholds.operations.enrolling import enrol_lines
from sportello.thresholds.operations.evaluating import gathered, tell_gathered
from sportello.thresholds.operations.setting import (
    cancel_threshold,
    change_threshold,
    resume_threshold,
    set_threshold,
    suspend_threshold,
)
from sportello.thresholds.operations.telling import tell_managers
from sportello.thresholds.queries import many as queries
from sportello.thresholds.states import BULK_TRANSITIONS, BulkState, BulkWhat, Measure, State, Traffic, Zone
from sportello.thresholds.types import Terms

PIECE: Final = 100
SKIPPED_KEPT: Final = 500
PROBLEM_LENGTH: Final = 300
LOST: Final = gettext_noop("Its background job failed. The rows that are done stay done; choose the others again.")


@operation(section=Section.THRESHOLDS)
def choose_many(*, actor: Actor, what: BulkWhat, ids: Sequence[int], now: datetime) -> BulkChange:
    """Keep what was chosen in a list until its form is sent; the ids were found inside the actor's reach.

    Raises `NotPermitted` for an employee, `NothingChosen`, `TooManyChosen`, `SeveralCustomers` for a profile.
    """
    rules.check_can_manage(actor)
    rules.check_number_chosen(len(ids))
    if what == BulkWhat.PROFILE:
        rules.check_one_customer(queries.customers_of_lines(actor, ids))
    row = BulkChange.objects.create(
        organisation_id=actor.organisation_id or 0, person_id=actor.person_id, membership_id=actor.membership_id,
        token=uuid.uuid4(), what=what, ids=list(ids), total=len(ids), asked_at=now,
    )  # fmt: skip
    publish(BulkChosen(what=what.value, total=row.total, **_subject(row)))
    return row


@operation(section=Section.THRESHOLDS)
def start_bulk(*, actor: Actor, change: BulkChange, terms: dict[str, Any], now: datetime) -> bool:
    """Start a change; tell whether this was the sending that started it (ABUSE G19).

    A limit is in the units of `terms["measure"]`, and all thresholds of the change count in it. Raises `NotPermitted`, `SeveralMeasures`,
    what `check_terms` raises.
    """
    rules.check_can_manage(actor)
    if change.what == BulkWhat.SET:
        rules.check_terms(as_terms(terms))
    if change.what == BulkWhat.LIMIT:
        rules.check_measure(rules.only_measure(queries.measures_of(actor, change.ids)), of_limit=terms["measure"])
    started = change_if(change, {"state": BulkState.DRAFT}, state=BulkState.WAITING, terms=terms, asked_at=now)
    if started:
        publish(BulkStarted(what=change.what, total=change.total, **_subject(change)))
    return started


def run_bulk(*, actor: Actor, change: BulkChange, now: datetime) -> None:
    """Go through a change from where it stands, a piece in each transaction, as the person who asked, with their rights of now.

    What refuses the whole of it (the organisation is read only, the profile ended) stops it for good. Raises `PieceTaken` and
    `StateChanged` where another worker is at it: the job comes back to see how that ended.
    """
    try:
        _go_through(actor, change, now)
    except (rules.PieceTaken, StateChanged):
        raise
    except Refusal as refusal:
        stop_bulk(actor=_system(), change=change, problem=untranslated(refusal.sentence), now=now)


@operation(section=None, why="whoever asked may do it no more, or its job failed: no person acts")
def stop_bulk(*, actor: Actor, change: BulkChange, problem: str, now: datetime) -> None:
    """Close a change that cannot go on; `problem` is the kept sentence of why. What was done stays done. Raises `StateChanged`."""
    said = problem[:PROBLEM_LENGTH]
    advance(change, BulkState.FAILED, transitions=BULK_TRANSITIONS, finished_at=now, problem=said)
    tell_managers(actor=actor, spans=change.crossed, now=now)
    publish(BulkFailed(what=change.what, done=change.done, total=change.total, problem=said, **_subject(change)))


def stop_lost_bulks(*, actor: Actor, now: datetime) -> int:
    """Close the changes whose job failed for good, or is gone; return how many."""
    lost = queries.lost_bulks(actor, now)
    for change in lost:
        stop_bulk(actor=actor, change=change, problem=LOST, now=now)
    return len(lost)


def _go_through(actor: Actor, change: BulkChange, now: datetime) -> None:
    if change.state == BulkState.WAITING:
        advance(change, BulkState.RUNNING, transitions=BULK_TRANSITIONS, untold="how far the worker is")
    while change.state == BulkState.RUNNING and change.done < change.total:
        _piece(actor=actor, change=change, now=now)
    if change.state == BulkState.RUNNING:
        finish_bulk(actor=actor, change=change, now=now)


@operation(section=Section.THRESHOLDS)
def finish_bulk(*, actor: Actor, change: BulkChange, now: datetime) -> None:
    """Close a change that went through all of its rows; the managers get one mail of all that it passed."""
    advance(change, BulkState.DONE, transitions=BULK_TRANSITIONS, finished_at=now)
    tell_managers(actor=actor, spans=change.crossed, now=now)
    publish(BulkDone(what=change.what, total=change.total, skipped=change.left, **_subject(change)))


@operation(section=Section.THRESHOLDS)
def _piece(*, actor: Actor, change: BulkChange, now: datetime) -> None:
    """Do the next piece; each row stands or falls by itself, and the piece counts only with its rows."""
    ids = change.ids[change.done : change.done + PIECE]
    with gathered() as told:
        rows = _of_lines(actor, change, ids, now) if change.of_lines else _of_thresholds(actor, change, ids, now)
    span = tell_gathered(actor, told, now, managers=False)
    came: dict[str, Any] = {
        "done": change.done + len(ids),
        "left": change.left + len(rows),
        "skipped": [*change.skipped, *map(list, rows)][:SKIPPED_KEPT],
        "crossed": _with_span(change.crossed, span) if span else change.crossed,
    }
    if change_if(change, {"done": change.done, "state": BulkState.RUNNING}, **came):
        for name, value in came.items():
            setattr(change, name, value)
        publish(BulkStep(what=change.what, done=change.done, **_subject(change)))
        return
    raise rules.PieceTaken


def _with_span(spans: list[list[int]], span: tuple[int, int]) -> list[list[int]]:
    """Return the spans with one more, grown together where no load crossed anything in between: ids are given under the lock."""
    if spans:
        rows = Crossing.objects.for_(_system())
        if not rows.filter(pk__gt=spans[-1][1], pk__lt=span[0]).exists():
            return [*spans[:-1], [spans[-1][0], span[1]]]
    return [*spans, list(span)]


def as_terms(terms: dict[str, Any]) -> Terms:
    """Return kept terms as they were typed."""
    return Terms(**terms | {"steps": tuple(terms["steps"])})


def _of_lines(actor: Actor, change: BulkChange, ids: Sequence[int], now: datetime) -> list[tuple[str, str]]:
    lines = list(Line.objects.for_(actor).filter(pk__in=ids).select_related("organisation").order_by("pk"))
    if change.what == BulkWhat.PROFILE:
        wanted = change.terms.get("profile")
        profile = LineProfile.objects.for_(actor).get_or_refuse(pk=wanted) if wanted else None
        refused = _tried("", lambda: enrol_lines(actor=actor, lines=lines, profile=profile, now=now))
        return [(line.number, reason) for _all, reason in refused for line in lines]
    terms = as_terms(change.terms)
    return [
        one
        for line in lines
        for one in _tried(line.number, lambda line=line: set_threshold(actor=actor, line=line, terms=terms, now=now))
    ]


def _of_thresholds(actor: Actor, change: BulkChange, ids: Sequence[int], now: datetime) -> list[tuple[str, str]]:
    rows = Threshold.objects.for_(actor).filter(pk__in=ids).select_related("line__organisation", "organisation")
    wanted = {BulkWhat.SUSPEND: State.ACTIVE, BulkWhat.RESUME: State.SUSPENDED}.get(BulkWhat(change.what))
    return [
        one
        for row in rows.order_by("pk")
        if (row.state == wanted if wanted else row.state != State.CANCELLED)
        for one in _tried(_label(row), lambda row=row: _one(actor, change, row, now))
    ]


def _label(row: Threshold) -> str:
    """Return a threshold with its line, kept for readers of any language."""
    where = "" if row.zone == Zone.ANY else phrase(", %(zone)s", zone=Zone(row.zone).label)
    words = {"traffic": Traffic(row.traffic_type).label, "measure": Measure(row.measure).label}
    return kept("%(line)s %(traffic)s%(where)s · %(measure)s", line=row.line.number, where=where, **words)


def _one(actor: Actor, change: BulkChange, row: Threshold, now: datetime) -> object:
    if change.what == BulkWhat.LIMIT:
        rules.check_measure(row.measure, of_limit=change.terms["measure"])
        return change_threshold(
            actor=actor,
            threshold=row,
            limit=change.terms["limit"],
            steps=change.terms.get("steps") or row.steps,
            now=now,
        )
    moves: dict[str, Any] = {
        BulkWhat.SUSPEND: suspend_threshold,
        BulkWhat.RESUME: resume_threshold,
        BulkWhat.CANCEL: cancel_threshold,
    }
    return moves[change.what](actor=actor, threshold=row, now=now)


def _tried(label: str, work: Any) -> list[tuple[str, str]]:
    """Do one row; return what refused it, kept for readers of any language."""
    try:
        work()
    except Refusal as refusal:
        return [(label, untranslated(refusal.sentence))]
    return []


def _system() -> Actor:
    return system_actor(reason="a change of many cannot go on")


def _subject(row: BulkChange) -> dict[str, Any]:
    return {"organisation_id": row.organisation_id, "subject_type": "threshold_bulk", "subject_id": row.pk}
