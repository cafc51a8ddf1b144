"""Setting thresholds by file: each row is a state of the world; all rows are written, or none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sportello.inventory.models import Line
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.imports import ImportReport, RowState, check_expected
from sportello.kernel.imports.report import RowReport
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import Refusal
from sportello.kernel.tabular import Row, Table, check_columns
from sportello.network import queries as network
from sportello.thresholds import rules
from sportello.thresholds.events import ThresholdsLoaded
from sportello.thresholds.models import Threshold
from sportello.thresholds.operations.evaluating import gathered, tell_gathered
from sportello.thresholds.operations.setting import change_threshold, set_threshold
from sportello.thresholds.queries.at_once import barred_by_limit, barred_by_terms
from sportello.thresholds.states import DEFAULT_STEPS, Measure, State
from sportello.thresholds.types import Terms

REQUIRED: Final = ("number", "traffic", "limit", "unit")
OPTIONAL: Final = ("zone", "period", "kind", "steps")
UNITS: Final = {
    "eur": (Measure.AMOUNT, "eur"), "gb": (Measure.VOLUME, "GB"), "mb": (Measure.VOLUME, "MB"), "min": (Measure.MINUTES, "min"),
    "count": (Measure.MESSAGES, ""),
}  # fmt: skip
"""The words of the column `unit`, with the measure and the unit that each means."""
FIELD_COLUMNS: Final = {"traffic_type": "traffic", "measure": "unit"}
"""Fields of the rules that the file names otherwise."""


@dataclass(slots=True)
class _Judged:
    report: RowReport
    line: Line | None = None
    terms: Terms | None = None
    there: Threshold | None = None


@dataclass(slots=True)
class _Known:
    lines: dict[str, Line] = field(default_factory=dict)
    thresholds: dict[tuple[int, str, str, str, str, str], Threshold] = field(default_factory=dict)


def load_thresholds(*, actor: Actor, table: Table, apply: bool, now: datetime, expected: str = "") -> ImportReport:
    """Judge each row of a file of thresholds and, when `apply` and none is wrong, set or change them all.

    Numbers outside the actor's reach are unknown lines. Raises `TableRefused` for wrong columns, `PreviewOutdated`, `NotPermitted`.
    """
    rules.check_can_manage(actor)
    check_columns(table.columns, REQUIRED, OPTIONAL)
    judged = _judged(actor, list(table.rows))
    report = ImportReport(
        rows=[one.report for one in judged],
        notices=list(map(str, table.notices)),
        organisations=frozenset(one.line.organisation_id for one in judged if one.line),
    )
    if not apply:
        return _warned(actor, judged, report, now)
    check_expected(report, expected)
    if report.wrong or not report.changing:
        return report if report.wrong else report.done()
    _write(actor=actor, judged=judged, report=report, now=now)
    return report.done()


def _warned(actor: Actor, judged: Sequence[_Judged], report: ImportReport, now: datetime) -> ImportReport:
    """Say in a preview how many lines the file bars as soon as it is written."""
    barred = _barred_at_once(actor, judged, now)
    if not barred:
        return report
    said = ngettext(
        "%(count)s line has used as much already: its traffic is barred as soon as the file is written.",
        "%(count)s lines have used as much already: their traffic is barred as soon as the file is written.",
        len(barred),
    )
    return replace(report, notices=[*report.notices, said % {"count": len(barred)}])


def _barred_at_once(actor: Actor, judged: Sequence[_Judged], now: datetime) -> set[int]:
    fresh: dict[Terms, list[int]] = defaultdict(list)
    changed: dict[int, list[int]] = defaultdict(list)
    for one in judged:
        if one.report.state == RowState.NEW and one.terms and one.line:
            fresh[one.terms].append(one.line.pk)
        elif one.report.state == RowState.CHANGED and one.terms and one.there:
            changed[one.terms.limit].append(one.there.pk)
    found: set[int] = set()
    for terms, lines in fresh.items():
        found |= barred_by_terms(actor, lines, terms, now)
    for limit, thresholds in changed.items():
        found |= barred_by_limit(actor, thresholds, limit, now)
    return found


@operation(section=Section.THRESHOLDS)
def _write(*, actor: Actor, judged: Sequence[_Judged], report: ImportReport, now: datetime) -> None:
    with gathered() as told:
        for one in judged:
            _write_row(actor, one, now)
    tell_gathered(actor, told, now)
    publish(
        ThresholdsLoaded(
            organisation_id=actor.organisation_id,
            subject_type="thresholds",
            subject_id=actor.person_id or 0,
            counts=report.counts,
        )
    )


def _write_row(actor: Actor, one: _Judged, now: datetime) -> None:
    if one.terms is None or one.line is None or one.report.state not in (RowState.NEW, RowState.CHANGED):
        return
    if one.there is None:
        set_threshold(actor=actor, line=one.line, terms=one.terms, now=now)
    else:
        change_threshold(actor=actor, threshold=one.there, limit=one.terms.limit, steps=one.terms.steps, now=now)


def _judged(actor: Actor, rows: Sequence[Row]) -> list[_Judged]:
    known = _found(actor, {row["number"] for row in rows})
    seen: set[tuple[object, ...]] = set()
    return [_judge(row, known, seen) for row in rows]


def _found(actor: Actor, numbers: set[str]) -> _Known:
    lines = Line.objects.for_(actor).filter(number__in=numbers, active_to=None).select_related("organisation")
    by_number = {line.number: line for line in lines}
    rows = Threshold.objects.for_(actor).filter(line__in=by_number.values(), owner=None).exclude(state=State.CANCELLED)
    found = rows.select_related("line__organisation", "organisation")
    return _Known(by_number, {(row.line_id, *_key(row)): row for row in found})


def _key(one: Threshold | Terms) -> tuple[str, str, str, str, str]:
    return one.traffic_type, one.zone, one.measure, one.period, one.kind


def _judge(row: Row, known: _Known, seen: set[tuple[object, ...]]) -> _Judged:
    key = f"{row['number']} {row['traffic']}".strip()
    line = known.lines.get(row["number"])
    errors = [(error.column, str(error.reason)) for error in row.errors]
    if line is None:
        errors.append(("number", _("no running line of yours has this number")))
    terms = _terms(row, errors)
    if line is None or terms is None or errors:
        return _Judged(RowReport(row.line, RowState.WRONG, key, errors=tuple(errors)))
    there = known.thresholds.get((line.pk, *_key(terms)))
    if (line.pk, *_key(terms)) in seen:
        twice = (("", _("the same threshold stands in an earlier row")),)
        return _Judged(RowReport(row.line, RowState.WRONG, key, errors=twice))
    seen.add((line.pk, *_key(terms)))
    state, changes = _effect(terms, there)
    return _Judged(RowReport(row.line, state, key, changes=changes), line, terms, there)


def _terms(row: Row, errors: list[tuple[str, str]]) -> Terms | None:
    """Return the terms of a row, or note what is wrong with which column."""
    measured = UNITS.get(row["unit"].lower())
    if measured is None:
        errors.append(("unit", _("one of %(units)s") % {"units": ", ".join(UNITS)}))
        return None
    measure, unit = measured
    try:
        terms = Terms(
            traffic_type=row["traffic"].lower(),
            zone=row["zone"].lower() or "any",
            measure=measure,
            limit=rules.limit_units(row["limit"], measure=measure, unit=unit, language="en"),
            steps=rules.parse_steps(row["steps"]) or DEFAULT_STEPS,
            period=row["period"].lower() or "month",
            kind=row["kind"].lower() or "informational",
        )
        rules.check_terms(terms)
        rules.check_network(terms, connected=network.connected())
    except Refusal as refusal:
        name = getattr(refusal, "field", "") or ""
        errors.append((FIELD_COLUMNS.get(name, name), str(refusal.sentence)))
        return None
    return terms


def _effect(terms: Terms, there: Threshold | None) -> tuple[RowState, dict[str, tuple[str, str]]]:
    measure = Measure(terms.measure)
    after = {"limit": measure.written(terms.limit), "steps": ", ".join(map(str, terms.steps))}
    if there is None:
        return RowState.NEW, {name: ("", text) for name, text in after.items()}
    before = {"limit": there.limit_text, "steps": ", ".join(map(str, there.steps))}
    changes = {name: (before[name], text) for name, text in after.items() if before[name] != text}
    same = (there.limit_units, list(there.steps)) == (terms.limit, list(terms.steps))
    return (RowState.UNCHANGED, {}) if same else (RowState.CHANGED, changes)
