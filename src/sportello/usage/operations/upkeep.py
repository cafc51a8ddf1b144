"""Keeping the record store small and quick: merging small parts, forgetting old records, sweeping what nobody lists."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils.translation import gettext_noop

from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.states import advance
from sportello.usage import queries
from sportello.usage.events import UsageForgotten, UsagePartsMerged, UsageRefused
from sportello.usage.models import UsageLoad, UsagePart
from sportello.usage.operations.loading import list_parts
from sportello.usage.operations.lock import one_writer
from sportello.usage.states import TRANSITIONS, LoadState
from sportello.usage.types import Part, PartKind, months_before

FEW: Final = 4
"""Parts of one size that lie side by side before they become one; each step up is four times as large."""

SMALLEST: Final = 50_000
"""Rows below which all parts are of one size."""

LARGEST: Final = 20_000_000
"""A part of so many rows is not written again."""

IN_USE: Final = timedelta(hours=1)
"""A file that is no longer listed stays this long, for readers in the middle of it and for loads about to list it."""


def merge_small_parts(*, actor: Actor, now: datetime, wait: bool = False) -> int:
    """Merge parts of like size where several lie in one month; return how many were merged. Raises `StoreBusy`.

    Four of a size become one, so that a part is written again only when its month has grown fourfold, and a line's month is
    read from a few files, however many small batches came.
    """
    merged = 0
    with one_writer(wait=wait):
        for parts in mergeable(queries.parts_listed()):
            whole = queries.store().merge(parts, f"merged-{uuid.uuid4().hex[:12]}")
            replace_parts(actor=actor, old=parts, new=[replace(whole, late=parts[0].late)], now=now)
            merged += len(parts)
    return merged


def mergeable(parts: Sequence[Part]) -> list[list[Part]]:
    """Return the groups of parts that are worth a merge: of one kind, month and size, and late or not all of them."""
    alike: dict[tuple[PartKind, date | None, bool, int], list[Part]] = defaultdict(list)
    for part in parts:
        if part.rows < LARGEST:
            alike[part.kind, part.month, part.late, size_of(part.rows)].append(part)
    return [group for group in alike.values() if len(group) >= FEW]


def size_of(rows: int) -> int:
    """Return the size class of a part: 0 up to `SMALLEST` rows, one more for each fourfold."""
    size = 0
    while rows > SMALLEST:
        rows, size = rows // FEW, size + 1
    return size


def forget_old_records(*, actor: Actor, now: datetime, wait: bool = False) -> int:
    """Remove the records past their retention (Codice privacy art. 123 c.2: six months for billing); return how many.

    Counters stay, and the ids stay for ever, so that a record of long ago is known when it comes again. Raises `StoreBusy`.
    """
    instant = months_before(now, settings.SPORTELLO["USAGE_RETENTION_MONTHS"])
    forgotten = 0
    with one_writer(wait=wait):
        for part in queries.parts_listed():
            if part.month is None or part.month > (instant + timedelta(days=1)).date():
                continue
            kept = queries.store().without_older(part, instant, f"kept-{uuid.uuid4().hex[:12]}")
            if kept is not None and kept.rows == part.rows:
                queries.store().remove(kept)
                continue
            gone = part.rows - (kept.rows if kept else 0)
            forget_part(actor=actor, part=part, kept=kept, instant=instant, now=now)
            forgotten += gone
    return forgotten


def sweep_store(*, actor: Actor, now: datetime, wait: bool = False) -> Sequence[str]:
    """Remove files that nobody lists, and end loads that died; return the names of the files. Raises `StoreBusy`."""
    with one_writer(wait=wait):
        for load in UsageLoad.objects.filter(state=LoadState.LOADING, started_at__lt=now - IN_USE):
            end_dead_load(actor=actor, load=load, now=now)
        UsagePart.objects.filter(retired_at__lt=now - IN_USE).delete()
        listed = set(UsagePart.objects.values_list("name", flat=True))
        return queries.store().sweep(listed, now - IN_USE)


@operation(section=None, why="the upkeep of the record store is the system's own; no person acts")
def replace_parts(*, actor: Actor, old: Sequence[Part], new: Sequence[Part], now: datetime) -> None:  # noqa: ARG001
    """List new parts instead of old ones that hold the same; the old files stay for readers in the middle of them."""
    list_parts(None, new)
    retire(old, now)
    publish(UsagePartsMerged(organisation_id=None, parts=len(old), rows=sum(part.rows for part in new)))


@operation(section=None, why="the upkeep of the record store is the system's own; no person acts")
def forget_part(*, actor: Actor, part: Part, kept: Part | None, instant: datetime, now: datetime) -> None:  # noqa: ARG001
    """List what stays of a part instead of the part. Its file goes when it is swept."""
    list_parts(None, [replace(kept, late=part.late)] if kept else [])
    retire([part], now)
    gone = part.rows - (kept.rows if kept else 0)
    publish(UsageForgotten(organisation_id=None, records=gone, instant=instant.isoformat()))


@operation(section=None, why="the upkeep of the record store is the system's own; no person acts")
def end_dead_load(*, actor: Actor, load: UsageLoad, now: datetime) -> None:  # noqa: ARG001
    """Write down that a load died and nobody brought its file again; nothing of it counts."""
    reasons = [gettext_noop("the load was broken off before its end; nothing of it counts: load the file again")]
    advance(load, LoadState.REFUSED, transitions=TRANSITIONS, reasons=reasons, finished_at=now)
    publish(
        UsageRefused(
            organisation_id=None,
            subject_type="usage_load",
            subject_id=load.pk,
            file_name=load.file_name,
            reasons=reasons,
        )
    )


def retire(parts: Sequence[Part], now: datetime) -> None:
    """Take parts off the list of those that readers may open (inside an operation); their files go when they are swept."""
    UsagePart.objects.filter(name__in=[part.name for part in parts]).update(retired_at=now)
