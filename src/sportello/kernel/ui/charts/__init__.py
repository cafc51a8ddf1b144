"""Plots drawn by the server: frozen facts in, escaped SVG and its table out. No script, no style attribute."""

from sportello.kernel.ui.charts.render import render_chart
from sportello.kernel.ui.charts.types import (
    BarChart,
    Chart,
    Donut,
    Gauge,
    LineChart,
    Mark,
    RankChart,
    Series,
    Sparkline,
)

__all__ = [
    "BarChart",
    "Chart",
    "Donut",
    "Gauge",
    "LineChart",
    "Mark",
    "RankChart",
    "Series",
    "Sparkline",
    "render_chart",
]
