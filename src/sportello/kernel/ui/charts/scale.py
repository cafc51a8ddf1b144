"""From values to places: round ticks, and where a value lies between two edges of the drawing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True)
class Scale:
    """A vertical axis: the ticks from lowest to highest, and the edges of the drawing that they lie between."""

    ticks: Sequence[Decimal]
    bottom: float
    top: float

    def place(self, value: Decimal | int) -> float:
        """Return the height of `value`; zero is always on the axis."""
        low, high = self.ticks[0], self.ticks[-1]
        return self.bottom - float((Decimal(value) - low) / (high - low)) * (self.bottom - self.top)


def round_ticks(values: Iterable[Decimal | int], *, wanted: int = 4) -> list[Decimal]:
    """Return evenly spaced round numbers that hold all values and zero; `wanted` gaps, more or fewer by roundness."""
    known = [Decimal(value) for value in values]
    low, high = min([Decimal(0), *known]), max([Decimal(0), *known])
    if low == high:
        high = Decimal(1)
    step = _round_step((high - low) / wanted)
    first = (low / step).to_integral_value(rounding=ROUND_FLOOR)
    last = (high / step).to_integral_value(rounding=ROUND_CEILING)
    return [step * index for index in range(int(first), int(last) + 1)]


def _round_step(rough: Decimal) -> Decimal:
    """Return the next round number (1, 2, 2.5, 5 times a power of ten) that is not below `rough`."""
    power = Decimal(1).scaleb(rough.adjusted())
    return next(step * power for step in STEPS if step * power >= rough)


def label_every(count: int, *, width: float, letters: int) -> int:
    """Return each how-manieth label of `count` fits into `width` when the longest has `letters` letters."""
    room = max(1, int(width / (letters * 7.2 + 12)))
    return -(-count // room)
