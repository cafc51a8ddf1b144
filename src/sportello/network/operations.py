"""Every write about the network: a wish becomes an order, an order goes out after the commit, an answer settles it."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import F

from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.chunks import in_chunks
from sportello.kernel.operations import operation, publish
from sportello.kernel.scope import ScopedQuerySet
from sportello.kernel.states import StateChanged, advance, change_if
from sportello.network import rules
from sportello.network.events import NetworkAsked, NetworkAskedAgain, NetworkConfirmed, NetworkRefusedOrder
from sportello.network.models import Order, Switch
from sportello.network.states import TRANSITIONS, State
from sportello.network.types import Answer, Wish

AT_ONCE: Final = 500
ANSWER_LENGTH: Final = 300
LEASE: Final = "which worker talks with the network"
Key = tuple[int, str, str]


@operation(section=None, why="whoever may make the change may have it brought to the network: the caller was permitted")
def ask(*, actor: Actor, wishes: Sequence[Wish], now: datetime) -> dict[Key, Switch]:
    """Order what is wanted of the network where it is not ordered already; return the switches by (customer, number, feature).

    A wish that stands already (asked or confirmed) is not ordered again. The orders go out after the commit.
    """
    found: dict[Key, Switch] = {}
    orders: list[Order] = []
    for chunk in in_chunks(_last_of_each(wishes), AT_ONCE):
        known = _known(actor, chunk)
        fresh = [_switch(wish, now) for wish in chunk if _key(wish) not in known]
        Switch.objects.bulk_create(fresh)
        changed = []
        for wish in chunk:
            switch = known.get(_key(wish))
            if switch is not None and (switch.wanted != wish.enabled or switch.state == State.FAILED):
                _turn(switch, now, wanted=wish.enabled)
                changed.append(switch)
        orders += Order.objects.bulk_create([_order(switch, now) for switch in (*fresh, *changed)])
        found |= known | {_key(switch): switch for switch in fresh}
    _send(orders)
    return found


@operation(section=Section.THRESHOLDS)
def ask_again(*, actor: Actor, order: Order, now: datetime) -> Order:
    """Send a refused order once more, as a new one with a key of its own. Raises `NotRefused`, also to the second of two clicks."""
    switch = _held(Switch.objects.for_(actor)).get_or_refuse(pk=order.switch_id)
    order.refresh_from_db(fields=["state"])
    rules.check_can_ask_again(state=order.state, last=order.revision == switch.revision)
    _turn(switch, now, wanted=switch.wanted)
    again = Order.objects.bulk_create([_order(switch, now)])[0]
    publish(
        NetworkAskedAgain(
            organisation_id=switch.organisation_id, subject_type="switch", subject_id=switch.pk,
            resource=switch.resource, feature=switch.feature, enabled=switch.wanted,
        )
    )  # fmt: skip
    _send([again])
    return again


@operation(section=None, why="the network answered; no person acts")
def confirm(*, actor: Actor, order: Order, answer: Answer, now: datetime) -> None:  # noqa: ARG001 - the door checks it
    """Settle an order as done: the network's own words say what is so."""
    advance(
        order, State.CONFIRMED, transitions=TRANSITIONS, settled_at=now, answer="", tries=F("tries") + 1, tried_at=now
    )
    switch = order.switch
    values: dict[str, Any] = {"actual": answer.enabled, "external_id": answer.external_id}
    if not change_if(switch, {"revision": order.revision}, state=State.CONFIRMED, problem="", settled_at=now, **values):
        change_if(switch, {}, **values)
    publish(
        NetworkConfirmed(
            organisation_id=switch.organisation_id, subject_type="switch", subject_id=switch.pk,
            resource=switch.resource, feature=switch.feature, enabled=answer.enabled,
        )
    )  # fmt: skip


@operation(section=None, why="the network answered; no person acts")
def refuse(*, actor: Actor, order: Order, reason: str, now: datetime) -> None:  # noqa: ARG001 - the door checks it
    """Settle an order as refused: what is so at the network stays as it was."""
    said = reason[:ANSWER_LENGTH]
    advance(
        order, State.FAILED, transitions=TRANSITIONS, settled_at=now, answer=said, tries=F("tries") + 1, tried_at=now
    )
    switch = order.switch
    change_if(switch, {"revision": order.revision}, state=State.FAILED, problem=said, settled_at=now)
    publish(
        NetworkRefusedOrder(
            organisation_id=switch.organisation_id, subject_type="switch", subject_id=switch.pk,
            resource=switch.resource, feature=switch.feature, enabled=order.wanted, reason=said,
        )
    )  # fmt: skip


def overtake(order: Order, *, now: datetime) -> None:
    """Close an order that a later one for the same switch has made pointless; nothing was settled, so nothing is told."""
    advance(order, State.SUPERSEDED, transitions=TRANSITIONS, untold="a later order took its place", settled_at=now)


def note_silence(order: Order, *, why: str, now: datetime) -> None:
    """Keep that a try brought no answer: the order stays asked, and is never shown as done."""
    came: dict[str, Any] = {"tries": F("tries") + 1, "answer": why[:ANSWER_LENGTH], "tried_at": now}
    change_if(order, {"state": State.ASKED}, untold="a try without an answer", **came)


def take_switch(switch: Switch, *, now: datetime, lease: timedelta) -> datetime | None:
    """Take a switch for one conversation with the network; return until when it is held, None when it is not free."""
    until = now + lease
    taken = change_if(switch, {"busy_until": None}, untold=LEASE, busy_until=until)
    if not taken and switch.busy_until is not None and switch.busy_until < now:  # its worker died
        taken = change_if(switch, {"busy_until": switch.busy_until}, untold=LEASE, busy_until=until)
    return until if taken else None


def leave_switch(switch: Switch, *, held_until: datetime) -> None:
    """Give a switch back after a conversation, unless the lease ran out and another worker holds it now."""
    change_if(switch, {"busy_until": held_until}, untold=LEASE, busy_until=None)


def _last_of_each(wishes: Iterable[Wish]) -> list[Wish]:
    return list({_key(wish): wish for wish in wishes}.values())


def _known(actor: Actor, wishes: Sequence[Wish]) -> dict[Key, Switch]:
    rows = _held(Switch.objects.for_(actor).filter(resource__in={wish.resource for wish in wishes}).order_by("pk"))
    wanted = {_key(wish) for wish in wishes}
    return {key: row for row in rows if (key := _key(row)) in wanted}


def _held(rows: ScopedQuerySet[Switch]) -> ScopedQuerySet[Switch]:
    """Hold switches against other wishes until this transaction ends (SQLite has one writer anyway)."""
    return rows.select_for_update() if connection.features.has_select_for_update else rows


def _switch(wish: Wish, now: datetime) -> Switch:
    return Switch(
        organisation_id=wish.organisation_id, resource=wish.resource, feature=wish.feature, category=wish.category,
        wanted=wish.enabled, asked_at=now,
    )  # fmt: skip


def _turn(switch: Switch, now: datetime, *, wanted: bool) -> None:
    values: dict[str, Any] = {
        "wanted": wanted,
        "revision": switch.revision + 1,
        "state": State.ASKED,
        "asked_at": now,
        "settled_at": None,
        "problem": "",
    }
    if not change_if(switch, {"revision": switch.revision}, **values):
        raise StateChanged
    for name, value in values.items():
        setattr(switch, name, value)


def _order(switch: Switch, now: datetime) -> Order:
    return Order(
        organisation_id=switch.organisation_id, switch=switch, revision=switch.revision, wanted=switch.wanted,
        key=uuid.uuid4(), asked_at=now,
    )  # fmt: skip


def _send(orders: Sequence[Order]) -> None:
    by_customer: dict[int, list[int]] = defaultdict(list)
    for order in orders:
        by_customer[order.organisation_id].append(order.pk)
    for organisation_id, ids in by_customer.items():
        for chunk in in_chunks(ids, AT_ONCE):
            publish(
                NetworkAsked(organisation_id=organisation_id, subject_type="network", subject_id=chunk[0], orders=chunk)
            )


def _key(one: Wish | Switch) -> Key:
    return one.organisation_id, one.resource, one.feature
