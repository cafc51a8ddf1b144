# ruff: noqa: RUF001 - dashes and signs as people read them

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sportello.kernel.ui.charts import (
    BarChart,
    Chart,
    Donut,
    Gauge,
    LineChart,
    Mark,
    RankChart,
    Series,
    Sparkline,
    render_chart,
)
from sportello.kernel.ui.charts.render import draw, legend, numbers
from sportello.kernel.ui.charts.scale import Scale, label_every, round_ticks
from sportello.kernel.ui.charts.shares import tone_of

amounts = st.decimals(min_value=-(10**13), max_value=10**13, places=2)


@given(st.lists(amounts, max_size=20))
def test_ticks_are_even_and_hold_every_value_and_zero(values: list[Decimal]) -> None:
    ticks = round_ticks(values)
    gaps = {after - before for before, after in pairwise(ticks)}
    assert len(gaps) == 1
    assert ticks[0] <= min([Decimal(0), *values])
    assert ticks[-1] >= max([Decimal(0), *values])
    assert Decimal(0) in ticks
    assert len(ticks) <= 7


def test_ticks_are_round_numbers() -> None:
    assert round_ticks([Decimal(3420)]) == [0, 1000, 2000, 3000, 4000]
    assert round_ticks([Decimal("0.07")]) == [Decimal(place) / 100 for place in (0, 2, 4, 6, 8)]
    assert round_ticks([]) == [Decimal(0), Decimal("0.25"), Decimal("0.5"), Decimal("0.75"), Decimal(1)]


def test_scale_puts_values_between_its_edges() -> None:
    scale = Scale([Decimal(-10), Decimal(0), Decimal(10)], bottom=100, top=0)
    assert [scale.place(value) for value in (-10, 0, 10)] == [100, 50, 0]


def test_labels_are_left_out_when_they_do_not_fit() -> None:
    assert label_every(12, width=1000, letters=3) == 1
    assert label_every(31, width=300, letters=6) == 7


def everything() -> list[Chart]:
    months, series = (
        ("Oct", "Nov"),
        [Series(label="Voice", values=[3, 4]), Series(label="Data", values=[None, Decimal("2.5")])],
    )
    return [
        BarChart(title="Side", categories=months, series=series, marks=[Mark(label="Limit", value=5)]),
        BarChart(title="Stack", categories=months, series=series, stacked=True, partial_last=True),
        LineChart(title="Lines", categories=months, series=series, area=True, marks=[Mark(label="Limit", value=5)]),
        RankChart(title="Rank", items=[("Ada", 3), ("Bo", 1)]),
        Donut(title="Shares", parts=[("Mobile", 3), ("Fixed", 1)]),
        Gauge(title="Gauge", value=40, limit=50),
        Sparkline(title="Past", values=[1, None, 3, 2]),
    ]


@pytest.mark.parametrize("chart", everything(), ids=lambda chart: chart.title)
def test_every_plot_is_a_titled_picture_without_inline_style(chart: Chart) -> None:
    markup = render_chart(chart)
    ids = re.findall(r' id="([^"]+)"', markup)
    assert f"{chart.title}</title>" in markup
    assert 'role="img"' in markup
    assert " style=" not in markup
    assert len(ids) == len(set(ids))
    assert {name for pair in re.findall(r'aria-labelledby="([^"]+)"', markup) for name in pair.split()} <= set(ids)


HOSTILE = '"><script>alert(1)</script>'


@pytest.mark.parametrize(
    "chart",
    [
        BarChart(
            title=HOSTILE,
            description=HOSTILE,
            categories=[HOSTILE],
            category_title=HOSTILE,
            series=[Series(label=HOSTILE, values=[1]), Series(label="b", values=[2])],
            marks=[Mark(label=HOSTILE, value=1)],
        ),
        LineChart(title=HOSTILE, categories=[HOSTILE], series=[Series(label=HOSTILE, values=[1])] * 2),
        RankChart(title=HOSTILE, items=[(HOSTILE, 1)], key=HOSTILE),
        Donut(title=HOSTILE, parts=[(HOSTILE, 1)], centre=HOSTILE),
        Gauge(title=HOSTILE, value=1, limit=2, write=lambda _value: HOSTILE),
        Sparkline(title=HOSTILE, values=[1, 2]),
    ],
    ids=lambda chart: type(chart).__name__,
)  # fmt: skip
def test_names_that_people_typed_never_become_markup(chart: Chart) -> None:
    assert "<script" not in render_chart(chart)


def test_table_behind_a_plot_has_the_plotted_numbers() -> None:
    side, _stack, _lines, rank, donut, gauge, _spark = everything()
    assert numbers(side) == (["Category", "Voice", "Data"], [["Oct", "3", "–"], ["Nov", "4", "2.50"]])
    assert numbers(rank) == (["Category", "Value"], [["Ada", "3"], ["Bo", "1"]])
    assert numbers(donut) == (["Category", "Value", "Share"], [["Mobile", "3", "75.0%"], ["Fixed", "1", "25.0%"]])
    assert numbers(gauge) == (["Used", "Limit", "Share"], [["40", "50", "80%"]])


@pytest.mark.parametrize("kind", [BarChart, LineChart])
def test_a_plot_without_numbers_says_so(kind: type[BarChart | LineChart]) -> None:
    markup = render_chart(kind(title="Empty", categories=("Oct",), series=[Series(label="Voice", values=[None])]))
    assert "No numbers yet." in markup
    assert "<svg" not in markup


def test_stacks_of_credits_grow_downwards() -> None:
    chart = BarChart(title="Credits", categories=("Oct",), stacked=True, series=[
        Series(label="Charges", values=[10]), Series(label="Credits", values=[-10])])  # fmt: skip
    bars = re.findall(r'<rect x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="([\d.]+)"', draw(chart))[:2]
    (charge_top, charge_height), (credit_top, credit_height) = [(float(y), float(height)) for y, height in bars]
    assert charge_top + charge_height == pytest.approx(credit_top)
    assert credit_height == pytest.approx(charge_height)


def test_an_unknown_value_breaks_the_line() -> None:
    chart = Sparkline(title="Gap", values=[1, 2, None, 3, 4])
    assert draw(chart).count("<path") == 2


def test_only_several_series_need_a_legend() -> None:
    alone = LineChart(title="One", categories=("Oct",), series=[Series(label="Voice", values=[1])])
    assert legend(alone) == []
    assert [entry["label"] for entry in legend(everything()[0])] == ["Voice", "Data"]


def test_a_single_part_is_a_whole_ring_and_no_parts_an_empty_one() -> None:
    whole, none = Donut(title="Whole", parts=[("All", 4)]), Donut(title="None", parts=[("All", 0)])
    assert draw(whole).count('class="slice') == 1
    assert 'class="track"' in draw(none)


@pytest.mark.parametrize(
    ("value", "limit", "expected"),
    [(39, 50, "good"), (40, 50, "warn"), (50, 50, "bad"), (61, 50, "bad"), (0, 0, "good"), (1, 0, "bad")],
)
def test_gauge_is_judged_by_its_steps(value: int, limit: int, expected: str) -> None:
    assert tone_of(Gauge(title="Gauge", value=value, limit=limit)) == expected


def test_many_values_keep_a_dot_for_the_last_one_alone() -> None:
    days = [str(day) for day in range(40)]
    chart = LineChart(title="t", description="d", categories=days, series=[Series(label="a", values=[Decimal(1)] * 40)])
    drawn = str(draw(chart))
    assert drawn.count('class="hover-zone"') == 40 * drawn.count("<svg")
    assert drawn.count('class="dot ') == drawn.count("<svg")


def test_a_plot_that_nobody_can_draw_is_a_defect() -> None:
    with pytest.raises(TypeError, match="No drawing for str"):
        draw("a text")
    with pytest.raises(TypeError, match="No table for str"):
        numbers("a text")


def test_a_part_of_nothing_takes_no_slice_and_keeps_the_colours_of_the_others() -> None:
    chart = Donut(title="t", description="d", parts=[("a", 1), ("b", 0), ("c", 1)])
    markup = str(draw(chart))
    assert (markup.count('class="slice'), "fill-1" in markup, "fill-2" in markup, "fill-3" in markup) == (
        2,
        True,
        False,
        True,
    )
