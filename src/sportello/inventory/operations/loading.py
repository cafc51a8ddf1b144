"""Taking a file of lines (the operator's) or of assignments (a customer's own): all its rows, or none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sportello.inventory import rules
from sportello.inventory.events import LinesLoaded
from sportello.inventory.loading import judge
from sportello.inventory.loading.find import Known, known_to_assignments, known_to_lines
from sportello.inventory.loading.judge import Judgement
from sportello.inventory.loading.read import FileRow, read_assignments, read_lines
from sportello.inventory.operations.in_bulk import uncollected
from sportello.inventory.operations.judged import create_missing, write_changed, write_new
from sportello.inventory.operations.since import last_told, stands_since
from sportello.inventory.operations.standing import lock_numbers
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.imports import ImportReport, RowState, check_expected
from sportello.kernel.operations import operation, publish
from sportello.kernel.tabular import Table

Judged = tuple[ImportReport, list[Judgement], Known]
"""What a file would do: the report for the reader, the judgement of each row, and what it was judged by."""


def load_lines(*, actor: Actor, table: Table, apply: bool, now: datetime, expected: str = "") -> ImportReport:
    """Judge each row of a lines file (product/02, «The inventory files, version 1») and, when `apply` and none is wrong, write them all.

    Loading the same file again writes nothing and tells nothing. Agreements, plans, cost centres and sites that are new are created. A
    change takes effect `now`; an end at its day. `expected` is the digest of the preview that was confirmed. Raises `TableRefused`,
    `PreviewOutdated`; `NotPermitted` to all but the operator.
    """
    rules.check_runs_network(actor)
    rows, mark = read_lines(table), last_told()
    judged = _judged_lines(actor, rows, table, now, lock=False)
    report = judged[0]
    if not apply or not _has_work(report, expected):
        return report if not apply or report.wrong else report.done()
    return _write_lines_file(actor=actor, rows=rows, table=table, now=now, expected=expected, early=judged, mark=mark)


def load_assignments(*, actor: Actor, table: Table, apply: bool, now: datetime, expected: str = "") -> ImportReport:
    """Judge each row of an assignments file (`number` and any of `person_code`, `cost_centre`, `site`) and write them all when `apply`.

    A column that is not there stays as it is, an empty cell empties. Only lines inside the actor's reach: any other number is an unknown
    line. Cost centres and sites that are new are created. Raises as `load_lines`.
    """
    rows = read_assignments(table)
    report = _judged_assignments(actor, rows, table, now, lock=False)[0]
    if not apply or not _has_work(report, expected):
        return report if not apply or report.wrong else report.done()
    return _write_assignments_file(actor=actor, rows=rows, table=table, now=now, expected=expected)


def _has_work(report: ImportReport, expected: str) -> bool:
    """Tell whether the file writes anything; if not, no writer is held up while it is judged again under lock."""
    check_expected(report, expected)
    return not report.wrong and report.changing > 0


@operation(section=Section.ADMINISTRATION)
def _write_lines_file(
    *, actor: Actor, rows: Sequence[FileRow], table: Table, now: datetime, expected: str, early: Judged, mark: int
) -> ImportReport:
    lock_numbers()
    judged = early if stands_since(mark) else _judged_lines(actor, rows, table, now, lock=True)
    with uncollected():
        return _taken(actor, judged, now=now, expected=expected)


@operation(section=Section.ADMINISTRATION)
def _write_assignments_file(
    *, actor: Actor, rows: Sequence[FileRow], table: Table, now: datetime, expected: str
) -> ImportReport:
    judged = _judged_assignments(actor, rows, table, now, lock=True)
    return _taken(actor, judged, now=now, expected=expected)


def _judged_lines(actor: Actor, rows: Sequence[FileRow], table: Table, now: datetime, *, lock: bool) -> Judged:
    known = known_to_lines(actor, rows, lock=lock)
    judgements = judge.judge_lines(rows, known, frozenset(table.columns), now=now)
    return _reported(judgements, known, table), judgements, known


def _judged_assignments(actor: Actor, rows: Sequence[FileRow], table: Table, now: datetime, *, lock: bool) -> Judged:
    known = known_to_assignments(actor, rows, now=now, lock=lock)
    judgements = judge.judge_assignments(rows, known, frozenset(table.columns))
    return _reported(judgements, known, table), judgements, known


def _reported(judgements: Iterable[Judgement], known: Known, table: Table) -> ImportReport:
    shown = set(known.organisation_ids()) | {line.organisation_id for held in known.lines.values() for line in held}
    return ImportReport(
        rows=[judge.report_of(judgement, known) for judgement in judgements],
        notices=[str(notice) for notice in table.notices],
        organisations=frozenset(shown),
    )


def _taken(actor: Actor, judged: Judged, *, now: datetime, expected: str) -> ImportReport:
    report, judgements, known = judged
    check_expected(report, expected)
    if report.wrong:
        return report
    create_missing(judgements, known)
    write_changed([one for one in judgements if one.state == RowState.CHANGED], known, now=now)
    write_new([one for one in judgements if one.state == RowState.NEW], known, now=now)
    publish(LinesLoaded(organisation_id=actor.organisation_id, counts=report.counts))
    return report.done()
