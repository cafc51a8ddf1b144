"""Writing how lines stand: the rows of the lines, the periods of their history, and the events that tell of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models.functions import Coalesce
from django.utils import timezone

from sportello.inventory.events import LineChanged, LineEnded
from sportello.inventory.models import Line, LinePeriod
from sportello.inventory.operations.code_numbers import guard_codes
from sportello.inventory.operations.in_bulk import insert, ready, update
from sportello.inventory.periods import STANDING_FIELDS, Span, Standing, ending, last_of, restanding
from sportello.inventory.states import LineStatus
from sportello.kernel.actor import Actor
from sportello.kernel.chunks import in_chunks
from sportello.kernel.operations import publish

NUMBERS_LOCK: Final = 0x5350_4C49
"""The advisory lock of PostgreSQL under which numbers are given out: two lines added at once must see each other."""

IN_WORDS: Final[Mapping[str, Callable[[Any], str]]] = {
    "plan": lambda plan: str(plan.code),
    "person": lambda person: str(person.name),
    "cost_centre": lambda centre: str(centre.code),
    "site": lambda site: str(site.name),
    "sim": lambda sim: str(sim.iccid),
    "agreement": lambda agreement: str(agreement.code),
}


@dataclass(frozen=True, slots=True)
class Restand:
    """A line with what becomes of it: `after` holds columns (`plan_id`) of the line, `words` {field: (before, after)} for people."""

    line: Line
    after: Mapping[str, Any]
    words: Mapping[str, tuple[str, str]]

    @property
    def ends(self) -> bool:
        """Tell whether the line is ended by this."""
        return self.after.get("status") == LineStatus.TERMINATED


def lock_numbers() -> None:
    """Hold other transactions back from giving out numbers until this one ends (SQLite has one writer anyway)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NUMBERS_LOCK])


def locked(actor: Actor, line: Line) -> Line:
    """Return the line anew, as it stands now, held against other writers. Raises `NotFound`."""
    rows = Line.objects.for_(actor).select_for_update(of=("self",))
    return rows.select_related("organisation", *IN_WORDS).get_or_refuse(pk=line.pk)


def in_words(field: str, value: Any) -> str:
    """Return a value of a line as the audit trail and previews show it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat()
    return IN_WORDS[field](value) if field in IN_WORDS else str(value)


def standing_of(line: Line, after: Mapping[str, Any], *, before: Standing | None = None) -> Standing:
    """Return how the line stands with `after` applied; a history never says «terminated», it ends."""
    values = {name: after.get(name, getattr(line, name)) for name in STANDING_FIELDS}
    if values["status"] == LineStatus.TERMINATED:
        values["status"] = before.status if before else LineStatus.ACTIVE
    return Standing(**values)


PERIOD_COLUMNS: Final = ("line_id", "organisation_id", "number", "active_from", "active_to", *STANDING_FIELDS)


def open_history(line: Line) -> None:
    """Write the first period of a line."""
    insert(
        LinePeriod,
        PERIOD_COLUMNS,
        ready([_period(line, Span(line.active_from, line.active_to, standing_of(line, {})))]),
    )


def _period(line: Line, span: Span) -> list[Any]:
    return [line.pk, line.organisation_id, line.number, span.active_from, span.active_to, *_standing(span)]


def _standing(span: Span) -> list[Any]:
    return [getattr(span.standing, name) for name in STANDING_FIELDS]


def write(changes: Sequence[Restand], *, at: datetime, now: datetime) -> None:
    """Write the changes as from `at`, tell each, and guard from `now` on the codes that go to the numbers (ABUSE A15, A16)."""
    guard_codes(changes, at=at, now=now)
    for chunk in in_chunks(changes):
        _write_periods(chunk, at=at)
    _write_lines(changes)
    for change in changes:
        _tell(change, at=at)


def _tell(change: Restand, *, at: datetime) -> None:
    line = change.line
    words = {field: list(pair) for field, pair in change.words.items()}
    about: dict[str, Any] = {"organisation_id": line.organisation_id, "subject_type": "line", "subject_id": line.pk}
    if change.ends:
        end = change.after.get("active_to", line.active_to)
        publish(LineEnded(**about, number=line.number, at=end, changes=words))
    else:
        publish(LineChanged(**about, number=line.number, at=at, changes=words))


def _write_lines(changes: Sequence[Restand]) -> None:
    # Ends first: a number may pass from one line to another in the same transaction, and the index holds at every statement.
    groups: dict[tuple[bool, tuple[str, ...]], list[Line]] = defaultdict(list)
    for change in changes:
        for name, value in change.after.items():
            setattr(change.line, name, value)
        change.line.updated_at = timezone.now()  # as `auto_now` does where rows are saved one by one
        opens = "active_to" in change.after and change.after["active_to"] is None
        groups[opens, ("updated_at", *sorted(change.after))].append(change.line)
    for (_opens, names), lines in sorted(groups.items(), key=lambda group: group[0]):
        update(Line, names, ready([*(getattr(line, name) for name in names), line.pk] for line in lines))


def _write_periods(changes: Sequence[Restand], *, at: datetime) -> None:
    spans_of = _spans([change.line.pk for change in changes])
    moved, corrected, opened = [], [], []
    for change in changes:
        before = spans_of[change.line.pk]
        for old, new in _differences(before, _after(change, before, at=at)):
            if old is None:
                opened.append(_period(change.line, new))
            elif old.standing == new.standing:
                moved.append([new.active_to, new.period_id])
            else:
                corrected.append([new.active_to, *_standing(new), new.period_id])
    update(LinePeriod, ["active_to"], ready(moved))
    update(LinePeriod, ["active_to", *STANDING_FIELDS], ready(corrected))
    insert(LinePeriod, PERIOD_COLUMNS, ready(opened))


def _after(change: Restand, before: list[Span], *, at: datetime) -> list[Span]:
    after = before
    if "active_to" in change.after:
        after = ending(after, change.after["active_to"])
    return restanding(after, standing_of(change.line, change.after, before=last_of(after).standing), at=at)


def _differences(before: Iterable[Span], after: Iterable[Span]) -> Iterator[tuple[Span | None, Span]]:
    stored = {span.period_id: span for span in before}
    for span in after:
        old = stored.get(span.period_id) if span.period_id is not None else None
        if span != old:
            yield old, span


def _spans(line_ids: Sequence[int]) -> dict[int, list[Span]]:
    rows = LinePeriod.objects.across_tenants(reason="the history of lines that were read inside the actor's reach")
    found: dict[int, list[Span]] = defaultdict(list)
    # A period that names no agreement stood under the line's: no history was kept of agreements once.
    agreement = Coalesce("agreement_id", "line__agreement_id")
    standing_columns = [agreement if name == "agreement_id" else name for name in STANDING_FIELDS]
    columns = ("line_id", "active_from", "active_to", "pk", *standing_columns)
    for line, active_from, active_to, pk, *standing in rows.filter(line_id__in=line_ids).values_list(*columns):
        values = dict(zip(STANDING_FIELDS, standing, strict=True))
        found[line].append(Span(active_from, active_to, Standing(**values), pk))
    return found
