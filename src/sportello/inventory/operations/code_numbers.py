"""Numbers that receive one-time codes: what happens to a line must not let anybody take over an access by the portal itself.

ABUSE A15: another SIM in the line freezes the codes for `CODES_FROZEN_FOR` (a setting), until somebody else confirms the number.
ABUSE A16: a line given to somebody else takes its number away from the one who signed in with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings

from sportello.accounts.models import Person
from sportello.accounts.operations import freeze_codes, unbind_mobile
from sportello.accounts.types import NumberInDoubt
from sportello.inventory.models import Line
from sportello.inventory.states import LineStatus
from sportello.kernel.actor import Actor, system_actor
from sportello.kernel.chunks import in_chunks

REASON = "a line that receives one-time codes changed"


class LineBecomes(Protocol):
    """A line as it stands, with the columns that change."""

    @property
    def line(self) -> Line:
        """Return the line."""

    @property
    def after(self) -> Mapping[str, Any]:
        """Return the columns with what they become."""


def guard_codes(changes: Sequence[LineBecomes], *, at: datetime, now: datetime) -> None:
    """Freeze or take away the codes of the people whose number is that of a changed line, before the lines are written.

    `at`: when the lines change. A change dated back freezes from `now` on all the same: a span that has passed would guard nothing.
    """
    risky = {one.line.number: one for one in changes if _new_sim(one) or _leaves_its_person(one)}
    actor = system_actor(reason=REASON)
    for person in _who_signs_in_with(list(risky)):
        _guard(actor, person, risky[person.mobile], at=at, now=now)


def _guard(actor: Actor, person: Person, change: LineBecomes, *, at: datetime, now: datetime) -> None:
    if _leaves_its_person(change) and change.after.get("person_id") != person.pk:
        unbind_mobile(actor=actor, person=person, reason=NumberInDoubt.LINE_GONE, now=now)
        return
    if _new_sim(change):
        until = max(at, now) + settings.SPORTELLO["CODES_FROZEN_FOR"]
        freeze_codes(actor=actor, person=person, until=until, reason=NumberInDoubt.NEW_SIM)


def _new_sim(change: LineBecomes) -> bool:
    return "sim_id" in change.after and change.line.sim_id is not None


def _leaves_its_person(change: LineBecomes) -> bool:
    given_away = "person_id" in change.after and change.line.person_id is not None
    return given_away or change.after.get("status") == LineStatus.TERMINATED


def _who_signs_in_with(numbers: Sequence[str]) -> Iterable[Person]:
    people = Person.objects.across_tenants(
        reason="a number is somebody's for codes, wherever they are", opens_wall=False
    )
    for some in in_chunks(numbers):
        yield from people.filter(mobile__in=some).exclude(mobile_verified_at=None)
