"""Bars: per category side by side or stacked, and ranked ones lying on their side."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.utils.safestring import SafeString

from sportello.kernel.ui.charts.frame import Frame, frame_for, ground, known, lines_across, spoken
from sportello.kernel.ui.charts.svg import SIZES, Size, drawing, element, join
from sportello.kernel.ui.charts.types import BarChart, Number, RankChart

ROUND = 3.0
WIDEST = 56.0
ROW, LABEL_LINE = 44, 16


def draw_bars(chart: BarChart) -> SafeString:
    """Draw a bar chart in all sizes."""
    return join(_draw(chart, size) for size in SIZES)


def draw_rank(chart: RankChart) -> SafeString:
    """Draw ranked bars in all sizes; each name stands above its bar, so that long names keep their length."""
    height = max(1, len(chart.items)) * ROW
    return join(_draw_rank(chart, Size(size.name, size.width, height)) for size in SIZES)


def _draw(chart: BarChart, size: Size) -> SafeString:
    values = _sums(chart) if chart.stacked else known(chart.series)
    marks = [mark.value for mark in chart.marks]
    frame = frame_for(size=size, values=[*values, *marks], count=len(chart.categories), write=chart.write)
    bars = _stacked(chart, frame) if chart.stacked else _side_by_side(chart, frame)
    return drawing(
        ground(frame, categories=chart.categories, write=chart.write),
        *bars,
        lines_across(frame, chart.marks),
        anchor=chart.anchor,
        size=size,
        title=chart.title,
        description=chart.description,
    )


def _sums(chart: BarChart) -> list[Number]:
    """Return the upper and lower ends of the stacks."""
    columns = list(zip(*(row.values for row in chart.series), strict=True))
    above: list[Number] = [sum(value for value in column if value and value > 0) for column in columns]
    below: list[Number] = [sum(value for value in column if value and value < 0) for column in columns]
    return above + below


def _side_by_side(chart: BarChart, frame: Frame) -> Iterable[SafeString]:
    group = min(frame.step * 0.72, WIDEST * len(chart.series))
    width = group / max(1, len(chart.series))
    for place, row in enumerate(chart.series):
        for index, value in enumerate(row.values):
            if value:
                left = frame.middle(index) - group / 2 + place * width
                ends = (frame.scale.place(0), frame.scale.place(value))
                yield _bar(chart, place, index, value, left=left, width=max(1.0, width - 1.5), ends=ends)


def _stacked(chart: BarChart, frame: Frame) -> Iterable[SafeString]:
    width = min(frame.step * 0.66, WIDEST)
    for index in range(len(chart.categories)):
        above, below = Decimal(0), Decimal(0)
        for place, row in enumerate(chart.series):
            value = row.values[index]
            if not value:
                continue
            start = above if value > 0 else below
            ends = (frame.scale.place(start), frame.scale.place(start + value))
            above, below = (above + value, below) if value > 0 else (above, below + value)
            yield _bar(chart, place, index, value, left=frame.middle(index) - width / 2, width=width, ends=ends)


def _bar(
    chart: BarChart, place: int, index: int, value: Number, *, left: float, width: float, ends: tuple[float, float]
) -> SafeString:
    partial = " partial" if chart.partial_last and index == len(chart.categories) - 1 else ""
    gap = " bar-gap" if chart.stacked else ""
    return element(
        "rect",
        element("title", spoken(chart.categories[index], chart.series[place].label, value, chart.write)),
        x=left,
        y=min(ends),
        width=width,
        height=max(1.0, abs(ends[1] - ends[0])),
        rx=min(ROUND, width / 3),
        class_=f"bar fill-{place % 6 + 1}{gap}{partial}",
    )


def _draw_rank(chart: RankChart, size: Size) -> SafeString:
    longest = max((value for _name, value in chart.items), default=0) or Decimal(1)
    rows = (_rank_row(chart, size, row, longest) for row in range(len(chart.items)))
    return drawing(*rows, anchor=chart.anchor, size=size, title=chart.title, description=chart.description)


def _rank_row(chart: RankChart, size: Size, row: int, longest: Number) -> SafeString:
    name, value = chart.items[row]
    top = row * ROW
    width = max(2.0, size.width * float(max(Decimal(0), Decimal(value)) / Decimal(longest)))
    letters = (size.width - 90) // 7
    shown = name if len(name) <= letters else f"{name[: letters - 1]}…"
    return join(
        [
            element("text", shown, x=0, y=top + LABEL_LINE - 3, class_="strong"),
            element("text", chart.write(Decimal(value)), x=size.width, y=top + LABEL_LINE - 3, class_="end"),
            element("rect", x=0, y=top + LABEL_LINE + 4, width=size.width, height=10, rx=5, class_="track"),
            element(
                "rect",
                element("title", f"{name}: {chart.write(Decimal(value))}"),
                x=0,
                y=top + LABEL_LINE + 4,
                width=width,
                height=10,
                rx=5,
                class_="bar fill-1",
            ),
        ]
    )
