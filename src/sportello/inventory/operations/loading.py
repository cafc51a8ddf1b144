"""Taking a file of lines (the operator's) or of assignments (a customer's own): all its rows, or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from sportello.inventory import rules
from sportello.inventory.events import LinesLoaded
from sportello.inventory.loading import judge
from sportello.inventory.loading.find import Known, known_to_assignments, known_to_lines
from sportello.inventory.loading.judge import Judgement
from sportello.inventory.loading.read import FileRow, read_assignments, read_lines
from sportello.inventory.operations.drafted import Draft, drafted, write_lines, write_named
from sportello.inventory.operations.in_bulk import uncollected
from sportello.inventory.operations.judged import move_sims, moved_sims, write_changed
from sportello.inventory.operations.since import can_stand, last_told, stands_since
from sportello.inventory.operations.standing import lock_numbers
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.imports import ImportReport, RowState, check_expected
from sportello.kernel.operations import operation, publish
from sportello.kernel.tabular import Table

Write = Callable[[], ImportReport]
"""What writes a file that was read before: in the transaction of its caller, or in one of its own."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a file would do: the report for the reader, and, once drawn up, the rows to write."""

    report: ImportReport
    judgements: Sequence[Judgement]
    known: Known
    moved: Mapping[int, int] = field(default_factory=dict)
    draft: Draft | None = None


class _File(NamedTuple):
    """A file that was read; who takes it, when, and the digest of the preview that they saw."""

    actor: Actor
    rows: Sequence[FileRow]
    columns: frozenset[str]
    notices: Sequence[str]
    now: datetime
    expected: str


def load_lines(*, actor: Actor, table: Table, apply: bool, now: datetime, expected: str = "") -> ImportReport:
    """Judge each row of a lines file (product/02, «The inventory files, version 1») and, when `apply` and none is wrong, write them all.

    Loading the same file again writes nothing and tells nothing. Agreements, plans, cost centres and sites that are new are created. A
    change takes effect `now`; an end at its day. `expected` is the digest of the preview that was confirmed. Raises `TableRefused`,
    `PreviewOutdated`; `NotPermitted` to all but the operator.
    """
    if apply:
        return prepare_lines(actor=actor, table=table, now=now, expected=expected)()
    rules.check_runs_network(actor)
    return _judged_lines(_file(actor, read_lines(table), table, now, expected), lock=False).report


def prepare_lines(*, actor: Actor, table: Table, now: datetime, expected: str = "") -> Write:
    """Read, judge and draw up a lines file while others still write, and return what writes it. Both raise as `load_lines` does."""
    rules.check_runs_network(actor)
    file, mark = _file(actor, read_lines(table), table, now, expected), last_told()
    early = _judged_lines(file, lock=False)
    if not _has_work(early.report, expected):
        report = early.report if early.report.wrong else early.report.done()
        return lambda: report
    early = _drawn_up(early, now) if can_stand() else early
    return lambda: _write_lines_file(actor=actor, file=file, early=early, mark=mark)


def load_assignments(*, actor: Actor, table: Table, apply: bool, now: datetime, expected: str = "") -> ImportReport:
    """Judge each row of an assignments file (`number` and any of `person_code`, `cost_centre`, `site`) and write them all when `apply`.

    A column that is not there stays as it is, an empty cell empties. Only lines inside the actor's reach: any other number is an unknown
    line. Cost centres and sites that are new are created. Raises as `load_lines`.
    """
    file = _file(actor, read_assignments(table), table, now, expected)
    report = _judged_assignments(file, lock=False).report
    if not apply or not _has_work(report, expected):
        return report if not apply or report.wrong else report.done()
    return _write_assignments_file(actor=actor, file=file)


def _file(actor: Actor, rows: Sequence[FileRow], table: Table, now: datetime, expected: str) -> _File:
    return _File(actor, rows, frozenset(table.columns), [str(notice) for notice in table.notices], now, expected)


def _has_work(report: ImportReport, expected: str) -> bool:
    """Tell whether the file writes anything; if not, no writer is held up while it is judged again under lock."""
    check_expected(report, expected)
    return not report.wrong and report.changing > 0


@operation(section=Section.ADMINISTRATION)
def _write_lines_file(*, actor: Actor, file: _File, early: Judged, mark: int) -> ImportReport:
    lock_numbers()
    if not (early.draft and stands_since(mark) and early.draft.stands()):
        return _taken(actor, _judged_lines(file, lock=True), file)
    with uncollected():
        return _taken(actor, early, file)


@operation(section=Section.ADMINISTRATION)
def _write_assignments_file(*, actor: Actor, file: _File) -> ImportReport:
    return _taken(actor, _judged_assignments(file, lock=True), file)


def _judged_lines(file: _File, *, lock: bool) -> Judged:
    known = known_to_lines(file.actor, file.rows, lock=lock)
    return _judged(file, judge.judge_lines(file.rows, known, file.columns, now=file.now), known)


def _judged_assignments(file: _File, *, lock: bool) -> Judged:
    known = known_to_assignments(file.actor, file.rows, now=file.now, lock=lock)
    return _judged(file, judge.judge_assignments(file.rows, known, file.columns), known)


def _judged(file: _File, judgements: Sequence[Judgement], known: Known) -> Judged:
    shown = set(known.organisation_ids()) | {line.organisation_id for held in known.lines.values() for line in held}
    report = ImportReport(
        rows=[judge.report_of(judgement, known) for judgement in judgements],
        notices=file.notices,
        organisations=frozenset(shown),
    )
    return Judged(report, judgements, known)


def _drawn_up(judged: Judged, now: datetime) -> Judged:
    moved = moved_sims(judged.judgements, judged.known)
    return replace(judged, moved=moved, draft=drafted(judged.judgements, judged.known, now=now))


def _taken(actor: Actor, judged: Judged, file: _File) -> ImportReport:
    check_expected(judged.report, file.expected)
    if judged.report.wrong:
        return judged.report
    judged = judged if judged.draft else _drawn_up(judged, file.now)
    assert judged.draft is not None  # noqa: S101 - it was drawn up just now
    move_sims(judged.moved)
    write_named(judged.draft)
    write_changed([one for one in judged.judgements if one.state == RowState.CHANGED], judged.known, now=file.now)
    write_lines(judged.draft)
    publish(LinesLoaded(organisation_id=actor.organisation_id, counts=judged.report.counts))
    return judged.report.done()
