"""From a plot to its whole figure: legend, drawing, and the table of its numbers behind a summary."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import singledispatch

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from sportello.kernel.ui import formats
from sportello.kernel.ui.charts.bars import draw_bars, draw_rank
from sportello.kernel.ui.charts.lines import draw_lines, draw_sparkline
from sportello.kernel.ui.charts.shares import draw_donut, draw_gauge
from sportello.kernel.ui.charts.types import (
    BarChart,
    Chart,
    Donut,
    Gauge,
    LineChart,
    Number,
    RankChart,
    Series,
    Sparkline,
    Write,
)

Table = tuple[Sequence[str], Sequence[Sequence[str]]]


def render_chart(chart: Chart) -> SafeString:
    """Return the figure of a plot. A plot without any value says so instead of drawing an empty ground."""
    head, rows = numbers(chart)
    context = {
        "chart": chart,
        "drawing": draw(chart) if rows else "",
        "legend": legend(chart),
        "head": head,
        "rows": rows,
        "beside": isinstance(chart, Donut),
        "bare": isinstance(chart, Sparkline),
    }
    return render_to_string("ui/chart.html", context)


@singledispatch
def draw(chart: Chart) -> SafeString:
    """Return the drawing of a plot in all its sizes."""
    message = f"No drawing for {type(chart).__name__}."
    raise TypeError(message)


draw.register(BarChart, draw_bars)
draw.register(RankChart, draw_rank)
draw.register(LineChart, draw_lines)
draw.register(Sparkline, draw_sparkline)
draw.register(Donut, draw_donut)
draw.register(Gauge, draw_gauge)


@singledispatch
def numbers(chart: Chart) -> Table:
    """Return the head and the rows of the table behind a plot."""
    message = f"No table for {type(chart).__name__}."
    raise TypeError(message)


@numbers.register(BarChart)
@numbers.register(LineChart)
def _of_series(chart: BarChart | LineChart) -> Table:
    head = [chart.category_title or gettext("Category"), *(row.label for row in chart.series)]
    if not any(value is not None for row in chart.series for value in row.values):
        return head, []
    columns = zip(chart.categories, *(row.values for row in chart.series), strict=True)
    return head, [[str(name), *(_written(value, chart.write) for value in values)] for name, *values in columns]


@numbers.register(RankChart)
def _of_rank(chart: RankChart) -> Table:
    return [chart.category_title or gettext("Category"), gettext("Value")], [
        [name, chart.write(Decimal(value))] for name, value in chart.items
    ]


@numbers.register(Donut)
def _of_donut(chart: Donut) -> Table:
    total = sum((Decimal(value) for _name, value in chart.parts), Decimal(0))
    rows = [[name, chart.write(Decimal(value)), _share(value, total)] for name, value in chart.parts]
    return [chart.category_title or gettext("Category"), gettext("Value"), gettext("Share")], rows


@numbers.register(Gauge)
def _of_gauge(chart: Gauge) -> Table:
    row = [chart.write(Decimal(chart.value)), chart.write(Decimal(chart.limit)), formats.share(chart.share)]
    return [gettext("Used"), gettext("Limit"), gettext("Share")], [row]


@numbers.register(Sparkline)
def _of_sparkline(chart: Sparkline) -> Table:
    return [chart.title], [[_written(value, chart.write)] for value in chart.values]


def legend(chart: Chart) -> list[dict[str, object]]:
    """Return the names of the colours; one series alone needs none, its title says what it is."""
    if isinstance(chart, Donut):
        total = sum((Decimal(value) for _name, value in chart.parts), Decimal(0))
        return [
            {
                "label": name,
                "place": place % 6 + 1,
                "line": False,
                "value": f"{chart.write(Decimal(value))} · {_share(value, total)}",
            }
            for place, (name, value) in enumerate(chart.parts)
        ]
    if isinstance(chart, BarChart | LineChart) and len(chart.series) > 1:
        return [_entry(row, place, line=isinstance(chart, LineChart)) for place, row in enumerate(chart.series)]
    return []


def _entry(row: Series, place: int, *, line: bool) -> dict[str, object]:
    return {"label": row.label, "place": place % 6 + 1, "line": line, "value": ""}


def _written(value: Number | None, write: Write) -> str:
    return formats.NOTHING if value is None else write(Decimal(value))


def _share(value: Number, total: Decimal) -> str:
    return formats.percent(Decimal(value) * 100 / total, 1) if total else formats.NOTHING
