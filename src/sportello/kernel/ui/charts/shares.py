"""Parts of a whole: the donut, and the gauge of a limit with its warning steps."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal

from django.utils.safestring import SafeString

from sportello.kernel.ui import formats
from sportello.kernel.ui.charts.svg import Size, drawing, element, join
from sportello.kernel.ui.charts.types import Donut, Gauge

DONUT = Size("donut", 200, 200)
GAUGE = Size("gauge", 240, 150)
OUTER, INNER = 96.0, 62.0
RADIUS, THICK = 96.0, 18.0
FULL = 100
SIZES = ((6, "huge"), (11, "large"))
"""Up to so many characters, these letters."""


def draw_donut(chart: Donut) -> SafeString:
    """Draw a donut with the whole in its middle."""
    total = sum((Decimal(value) for _name, value in chart.parts), Decimal(0))
    centre = chart.centre or chart.write(total)
    return drawing(
        *_slices(chart, total),
        element("text", centre, x=100, y=108, class_=f"middle strong {_size_of(centre)}".strip()),
        anchor=chart.anchor,
        size=DONUT,
        title=chart.title,
        description=chart.description,
    )


def draw_gauge(chart: Gauge) -> SafeString:
    """Draw a half ring: filled up to the used share, with a notch at each warning step."""
    share = float(min(max(chart.share, Decimal(0)), Decimal(FULL)))
    return drawing(
        element("path", d=_arc(0, 100), class_="track-line", stroke_width=THICK),
        *(
            [
                element(
                    "path",
                    d=_arc(0, share),
                    class_=f"series-ring tone-line-{tone_of(chart)}",
                    fill="none",
                    stroke_width=THICK,
                )
            ]
            if share
            else []
        ),
        *(_notch(step) for step in chart.steps if 0 < step < FULL),
        element("text", formats.share(chart.share), x=120, y=112, class_="middle huge"),
        element(
            "text",
            f"{chart.write(Decimal(chart.value))} / {chart.write(Decimal(chart.limit))}",
            x=120,
            y=136,
            class_="middle",
        ),
        anchor=chart.anchor,
        size=GAUGE,
        title=chart.title,
        description=chart.description,
        class_="chart-gauge",
    )


def tone_of(chart: Gauge) -> str:
    """Return how a used share is judged: good below the last step but one, bad from the limit on, warn between."""
    if chart.share >= FULL:
        return "bad"
    before = [step for step in chart.steps if step < FULL]
    return "warn" if before and chart.share >= max(before) else "good"


def _size_of(centre: str) -> str:
    """Return the class of the letters in the hole: as large as it holds them, clear of the ring."""
    return next((name for longest, name in SIZES if len(centre) <= longest), "")


def _slices(chart: Donut, total: Decimal) -> Iterable[SafeString]:
    if total <= 0:
        yield element("path", d=_ring(0, 1), class_="track", fill_rule="evenodd")
        return
    start = Decimal(0)
    for place, (name, value) in enumerate(chart.parts):
        end = start + Decimal(value) / total
        words = f"{name}: {chart.write(Decimal(value))} ({formats.percent(Decimal(value) * 100 / total, 1)})"
        if end > start:
            yield element(
                "path",
                element("title", words),
                d=_ring(float(start), float(end)),
                fill_rule="evenodd",
                class_=f"slice bar-gap fill-{place % 6 + 1}",
            )
        start = end


def _ring(start: float, end: float) -> str:
    """Return the outline of a piece of the ring between two shares of the turn, clockwise from the top."""
    if end - start > 0.9999:  # noqa: PLR2004 - an arc cannot end where it starts: a whole ring is two circles
        return f"{_circle(OUTER)}{_circle(INNER)}"
    large = int(end - start > 0.5)  # noqa: PLR2004 - half a turn
    (ax, ay), (bx, by) = _on(OUTER, start), _on(OUTER, end)
    (cx, cy), (dx, dy) = _on(INNER, end), _on(INNER, start)
    return (
        f"M{ax:.2f} {ay:.2f}A{OUTER} {OUTER} 0 {large} 1 {bx:.2f} {by:.2f}"
        f"L{cx:.2f} {cy:.2f}A{INNER} {INNER} 0 {large} 0 {dx:.2f} {dy:.2f}Z"
    )


def _circle(radius: float) -> str:
    return f"M100 {100 - radius}a{radius} {radius} 0 1 1 0 {2 * radius}a{radius} {radius} 0 1 1 0 {-2 * radius}Z"


def _on(radius: float, share: float) -> tuple[float, float]:
    angle = 2 * math.pi * share - math.pi / 2
    return 100 + radius * math.cos(angle), 100 + radius * math.sin(angle)


def _arc(start: float, end: float) -> str:
    """Return the arc of the gauge between two hundredths, from the left over the top."""
    (ax, ay), (bx, by) = _on_gauge(RADIUS, start), _on_gauge(RADIUS, end)
    return f"M{ax:.2f} {ay:.2f}A{RADIUS} {RADIUS} 0 0 1 {bx:.2f} {by:.2f}"


def _on_gauge(radius: float, hundredths: float) -> tuple[float, float]:
    angle = math.pi * (1 - hundredths / FULL)
    return 120 + radius * math.cos(angle), 118 - radius * math.sin(angle)


def _notch(step: int) -> SafeString:
    (ax, ay), (bx, by) = _on_gauge(RADIUS - THICK / 2, step), _on_gauge(RADIUS + THICK / 2, step)
    tx, ty = _on_gauge(RADIUS - THICK / 2 - 12, step)
    return join(
        [
            element("line", x1=ax, y1=ay, x2=bx, y2=by, class_="gauge-notch"),
            element("text", str(step), x=tx, y=ty + 4, class_="middle"),
        ]
    )
