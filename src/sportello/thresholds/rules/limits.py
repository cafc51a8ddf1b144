"""Which limits and steps make sense (ABUSE G17): each refusal names its field and says what would do."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

from django.utils.translation import gettext_lazy as _

from sportello.kernel.money import CENT, AmountTooLarge, InvalidAmount, parse_amount, to_units
from sportello.kernel.refusals import InvalidInput
from sportello.kernel.sentences import phrase
from sportello.thresholds.states import FULL, LATEST_CUT_OFF, Kind, Measure, Period, Traffic, Zone
from sportello.thresholds.types import Terms

MEASURED_BY: Final = {Measure.VOLUME: Traffic.DATA, Measure.MINUTES: Traffic.VOICE, Measure.MESSAGES: Traffic.SMS}
"""The one traffic that a measure belongs to; an amount in euro fits all."""

SMALLEST: Final = {Measure.AMOUNT: to_units(CENT), Measure.VOLUME: 10**6, Measure.MINUTES: 60, Measure.MESSAGES: 1}
LARGEST: Final = {
    Measure.AMOUNT: to_units(Decimal(1_000_000)),
    Measure.VOLUME: 10**15,
    Measure.MINUTES: 60 * 100_000,
    Measure.MESSAGES: 1_000_000,
}
"""More than a line can use in a month: a month has 44,700 minutes at most."""

UNITS: Final = {
    Measure.AMOUNT: {"eur": to_units(Decimal(1))},
    Measure.VOLUME: {"MB": 10**6, "GB": 10**9},
    Measure.MINUTES: {"min": 60},
    Measure.MESSAGES: {"": 1},
}
"""What a person types a limit in, as whole units. Volumes are sold and counted in powers of 1,000 (ABUSE G11)."""

"""So many lines or thresholds are changed by one form at most."""

MINUTES_OF_A_DAY: Final = 1500
"""The day on which clocks are set back has 25 hours."""
HIGHEST_STEP: Final = 200
MOST_STEPS: Final = 10


def check_terms(terms: Terms) -> None:
    """Refuse terms that make no sense. Raises `InvalidInput` with the field: traffic_type, zone, measure, limit, steps, period, kind."""
    _check_words(terms)
    _check_measure(terms)
    check_limit(Measure(terms.measure), terms.limit)
    check_steps(terms.steps)
    if terms.kind == Kind.ENFORCING and terms.steps[-1] > FULL:
        raise InvalidInput(
            _("An enforcing threshold bars at 100%: a warning above it would never come."), field="steps"
        )
    if terms.period == Period.DAY and terms.measure == Measure.MINUTES and terms.limit > MINUTES_OF_A_DAY * 60:
        raise InvalidInput(phrase(_("A day has %(most)s minutes at most."), most=MINUTES_OF_A_DAY), field="limit")


def check_network(terms: Terms, *, connected: bool) -> None:
    """Refuse to bar where there is nobody to ask. Raises `InvalidInput` on `kind`."""
    if terms.kind == Kind.ENFORCING and not connected:
        raise InvalidInput(
            _("Only informational thresholds can be set: this portal is not connected to a network."), field="kind"
        )


def check_beside(terms: Terms, *, informational: int | None, enforcing: int | None) -> None:
    """Refuse a warning above the bar (ABUSE G17): limits in units, of the same line, traffic, place, measure and period, or None.

    Raises `InvalidInput` on `limit`.
    """
    measure = Measure(terms.measure)
    if terms.kind == Kind.INFORMATIONAL and enforcing is not None and terms.limit > enforcing:
        sentence = _("This line is barred at %(bar)s already: a warning at %(limit)s would never come.")
        words = {"bar": measure.phrased(enforcing), "limit": measure.phrased(terms.limit)}
        raise InvalidInput(phrase(sentence, **words), field="limit")
    if terms.kind == Kind.ENFORCING and informational is not None and informational > terms.limit:
        sentence = _(
            "An informational threshold of this line stands at %(limit)s, above this bar. Lower that one first."
        )
        raise InvalidInput(phrase(sentence, limit=measure.phrased(informational)), field="limit")


def check_limit(measure: Measure, limit: int) -> None:
    """Refuse a limit (in whole units) that is not above zero, or absurd. Raises `InvalidInput` on `limit`."""
    if limit <= 0:
        raise InvalidInput(_("The limit must be more than zero."), field="limit")
    if limit < SMALLEST[measure]:
        sentence = _("The limit must be at least %(least)s.") % {"least": measure.written(SMALLEST[measure])}
        raise InvalidInput(sentence, field="limit")
    if limit > LARGEST[measure]:
        raise _too_large(measure)


def check_steps(steps: Sequence[int]) -> None:
    """Refuse steps that are none, too many, out of 1 to 200, doubled or not ascending. Raises `InvalidInput` on `steps`."""
    if not steps:
        raise InvalidInput(_("Give at least one warning step, such as 100."), field="steps")
    if len(steps) > MOST_STEPS:
        raise InvalidInput(_("Give at most %(most)s warning steps.") % {"most": MOST_STEPS}, field="steps")
    if any(not 1 <= step <= HIGHEST_STEP for step in steps):
        raise InvalidInput(
            _("A warning step is a percentage from 1 to %(most)s.") % {"most": HIGHEST_STEP}, field="steps"
        )
    if any(after <= before for before, after in pairwise(steps)):
        raise InvalidInput(_("Write the warning steps in ascending order, each one once."), field="steps")


def check_cut_off(day: int) -> None:
    """Refuse a day that some month does not have. Raises `InvalidInput` on `day`."""
    if not 1 <= day <= LATEST_CUT_OFF:
        raise InvalidInput(
            _("A bill period begins on a day from 1 to %(last)s.") % {"last": LATEST_CUT_OFF}, field="day"
        )


def limit_units(text: str, *, measure: str, unit: str, language: str) -> int:
    """Return a limit that a person typed (`1.234,50` in Italian) as whole units of the measure. Raises `InvalidInput` on `limit`."""
    factor = UNITS[Measure(measure)].get(unit)
    if factor is None:
        raise InvalidInput(_("This unit does not fit the measure."), field="unit")
    try:
        amount = parse_amount(text, language)
    except AmountTooLarge as refusal:
        raise _too_large(Measure(measure)) from refusal
    except InvalidAmount as refusal:
        example = "1234.56" if language == "en" else "1234,56"
        raise InvalidInput(
            _("This is not a number. Write it like %(example)s.") % {"example": example}, field="limit"
        ) from refusal
    units = amount * factor
    if units != units.to_integral_value():
        raise InvalidInput(_("The limit has too many decimals."), field="limit")
    if measure == Measure.AMOUNT and amount != amount.quantize(CENT):
        raise InvalidInput(_("A limit in euro has at most two decimals."), field="limit")
    return int(units)


def _too_large(measure: Measure) -> InvalidInput:
    sentence = _("This limit is too large: it can be at most %(most)s.")
    return InvalidInput(phrase(sentence, most=measure.phrased(LARGEST[measure])), field="limit")


def parse_steps(text: str) -> tuple[int, ...]:
    """Return the steps of a text such as `50, 80, 100` (signs of percent are fine). Raises `InvalidInput` on `steps`."""
    words = text.replace("%", " ").replace(";", " ").replace(",", " ").split()
    if any(not (word.isascii() and word.isdigit()) or len(word) > len(str(HIGHEST_STEP)) for word in words):
        raise InvalidInput(_("Write the warning steps as whole percentages, such as 50, 80, 100."), field="steps")
    return tuple(int(word) for word in words)


def _check_words(terms: Terms) -> None:
    known = {"traffic_type": Traffic, "zone": Zone, "measure": Measure, "period": Period, "kind": Kind}
    for field, choices in known.items():
        if getattr(terms, field) not in choices.values:
            raise InvalidInput(_("Choose one of the values offered."), field=field)


def _check_measure(terms: Terms) -> None:
    only = MEASURED_BY.get(Measure(terms.measure))
    if only and terms.traffic_type != only:
        sentence = _("“%(measure)s” can only be counted for “%(traffic)s”.")
        words = {"measure": Measure(terms.measure).label, "traffic": only.label}
        raise InvalidInput(sentence % words, field="measure")
