from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from sportello.billing.tests import factories as bills
from sportello.inventory.tests.factories import make_line
from sportello.kernel.access import CUSTOMER_PROFILES, PARTNER_PROFILES, Profile
from sportello.kernel.actor import member_actor
from sportello.kernel.operations import publish
from sportello.kernel.testing import arrange
from sportello.shell.queries.dashboard import dashboard
from sportello.shell.queries.happened import latest
from sportello.shell.tests.factories import person_of, spent
from sportello.thresholds.events import LinesEnrolled
from sportello.thresholds.handlers import counters_changed
from sportello.thresholds.operations import set_threshold
from sportello.thresholds.tests.factories import a_line, count, terms

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def figures(actor) -> dict[str, str]:
    return {figure.label: figure.value for figure in dashboard(actor, now=NOW).figures}


def titles(actor) -> list[str]:
    return [panel.title for panel in dashboard(actor, now=NOW).panels]


@pytest.fixture
def stock(world) -> None:
    make_line(world.a, "+393510000012", person=world.memberships["ada"].person)
    make_line(world.a, "+393510000013", person=world.memberships["bo"].person)
    make_line(world.a, "+390655500013", kind="fixed")
    make_line(world.b, "+393510000014", person=world.memberships["cy"].person)


def test_c02_each_counts_only_what_is_in_reach(ada, cy, pia, olga, stock) -> None:
    counted = {name: {k: v for k, v in figures(actor).items() if k in {"Active lines", "People", "Customers"}}
               for name, actor in {"ada": ada, "cy": cy, "pia": pia, "olga": olga}.items()}  # fmt: skip
    assert counted == {
        "ada": {"Active lines": "3", "People": "2"},
        "cy": {"Active lines": "1", "People": "1"},
        "pia": {"Active lines": "3", "People": "3", "Customers": "1"},
        "olga": {"Active lines": "4", "People": "5", "Customers": "2"},
    }


def test_an_employee_sees_the_own_lines_and_no_totals(bo, stock) -> None:
    (mine,) = [panel for panel in dashboard(bo, now=NOW).panels if panel.title == "My lines"]
    assert [line.number for line in mine.facts["lines"]] == ["+393510000013"]
    assert "Active lines" not in figures(bo)
    assert "What happened lately" not in titles(bo)


def test_an_employee_without_a_line_is_told_whom_to_ask(signed_in) -> None:
    assert "Your administrator can do that." in signed_in("bo").get("/").content.decode()


def test_kinds_and_months_are_plotted_for_a_customer(ada, stock) -> None:
    charts = {panel.title: panel.facts["chart"] for panel in dashboard(ada, now=NOW).panels if "chart" in panel.facts}
    assert charts["Lines by kind"].parts == [("Mobile", 2), ("Fixed", 1)]
    assert charts["Lines over twelve months"].series[0].values == [3] * 12


def test_nothing_is_plotted_where_there_is_nothing(ada) -> None:
    assert [panel for panel in dashboard(ada, now=NOW).panels if "chart" in panel.facts] == []


def test_what_happened_is_told_with_who_and_only_in_reach(ada, cy, olga, stock) -> None:
    told = latest(ada)
    assert len(told) == 3
    assert {entry.icon for entry in told} == {"device-mobile"}
    assert {entry.who for entry in told} == {"the portal"}
    assert len(latest(cy)) == 1
    assert len(latest(olga)) == 4


def test_signing_in_is_no_news(signed_in, ada) -> None:
    signed_in("ada").post("/sign-out/")
    assert latest(ada) == []


@pytest.mark.parametrize("profile", sorted(CUSTOMER_PROFILES | PARTNER_PROFILES))
def test_every_profile_has_a_first_page(world, signed_in, profile: Profile) -> None:
    from sportello.accounts.models import Membership

    with arrange():
        person = person_of(world.a, "Nora", profile.value)
        world.memberships["nora"] = Membership.objects.create(person=person, organisation=world.a, profile=profile)
    page = signed_in("nora").get("/").content.decode()
    assert f"Good to see you, Nora {profile.value}" in page


@pytest.mark.parametrize("lines", [1, 3])
def test_the_first_page_costs_the_same_whatever_there_is(ada, world, lines: int, django_assert_max_num_queries) -> None:
    for place in range(lines):
        make_line(world.a, f"+39351000010{place}", person=world.memberships["bo"].person)
    with django_assert_max_num_queries(17):
        dashboard(ada, now=NOW)


def test_a_profile_whose_sections_have_nothing_yet_is_told_of_its_organisation_and_its_own_access(world) -> None:
    person = world.memberships["bo"].person
    referent = member_actor(person_id=person.pk, organisation_id=world.a.pk, profile=Profile.FLEET_CONTACT)
    assert dashboard(referent, now=NOW).figures == []
    assert [panel.title for panel in dashboard(referent, now=NOW).panels] == ["Your organisation", "Your access"]


def test_c02_the_agent_of_a_partner_begins_with_the_customers_of_that_partner(world, pia) -> None:
    agent = member_actor(person_id=pia.person_id, organisation_id=pia.organisation_id, profile=Profile.PARTNER_AGENT)
    first = dashboard(agent, now=NOW)
    assert [panel.title for panel in first.panels] == ["Your customers (1)", "Your access"]
    assert [name for name, _words in first.panels[0].facts["facts"]] == [world.a.legal_name]


OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


@pytest.fixture
def traffic(world) -> None:
    mine = make_line(world.a, "+393510000012", person=world.memberships["ada"].person)
    bos = make_line(world.a, "+393510000013", person=world.memberships["bo"].person)
    other = make_line(world.b, "+393510000014", person=world.memberships["cy"].person)
    with arrange():
        spent(mine, OCTOBER, "80.00")
        spent(mine, NOVEMBER, "20.10")
        spent(bos, NOVEMBER, "5.40", traffic_type="voice")
        spent(other, NOVEMBER, "999.00")


def chart_of(actor, title: str):
    (panel,) = [panel for panel in dashboard(actor, now=NOW).panels if panel.title == title]
    return panel.facts["chart"]


def test_the_running_month_is_shown_beside_the_one_before_and_not_compared(ada, traffic) -> None:
    (figure,) = [figure for figure in dashboard(ada, now=NOW).figures if figure.icon == "coin-euro"]
    assert (figure.label, figure.value, figure.note, figure.delta) == (
        "Spending so far in November", "€25.50", "October 2026: €80.00", "",
    )  # fmt: skip
    assert figures(ada)["Data"] == "1.0\xa0GB"
    assert figures(ada)["Voice"] == "1\xa0min 00\xa0s"


def test_a_month_that_is_over_is_compared(ada, traffic) -> None:
    later = datetime(2026, 12, 2, tzinfo=UTC)
    (figure,) = [figure for figure in dashboard(ada, now=later).figures if figure.icon == "coin-euro"]
    assert (figure.label, figure.delta, figure.delta_tone) == ("Spending in November", "\N{MINUS SIGN}68%", "good")


def test_months_are_stacked_by_traffic_type_and_those_without_traffic_are_there(ada, traffic) -> None:
    chart = chart_of(ada, "Spending over twelve months")
    assert [series.label for series in chart.series] == ["Voice", "Data", "SMS", "MMS"]
    assert [series.values[-2:] for series in chart.series] == [
        [0, Decimal("5.4")],
        [80, Decimal("20.1")],
        [0, 0],
        [0, 0],
    ]
    assert len(chart.categories) == 12
    assert chart.partial_last


def test_c02_the_dearest_lines_are_those_in_reach(ada, cy, traffic) -> None:
    assert chart_of(ada, "Lines that cost most").items == [
        ("+39\xa0351\xa0000\xa00012 · Ada Prova", Decimal("20.1")),
        ("+39\xa0351\xa0000\xa00013 · Bo Prova", Decimal("5.4")),
    ]
    assert [value for _name, value in chart_of(cy, "Lines that cost most").items] == [Decimal(999)]


def test_d02_an_employee_sees_the_own_spending_alone(bo, traffic) -> None:
    assert figures(bo)["Spending so far in November"] == "€5.40"
    assert "Lines that cost most" not in titles(bo)


def test_without_traffic_the_first_page_says_when_it_comes(signed_in) -> None:
    assert "No traffic yet" in signed_in("ada").get("/").content.decode()


@pytest.fixture
def limits(world, ada, cy) -> None:
    for actor, organisation, spent_until_now in ((ada, world.a, "42"), (cy, world.b, "7")):
        line = a_line(organisation)
        count(line, spent_until_now)
        set_threshold(actor=actor, line=line, terms=terms("50"), now=NOW)


def meters(actor) -> list[tuple[str, Decimal]]:
    (panel,) = [panel for panel in dashboard(actor, now=NOW).panels if panel.title.startswith("Thresholds")]
    return [(meter["text"], meter["share"]) for meter in panel.facts["meters"]]


def test_thresholds_that_passed_a_step_are_shown_with_where_they_stand(ada, cy, limits) -> None:
    assert meters(ada) == [("€42.00 / €50.00", Decimal(84))]
    assert meters(cy) == []


def test_a_threshold_at_its_limit_is_counted_as_such(ada, world, limits) -> None:
    line = a_line(world.a)
    count(line, "10")
    set_threshold(actor=ada, line=line, terms=terms("10"), now=NOW)
    (figure,) = [figure for figure in dashboard(ada, now=NOW).figures if figure.label == "Active thresholds"]
    assert (figure.value, figure.delta) == ("2", "1 at its limit")


def test_those_close_to_their_limit_are_shown_beside_those_at_it_and_all_are_counted(ada, world, limits) -> None:
    for _number in range(7):
        line = a_line(world.a)
        count(line, "10")
        set_threshold(actor=ada, line=line, terms=terms("10"), now=NOW)
    assert [share for _text, share in meters(ada)] == [100] * 5 + [84]
    (panel,) = [panel for panel in dashboard(ada, now=NOW).panels if panel.title.startswith("Thresholds")]
    assert [meter.get("more") for meter in panel.facts["meters"]] == [None] * 4 + ["and 2 more at their limit", None]
    assert figures(ada)["Active thresholds"] == "8"
    (figure,) = [figure for figure in dashboard(ada, now=NOW).figures if figure.label == "Active thresholds"]
    assert figure.delta == "7 at their limit"


def test_bars_that_stand_are_counted_and_an_employee_sees_the_own_first(ada, bo, cy, world, signed_in) -> None:
    line = a_line(world.a, person=world.memberships["bo"].person)
    row = count(line, "12")
    set_threshold(actor=ada, line=line, terms=terms("10", kind="enforcing"), now=NOW)
    counters_changed(load_id=1, line_ids=[line.pk], months=[row.month], now=NOW)
    assert (figures(ada)["Bars that stand"], figures(cy)["Bars that stand"]) == ("1", "0")
    assert titles(bo)[0] == "Barred on your lines"
    assert "Barred on your lines" in signed_in("bo").get("/").content.decode()
    assert "Barred on your lines" not in titles(ada)


def test_the_card_of_bills_leads_to_what_it_counts(ada, world, signed_in) -> None:
    bills.customers(world)
    bills.held_line(world)
    bills.load(bills.xml())
    (figure,) = [figure for figure in dashboard(ada, now=NOW).figures if figure.label == "Bills to be paid"]
    browser = signed_in("ada")
    assert (figure.note, len(browser.get(figure.url).context["listing"].rows)) == ("1 bill", 1)
    assert len(browser.get(figure.url.replace("open", "paid")).context["listing"].rows) == 0


def test_each_meter_leads_to_its_line(signed_in, ada, limits) -> None:
    (panel,) = [panel for panel in dashboard(ada, now=NOW).panels if panel.title.startswith("Thresholds")]
    assert signed_in("ada").get(panel.facts["meters"][0]["url"]).status_code == 200


def test_news_that_differ_in_how_many_alone_are_told_once(ada, world) -> None:
    with arrange():
        for lines in (11, 12, 13):
            publish(LinesEnrolled(organisation_id=world.a.pk, profile="it_business_default", lines=lines))
    assert [(entry.title, entry.detail) for entry in latest(ada)] == [
        ("Lines got another profile (safeguard by regulation): 13", "and 2 others like it")
    ]
