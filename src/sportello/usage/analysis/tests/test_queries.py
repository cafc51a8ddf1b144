"""Totals by every grouping: parts add up to the whole, as things stood at the time, company's part alone (ABUSE G11, G14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sportello.inventory.models import Agreement, Line, LinePeriod
from sportello.kernel.actor import system_actor
from sportello.kernel.testing import arrange
from sportello.parties.models import CostCentre
from sportello.usage.analysis.queries import QUANTITIES, analysis, latest_month, totals
from sportello.usage.analysis.tests.factories import NOVEMBER, OCTOBER, Used, count
from sportello.usage.analysis.types import Asked, Grouping, Order, Sums
from sportello.usage.states import TrafficType, Zone
from sportello.usage.tests.factories import NOW, new_line

SYSTEM = system_actor(reason="a test of usage")
ASKED = Asked(by=Grouping.COST_CENTRE, since=NOVEMBER, until=NOVEMBER)


@pytest.fixture
def periods(world):
    """Two lines of customer A, the first handed from Bo in centre C1 to nobody in C2; one line of B."""
    with arrange():
        one, two = (
            CostCentre.objects.create(organisation=world.a, code=code, name=f"Centre {code}") for code in ("C1", "C2")
        )
    line = new_line(world.a, "+393200000001", person=world.memberships["bo"].person)
    other, foreign = new_line(world.a, "+393200000002"), new_line(world.b, "+393200000003")
    with arrange():
        first = LinePeriod.objects.for_(SYSTEM).get(line=line)
        LinePeriod.objects.for_(SYSTEM).filter(pk=first.pk).update(cost_centre=one, active_to=NOW - timedelta(days=4))
        second = LinePeriod.objects.create(
            line=line, organisation=world.a, number=line.number, status="active",
            active_from=NOW - timedelta(days=4), cost_centre=two, agreement=line.agreement,
        )  # fmt: skip
    return [
        first,
        second,
        LinePeriod.objects.for_(SYSTEM).get(line=other),
        LinePeriod.objects.for_(SYSTEM).get(line=foreign),
    ]


def seen(actor, **changed) -> dict[str, Decimal]:
    return {
        group.label.replace("\u00a0", " "): group.sums.now
        for group in analysis(actor, replace(ASKED, **changed)).groups
    }


def test_cost_centre_and_person_are_those_of_the_time_of_use(periods, ada) -> None:
    count(
        Used(period=periods[0], amount="1.5"),
        Used(period=periods[1], amount="2.25"),
        Used(period=periods[2], amount="4"),
    )
    assert seen(ada) == {"Without a cost centre": Decimal(4), "C2": Decimal("2.25"), "C1": Decimal("1.5")}
    assert seen(ada, by=Grouping.PERSON) == {"Held by nobody": Decimal("6.25"), "Bo Prova": Decimal("1.5")}
    assert seen(ada, by=Grouping.LINE) == {"+39 320 000 0002": Decimal(4), "+39 320 000 0001": Decimal("3.75")}
    assert seen(ada, by=Grouping.AGREEMENT) == {"C1": Decimal("7.75")}


def test_agreement_is_that_of_the_time_of_use(periods, ada) -> None:
    """The line's file of November says another agreement: October stays under the former one."""
    with arrange():
        new = Agreement.objects.create(organisation_id=periods[0].organisation_id, code="C2")
        LinePeriod.objects.for_(SYSTEM).filter(pk=periods[1].pk).update(agreement=new)
        Line.objects.for_(SYSTEM).filter(pk=periods[0].line_id).update(agreement=new)
    count(Used(period=periods[0], amount="1"), Used(period=periods[1], amount="2"))
    assert seen(ada, by=Grouping.AGREEMENT) == {"C1": Decimal(1), "C2": Decimal(2)}
    assert seen(ada, by=Grouping.LINE, agreement=new.pk) == {"+39 320 000 0001": Decimal(2)}


def test_month_is_held_against_the_month_before(periods, ada) -> None:
    count(
        Used(period=periods[0], amount="3", month=OCTOBER),
        Used(period=periods[0], amount="1.5"),
        Used(period=periods[1], amount="2", month=date(2026, 9, 1)),
    )
    (group,) = analysis(ada, ASKED).groups
    sums = Sums(now=Decimal("1.5"), before=Decimal(3), records=1, voice_s=60, messages=0, data_bytes=0)
    assert (group.sums, sums.difference, sums.growth) == (sums, Decimal("-1.5"), Decimal(-50))
    span = analysis(ada, replace(ASKED, since=OCTOBER)).total
    assert (span.now, span.before) == (Decimal("4.5"), Decimal(2))
    assert (Sums(now=Decimal(1), before=Decimal(0)).growth, sums.share_of(Sums(now=Decimal(0), before=Decimal(0)))) == (
        None,
        None,
    )


def test_c01_g14_neither_foreign_nor_personal_traffic_is_added_up(periods, ada, cy, bo, olga) -> None:
    count(
        Used(period=periods[0], amount="1"),
        Used(period=periods[0], amount="10", personal=True),
        Used(period=periods[3], amount="100"),
    )
    for by in Grouping:
        assert sum(seen(ada, by=by).values()) == Decimal(1), by
        assert sum(seen(cy, by=by).values()) == Decimal(100), by
    assert seen(bo) == {}
    assert seen(olga, by=Grouping.CUSTOMER) == {"Beta S.r.l.": Decimal(100), "Comune di Alfa": Decimal(1)}
    assert seen(olga, customer=periods[3].organisation_id) == {"Without a cost centre": Decimal(100)}
    assert latest_month(olga, periods[0].organisation_id) == NOVEMBER
    assert latest_month(olga, 999_999) is None


def test_filters_narrow_to_what_they_name(periods, ada) -> None:
    first, second, other, _foreign = periods
    count(
        Used(period=first, amount="1", kind="voice", zone="eu"),
        Used(period=first, amount="2", kind="data", zone="extra_eu"),
        Used(period=second, amount="4", kind="sms"),
        Used(period=other, amount="8", kind="mms"),
    )
    by_type = {"by": Grouping.TYPE}
    assert seen(ada, **by_type) == {"MMS": Decimal(8), "SMS": Decimal(4), "Data": Decimal(2), "Voice": Decimal(1)}
    assert seen(ada, **by_type, cost_centre=first.cost_centre_id or 0) == {
        "SMS": 0, "MMS": 8, "Data": 0, "Voice": 0,
    }  # fmt: skip
    first.refresh_from_db()
    assert seen(ada, **by_type, cost_centre=first.cost_centre_id) == {"SMS": 0, "MMS": 0, "Data": 2, "Voice": 1}
    assert seen(ada, by=Grouping.ZONE, person=first.person_id) == {
        "National": 0, "EU roaming": 1, "Roaming outside the EU": 2,
    }  # fmt: skip
    assert seen(ada, by=Grouping.ZONE, zone="eu") == {"EU roaming": 1}
    assert seen(ada, by=Grouping.ZONE, zone="eu", line=first.line_id, traffic_type="voice") == {"EU roaming": 1}
    assert seen(ada, traffic_type="data", zone="extra_eu") == {"C1": 2, "C2": 0, "Without a cost centre": 0}
    assert seen(ada, by=Grouping.LINE, words="320 000 0002") == {"+39 320 000 0002": 8}
    told = analysis(ada, replace(ASKED, traffic_type="mms", line=other.line_id)).total
    assert told == Sums(now=Decimal(8), before=Decimal(0), messages=1)


def test_groups_come_in_the_order_and_pages_asked_for(periods, ada) -> None:
    count(
        Used(period=periods[0], amount="1", month=OCTOBER),
        Used(period=periods[1], amount="2"),
        Used(period=periods[2], amount="3"),
        Used(period=periods[2], amount="9", month=OCTOBER, kind="sms"),
    )
    assert list(seen(ada)) == ["Without a cost centre", "C2", "C1"]
    assert list(seen(ada, order=Order.DIFFERENCE)) == ["C2", "C1", "Without a cost centre"]
    assert list(seen(ada, order=Order.BEFORE, ascending=True)) == ["C2", "C1", "Without a cost centre"]
    assert list(seen(ada, by=Grouping.TYPE, order=Order.BEFORE)) == ["SMS", "Voice"]
    first, last = (analysis(ada, ASKED, start=start, most=2) for start in (0, 2))
    assert ([len(one.groups) for one in (first, last)], first.more, last.more) == ([2, 1], True, False)


USED = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.decimals(-5000, 5000, places=5),
        st.sampled_from([NOVEMBER, OCTOBER, date(2026, 9, 1)]),
        st.sampled_from(TrafficType.values),
        st.sampled_from(Zone.values),
        st.booleans(),
    ),
    max_size=12,
)


def _added(groups, name) -> int | None:
    told = [getattr(one.sums, name) for one in groups]
    return sum(told) if told and told[0] is not None else None


@hypothesis_settings(max_examples=25)
@given(used=USED, kind=st.sampled_from(["", *TrafficType.values]), zone=st.sampled_from(["", *Zone.values]))
def _parts_add_up(periods, ada, used, kind, zone) -> None:
    with transaction.atomic():
        if used:
            count(
                *(
                    Used(period=periods[n], amount=str(a), month=m, kind=k, zone=z, personal=p)
                    for n, a, m, k, z, p in used
                )
            )
        fits = [
            (m, a) for _n, a, m, k, z, personal in used
            if not personal and kind in {"", k} and zone in {"", z}
        ]  # fmt: skip
        expected = tuple(sum((a for m, a in fits if m == month), Decimal(0)) for month in (NOVEMBER, OCTOBER))
        for by in Grouping:
            found = analysis(ada, replace(ASKED, by=by, traffic_type=kind, zone=zone))
            parts = [sum((getattr(one.sums, name) for one in found.groups), Decimal(0)) for name in ("now", "before")]
            assert (tuple(parts), (found.total.now, found.total.before)) == (expected, expected), by
            if by is Grouping.LINE and found.groups:
                assert [_added(found.groups, name) for name in QUANTITIES] == [
                    getattr(found.total, name) for name in QUANTITIES
                ]
        narrowed = [
            totals(ada, replace(ASKED, line=pk, traffic_type=kind, zone=zone)).now
            for pk in {p.line_id for p in periods}
        ]
        assert sum(narrowed) == expected[0]
        transaction.set_rollback(True)


def test_g11_sum_of_parts_is_the_whole_for_every_grouping(periods, ada) -> None:
    _parts_add_up(periods, ada)
