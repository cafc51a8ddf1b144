"""Which traffic employees pay themselves, as a usage load asks for it (a `usage.types.PrivateTermsSource`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Final

import pyarrow as pa
from django.conf import settings
from django.db.models import F, Q

from sportello.inventory.models import LinePeriod
from sportello.kernel.actor import system_actor
from sportello.kernel.scope import ScopedQuerySet
from sportello.usage.types import PrivateTerms, Window

OPEN_END: Final = 2**63 - 1
_SPANS: Final = ("period_id", "from_us", "to_us", "agreement_id", "messages", "roaming", "data")
_NUMBERS: Final = ("agreement_id", "number", "from_us", "to_us")
_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
Span = tuple[int, int, int, int, bool, bool, bool]


def private_terms(*, window: Window, numbers: Collection[str] | None, parties: Collection[str] | None) -> PrivateTerms:
    """Return the terms of the periods of these numbers within the window, and which of the parties are of their agreements; None: all.

    A period counts for the time that an enrolment of its line *and its person* covers: whoever gets the line next pays nothing
    under another's signature, at whatever instant it is noticed (ABUSE H07).
    """
    actor = system_actor(reason="which traffic employees pay themselves")
    spans = list(_spans(_chosen(_periods(actor, window), numbers)))
    outside = {span[3] for span in spans if span[4]}
    return PrivateTerms(
        spans=_table(_SPANS, spans),
        numbers=_table(_NUMBERS, _numbers(actor, outside, window, parties)),
        prefix=settings.SPORTELLO["DUAL_BILLING_PREFIX"],
        apns=settings.SPORTELLO["DUAL_BILLING_APNS"],
    )


def _periods(actor: Any, window: Window) -> ScopedQuerySet[LinePeriod]:
    """Return the periods of enrolled lines while the enrolled person held them; one filter, so that it is one join."""
    counts = Q(line__enrolments__active_to=None) | Q(line__enrolments__active_to__gt=window.earliest)
    held = Q(active_to=None) | Q(active_to__gt=window.earliest)
    return LinePeriod.objects.for_(actor).filter(
        counts,
        held,
        line__enrolments__person=F("person"),
        line__enrolments__active_from__lt=window.latest,
        active_from__lt=window.latest,
    )


def _chosen(rows: ScopedQuerySet[LinePeriod], numbers: Collection[str] | None) -> ScopedQuerySet[LinePeriod]:
    return rows if numbers is None else rows.filter(number__among=numbers)


def _spans(rows: ScopedQuerySet[LinePeriod]) -> Iterable[Span]:
    terms = [f"line__enrolments__{name}" for name in ("active_from", "active_to", "messages", "roaming", "data_apn")]
    columns = ("pk", "agreement_id", "line__agreement_id", "active_from", "active_to", *terms)
    for pk, then, now, begins, ends, since, until, *options in rows.order_by().values_list(*columns):
        from_us, to_us = max(_us(begins), _us(since)), min(_us(ends), _us(until))
        if from_us < to_us:
            yield (pk, from_us, to_us, then or now, *options)


def _numbers(
    actor: Any, agreements: set[int], window: Window, parties: Collection[str] | None
) -> list[tuple[int, str, int, int]]:
    """Return the numbers of some agreements with the times in which they were of them; of a small file only those that it calls."""
    if not agreements:
        return []
    held = Q(active_to=None) | Q(active_to__gt=window.earliest)
    ours = Q(agreement_id__in=agreements) | Q(agreement=None, line__agreement_id__in=agreements)
    rows = LinePeriod.objects.for_(actor).filter(held, ours, active_from__lt=window.latest)
    columns = ("agreement_id", "line__agreement_id", "number", "active_from", "active_to")
    return [
        (then or now, number, _us(begins), _us(ends))
        for then, now, number, begins, ends in _chosen(rows, parties).order_by().values_list(*columns)
    ]


def _us(instant: datetime | None) -> int:
    return OPEN_END if instant is None else int((instant - _EPOCH).total_seconds()) * 1_000_000 + instant.microsecond


def _table(names: tuple[str, ...], rows: list[Any]) -> Any:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    kinds = {"number": pa.string(), **dict.fromkeys(("messages", "roaming", "data"), pa.bool_())}
    return pa.table(
        {name: pa.array(values, kinds.get(name, pa.int64())) for name, values in zip(names, columns, strict=True)}
    )
