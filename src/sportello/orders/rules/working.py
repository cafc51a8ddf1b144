"""Who may do what with an order that is on its way, and what its state is by its items."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from sportello.kernel.access import Reach, Section
from sportello.kernel.actor import Actor
from sportello.kernel.refusals import InvalidInput, NotPermitted, WrongState
from sportello.orders.states import CANCELLABLE, ENDED, WORKED_ON, State

if TYPE_CHECKING:
    from sportello.orders.models import Order, OrderForm

LONGEST_NOTE: Final = 4_000
LONGEST_REASON: Final = 500


class TakenAlready(WrongState):
    """Another agent has it in hand."""

    default = _("Somebody else has taken this order a moment ago.")


class NotInHand(WrongState):
    """Only who has taken an order works on it."""

    default = _("Take the order in hand first.")


class HasEnded(WrongState):
    """Nothing moves an order that has ended."""

    default = _("This order has ended: nothing about it can be changed.")


class NotWaitingForYou(WrongState):
    """There is no question to answer."""

    default = _("The order is not waiting for your answer.")


class TooLateToCancel(WrongState):
    """The work has begun."""

    default = _("The work has begun: this order cannot be cancelled any more. Write to the operator.")


class SecondPerson(NotPermitted):
    """Who asked does not approve."""

    default = _("A second administrator approves: not the one who asked.")


class SentAlready(InvalidInput):
    """The same form was sent with other contents (IETF draft idempotency-key: 422)."""

    default = _("This form was sent already, with other contents. Begin a new order.")


def works(actor: Actor) -> bool:
    """Tell whether the actor is of the operator's people who work on orders."""
    return actor.reach is Reach.ALL and actor.may(Section.CHANGES)


def check_works(actor: Actor) -> None:
    """Let only the operator's people (and the system) work on orders."""
    if not works(actor):
        raise NotPermitted


def check_in_hand(actor: Actor, order: Order) -> None:
    """Let only who has taken the order work on it; the system has hands of its own. Raises `HasEnded`, `NotInHand`, `TakenAlready`."""
    check_works(actor)
    if order.state in ENDED:
        raise HasEnded
    if actor.is_system:
        return
    if order.assignee_id is None:
        raise NotInHand
    if order.assignee_id != actor.person_id:
        raise TakenAlready(_("This order is in the hands of %(name)s.") % {"name": order.assignee})


def check_can_take(order: Order) -> None:
    """Refuse an order that another has, or that is not the operator's to work on. Raises `HasEnded`, `TakenAlready`, `WrongState`."""
    if order.state in ENDED:
        raise HasEnded
    if order.state not in {State.SUBMITTED, *WORKED_ON}:
        raise WrongState
    if order.assignee_id is not None:
        raise TakenAlready(_("This order is in the hands of %(name)s.") % {"name": order.assignee})


def check_can_ask(actor: Actor, form: OrderForm) -> None:
    """Refuse a type that the profile may not ask for. Raises `NotPermitted`."""
    if not may_ask(actor, form):
        raise NotPermitted


def may_ask(actor: Actor, form: OrderForm) -> bool:
    """Tell whether the type is open to the profile; the operator's administrators and the system may ask for all."""
    return actor.is_system or actor.may(Section.OPERATIONS) or str(actor.profile) in form.asked_by


def check_can_cancel(actor: Actor, states: Collection[str]) -> None:
    """Refuse what has gone too far for the customer; the operator cancels anything open. Raises `HasEnded`, `TooLateToCancel`."""
    if set(states) <= ENDED:
        raise HasEnded
    if not works(actor) and not set(states) - ENDED <= CANCELLABLE:
        raise TooLateToCancel


def check_can_approve(actor: Actor, order: Order, *, same_hands: bool) -> None:
    """Let a second person of the customer approve: not who asked (ABUSE A15), nor a second account of theirs (`same_hands`: ABUSE D10).

    Raises `WrongState`, `SecondPerson`.
    """
    if order.state != State.APPROVAL:
        raise WrongState(_("This order is not waiting for an approval."))
    if actor.organisation_id != order.organisation_id or actor.person_id in {None, order.opened_by_id}:
        raise SecondPerson
    if same_hands:
        raise SecondPerson(
            _("Your account has the mobile number or the e-mail address of the one who asked: somebody else approves.")
        )


def check_note(note: str, *, needed: bool = True, longest: int = LONGEST_NOTE, field: str = "note") -> str:
    """Return a note without its outer blanks. Raises `InvalidInput` where it is missing or too long."""
    text = note.replace("\x00", "").replace("\r\n", "\n").strip()
    if needed and not text:
        raise InvalidInput(_("Say it in a few words."), field=field)
    if len(text) > longest:
        raise InvalidInput(_("At most %(count)s signs.") % {"count": longest}, field=field)
    return text


def state_by_items(before: str, items: Sequence[str]) -> State:
    """Return where an order stands by where its items stand; a wait of one item is a wait of the order, and shows the customer's first.

    Ended: completed when anything was done, else rejected when anything was, else cancelled. What has begun never looks new again.
    """
    states = {State(one) for one in items}
    if states <= ENDED:
        return next(one for one in (State.COMPLETED, State.REJECTED, State.CANCELLED) if one in states)
    for one in (State.APPROVAL, State.WAITING_CUSTOMER, State.WAITING_THIRD, State.IN_PROGRESS):
        if one in states:
            return one
    begun = before in {State.IN_PROGRESS, State.WAITING_CUSTOMER, State.WAITING_THIRD} or State.COMPLETED in states
    if State.ACCEPTED in states:
        return State.IN_PROGRESS if begun else State.ACCEPTED
    return State.SUBMITTED
