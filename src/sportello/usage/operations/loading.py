"""Loading one usage file: run the pipeline, then let everything of it count in one transaction.

The parts of the record store lie on the disk, whole and durable, before that transaction; the database lists them in it, together with
the counters, the thresholds that were passed, and the row that says "loaded". So a load that dies at any point has either counted
whole or left files that nobody lists, which are swept up (ABUSE G01-G04).
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
from django.conf import settings

from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.states import StateChanged, advance, change_if
from sportello.usage import queries
from sportello.usage.events import UsageKnown, UsageLoaded, UsageLoadStarted, UsageRefused
from sportello.usage.models import UsageLoad, UsagePart
from sportello.usage.operations.counters import add_counters
from sportello.usage.operations.holders import InventoryPeriods
from sportello.usage.operations.lock import one_writer
from sportello.usage.pipeline.read import read_manifest
from sportello.usage.pipeline.read.manifest import check_content
from sportello.usage.pipeline.run import Load
from sportello.usage.states import TRANSITIONS, LoadState
from sportello.usage.types import (
    ContentDiffers,
    FileRefused,
    LoadResult,
    Part,
    PartKind,
    Window,
    counter_listeners,
    is_over,
    private_terms_source,
)

MOST_THREADS = 4
WHY = "usage files come from the operator's rating, by folder, command or API client; no person acts"


class StoreChanged(Exception):
    """The record store changed under a load that thought itself alone; nothing was written, and the load is run again."""


class Clock:
    """Tells the instant from the one that the caller gave and the time that has passed since."""

    def __init__(self, now: datetime) -> None:
        self.begun_at = now
        self._begun = time.monotonic_ns()

    @property
    def milliseconds(self) -> int:
        """Return how long it has run."""
        return (time.monotonic_ns() - self._begun) // 1_000_000

    def now(self) -> datetime:
        """Return the instant."""
        return self.begun_at + timedelta(milliseconds=self.milliseconds)


@dataclass(frozen=True)
class Taken:
    """What this run made of a file: its row, its own counts, and how long it took in milliseconds."""

    load: UsageLoad
    loaded: int
    duplicates: int
    rejected: int
    reject_file: str
    milliseconds: int
    reasons: Sequence[str] = ()

    @property
    def refused(self) -> bool:
        """Tell whether the file was refused whole."""
        return bool(self.reasons)


def load_file(*, actor: Actor, path: Path, now: datetime, wait: bool = True) -> Taken:
    """Load a usage file, or refuse it whole; either way there is a `UsageLoad` that says so, and the file stays where it is.

    Loading the same content again counts nothing. Raises `StoreBusy` when another load runs and this one may not `wait`.
    """
    called = Clock(now)
    with one_writer(wait=wait):
        clock = Clock(called.now())
        try:
            load, result = _loaded(actor, path, clock, now)
        except FileRefused as refused:
            load, result = _refused(actor, path, refused, clock), LoadResult.nothing()
    return Taken(
        load=load,
        loaded=result.loaded,
        duplicates=result.duplicates,
        rejected=result.rejected,
        reject_file=str(result.reject_file or ""),
        milliseconds=called.milliseconds,
        reasons=load.reasons,
    )


def _loaded(actor: Actor, path: Path, clock: Clock, now: datetime) -> tuple[UsageLoad, LoadResult]:
    manifest = read_manifest(path)
    before = UsageLoad.objects.filter(sha256=manifest.sha256, state=LoadState.LOADED).first()
    if before is not None and not before.rejected and before.rows == manifest.records:
        check_content(path, manifest)
        load = _begun(actor, path, manifest.sha256, clock)
        know_load(actor=actor, load=load, before=before, now=clock.now())
        return load, LoadResult.nothing(duplicates=before.rows)
    load = before or _begun(actor, path, manifest.sha256, clock)
    load.started_at = clock.begun_at
    while True:
        parts = queries.parts_listed()
        result = _run(actor, path, load, parts, now)
        try:
            take_load(actor=actor, load=load, result=result, known=parts, now=clock.now())
        except StoreChanged:
            continue
        return load, result


def _begun(actor: Actor, path: Path, sha256: str, clock: Clock) -> UsageLoad:
    """Return the row of this load: a new one, or the one of an attempt that died (whoever holds the lock is alone)."""
    dead = UsageLoad.objects.filter(file_name=path.name, sha256=sha256, state=LoadState.LOADING).first()
    return dead or begin_load(actor=actor, file_name=path.name, sha256=sha256, now=clock.begun_at)


def _run(actor: Actor, path: Path, load: UsageLoad, known: Sequence[Part], now: datetime) -> LoadResult:
    window = Window.at(now, late_months=settings.SPORTELLO["USAGE_RETENTION_MONTHS"])
    return Load(
        path=path,
        load=f"{load.pk}-{uuid.uuid4().hex[:12]}",
        window=window,
        periods=InventoryPeriods(actor, window),
        store=queries.store(),
        known=known,
        terms=private_terms_source(),
        reject_folder=Path(settings.SPORTELLO["USAGE_FOLDER"]) / "rejected",
        threads=min(os.cpu_count() or 1, MOST_THREADS),
    ).run()


def _refused(actor: Actor, path: Path, refused: FileRefused, clock: Clock) -> UsageLoad:
    load = UsageLoad.objects.filter(file_name=path.name, state=LoadState.LOADING).first()
    load = load or begin_load(actor=actor, file_name=path.name, sha256="", now=clock.begun_at)
    load.started_at = clock.begun_at
    sha256 = refused.sha256 if isinstance(refused, ContentDiffers) else load.sha256
    refuse_load(actor=actor, load=load, reasons=refused.reasons, sha256=sha256, now=clock.now())
    return load


@operation(section=None, why=WHY)
def begin_load(*, actor: Actor, file_name: str, sha256: str, now: datetime) -> UsageLoad:  # noqa: ARG001 - the door checks it
    """Write down that a file was taken up."""
    load = UsageLoad.objects.create(file_name=file_name[:255], sha256=sha256, started_at=now)
    publish(
        UsageLoadStarted(organisation_id=None, subject_type="usage_load", subject_id=load.pk, file_name=load.file_name)
    )
    return load


@operation(section=None, why=WHY)
def refuse_load(*, actor: Actor, load: UsageLoad, reasons: Sequence[str], sha256: str, now: datetime) -> None:  # noqa: ARG001
    """Write down why a file was refused whole, and the digest of the file as it lay there."""
    advance(
        load, LoadState.REFUSED, transitions=TRANSITIONS, reasons=list(reasons), sha256=sha256,
        started_at=load.started_at, finished_at=now,
    )  # fmt: skip
    publish(
        UsageRefused(
            organisation_id=None,
            subject_type="usage_load",
            subject_id=load.pk,
            file_name=load.file_name,
            reasons=list(reasons),
        )
    )


@operation(section=None, why=WHY)
def know_load(*, actor: Actor, load: UsageLoad, before: UsageLoad, now: datetime) -> None:  # noqa: ARG001
    """Write down that the content of a file was loaded whole before: all its rows are known."""
    notes = [f"everything was known: {before.file_name} had the same content"]
    counts: dict[str, Any] = {"rows": before.rows, "duplicates": before.rows, "notes": notes}
    advance(
        load, LoadState.KNOWN, transitions=TRANSITIONS, started_at=load.started_at, finished_at=now, **counts
    )  # fmt: skip
    publish(
        UsageKnown(
            organisation_id=None,
            subject_type="usage_load",
            subject_id=load.pk,
            file_name=load.file_name,
            sha256=load.sha256,
        )
    )


@operation(section=None, why=WHY)
def take_load(*, actor: Actor, load: UsageLoad, result: LoadResult, known: Sequence[Part], now: datetime) -> None:  # noqa: ARG001
    """Let everything of a load count: its parts, its counters, what they set off. Raises `StoreChanged`.

    `known` are the parts that the load was held against; they must still be all there are.
    """
    if {part.name for part in known} != {part.name for part in queries.parts_listed()}:
        raise StoreChanged
    list_parts(load, result.parts)
    if result.counters.num_rows:
        add_counters(result.counters)
    _write_counts(load, result, now)
    publish(
        UsageLoaded(
            organisation_id=None,
            subject_type="usage_load",
            subject_id=load.pk,
            file_name=load.file_name,
            sha256=load.sha256,
            loaded=result.loaded,
            duplicates=result.duplicates,
            rejected=result.rejected,
        )
    )
    tell_listeners(load.pk, result.counters, now)


def list_parts(load: UsageLoad | None, parts: Sequence[Part]) -> None:
    """List parts of the store, so that readers see them (inside an operation).

    What a load adds to a month that is over and had been loaded before is late; a month's first file never is, whenever it comes.
    """
    filled = _months_filled(load) if load is not None else set()
    UsagePart.objects.bulk_create(
        UsagePart(
            load=load,
            kind=part.kind.value,
            name=part.name,
            month=part.month,
            rows=part.rows,
            size=part.size,
            late=part.late or part.month in filled,
        )
        for part in parts
    )


def _months_filled(load: UsageLoad) -> set[date]:
    """Return the months that were over when a load began and hold records of other loads."""
    rows = UsagePart.objects.filter(kind=PartKind.RECORDS.value, month__lt=load.started_at.date())
    months = rows.exclude(load=load).order_by().values_list("month", flat=True).distinct()
    return {month for month in months if month is not None and is_over(month, load.started_at)}


def _write_counts(load: UsageLoad, result: LoadResult, now: datetime) -> None:
    """Write what became of the rows; a file that comes again after its numbers were put right adds to its own row."""
    counts: dict[str, Any] = {
        "rows": result.rows,
        "loaded": load.loaded + result.loaded,
        "rejected": result.rejected,
        "duplicates": result.rows - load.loaded - result.loaded - result.rejected,
        "reject_file": str(result.reject_file or ""),
        "notes": [*result.notes, *_came_again(load, result)],
        "started_at": load.started_at,
        "finished_at": now,
    }
    if load.state == LoadState.LOADING:
        advance(load, LoadState.LOADED, transitions=TRANSITIONS, **counts)
    elif not change_if(load, {"state": load.state, "loaded": load.loaded}, **counts):
        raise StateChanged


def _came_again(load: UsageLoad, result: LoadResult) -> list[str]:
    return (
        [f"the same file came again: {result.loaded} records more were loaded"]
        if load.state == LoadState.LOADED
        else []
    )


def tell_listeners(load_id: int, counters: Any, now: datetime) -> None:
    """Tell whoever listens that these counters changed (inside an operation)."""
    line_ids, months = (sorted(pc.unique(counters[name]).to_pylist()) for name in ("line_id", "month"))
    for listener in counter_listeners() if line_ids else ():
        listener(load_id=load_id, line_ids=line_ids, months=months, now=now)
