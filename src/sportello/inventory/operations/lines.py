"""Adding, changing and ending one line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from sportello.accounts.models import Person
from sportello.inventory import rules
from sportello.inventory.events import LineAdded
from sportello.inventory.models import Agreement, Line, LinePeriod, Plan, Sim
from sportello.inventory.operations.standing import (
    Restand,
    in_words,
    lock_numbers,
    locked,
    open_history,
    write,
)
from sportello.inventory.states import LineStatus
from sportello.inventory.types import HeldInterval
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.events import changed
from sportello.kernel.operations import operation, publish
from sportello.parties.models import CostCentre, Site


class LineChanges(TypedDict, total=False):
    """What is to change about a line; a key that is not there stays as it is, None empties."""

    status: str
    plan: Plan | None
    person: Person | None
    cost_centre: CostCentre | None
    site: Site | None
    sim: Sim | None
    dual_billing: bool
    device: str


@operation(section=Section.ADMINISTRATION)
def add_line(
    *,
    actor: Actor,
    agreement: Agreement,
    number: str,
    kind: str,
    active_from: datetime,
    active_to: datetime | None = None,
    status: str = LineStatus.ACTIVE,
    plan: Plan | None = None,
    person: Person | None = None,
    cost_centre: CostCentre | None = None,
    site: Site | None = None,
    sim: Sim | None = None,
    device: str = "",
    dual_billing: bool = False,
    now: datetime,
) -> Line:
    """Add a line that holds `number` from `active_from` on, with the first period of its history.

    `number` is written as E.164 (an xDSL: its access code). Raises `NumberTaken`, `InvalidInput`; `NotPermitted` to all but the operator.
    """
    rules.check_runs_network(actor)
    number = rules.check_number(kind, number)
    rules.check_period(active_from, active_to)
    status = rules.status_at(status, active_to, now)
    values = {"person": person, "cost_centre": cost_centre, "site": site, "sim": sim, "plan": plan}
    rules.check_own(agreement.organisation_id, values)
    lock_numbers()
    rules.check_free(HeldInterval(active_from, active_to), times_of(number))
    line = Line(
        organisation_id=agreement.organisation_id,
        agreement=agreement,
        number=number,
        kind=kind,
        status=status,
        active_from=active_from,
        active_to=active_to,
        device=device,
        dual_billing=dual_billing,
        **values,
    )
    _insert(line)
    _tell_added(line, {"kind": kind, "status": status, "dual_billing": dual_billing} | values)
    return line


def _tell_added(line: Line, after: Mapping[str, Any]) -> None:
    words = {field: in_words(field, value) for field, value in after.items()}
    publish(
        LineAdded(
            organisation_id=line.organisation_id, subject_type="line", subject_id=line.pk, number=line.number,
            active_from=line.active_from, changes=changed({}, {field: word for field, word in words.items() if word}),
        )
    )  # fmt: skip


@operation(section=Section.ADMINISTRATION)
def change_line(*, actor: Actor, line: Line, changes: LineChanges, at: datetime, now: datetime) -> Line:
    """Change how a line stands from `at` on (not in the future, not before its last change); the history keeps what was.

    A line that has not begun changes at its start. Raises `NothingToChange`, `LineHasEnded`, `InvalidInput`, `NoSuchTransition`;
    `NotPermitted` for what is the operator's to change.
    """
    rules.check_can_change(actor, changes)
    line = locked(actor, line)
    rules.check_not_ended(line, now)
    rules.check_own(line.organisation_id, changes)
    if "status" in changes:
        rules.check_status(line, changes["status"])
    since = _stands_since(line)
    at = max(at, since) if since > now else at
    rules.check_moment(at, now=now, stands_since=since)
    write([restand_of(line, changes)], at=at, now=now)
    return line


@operation(section=Section.ADMINISTRATION)
def end_line(*, actor: Actor, line: Line, at: datetime, now: datetime) -> Line:
    """End a line: it holds its number until `at` (exclusive). An end to come leaves its state until then.

    Raises `LineHasEnded`, `InvalidInput` when the line was changed after `at`; `NotPermitted` to all but the operator.
    """
    rules.check_runs_network(actor)
    line = locked(actor, line)
    rules.check_not_ended(line, now)
    rules.check_end(at, stands_since=_stands_since(line))
    lock_numbers()
    rules.check_free(HeldInterval(line.active_from, at), times_of(line.number, but=line))
    after: dict[str, Any] = {"active_to": at}
    words = {"active_to": (in_words("active_to", line.active_to), in_words("active_to", at))}
    if at <= now:
        after["status"] = LineStatus.TERMINATED
        words["status"] = (line.status, LineStatus.TERMINATED.value)
    write([Restand(line, after, words)], at=at, now=now)
    return line


def restand_of(line: Line, changes: Mapping[str, Any]) -> Restand:
    """Return the change of a line in columns and words. Raises `NothingToChange`."""
    after, words = {}, {}
    for field, value in changes.items():
        before = getattr(line, field)
        if before != value:
            related = field in {"plan", "person", "cost_centre", "site", "sim"}
            after[f"{field}_id" if related else field] = (value.pk if value else None) if related else value
            words[field] = (in_words(field, before), in_words(field, value))
    if not after:
        raise rules.NothingToChange
    return Restand(line, after, words)


def times_of(number: str, *, but: Line | None = None) -> list[HeldInterval]:
    """Return when lines of any customer hold the number."""
    rows = Line.objects.across_tenants(reason="a number has one holder at one instant, whoever it is").filter(
        number=number
    )
    rows = rows.exclude(pk=but.pk) if but else rows
    return [HeldInterval(*times) for times in rows.values_list("active_from", "active_to")]


def _stands_since(line: Line) -> datetime:
    rows = LinePeriod.objects.across_tenants(reason="the history of a line that was read inside the actor's reach")
    standing = rows.filter(line=line).filter(Q(active_to=None) | Q(active_to__gt=F("active_from")))
    return standing.latest("active_from").active_from


def _insert(line: Line) -> None:
    try:
        with transaction.atomic():
            line.save()
    except IntegrityError as taken:  # the database's own word; who holds the number stays unsaid
        raise rules.NumberTaken from taken
    open_history(line)
