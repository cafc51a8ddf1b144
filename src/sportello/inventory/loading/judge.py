"""Judge each row of a file against what is known: new, changed, unchanged or wrong. Pure: facts in, judgements out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from sportello.inventory import rules
from sportello.inventory.loading.find import Customer, Known, LineFacts
from sportello.inventory.loading.read import FileRow, Moment
from sportello.inventory.types import HeldInterval
from sportello.kernel.calendar import day_bounds
from sportello.kernel.imports import RowReport, RowState
from sportello.kernel.refusals import InvalidInput

NEW: Final = 0
"""The id of what is created when the file is written; ids of rows begin at 1."""

COLUMN_OF: Final = {
    "agreement_id": "agreement_code", "kind": "kind", "status": "status", "active_to": "active_to", "plan_id": "plan",
    "person_id": "person_code", "cost_centre_id": "cost_centre", "site_id": "site", "sim_id": "iccid",
    "dual_billing": "dual_billing",
}  # fmt: skip
"""The column of the file for each column of a line that a file can change."""

Value = str | int | bool | datetime | None


@dataclass(slots=True)
class Judgement:
    """What a row does. `wanted` are columns of the line with the values that the row asks for (`NEW`: not there yet)."""

    row: FileRow
    customer: Customer | None = None
    starts: datetime | None = None
    ends: datetime | None = None
    facts: LineFacts | None = None
    wanted: dict[str, Value] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    repeats: int = 0

    @property
    def state(self) -> RowState:
        """Return what the row is to what is stored."""
        if self.row.errors:
            return RowState.WRONG
        if self.repeats:
            return RowState.UNCHANGED
        if self.facts is None:
            return RowState.NEW
        return RowState.CHANGED if self.changed else RowState.UNCHANGED

    @property
    def held(self) -> HeldInterval:
        """Return when the line holds its number."""
        assert self.starts is not None  # noqa: S101 - only rows without errors are asked
        return HeldInterval(self.starts, self.ends)


def judge_lines(rows: Iterable[FileRow], known: Known, columns: Collection[str], *, now: datetime) -> list[Judgement]:
    """Judge the rows of a lines file."""
    judgements = [_judge_line(row, known, columns, now) for row in rows]
    _judge_repeats(judgements)
    _judge_numbers(judgements, known)
    _judge_sims(judgements, known)
    return judgements


def judge_assignments(rows: Iterable[FileRow], known: Known, columns: Collection[str]) -> list[Judgement]:
    """Judge the rows of an assignments file; a number that is nobody's and one that is somebody else's read alike (ABUSE C07)."""
    first: dict[str, int] = {}
    judgements = []
    for row in rows:
        judgement = Judgement(row)
        judgements.append(judgement)
        if row.errors:
            continue
        lines = known.lines.get(row["number"])
        if not lines:
            row.wrong("number", _("unknown line"))
        elif first.setdefault(row["number"], row.line) != row.line:
            row.wrong("number", _("is in line %(line)d of the file already") % {"line": first[row["number"]]})
        else:
            judgement.facts = min(lines, key=lambda facts: facts.active_from)
            _want_assignment(judgement, known, columns, judgement.facts.organisation_id)
            _compare(judgement)
    return judgements


def report_of(judgement: Judgement, known: Known) -> RowReport:
    """Return the row for the reader: changes as (before, after) in the words of the file."""
    row, state = judgement.row, judgement.state
    changes: dict[str, tuple[str, str]] = {}
    if state == RowState.NEW:
        changes = {column: ("", text) for column, text in row.text.items() if text and column not in _KEYS}
    elif state == RowState.CHANGED and judgement.facts:
        before = judgement.facts._asdict()
        zone = judgement.customer.zone if judgement.customer else None
        for name in judgement.changed:
            column = COLUMN_OF[name]
            after = row[column] or ("0" if name == "dual_billing" else "")
            if name in {"active_to", "status"}:
                after = _words(name, judgement.wanted[name], known, zone)
            changes[column] = (_words(name, before[name], known, zone), after)
    return RowReport(row.line, state, row["number"], changes, tuple(row.errors))


_KEYS = frozenset({"customer_code", "number"})


def _words(name: str, value: Value, known: Known, zone: ZoneInfo | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, datetime):
        local = value.astimezone(zone or UTC)
        return local.date().isoformat() if zone and day_bounds(local.date(), zone)[0] == value else local.isoformat()
    if isinstance(value, int):
        return known.words.get(name, {}).get(value, "…")
    return str(value)


def _judge_line(row: FileRow, known: Known, columns: Collection[str], now: datetime) -> Judgement:
    judgement = Judgement(row)
    customer = known.customers.get(row["customer_code"])
    if customer is None:
        if row["customer_code"]:
            row.wrong("customer_code", _("unknown customer"))
        return judgement
    _want_assignment(judgement, known, columns, customer.pk)
    status = _timed(judgement, customer, now)
    if row.errors or status is None:
        return judgement
    judgement.customer = customer
    judgement.facts = _stored(judgement, known)
    if "active_to" not in columns and judgement.facts:
        judgement.ends = judgement.facts.active_to
    judgement.wanted |= {"kind": row["kind"], "status": status, "active_to": judgement.ends}
    judgement.wanted["agreement_id"] = known.agreements.get((customer.pk, row["agreement_code"]), NEW)
    judgement.wanted["plan_id"] = known.plans.get(row["plan"], NEW) if row["plan"] else None
    if "iccid" in columns:
        judgement.wanted["sim_id"] = known.sims.get(row["iccid"], (NEW, 0))[0] if row["iccid"] else None
    if "dual_billing" in columns:
        judgement.wanted["dual_billing"] = row["dual_billing"] == "1"
    _compare(judgement)
    return judgement


def _timed(judgement: Judgement, customer: Customer, now: datetime) -> str | None:
    """Put the row's times into the judgement and return the state that follows; None when the row cannot say it."""
    row = judgement.row
    if row.starts is None:
        return None
    judgement.starts = instant(row.starts, customer.zone)
    judgement.ends = instant(row.ends, customer.zone) if row.ends else None
    try:
        rules.check_period(judgement.starts, judgement.ends)
        return None if row["active_to"] and not row.ends else rules.status_at(row["status"], judgement.ends, now)
    except InvalidInput as refusal:
        row.wrong(refusal.field or "", refusal)
        return None


def _want_assignment(judgement: Judgement, known: Known, columns: Collection[str], organisation_id: int) -> None:
    row = judgement.row
    if "person_code" in columns:
        person = known.people.get((organisation_id, row["person_code"]))
        if person is None and row["person_code"]:
            row.wrong("person_code", _("unknown person"))
        judgement.wanted["person_id"] = person
    for column, name, found in (
        ("cost_centre", "cost_centre_id", known.cost_centres),
        ("site", "site_id", known.sites),
    ):
        if column in columns:
            judgement.wanted[name] = found.get((organisation_id, row[column]), NEW) if row[column] else None


def instant(moment: Moment, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) of a moment of the file: a day begins at midnight in the customer's zone."""
    return moment.astimezone(UTC) if isinstance(moment, datetime) else day_bounds(moment, zone)[0]


def _stored(judgement: Judgement, known: Known) -> LineFacts | None:
    assert judgement.customer is not None  # noqa: S101 - asked after the customer was found
    for facts in known.lines.get(judgement.row["number"], ()):
        if facts.active_from == judgement.starts and facts.organisation_id == judgement.customer.pk:
            return facts
    return None


def _compare(judgement: Judgement) -> None:
    if judgement.facts is not None:
        stored: Mapping[str, Value] = judgement.facts._asdict()
        judgement.changed = tuple(name for name, value in judgement.wanted.items() if stored[name] != value)


def _judge_repeats(judgements: Iterable[Judgement]) -> None:
    """Let the same row twice say nothing new; the same line told in two ways is wrong."""
    first: dict[tuple[str, datetime, int], Judgement] = {}
    for judgement in judgements:
        row = judgement.row
        if row.errors or judgement.starts is None or judgement.customer is None:
            continue
        one = first.setdefault((row["number"], judgement.starts, judgement.customer.pk), judgement)
        if one is judgement:
            continue
        if (one.wanted, dict(one.row.text)) == (judgement.wanted, dict(row.text)):
            judgement.repeats = one.row.line
        else:
            row.wrong("", _("says otherwise than line %(line)d of the file") % {"line": one.row.line})


def _judge_numbers(judgements: Iterable[Judgement], known: Known) -> None:
    """Let each number be held by one line at one instant, the file's rows put in place of the stored lines they speak of."""
    by_number: dict[str, list[Judgement]] = defaultdict(list)
    for judgement in judgements:
        if not judgement.row.errors and not judgement.repeats:
            by_number[judgement.row["number"]].append(judgement)
    for number, told in by_number.items():
        spoken_of = {one.facts.pk for one in told if one.facts}
        stored = [HeldInterval(f.active_from, f.active_to) for f in known.lines.get(number, ()) if f.pk not in spoken_of]
        _judge_times(told, stored)


def _judge_times(told: Sequence[Judgement], stored: Iterable[HeldInterval]) -> None:
    times: list[tuple[HeldInterval, Judgement | None]] = [(one.held, one) for one in told]
    times = sorted(times + [(held, None) for held in stored], key=lambda pair: pair[0].active_from)
    reaching: tuple[HeldInterval, Judgement | None] | None = None
    for held, one in times:
        if reaching and reaching[0].overlaps(held):
            _clash(one, reaching[1])
        if reaching is None or _ends_later(held, reaching[0]):
            reaching = (held, one)


def _clash(one: Judgement | None, other: Judgement | None) -> None:
    if one and other:
        line = {"line": other.row.line}
        one.row.wrong("number", _("is in use in that time: see line %(line)d of the file") % line)
    for told in (one, other) if not (one and other) else ():
        if told:
            told.row.wrong("number", rules.NumberTaken.default)


def _ends_later(held: HeldInterval, other: HeldInterval) -> bool:
    return other.active_to is not None and (held.active_to is None or held.active_to > other.active_to)


def _judge_sims(judgements: Sequence[Judgement], known: Known) -> None:
    """Let a SIM serve one customer at one instant: it may pass to another with the number, when the former has ended."""
    users: dict[str, list[Judgement]] = defaultdict(list)
    for judgement in judgements:
        if judgement.row["iccid"] and judgement.customer and not judgement.row.errors and not judgement.repeats:
            users[judgement.row["iccid"]].append(judgement)
    for iccid, told in users.items():
        told.sort(key=lambda one: one.held.active_from)
        for former, one in pairwise(told):
            if former.customer != one.customer and former.held.overlaps(one.held):
                one.row.wrong("iccid", _("is another customer's in line %(line)d of the file") % {"line": former.row.line})
        owner = known.sims.get(iccid, (NEW, 0))[1]
        for one in told:
            if owner and one.customer and one.customer.pk != owner and not _held_before(owner, one, known):
                one.row.wrong("iccid", _("cannot be used for this line"))


def _held_before(owner: int, one: Judgement, known: Known) -> bool:
    return any(facts.organisation_id == owner for facts in known.lines.get(one.row["number"], ()))
