"""What somebody may say of a ticket that has ended, and for how long."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sportello.kernel.refusals import InvalidInput, WrongState
from sportello.tickets.states import REOPENED_WITHIN, Score

LONGEST_WORDS: Final = 2_000
MOST_DAYS: Final = REOPENED_WITHIN.days
"""The links of a ticket open nothing any more after so many days from its end: nor does the question."""


class AnsweringOver(WrongState):
    """The time for an answer is over."""

    default = gettext_lazy("The time for an answer is over. Thank you all the same.")


def check_feedback(*, score: int, words: str, answers_until: datetime, now: datetime) -> None:
    """Refuse what is no score, too many words, and what comes too late. Raises `InvalidInput`, `AnsweringOver`."""
    if now >= answers_until:
        raise AnsweringOver
    if score not in Score.values:
        raise InvalidInput(_("Choose one of the five."), field="score")
    if len(words) > LONGEST_WORDS:
        raise InvalidInput(_("Write %(most)s signs at most.") % {"most": LONGEST_WORDS}, field="words")


def check_wish(days: int) -> None:
    """Refuse a time in which the links of a ticket are closed already. Raises `InvalidInput`."""
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput(_("Between 1 and %(most)s days.") % {"most": MOST_DAYS}, field="days")
