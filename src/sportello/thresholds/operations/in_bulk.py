"""Changes of many lines or thresholds: chosen in a list, started once, gone through in the background piece by piece."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from sportello.inventory.models import Line
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput, Refusal
from sportello.kernel.states import advance, change_if
from sportello.thresholds import rules
from sportello.thresholds.events import BulkChosen, BulkDone, BulkStarted, BulkStep
from sportello.thresholds.models import BulkChange, LineProfile, Threshold
from sportello.thresholds.operations.enrolling import enrol_lines
from sportello.thresholds.operations.setting import (
    cancel_threshold,
    change_threshold,
    resume_threshold,
    set_threshold,
    suspend_threshold,
)
from sportello.thresholds.states import BULK_TRANSITIONS, BulkState, BulkWhat, State
from sportello.thresholds.types import Terms

PIECE: Final = 100
SKIPPED_KEPT: Final = 500


class NothingChosen(InvalidInput):
    """A change of none is no change."""

    default = _("Choose at least one row.")


@operation(section=Section.THRESHOLDS)
def choose_many(*, actor: Actor, what: BulkWhat, ids: Sequence[int], now: datetime) -> BulkChange:
    """Keep what was chosen in a list until its form is sent; the ids were found inside the actor's reach.

    Raises `NotPermitted` for an employee, `NothingChosen`.
    """
    rules.check_can_manage(actor)
    if not ids or len(ids) > rules.MOST_AT_ONCE:
        raise NothingChosen
    row = BulkChange.objects.create(
        organisation_id=actor.organisation_id or 0, person_id=actor.person_id, membership_id=actor.membership_id,
        token=uuid.uuid4(), what=what, ids=list(ids), total=len(ids), asked_at=now,
    )  # fmt: skip
    publish(BulkChosen(what=what.value, total=row.total, **_subject(row)))
    return row


@operation(section=Section.THRESHOLDS)
def start_bulk(*, actor: Actor, change: BulkChange, terms: dict[str, Any], now: datetime) -> bool:
    """Start a change; tell whether this was the sending that started it (ABUSE G19). Raises `NotPermitted`, what `check_terms` raises."""
    rules.check_can_manage(actor)
    if change.what == BulkWhat.SET:
        rules.check_terms(as_terms(terms))
    started = change_if(change, {"state": BulkState.DRAFT}, state=BulkState.WAITING, terms=terms, asked_at=now)
    if started:
        publish(BulkStarted(what=change.what, total=change.total, **_subject(change)))
    return started


def run_bulk(*, actor: Actor, change: BulkChange, now: datetime) -> None:
    """Go through a change from where it stands, a piece in each transaction, as the person who asked, with their rights of now."""
    if change.state == BulkState.WAITING:
        advance(change, BulkState.RUNNING, transitions=BULK_TRANSITIONS)
    while change.state == BulkState.RUNNING and change.done < change.total:
        _piece(actor=actor, change=change, now=now)
    if change.state == BulkState.RUNNING:
        finish_bulk(actor=actor, change=change, now=now)


@operation(section=Section.THRESHOLDS)
def finish_bulk(*, actor: Actor, change: BulkChange, now: datetime) -> None:  # noqa: ARG001 - the door checks it
    """Close a change that went through all of its rows."""
    advance(change, BulkState.DONE, transitions=BULK_TRANSITIONS, finished_at=now)
    publish(BulkDone(what=change.what, total=change.total, skipped=len(change.skipped), **_subject(change)))


@operation(section=Section.THRESHOLDS)
def _piece(*, actor: Actor, change: BulkChange, now: datetime) -> None:
    """Do the next piece; each row stands or falls by itself, and the piece counts only with its rows."""
    ids = change.ids[change.done : change.done + PIECE]
    skipped = list(change.skipped)
    for label, reason in (
        _of_lines(actor, change, ids, now) if change.of_lines else _of_thresholds(actor, change, ids, now)
    ):
        if len(skipped) < SKIPPED_KEPT:
            skipped.append([label, reason])
    done = change.done + len(ids)
    if change_if(change, {"done": change.done, "state": BulkState.RUNNING}, done=done, skipped=skipped):
        change.done, change.skipped = done, skipped
        publish(BulkStep(what=change.what, done=done, **_subject(change)))
        return
    raise rules.PieceTaken


def as_terms(terms: dict[str, Any]) -> Terms:
    """Return kept terms as they were typed."""
    return Terms(**terms | {"steps": tuple(terms["steps"])})


def _of_lines(actor: Actor, change: BulkChange, ids: Sequence[int], now: datetime) -> list[tuple[str, str]]:
    lines = list(Line.objects.for_(actor).filter(pk__in=ids).select_related("organisation").order_by("pk"))
    if change.what == BulkWhat.PROFILE:
        wanted = change.terms.get("profile")
        profile = LineProfile.objects.for_(actor).get_or_refuse(pk=wanted) if wanted else None
        return _tried("", lambda: enrol_lines(actor=actor, lines=lines, profile=profile, now=now))
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
        for one in _tried(f"{row.line.number} {row.what}", lambda row=row: _one(actor, change, row, now))
    ]


def _one(actor: Actor, change: BulkChange, row: Threshold, now: datetime) -> object:
    if change.what == BulkWhat.LIMIT:
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
    """Do one row; return what refused it."""
    try:
        work()
    except Refusal as refusal:
        return [(label, str(refusal.sentence))]
    return []


def _subject(row: BulkChange) -> dict[str, Any]:
    return {"organisation_id": row.organisation_id, "subject_type": "threshold_bulk", "subject_id": row.pk}
