"""What may be changed of many lines or thresholds at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.utils.translation import gettext_lazy as _

from sportello.kernel.refusals import InvalidInput, WrongState
from sportello.kernel.ui.formats import number

MOST_AT_ONCE: Final = 100_000
MOST_IN_ONE_REQUEST: Final = 1_000
"""So many are done while the page waits."""


class NothingChosen(InvalidInput):
    """A change of none is no change."""

    default = _("Choose at least one row.")


class TooManyChosen(InvalidInput):
    """More rows than one change takes."""

    def __init__(self, most: int) -> None:
        """Say how many it takes, and what to do."""
        words = {"most": number(most)}
        super().__init__(_("Choose at most %(most)s rows at once. Narrow the list by its filters.") % words)


class SeveralCustomers(InvalidInput):
    """A profile is one customer's."""

    default = _("Choose lines of one customer: a profile belongs to one.")


class SeveralMeasures(InvalidInput):
    """One limit for thresholds of several units says nothing."""

    default = _("Choose thresholds of one measure: euro, volume, minutes or messages.")


class PieceTaken(WrongState):
    """Another worker is at the same change."""

    default = _("Another worker is at this change.")


def check_number_chosen(chosen: int) -> None:
    """Refuse a change of none or of too many. Raises `NothingChosen`, `TooManyChosen`."""
    if chosen == 0:
        raise NothingChosen
    check_not_too_many(chosen, most=MOST_AT_ONCE)


def check_not_too_many(chosen: int, *, most: int) -> None:
    """Refuse more rows than a change takes. Raises `TooManyChosen`."""
    if chosen > most:
        raise TooManyChosen(most)


def check_one_customer(customers: Collection[int]) -> None:
    """Refuse lines of several customers where a profile is given. Raises `SeveralCustomers`."""
    if len(customers) > 1:
        raise SeveralCustomers


def only_measure(measures: Collection[str]) -> str:
    """Return the one measure of many thresholds. Raises `SeveralMeasures` on `limit`."""
    if len(measures) != 1:
        raise SeveralMeasures(field="limit")
    return next(iter(measures))


def check_measure(measure: str, *, of_limit: str) -> None:
    """Refuse a limit in another measure's units. Raises `SeveralMeasures`."""
    if measure != of_limit:
        raise SeveralMeasures(field="limit")
