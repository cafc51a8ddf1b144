"""What can be plotted: frozen facts, with the text that a reader of the numbers needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sportello.kernel.ui import formats

Number = Decimal | int
Write = Callable[[Decimal], str]


def plain(value: Decimal) -> str:
    """Write a plotted number that has no unit."""
    return formats.number(value, 0 if value == value.to_integral_value() else 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One row of values with its name; a value that is not known is `None` and leaves a gap."""

    label: str
    values: Sequence[Number | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A horizontal line that the values are held against, such as a limit."""

    label: str
    value: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What all plots share: a title that says what is seen, a sentence for who cannot see, how a number reads."""

    title: str
    description: str = ""
    write: Write = plain
    key: str = ""

    @property
    def anchor(self) -> str:
        """Return the id that the parts of the drawing share; unique on a page as long as keys or titles are."""
        return "chart-" + (re.sub(r"[^a-z0-9]+", "-", (self.key or self.title).lower()).strip("-") or "plot")


@dataclass(frozen=True, slots=True, kw_only=True)
class BarChart(Chart):
    """Bars per category: one series, several side by side, or several on top of each other."""

    categories: Sequence[str]
    series: Sequence[Series]
    category_title: str = ""
    stacked: bool = False
    marks: Sequence[Mark] = ()
    partial_last: bool = False  # the last category is not over yet and is drawn fainter


@dataclass(frozen=True, slots=True, kw_only=True)
class RankChart(Chart):
    """Horizontal bars, longest first, each named beside its bar: top spenders and the like."""

    items: Sequence[tuple[str, Number]]
    category_title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChart(Chart):
    """Lines over ordered categories; with `area` the ground under each line is tinted."""

    categories: Sequence[str]
    series: Sequence[Series]
    category_title: str = ""
    area: bool = False
    marks: Sequence[Mark] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Donut(Chart):
    """Shares of a whole: at most six parts are told apart, the caller sums up the rest."""

    parts: Sequence[tuple[str, Number]]
    centre: str = ""
    category_title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge(Chart):
    """How much of a limit is used, with the steps (in hundredths of the limit) at which somebody is told."""

    value: Number
    limit: Number
    steps: Sequence[int] = field(default=(50, 80, 100))

    @property
    def share(self) -> Decimal:
        """Return the used share in hundredths; a limit of nothing is used up by anything."""
        if not self.limit:
            return Decimal(100) if self.value else Decimal(0)
        return Decimal(self.value) * 100 / Decimal(self.limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sparkline(Chart):
    """A line without axes, the size of a word."""

    values: Sequence[Number | None]
