"""Taking over an old base: handed in, read in the background, looked at, confirmed, written in the background chunk by chunk.

Each ticket and entry is known by its mark in the old base: a file that is handed in again, or a worker that died, writes nothing twice.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.imports import RowState
from sportello.kernel.operations import operation, publish
from sportello.kernel.private_files import private_folder, remove, writing
from sportello.kernel.refusals import InvalidInput
from sportello.kernel.states import advance, change_if
from sportello.kernel.tabular import TableRefused
from sportello.parties.models import Organisation
from sportello.parties.states import OrganisationKind
from sportello.tickets import old_bases, rules
from sportello.tickets.events import OldBaseHandedIn, OldBaseRead, OldBaseRefused, OldTicketsTaken
from sportello.tickets.models import TicketImport
from sportello.tickets.old_bases import OldTicket
from sportello.tickets.operations.desk import check_sets_up
from sportello.tickets.operations.taking_over import Origin, write_verdict
from sportello.tickets.queries.importing import Verdict, judged
from sportello.tickets.states import IMPORT_TRANSITIONS, ImportState, OldBase

FOLDER: Final = "ticket-imports"
CONFIRMED_WITHIN: Final = timedelta(days=7)
LOST_AFTER: Final = timedelta(days=1)
MOST_BYTES: Final = 200 * 1024 * 1024
MOST_FAULTS, SAMPLE, TOGETHER = 2_000, 20, 50
_WHY: Final = "the worker goes on with what one of the operator's people confirmed"


@operation(section=Section.TICKETS)
def hand_in(
    *,
    actor: Actor,
    name: str,
    parts: Iterable[bytes],
    source: OldBase,
    fallback: Organisation | None,
    now: datetime,
) -> TicketImport:
    """Keep a file of an old base to be read in the background; nothing is written from it yet.

    `fallback` is the customer of tickets whose own is not found. Raises `NotPermitted`, `InvalidInput`.
    """
    check_sets_up(actor)
    if fallback is not None and fallback.kind != OrganisationKind.CUSTOMER:
        raise InvalidInput(_("Choose a customer."), field="fallback")
    token = secrets.token_hex(32)
    size, digest = _lay_down(token, parts)
    operator = Organisation.objects.for_(actor).get(kind=OrganisationKind.OPERATOR)
    row = TicketImport.objects.create(
        organisation=operator,
        token=token,
        name=rules.cleaned_name(name),
        source=source,
        content_hash=digest,
        size=size,
        fallback=fallback,
        made_by_id=actor.person_id,
        made_at=now,
    )
    _told(OldBaseHandedIn, row)
    return row


@operation(section=None, why=_WHY)
def read_in(*, actor: Actor, row: TicketImport, now: datetime) -> None:
    """Read a file and write down what it would do; a file that cannot be read is refused, with where and why."""
    if row.state != ImportState.READING:
        return
    try:
        olds = _olds(row)
    except TableRefused as refused:
        _refuse(row, refused, now)
        return
    preview = look(actor, olds, row)
    advance(row, ImportState.READY, transitions=IMPORT_TRANSITIONS, **preview)
    _told(OldBaseRead, row)


@operation(section=Section.TICKETS)
def confirm(*, actor: Actor, row: TicketImport, leaves_out: bool) -> None:
    """Let a base that was looked at be written. Raises `NotPermitted`, `InvalidInput` (wrong tickets, nothing to write), `WrongState`."""
    check_sets_up(actor)
    rules.check_import(row.counts, leaves_out=leaves_out)
    advance(row, ImportState.WRITING, transitions=IMPORT_TRANSITIONS, leaves_out=leaves_out, done=0)
    _told(OldBaseHandedIn, row)


@operation(section=Section.TICKETS)
def discard(*, actor: Actor, row: TicketImport, now: datetime) -> None:
    """Throw a file away that was not confirmed. Raises `NotPermitted`, `WrongState`."""
    check_sets_up(actor)
    advance(row, ImportState.DISCARDED, transitions=IMPORT_TRANSITIONS, ended_at=now, faults=[], sample=[])
    remove(path_of(row.token))
    _told(OldBaseRefused, row)


def sweep(*, actor: Actor, now: datetime) -> int:
    """Throw files away that nobody confirmed within a week, and those that no row names; return how many (ABUSE F11)."""
    rows = TicketImport.objects.for_(actor)
    forgotten = list(rows.filter(state=ImportState.READY, made_at__lt=now - CONFIRMED_WITHIN))
    for row in forgotten:
        discard(actor=actor, row=row, now=now)
    at_work = (ImportState.READING, ImportState.READY, ImportState.WRITING)
    named = set(rows.filter(state__in=at_work).values_list("token", flat=True))
    lost = [
        path
        for path in private_folder(FOLDER).iterdir()
        if path.stem not in named and path.stat().st_mtime < (now - LOST_AFTER).timestamp()
    ]
    for path in lost:
        path.unlink(missing_ok=True)
    return len(forgotten) + len(lost)


def write_out(*, actor: Actor, row: TicketImport, now: datetime) -> None:
    """Write the tickets of a confirmed base, some at a time, each lot for good; then the file goes. Called again it goes on."""
    if row.state != ImportState.WRITING:
        return
    try:
        olds = _olds(row)
    except TableRefused as refused:
        _stop(actor=actor, row=row, refused=refused, now=now)
        return
    done, source = 0, OldBase(row.source)
    for verdicts in judged(actor, olds, source=source, fallback=row.fallback, together=TOGETHER):
        _write_some(actor=actor, row=row, verdicts=verdicts, now=now)
        done += len(verdicts)
        change_if(row, {"state": ImportState.WRITING}, untold="how far it is", done=done)
    _end(actor=actor, row=row, now=now)


def look_at(
    *, actor: Actor, path: Path, source: OldBase, fallback: Organisation | None, now: datetime
) -> tuple[TicketImport, list[OldTicket]]:
    """Return a base as the command line looks at it: read and judged, kept nowhere. Raises `TableRefused`."""
    operator = Organisation.objects.for_(actor).get(kind=OrganisationKind.OPERATOR)
    row = TicketImport(organisation=operator, name=path.name[:120], source=source, fallback=fallback, made_at=now)
    olds = old_bases.read(path, name=path.name, source=source)
    for name, value in look(actor, olds, row).items():
        setattr(row, name, value)
    return row, olds


def write_all(
    *, actor: Actor, olds: Sequence[OldTicket], source: OldBase, fallback: Organisation | None, now: datetime
) -> Iterator[dict[str, int]]:
    """Write old tickets for the command line, some at a time; yield what was written each time."""
    for verdicts in judged(actor, olds, source=source, fallback=fallback, together=TOGETHER):
        yield write_lot(actor=actor, verdicts=verdicts, source=source, now=now)


@operation(section=None, why=_WHY)
def write_lot(*, actor: Actor, verdicts: Sequence[Verdict], source: OldBase, now: datetime) -> dict[str, int]:
    """Write some old tickets, all or none of them; return how many tickets and entries were written, how many tickets left out."""
    found = {"tickets": 0, "entries": 0, "left_out": 0}
    for one in verdicts:
        found["entries"] += write_verdict(actor, one, Origin(source=source, now=now))
        found["tickets"] += one.state is RowState.NEW
        found["left_out"] += one.state is RowState.WRONG
    publish(
        OldTicketsTaken(
            organisation_id=None,
            subject_type="tickets",
            source=source.value,
            tickets=found["tickets"],
            entries=found["entries"],
        )
    )
    return found


def look(actor: Actor, olds: Sequence[OldTicket], row: TicketImport) -> dict[str, Any]:
    """Return what a base would do: how many tickets of each kind, how many entries, the first that are wrong, the first that are right."""
    counts: dict[str, int] = dict.fromkeys(RowState.values, 0) | {"entries": 0}
    faults: list[list[Any]] = []
    sample: list[list[Any]] = []
    for verdicts in judged(actor, olds, source=OldBase(row.source), fallback=row.fallback):
        for one in verdicts:
            counts[one.state] += 1
            counts["entries"] += len(one.lacking)
            faults += [[one.old.line, one.old.id, field, why] for field, why in one.errors if len(faults) < MOST_FAULTS]
            if one.state is not RowState.WRONG and len(sample) < SAMPLE:
                sample.append(_sampled(one))
    return {"counts": counts, "faults": faults[:MOST_FAULTS], "sample": sample}


def path_of(token: str) -> Path:
    """Return where a file that was handed in lies."""
    return private_folder(FOLDER) / token


def _sampled(one: Verdict) -> list[Any]:
    old, kind = one.old, one.form.type if one.form else one.ticket.type if one.ticket else None
    opened = min([*(entry.at for entry in old.entries), *filter(None, [old.opened_at])])
    return [
        old.number or old.id,
        str(one.customer),
        str(kind or ""),
        old.subject[:120],
        old.state.value,
        opened.isoformat(),
        len(old.entries),
        one.state.value,
    ]


def _lay_down(token: str, parts: Iterable[bytes]) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    with writing(path_of(token)) as target:
        for part in parts:
            size += len(part)
            if size > MOST_BYTES:
                raise InvalidInput(_("The file is too large."), field="file")
            digest.update(part)
            target.write(part)
    return size, digest.hexdigest()


def _olds(row: TicketImport) -> list[OldTicket]:
    try:
        return old_bases.read(path_of(row.token), name=row.name, source=OldBase(row.source))
    except OSError as lost:
        raise TableRefused(_("The file is not there any more. Hand it in again.")) from lost


def _refuse(row: TicketImport, refused: TableRefused, now: datetime) -> None:
    where = _("line %(line)d") % {"line": refused.line} + ": " if refused.line else ""
    refusal = f"{where}{refused}"[:500]
    advance(row, ImportState.REFUSED, transitions=IMPORT_TRANSITIONS, refusal=refusal, ended_at=now)
    remove(path_of(row.token))
    _told(OldBaseRefused, row)


@operation(section=None, why=_WHY)
def _write_some(*, actor: Actor, row: TicketImport, verdicts: Sequence[Verdict], now: datetime) -> None:
    held = TicketImport.objects.for_(actor).select_for_update().get(pk=row.pk)
    found = write_lot(actor=actor, verdicts=verdicts, source=OldBase(row.source), now=now)
    held.written = {name: held.written.get(name, 0) + count for name, count in found.items()}
    held.save(update_fields=["written"])


@operation(section=None, why=_WHY)
def _stop(*, actor: Actor, row: TicketImport, refused: TableRefused, now: datetime) -> None:  # noqa: ARG001 - read by `operation`
    _refuse(row, refused, now)


@operation(section=None, why=_WHY)
def _end(*, actor: Actor, row: TicketImport, now: datetime) -> None:
    held = TicketImport.objects.for_(actor).get(pk=row.pk)
    advance(held, ImportState.DONE, transitions=IMPORT_TRANSITIONS, ended_at=now, sample=[])
    remove(path_of(row.token))
    _told(OldBaseRead, held)


def _told(event: type[OldBaseHandedIn | OldBaseRead | OldBaseRefused], row: TicketImport) -> None:
    publish(
        event(organisation_id=None, subject_type="ticket_import", subject_id=row.pk, name=row.name, state=row.state)
    )
