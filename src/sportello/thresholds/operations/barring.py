"""Bars: asked of the network where an enforcing threshold is full, lifted when they are no longer due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from sportello.kernel.access import Section
from sportello.kernel.actor import Actor, system_actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import WrongState
from sportello.network import operations as network
from sportello.network import queries as network_queries
from sportello.network.types import Wish
from sportello.thresholds import rules
from sportello.thresholds.events import BarLiftedByConsent, BarsAsked, BarsLifted
from sportello.thresholds.models import Bar, Consent, Threshold
from sportello.thresholds.operations.lock import hold_evaluations
from sportello.thresholds.states import Kind, Lifted, State, Zone

AT_ONCE: Final = 500
T = TypeVar("T")


def bar_full(actor: Actor, which: Q, now: datetime) -> int:
    """Ask the network to bar what enforcing thresholds have reached and is not barred in this period; return how many bars were asked for.

    To be called under the lock of evaluations, with the tallies up to date. The unique constraint is the last word.
    """
    count = 0
    for rows in _chunks(_due(actor, which, now), AT_ONCE):
        switches = network.ask(actor=_system(), wishes=[_wish(row) for row in rows], now=now)
        bars = [_bar(row, switches[_key(row)].pk, now) for row in rows]
        Bar.objects.bulk_create(bars, ignore_conflicts=True)
        _tell_asked(rows)
        count += len(rows)
    return count


def lift(actor: Actor, bars: Collection[Bar], why: Lifted, now: datetime) -> int:
    """End bars, and ask the network to lift those traffics that no other bar holds; return how many ended.

    To be called under the lock of evaluations.
    """
    open_bars = [bar for bar in bars if bar.lifted_at is None]
    for chunk in _chunks(open_bars, AT_ONCE):
        mine = Bar.objects.for_(actor).filter(pk__in=[bar.pk for bar in chunk], lifted_at=None)
        mine.update(lifted_at=now, lifted=why, lifted_by_id=actor.person_id)
        _release({bar.switch_id: bar for bar in chunk}, now)
        _tell_lifted(chunk, why)
    return len(open_bars)


def lift_of(actor: Actor, threshold: Threshold, why: Lifted, now: datetime) -> int:
    """End the open bars of one threshold."""
    open_bars = Bar.objects.for_(actor).filter(threshold=threshold, lifted_at=None).select_related("switch")
    return lift(actor, list(open_bars), why, now)


@operation(section=Section.THRESHOLDS)
def lift_bar(*, actor: Actor, bar: Bar, now: datetime) -> None:
    """Lift a bar for the rest of its period. Raises `NotPermitted` for an employee, `BarEnded`."""
    rules.check_can_manage(actor)
    standing = _standing(actor, [bar])
    if not standing:
        raise BarEnded
    lift(actor, standing, Lifted.PERSON, now)


@operation(section=Section.THRESHOLDS)
def lift_bars(*, actor: Actor, bars: Collection[Bar], now: datetime) -> int:
    """Lift those of the bars that stand; return how many. Raises `NotPermitted` for an employee."""
    rules.check_can_manage(actor)
    return lift(actor, _standing(actor, bars), Lifted.PERSON, now)


@operation(section=Section.THRESHOLDS)
def ask_network_again(*, actor: Actor, bars: Collection[Bar], now: datetime) -> int:
    """Send the orders of bars that the network refused, to bar or to lift, once more; return how many.

    Raises `NotPermitted` for an employee, `NothingRefused` when the network refused none of them.
    """
    rules.check_can_manage(actor)
    refused = list(network_queries.refused_orders(actor, {bar.switch_id for bar in bars}))
    if not refused:
        raise NothingRefused
    for order in refused:
        network.ask_again(actor=actor, order=order, now=now)
    return len(refused)


@operation(section=Section.THRESHOLDS)
def consent(*, actor: Actor, bar: Bar, now: datetime) -> None:
    """Record that the line's user wants to go on beyond a safeguard in this period, and lift its bar (EU 2022/612 art. 14).

    Raises `NotFound` for anybody else, `NoConsentNeeded`.
    """
    standing = _standing(actor, [bar])
    rules.check_can_consent(actor, bar.line, bar.threshold, lifted=not standing)
    Consent.objects.create(
        organisation_id=bar.organisation_id, line_id=bar.line_id, threshold_id=bar.threshold_id, person_id=actor.person_id or 0,
        period_start=bar.period_start, used_units=bar.used_units, limit_units=bar.limit_units, given_at=now,
    )  # fmt: skip
    publish(
        BarLiftedByConsent(
            organisation_id=bar.organisation_id,
            subject_type="threshold",
            subject_id=bar.threshold_id,
            line_id=bar.line_id,
        )
    )
    lift(actor, standing, Lifted.CONSENT, now)


class BarEnded(WrongState):
    """A bar ends once."""

    default = _("This bar is lifted already.")


class NothingRefused(WrongState):
    """The network is asked again where it refused, and while that is its last word."""

    default = _("The network refused nothing here: there is nothing to ask again.")


def _standing(actor: Actor, bars: Collection[Bar]) -> list[Bar]:
    """Return those of the bars that stand, as they are under the lock: what was read before may have been lifted meanwhile.

    Without the lock a load could bar the same traffic for another threshold between the look at who holds it and its release.
    """
    hold_evaluations()
    rows = Bar.objects.for_(actor).filter(pk__in=[bar.pk for bar in bars], lifted_at=None)
    return list(rows.select_related("switch").order_by("pk"))


def _system() -> Actor:
    # The switches of the network are nobody's own rows: who may lift was decided before.
    return system_actor(reason="a bar was asked for or lifted")


def _due(actor: Actor, which: Q, now: datetime) -> list[Threshold]:
    at = {"threshold_id": OuterRef("pk"), "period_start": OuterRef("tally__period_start")}
    barred = Bar.objects.for_(actor).filter(**at, revision=OuterRef("revision"))
    consented = Consent.objects.for_(actor).filter(**at)
    rows = Threshold.objects.for_(actor).filter(
        which,
        kind=Kind.ENFORCING,
        state=State.ACTIVE,
        tally__used_units__gte=F("limit_units"),
        tally__period_to__gt=now,
    )
    due = rows.filter(~Exists(barred), ~Exists(consented), line__active_to=None)
    return list(due.select_related("line", "tally").order_by("pk"))


def _wish(row: Threshold, *, enabled: bool = True) -> Wish:
    return Wish(organisation_id=row.organisation_id, resource=row.line.number, feature=feature_of(row), enabled=enabled)


def feature_of(row: Threshold) -> str:
    """Return the network's feature that bars what a threshold watches: `barring.data`, `barring.data.eu`; never emergency calls."""
    return f"barring.{row.traffic_type}" + ("" if row.zone == Zone.ANY else f".{row.zone}")


def _key(row: Threshold) -> tuple[int, str, str]:
    return row.organisation_id, row.line.number, feature_of(row)


def _bar(row: Any, switch_id: int, now: datetime) -> Bar:
    return Bar(
        organisation_id=row.organisation_id, line_id=row.line_id, threshold=row, switch_id=switch_id, revision=row.revision,
        period_start=row.tally.period_start, ends_at=row.tally.period_to, used_units=row.tally.used_units,
        limit_units=row.limit_units, asked_at=now,
    )  # fmt: skip


def _release(bars: dict[int, Bar], now: datetime) -> None:
    held = set(
        Bar.objects.for_(_system()).filter(switch_id__in=bars, lifted_at=None).values_list("switch_id", flat=True)
    )
    free = [bar.switch for switch_id, bar in bars.items() if switch_id not in held]
    wishes = [
        Wish(organisation_id=one.organisation_id, resource=one.resource, feature=one.feature, enabled=False)
        for one in free
    ]
    network.ask(actor=_system(), wishes=wishes, now=now)


def _tell_asked(rows: Sequence[Threshold]) -> None:
    for organisation_id, ids in _by_customer(rows).items():
        publish(BarsAsked(organisation_id=organisation_id, subject_type="threshold", subject_id=ids[0], thresholds=ids))


def _tell_lifted(bars: Sequence[Bar], why: Lifted) -> None:
    by_customer: dict[int, list[int]] = defaultdict(list)
    for bar in bars:
        by_customer[bar.organisation_id].append(bar.threshold_id)
    for organisation_id, ids in by_customer.items():
        publish(
            BarsLifted(
                organisation_id=organisation_id,
                subject_type="threshold",
                subject_id=ids[0],
                thresholds=ids,
                why=why.value,
            )
        )


def _by_customer(rows: Iterable[Threshold]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        found[row.organisation_id].append(row.pk)
    return found


def _chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
