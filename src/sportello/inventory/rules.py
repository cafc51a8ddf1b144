"""What may be done to lines, and by whom."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from sportello.inventory.states import TRANSITIONS, LineKind, LineStatus
from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.kernel.phones import InvalidPhoneNumber, is_e164, normalise
from sportello.kernel.refusals import InvalidInput, NotPermitted, WrongState
from sportello.kernel.states import NoSuchTransition

if TYPE_CHECKING:
    from sportello.inventory.models import Line
    from sportello.inventory.types import HeldInterval

ASSIGNMENTS: Final = frozenset({"person", "cost_centre", "site"})
"""What a customer (or its partner) decides about its own lines; the rest is the operator's, and asked for by an order."""

ACCESS_CODE = re.compile(r"[0-9A-Za-z+][0-9A-Za-z ._/-]{1,39}", re.ASCII)
SEPARATORS = re.compile(r"[ ().\-/]")


class NumberTaken(InvalidInput):
    """Another line holds the number in that time. The sentence does not say whose: it may be another customer's (ABUSE C14)."""

    default = _("This number is in use in that time.")

    def __init__(self) -> None:
        super().__init__(field="number")


class NothingToChange(WrongState):
    """The line stands like this already."""

    default = _("Nothing would change: the line already stands like this.")


class LineHasEnded(WrongState):
    """The line holds its number no more."""

    default = _("This line has ended: nothing about it can be changed.")


def check_runs_network(actor: Actor) -> None:
    """Let only the operator (or the system) through: numbers, plans, SIMs and states are its to say."""
    if actor.reach is not Reach.ALL:
        raise NotPermitted(_("Only the operator changes this: ask for it with an order."))


def runs_network(actor: Actor) -> bool:
    """Tell whether the actor may change what only the operator changes."""
    return actor.reach is Reach.ALL


def check_can_change(actor: Actor, changes: Iterable[str]) -> None:
    """Refuse changes that are not the actor's to make."""
    if not set(changes) <= ASSIGNMENTS:
        check_runs_network(actor)


def check_number(kind: str, number: str) -> str:
    """Return the number in its one form: E.164, or for an xDSL its access code. Raises `InvalidInput` (field `number`)."""
    text = number.strip()
    if kind == LineKind.XDSL:
        if not ACCESS_CODE.fullmatch(text):
            raise InvalidInput(_("An access code has 2 to 40 letters, digits and . _ / -"), field="number")
        return text
    compact = SEPARATORS.sub("", text)
    if is_e164(compact):
        return compact
    try:
        return normalise(text)
    except InvalidPhoneNumber as wrong:
        raise InvalidInput(wrong.sentence, field="number") from wrong


def check_free(wanted: HeldInterval, held: Iterable[HeldInterval]) -> None:
    """Refuse a time in which the number is another line's: one number, one holder at one instant. Raises `NumberTaken`."""
    if any(wanted.overlaps(other) for other in held):
        raise NumberTaken


def check_period(active_from: datetime, active_to: datetime | None) -> None:
    """Refuse an end that is not after the start."""
    if active_to is not None and active_to <= active_from:
        raise InvalidInput(_("The end must be after the start."), field="active_to")


def has_ended(line: Line, now: datetime) -> bool:
    """Tell whether a line holds its number no more."""
    return line.status == LineStatus.TERMINATED or (line.active_to is not None and line.active_to <= now)


def check_not_ended(line: Line, now: datetime) -> None:
    """Refuse a line that has ended. Raises `LineHasEnded`."""
    if has_ended(line, now):
        raise LineHasEnded


def check_moment(at: datetime, *, now: datetime, stands_since: datetime) -> None:
    """Refuse a moment of change that lies in the future, or before the line began to stand as it does now.

    A line that has not begun yet changes at its start.
    """
    if at > max(now, stands_since):
        raise InvalidInput(_("A change cannot lie in the future."), field="at")
    if at < stands_since:
        raise InvalidInput(_("The line was changed after that day: choose a later one."), field="at")


def check_end(at: datetime, *, stands_since: datetime) -> None:
    """Refuse an end before the line began to stand as it does now."""
    if at <= stands_since:
        raise InvalidInput(_("The line was changed after that day: choose a later one."), field="at")


def status_at(status: str, active_to: datetime | None, now: datetime) -> str:
    """Return the state that a line has now: ended when its end has passed. Raises `InvalidInput` for «terminated» without an end."""
    if active_to is not None and active_to <= now:
        return LineStatus.TERMINATED
    if status == LineStatus.TERMINATED:
        raise InvalidInput(_("A terminated line needs the day on which it ended."), field="active_to")
    return status


def check_own(organisation_id: int, values: Mapping[str, Any]) -> None:
    """Refuse people, cost centres, sites and SIMs of another organisation (ABUSE C06), and people who left."""
    sentences = {
        "person": _("Choose one of the customer's own people."),
        "cost_centre": _("Choose one of the customer's own cost centres."),
        "site": _("Choose one of the customer's own sites."),
        "sim": _("This SIM cannot be used for this line."),
        "agreement": _("Choose one of the customer's own agreements."),
    }
    for field, sentence in sentences.items():
        value = values.get(field)
        if value is not None and value.organisation_id != organisation_id:
            raise InvalidInput(sentence, field=field)
    person = values.get("person")
    if person is not None and person.deactivated_at is not None:
        raise InvalidInput(_("This person has left: choose somebody else."), field="person")


def check_status(line: Line, to: str) -> None:
    """Refuse a state that the line cannot come to from its present one; ending a line is an operation of its own."""
    if to == LineStatus.TERMINATED:
        raise WrongState(_("End the line instead: the end needs its day."))
    if to != line.status and to not in TRANSITIONS[LineStatus(line.status)]:
        raise NoSuchTransition
