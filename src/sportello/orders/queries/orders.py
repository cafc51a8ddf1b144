"""Orders, their items and their history, as their readers see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.conf import settings
from django.db.models import Count, Q

from sportello.accounts.models import Person
from sportello.inventory.models import Line
from sportello.kernel import phones
from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.kernel.scope import ScopedQuerySet
from sportello.orders.models import Order, OrderFile, OrderItem, OrderStep
from sportello.orders.states import INTERNAL, OPEN, WORKED_ON, State

REFERRED: Final = ("organisation", "type", "form__queue", "opened_by", "approver", "assignee")


def orders(actor: Actor) -> ScopedQuerySet[Order]:
    """Return the orders inside the actor's reach that were sent; drafts are their writer's alone."""
    rows = Order.objects.for_(actor).exclude(code=None).select_related("type", "organisation", "assignee")
    return rows.defer("draft")


def order_of(actor: Actor, pk: int) -> Order:
    """Return one order that was sent, with all that its page shows. Raises `NotFound`."""
    return Order.objects.for_(actor).exclude(code=None).select_related(*REFERRED).get_or_refuse(pk=pk)


def drafts(actor: Actor) -> ScopedQuerySet[Order]:
    """Return what the actor began and did not send, the newest first."""
    rows = Order.objects.for_(actor).filter(state=State.DRAFT, opened_by_id=actor.person_id or 0)
    return rows.select_related("type", "form", "organisation").order_by("-changed_at", "-pk")


def draft_of(actor: Actor, pk: int) -> Order:
    """Return one draft of the actor's own. Raises `NotFound`."""
    return drafts(actor).select_related(*REFERRED).get_or_refuse(pk=pk)


def begun_of(actor: Actor, pk: int) -> Order:
    """Return a draft of the actor's own, or what became of it. Raises `NotFound`."""
    rows = Order.objects.for_(actor).filter(opened_by_id=actor.person_id or 0).select_related(*REFERRED)
    return rows.get_or_refuse(pk=pk)


def items_of(actor: Actor, order: Order) -> ScopedQuerySet[OrderItem]:
    """Return the items of an order by their places."""
    rows = OrderItem.objects.for_(actor).filter(order=order).select_related("line", "line__person")
    return rows.order_by("place")


def open_items(actor: Actor, order: Order) -> list[OrderItem]:
    """Return the items of an order that have not ended."""
    return list(items_of(actor, order).filter(state__in=OPEN))


def steps_of(actor: Actor, order: Order) -> list[OrderStep]:
    """Return the history of an order, the newest first; internal steps to the operator's people alone."""
    rows = OrderStep.objects.for_(actor).filter(order=order).order_by("-sequence")
    return list(rows if actor.reach is Reach.ALL else rows.exclude(kind__in=INTERNAL))


def files_of(actor: Actor, order: Order) -> list[OrderFile]:
    """Return the documents handed in with an order, without their contents; of each question the newest."""
    rows = OrderFile.objects.for_(actor).filter(order=order).defer("content").order_by("pk")
    return list({row.key: row for row in rows}.values())


def file_of(actor: Actor, order: Order, pk: int) -> OrderFile:
    """Return one document with its content. Raises `NotFound`."""
    return OrderFile.objects.for_(actor).filter(order=order).get_or_refuse(pk=pk)


def to_work_on(actor: Actor) -> ScopedQuerySet[Order]:
    """Return the orders that the operator's people work on: sent, approved, and not ended."""
    rows = Order.objects.for_(actor).filter(state__in=[State.SUBMITTED, *WORKED_ON])
    rows = rows.select_related("type", "organisation", "assignee", "form__queue")
    return rows.defer("draft", "form__fields", "form__checks", "form__asked_by")


def late(today: date) -> Q:
    """Return the condition on orders that should have been done; while they wait for the customer they are not late."""
    return Q(expected_date__lt=today, state__in=[State.SUBMITTED, *WORKED_ON]) & ~Q(state=State.WAITING_CUSTOMER)


def counts(actor: Actor, *, today: date) -> dict[str, int]:
    """Return how many open orders there are in reach: all, late ones, those that wait for the customer, those that wait for approval."""
    rows = Order.objects.for_(actor).filter(state__in=OPEN).order_by()
    found: dict[str, int] = rows.aggregate(
        open=Count("pk"),
        late=Count("pk", filter=late(today)),
        waiting=Count("pk", filter=Q(state=State.WAITING_CUSTOMER)),
        approval=Count("pk", filter=Q(state=State.APPROVAL)),
    )
    return found


def found_by(actor: Actor, word: str) -> Q:
    """Return the condition on orders whose code begins with a word, or that are about a number that does, as it is typed at home too."""
    if word.upper().startswith("ORD"):
        return Q(code__startswith=word.upper())
    home = phones.prefix_of(settings.SPORTELLO["COUNTRY"])
    numbers = [word] if word.startswith("+") else [word, f"+{word}", f"{home}{word}"]
    about = Q()
    for number in numbers:
        about |= Q(number__startswith=number)
    return Q(pk__in=OrderItem.objects.for_(actor).filter(about).order_by().values("order_id"))


def items_of_line(actor: Actor, line: Line) -> list[OrderItem]:
    """Return what was ever ordered for a line, the newest first."""
    rows = OrderItem.objects.for_(actor).filter(line=line).select_related("order__type").order_by("-pk")
    return list(rows[:200])


def open_on_lines(actor: Actor, line_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the codes of open orders by the lines that they are about."""
    found: dict[int, list[str]] = {}
    rows = OrderItem.objects.for_(actor).filter(line__in=list(line_ids), state__in=OPEN)
    for line_id, code in rows.order_by("pk").values_list("line_id", "order__code"):
        if line_id and code:
            found.setdefault(line_id, []).append(code)
    return found


def in_same_hands(actor: Actor, order: Order) -> bool:
    """Tell whether the reader's account has the mobile number or the address of who asked: two accounts are no two people (ABUSE D10)."""
    people = Person.objects.across_tenants(
        reason="four eyes: who asked and who approves are two people", opens_wall=False
    )
    pair = list(people.filter(pk__in=[actor.person_id or 0, order.opened_by_id]).values_list("mobile", "email"))
    if len(pair) < 2:  # noqa: PLR2004 - a pair
        return False
    return any(one and one.casefold() == other.casefold() for one, other in zip(*pair, strict=True))
