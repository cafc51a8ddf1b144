"""Lines over ordered categories, with or without tinted ground, and the word-sized line without axes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from django.utils.safestring import SafeString

from sportello.kernel.ui.charts.frame import Frame, frame_for, ground, known, lines_across, spoken
from sportello.kernel.ui.charts.svg import SIZES, Size, drawing, element, join, path
from sportello.kernel.ui.charts.types import LineChart, Number, Series, Sparkline

SPARK = Size("spark", 200, 36)
Point = tuple[float, float]


def draw_lines(chart: LineChart) -> SafeString:
    """Draw a line chart in all sizes."""
    return join(_draw(chart, size) for size in SIZES)


def draw_sparkline(chart: Sparkline) -> SafeString:
    """Draw a word-sized line with a dot at its end."""
    values = [Decimal(value) for value in chart.values if value is not None]
    low, high = min(values, default=Decimal(0)), max(values, default=Decimal(1))
    span = (high - low) or Decimal(1)
    wide = (SPARK.width - 12) / max(1, len(chart.values) - 1)

    def place(index: int, value: Number) -> Point:
        return 4 + index * wide, SPARK.height - 6 - float((Decimal(value) - low) / span) * (SPARK.height - 12)

    runs = _runs(chart.values, place)
    last = runs[-1][-1] if runs else None
    return drawing(
        *(element("path", d=path(run), class_="series-line line-1") for run in runs),
        *([element("circle", cx=last[0], cy=last[1], r=3.5, class_="dot fill-1")] if last else []),
        anchor=chart.anchor,
        size=SPARK,
        title=chart.title,
        description=chart.description,
        class_="spark",
    )


def _draw(chart: LineChart, size: Size) -> SafeString:
    values = known(chart.series, chart.marks)
    frame = frame_for(size=size, values=values, count=len(chart.categories), write=chart.write)
    return drawing(
        ground(frame, categories=chart.categories, write=chart.write),
        *(_series(chart, frame, place) for place in range(len(chart.series))),
        lines_across(frame, chart.marks),
        anchor=chart.anchor,
        size=size,
        title=chart.title,
        description=chart.description,
    )


def _series(chart: LineChart, frame: Frame, place: int) -> SafeString:
    """Draw one line; the second and following are dashed too, so that colour never tells alone."""
    row, colour = chart.series[place], place % 6 + 1

    def point(index: int, value: Number) -> Point:
        return frame.middle(index), frame.scale.place(value)

    runs = _runs(row.values, point)
    zero = frame.scale.place(0)
    areas = [_area(run, zero, colour) for run in runs] if chart.area else []
    strokes = [element("path", d=path(run), class_=f"series-line line-{colour} dash-{place + 1}") for run in runs]
    return join([*areas, *strokes, *_dots(chart, frame, row, colour)])


def _area(run: list[Point], zero: float, colour: int) -> SafeString:
    outline = [(run[0][0], zero), *run, (run[-1][0], zero)]
    return element("path", d=f"{path(outline)}Z", class_=f"series-area fill-{colour}")


def _dots(chart: LineChart, frame: Frame, row: Series, colour: int) -> Iterable[SafeString]:
    """Draw a dot per value with a wide invisible target that says the value; many values keep the last dot only."""
    crowded = len(row.values) > 31  # noqa: PLR2004 - the days of a month still fit
    for index, value in enumerate(row.values):
        if value is None:
            continue
        x, y = frame.middle(index), frame.scale.place(value)
        words = element("title", spoken(chart.categories[index], row.label, value, chart.write))
        if not crowded or index == len(row.values) - 1:
            yield element("circle", cx=x, cy=y, r=4, class_=f"dot fill-{colour}")
        yield element("circle", words, cx=x, cy=y, r=min(12.0, max(4.0, frame.step / 2)), class_="hover-zone")


def _runs(values: Iterable[Number | None], place: Callable[[int, Number], Point]) -> list[list[Point]]:
    """Return the stretches of known values as points; an unknown value breaks the line."""
    runs: list[list[Point]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(place(index, value))
    return [run for run in runs if run]
