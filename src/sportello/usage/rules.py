"""What people may ask of traffic: facts in, refusal out."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.utils.translation import gettext_lazy as _

from sportello.kernel.access import Access, Section
from sportello.kernel.actor import Actor
from sportello.kernel.calendar import next_month
from sportello.kernel.refusals import InvalidInput, NotPermitted, WrongState
from sportello.usage.states import DocumentationPurpose


class NumbersStayMasked(NotPermitted):
    """Called numbers are shown whole to the line's own user alone."""

    default = _("Called numbers are shown whole only to the person who used the line.")


def check_can_see_clear_numbers(actor: Actor) -> None:
    """Let the line's own user alone see called numbers whole (art. 124 Codice privacy; DOMAIN §6.4). Raises `NumbersStayMasked`."""
    if actor.access(Section.TRAFFIC_BILLING) is not Access.OWN:
        raise NumbersStayMasked


DOCUMENTATION_MONTHS: Final = 6
"""How far back records are asked for (product/03)."""

SHORTEST_REASON: Final = 10


class NoMobileForPassword(WrongState):
    """The password goes out by SMS, never beside the file."""

    default = _("The password of the file is sent by SMS: prove your mobile number in your account first.")


class DocumentationUnderWay(WrongState):
    """One documentation of a person at a time."""

    default = _("A documentation that you asked for is being prepared. Ask for the next one when it is ready.")


def check_can_ask_documentation(
    actor: Actor, *, purpose: str, reason: str, days: tuple[date, date], today: date
) -> None:
    """Check who asks for the records of which days, and why. Raises `InvalidInput` at the field that is wrong."""
    own = actor.access(Section.TRAFFIC_BILLING) is Access.OWN
    if own != (purpose == DocumentationPurpose.OWN):
        raise InvalidInput(_("Choose the purpose that fits your profile."), field="purpose")
    check_reason(reason)
    check_days(*days, today=today)


def check_reason(reason: str) -> None:
    """Check that a reason says something. Raises `InvalidInput` at `reason`."""
    if len(reason.strip()) < SHORTEST_REASON:
        sentence = _("Say in some words what the records are needed for: at least %(count)d characters.")
        raise InvalidInput(sentence % {"count": SHORTEST_REASON}, field="reason")


def check_days(since: date, until: date, *, today: date) -> None:
    """Check the days whose records are asked for. Raises `InvalidInput` at the day that is wrong."""
    if until < since:
        raise InvalidInput(_("The last day is before the first."), field="until")
    if until > today:
        raise InvalidInput(_("The last day lies ahead."), field="until")
    if since < earliest_day(today):
        raise InvalidInput(_("Records are kept and given out for six months back."), field="since")


def earliest_day(today: date) -> date:
    """Return the first day whose records can be asked for: six months back, the last of a shorter month."""
    place = today.year * 12 + today.month - 1 - DOCUMENTATION_MONTHS
    first = date(place // 12, place % 12 + 1, 1)
    return first.replace(day=min(today.day, (next_month(first) - first).days))


def check_password_can_go(*, mobile_verified: bool, under_way: bool) -> None:
    """Check that the password has a way of its own. Raises `NoMobileForPassword`, `DocumentationUnderWay`."""
    if not mobile_verified:
        raise NoMobileForPassword
    if under_way:
        raise DocumentationUnderWay
