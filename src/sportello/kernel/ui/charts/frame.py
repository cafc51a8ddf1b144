"""What plots with axes share: ground and grid, ticks, category labels, and the lines to hold against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from sportello.kernel.ui.charts.scale import Scale, label_every, round_ticks
from sportello.kernel.ui.charts.svg import Size, element, join
from sportello.kernel.ui.charts.types import Mark, Number, Series, Write

LETTER = 7.0  # width of a digit at the size of the labels
TOP, FOOT, RIGHT = 14, 26, 10


@dataclass(frozen=True, slots=True)
class Frame:
    """The ground that marks are drawn on: left and right edge, the vertical scale, and a place per category."""

    left: float
    right: float
    scale: Scale
    count: int

    @property
    def step(self) -> float:
        """Return the width that one category has."""
        return (self.right - self.left) / max(1, self.count)

    def middle(self, index: int) -> float:
        """Return the middle of the place of a category."""
        return self.left + self.step * (index + 0.5)


def frame_for(*, size: Size, values: Iterable[Number], count: int, write: Write) -> Frame:
    """Return the ground with room for its tick labels on the left."""
    ticks = round_ticks(values)
    widest = max(len(write(tick)) for tick in ticks)
    return Frame(
        left=widest * LETTER + 10,
        right=size.width - RIGHT,
        scale=Scale(ticks, bottom=size.height - FOOT, top=TOP),
        count=count,
    )


def ground(frame: Frame, *, categories: Sequence[str], write: Write) -> SafeString:
    """Draw the grid, the tick labels and as many category labels as fit."""
    return join([*_rules(frame, write), *_names(frame, categories)])


def lines_across(frame: Frame, marks: Sequence[Mark]) -> SafeString:
    """Draw the lines that the values are held against, each with its name at its right end."""
    return join(_line_across(frame, mark) for mark in marks)


def known(series: Sequence[Series], marks: Sequence[Mark] = ()) -> list[Number]:
    """Return the values that are known, with those of the marks."""
    return [value for row in series for value in row.values if value is not None] + [mark.value for mark in marks]


def spoken(category: str, series: str, value: Number, write: Write) -> str:
    """Return the words that stand by a mark when the pointer rests on it."""
    words = {"category": category, "series": series, "value": write(Decimal(value))}
    return gettext("%(category)s · %(series)s: %(value)s") % words


def _rules(frame: Frame, write: Write) -> Iterable[SafeString]:
    for tick in frame.scale.ticks:
        y = frame.scale.place(tick)
        yield element("line", x1=frame.left, x2=frame.right, y1=y, y2=y, class_="axis" if tick == 0 else "grid")
        yield element("text", write(tick), x=frame.left - 8, y=y + 4, class_="end")


def _names(frame: Frame, categories: Sequence[str]) -> Iterable[SafeString]:
    longest = max((len(name) for name in categories), default=1)
    every = label_every(len(categories), width=frame.right - frame.left, letters=longest)
    # Counted from the end, so that the newest category always has its label.
    for index, name in enumerate(categories):
        if (len(categories) - 1 - index) % every == 0:
            yield element("text", name, x=frame.middle(index), y=frame.scale.bottom + 18, class_="middle")


def _line_across(frame: Frame, mark: Mark) -> SafeString:
    y = frame.scale.place(mark.value)
    return join(
        [
            element("line", x1=frame.left, x2=frame.right, y1=y, y2=y, class_="mark-line"),
            element("text", mark.label, x=frame.right, y=y - 5, class_="end mark-text"),
        ]
    )
