"""Who may write in a ticket, move it, show it, and work on it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sportello.kernel.actor import Actor
from sportello.kernel.refusals import InvalidInput, NotPermitted, WrongState
from sportello.tickets.rules.opening import LONGEST_TEXT
from sportello.tickets.states import ENDED, REOPENED_WITHIN, TRANSITIONS, EntryKind, Party, State
from sportello.tickets.visibility import Audience, audience_of, may_be_shown

MOST_TAGS, LONGEST_TAG = 12, 30
_PARTNERS: Final = frozenset({State.RESOLVED, State.CLOSED, State.REOPENED})
"""Where a partner moves a ticket itself: the rest is the operator's work."""


class ReopeningTooLate(WrongState):
    """A ticket that ended too long ago is not opened again."""

    default = gettext_lazy("This ticket ended more than 14 days ago. Open a new one and link it.")


class AnswersByMailOnly(NotPermitted):
    """The end customer answers by e-mail (rule 5 of the source)."""

    default = gettext_lazy("To answer, reply to the e-mail that you received about this ticket.")


def check_can_write(actor: Actor, *, party: Party, by_mail: bool, ended_at: datetime | None, now: datetime) -> None:
    """Refuse the end customer by any way but the mail, and whoever writes long after the end.

    Raises `AnswersByMailOnly`, `ReopeningTooLate`.
    """
    audience = audience_of(actor)
    if not actor.is_system and audience is Audience.NOBODY:
        raise NotPermitted
    if party is Party.CUSTOMER and not by_mail:
        raise AnswersByMailOnly
    if is_too_late(ended_at=ended_at, now=now):
        raise ReopeningTooLate


def is_too_late(*, ended_at: datetime | None, now: datetime) -> bool:
    """Tell whether a ticket ended so long ago that nothing is written in it any more (product/06: 14 days)."""
    return ended_at is not None and now - ended_at > REOPENED_WITHIN


def check_words(text: str, *, files: int) -> None:
    """Refuse an entry that says nothing, and a text that is too long. Raises `InvalidInput`."""
    if not text.strip() and not files:
        raise InvalidInput(_("Write something, or add a file."), field="text")
    if len(text) > LONGEST_TEXT:
        raise InvalidInput(_("The text is too long: put the rest into a file."), field="text")


def check_can_work(actor: Actor) -> None:
    """Refuse everybody but the operator: priority, assignment, tags, links, merging, showing a ticket (ABUSE D09, E08)."""
    if audience_of(actor) is not Audience.OPERATOR:
        raise NotPermitted


def check_can_show_entry(actor: Actor, *, kind: str, channel: str) -> None:
    """Refuse the end customer, and entries that came by mail or are notes (rule 3 of the source). Raises `WrongState`."""
    if audience_of(actor) not in {Audience.OPERATOR, Audience.PARTNER}:
        raise NotPermitted
    if not may_be_shown(kind=kind, channel=channel):
        raise WrongState(_("Only what was written in the portal's own form can be shown to the customer."))


def check_can_show_ticket(*, wholesale: bool) -> None:
    """Refuse showing the ticket of a wholesaler's customer: its end customers take no part (ABUSE E07). Raises `WrongState`."""
    if wholesale:
        raise WrongState(_("This customer belongs to a wholesaler: its people take no part in tickets."))


def states_offered(actor: Actor, state: str, *, ended_at: datetime | None, now: datetime) -> list[State]:
    """Return where the actor may move a ticket, in the order of the states; long after its end nowhere back."""
    audience = audience_of(actor)
    if audience not in {Audience.OPERATOR, Audience.PARTNER}:
        return []
    open_to = TRANSITIONS[state]
    if is_too_late(ended_at=ended_at, now=now):
        open_to = open_to - {State.REOPENED}
    return [one for one in State if one in open_to and (audience is Audience.OPERATOR or one in _PARTNERS)]


def check_can_change_state(actor: Actor, *, to: str, ended_at: datetime | None, now: datetime) -> None:
    """Refuse a state that the actor may not set, and reopening too late. Raises `NotPermitted`, `ReopeningTooLate`."""
    audience = audience_of(actor)
    if audience is not Audience.OPERATOR and not (audience is Audience.PARTNER and to in _PARTNERS):
        raise NotPermitted
    if to == State.REOPENED and is_too_late(ended_at=ended_at, now=now):
        raise ReopeningTooLate


def state_after_words(state: str, *, party: Party, kind: EntryKind) -> State | None:
    """Return where an entry moves its ticket by itself: an ended one is opened again, the awaited answer ends its wait."""
    if kind is not EntryKind.MESSAGE:
        return None
    if state in ENDED:
        return State.REOPENED
    awaited = {
        State.WAITING_PARTNER: Party.PARTNER,
        State.WAITING_CUSTOMER: Party.CUSTOMER,
        State.WAITING_SUPPLIER: Party.SUPPLIER,
    }
    if awaited.get(State(state)) is party or (state in {State.OPEN, State.REOPENED} and party is Party.OPERATOR):
        return State.IN_PROGRESS
    return None


def check_tags(tags: Iterable[str]) -> list[str]:
    """Return tags as they are kept: small letters, each once, in order. Raises `InvalidInput`."""
    cleaned = sorted({" ".join(tag.lower().split()) for tag in tags} - {""})
    if len(cleaned) > MOST_TAGS:
        raise InvalidInput(_("A ticket has %(most)s tags at most.") % {"most": MOST_TAGS}, field="tags")
    if any(len(tag) > LONGEST_TAG or not tag.isprintable() for tag in cleaned):
        raise InvalidInput(_("A tag has %(most)s letters at most.") % {"most": LONGEST_TAG}, field="tags")
    return cleaned


def check_can_link(*, ticket_id: int, other_id: int) -> None:
    """Refuse a ticket that is linked to itself. Raises `InvalidInput`."""
    if ticket_id == other_id:
        raise InvalidInput(_("This is the ticket itself."), field="other")


def check_can_merge(
    *, ticket_id: int, into_id: int, same_customer: bool, merged: bool, into_merged: bool, into_open: bool
) -> None:
    """Refuse merging with itself, across customers, twice, and into one that goes on elsewhere or has ended. Raises `InvalidInput`."""
    check_can_link(ticket_id=ticket_id, other_id=into_id)
    if not same_customer:
        raise InvalidInput(_("The other ticket is another customer's."), field="other")
    if merged:
        raise InvalidInput(_("This ticket goes on in another one already."), field="other")
    if into_merged or not into_open:
        raise InvalidInput(_("The other ticket has ended: choose one that is open."), field="other")
