"""Unusual lines: by which rule, tuned by whom, shown to whom."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sportello.inventory.models import LinePeriod
from sportello.kernel.access import Profile
from sportello.kernel.actor import system_actor
from sportello.kernel.models import Event
from sportello.kernel.testing import arrange
from sportello.kernel.testing.cast import new_member
from sportello.usage.analysis.tests.factories import Used, count
from sportello.usage.analysis.unusual import Rule, Unusual, is_unusual, passed, rule_of, unusual_lines, usual_of
from sportello.usage.tests.factories import new_line

SYSTEM = system_actor(reason="a test of usage")
ADDRESS = "/traffic/unusual/"
OCTOBER = date(2026, 10, 1)


def months(line, amounts: list[str], *, until: int = 10, personal: bool = False) -> None:
    """Let a line cost so much in the months up to October, an empty text for a month without traffic."""
    period = LinePeriod.objects.for_(SYSTEM).get(line=line)
    first = until - len(amounts) + 1
    count(
        *(
            Used(period=period, amount=amount, month=date(2026, first + place, 1), personal=personal)
            for place, amount in enumerate(amounts)
            if amount
        )
    )


@pytest.fixture
def lines(world):
    """One line far above its usual, one a little, one new, one of customer B."""
    found = {
        name: new_line(organisation, f"+39320000000{number}")
        for number, (name, organisation) in enumerate(
            [("far", world.a), ("little", world.a), ("new", world.a), ("foreign", world.b)], start=1
        )
    }
    months(found["far"], ["1", "8", "10", "12", "10", "11", "40"])
    months(found["little"], ["10", "10", "10", "10", "19"])
    months(found["new"], ["5", "", "", "5", "100"])
    months(found["foreign"], ["1", "1", "1", "60"])
    return found


def test_lines_far_above_their_own_usual_are_listed(lines, ada, cy) -> None:
    rule = Rule()
    (found,) = unusual_lines(ada, ada.organisation_id, OCTOBER, share=Decimal(1), rule=rule)
    assert found == Unusual(line=lines["far"], now=Decimal(40), usual=Decimal(10))
    assert (found.difference, found.times) == (Decimal(30), Decimal(4))
    assert unusual_lines(ada, cy.organisation_id, OCTOBER, share=Decimal(1), rule=rule) == []
    tight = Rule(factor=Decimal("1.5"), at_least=Decimal(5))
    assert [one.line for one in unusual_lines(ada, ada.organisation_id, OCTOBER, share=Decimal(1), rule=tight)] == [
        lines["far"], lines["little"],
    ]  # fmt: skip


def test_g14_personal_traffic_is_neither_usual_nor_unusual(world, ada) -> None:
    line = new_line(world.a, "+393200000001")
    months(line, ["1", "1", "1"], until=9)
    months(line, ["90"], personal=True)
    assert unusual_lines(ada, ada.organisation_id, OCTOBER, share=Decimal(1), rule=Rule()) == []


@given(now=st.decimals(0, 1000, places=2), usual=st.decimals(0, 1000, places=2))
def test_rule_needs_both_the_factor_and_the_amount(now, usual) -> None:
    assert is_unusual(now, usual, Rule()) == (now > 2 * usual and now - usual >= 10)


def test_usual_is_the_middle_of_three_months_at_least() -> None:
    assert [usual_of(one) for one in ([5, 9], [9, 1, 5], [4, 1, 2, 9])] == [None, 5, 3]
    assert Unusual(line=None, now=Decimal(1), usual=Decimal(0)).times is None


@pytest.mark.parametrize(
    ("zone", "now", "hours", "of"),
    [
        (
            "Europe/Rome",
            datetime(2026, 9, 30, 23, 0, tzinfo=UTC),
            1,
            745,
        ),  # October in Rome: 31 days and the hour that repeats
        ("Europe/Rome", datetime(2026, 10, 31, 22, 0, tzinfo=UTC), 744, 745),
        ("Atlantic/Canary", datetime(2026, 10, 1, 0, 0, tzinfo=UTC), 1, 745),
        ("Europe/Rome", datetime(2026, 3, 31, 21, 0, tzinfo=UTC), 742, 743),
    ],
)
def test_pace_counts_the_hours_of_the_local_month(zone, now, hours, of) -> None:
    month = date(2026, 3, 1) if of == 743 else OCTOBER
    assert passed(month, ZoneInfo(zone), now) == Decimal(hours) / of
    assert passed(date(2026, 1, 1), ZoneInfo(zone), now) == Decimal(1)


def test_page_says_the_rule_and_lists_the_lines(lines, signed_in) -> None:
    shown = signed_in("ada").get(ADDRESS, {"month": "2026-10"}).content.decode()
    for text in ("more than 2.0 times its usual", "+39\u00a0320\u00a0000\u00a00001", "4.0\u00d7", "Save"):
        assert text in shown
    assert "0004" not in shown
    taken = signed_in("ada").post("/traffic/exports/ask/", {"content": "unusual", "form": "csv", "from": "2026-10"})
    assert b"".join(taken.streaming_content).decode("utf-8-sig").splitlines()[1] == "+393200000001,,,40.00,10.00,30.00"


def test_page_tells_the_pace_of_a_month_that_is_not_over(lines, signed_in, monkeypatch) -> None:
    monkeypatch.setattr("sportello.usage.web.unusual.timezone.now", lambda: datetime(2026, 10, 16, 12, tzinfo=UTC))
    assert "50% of the usual counts so far" in signed_in("ada").get(ADDRESS, {"month": "2026-10"}).content.decode()


def test_administrator_tunes_the_rule_on_record(lines, signed_in, ada, world) -> None:
    browser = signed_in("ada")
    assert browser.post(ADDRESS, {"factor": "1.5", "at_least": "5"}).status_code == 302
    assert rule_of(ada, ada.organisation_id) == Rule(factor=Decimal("1.5"), at_least=Decimal(5))
    event = Event.append_only.get(kind="usage.unusual_rule_set")
    assert event.payload["changes"] == {"factor": ["2", "1.5"], "at_least": ["10", "5"]}
    assert len(browser.get(ADDRESS, {"month": "2026-10"}).context["rows"]) == 2
    assert rule_of(world.actor("cy"), world.b.pk) == Rule()


@pytest.mark.parametrize("wrong", [{"factor": "1"}, {"factor": "x"}, {"at_least": "0"}, {"at_least": "1000000"}])
def test_rules_that_make_no_sense_are_refused(lines, signed_in, wrong) -> None:
    assert signed_in("ada").post(ADDRESS, {"factor": "2", "at_least": "10", **wrong}).status_code == 422


def test_referent_sees_the_rule_and_employee_nothing(lines, signed_in, world, bo) -> None:
    from sportello.kernel.refusals import NotPermitted
    from sportello.usage.operations import set_unusual_rule

    with arrange():
        world.memberships["eva"] = new_member(world.a, "Eva", Profile.EBILL_REFERENT)
    eva = signed_in("eva")
    assert "Save" not in eva.get(ADDRESS, {"month": "2026-10"}).content.decode()
    assert eva.post(ADDRESS, {"factor": "2", "at_least": "10"}).status_code == 403
    assert signed_in("bo").get(ADDRESS).status_code == 403
    with pytest.raises(NotPermitted):  # the partner's administrators see no traffic
        set_unusual_rule(actor=world.actor("pia"), organisation=world.a, rule=Rule())


def test_operator_looks_at_one_customer(lines, signed_in, world) -> None:
    olga = signed_in("olga")
    shown = olga.get(ADDRESS, {"month": "2026-10", "customer": world.b.pk}).content.decode()
    assert "+39\u00a0320\u00a0000\u00a00004" in shown
    assert "Nothing unusual" in olga.get(ADDRESS).content.decode()
    assert signed_in("ada").get(ADDRESS, {"customer": world.b.pk}).status_code == 404


def test_many_unusual_lines_are_cut_and_say_so(lines, signed_in, monkeypatch) -> None:
    monkeypatch.setattr("sportello.usage.web.unusual.MOST", 0)
    assert "1 more line: take the export" not in signed_in("ada").get(ADDRESS, {"month": "2026-10"}).content.decode()
    assert signed_in("ada").get(ADDRESS, {"month": "2026-10"}).context["more"] == 1
