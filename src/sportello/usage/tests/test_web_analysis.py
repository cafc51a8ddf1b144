"""The page of analysis: what it shows, to whom, and that every address it writes leads on."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sportello.inventory.models import LinePeriod
from sportello.kernel.actor import system_actor
from sportello.kernel.calendar import previous_month
from sportello.kernel.ui import formats
from sportello.usage.analysis.tests.factories import OCTOBER, Used, count
from sportello.usage.analysis.types import Sums
from sportello.usage.tests.factories import new_line
from sportello.usage.web.analysis import signed_money, signed_percent

SYSTEM = system_actor(reason="a test of usage")
ADDRESS = "/traffic/analysis/"


def period_of(line) -> LinePeriod:
    return LinePeriod.objects.for_(SYSTEM).get(line=line)


@pytest.fixture
def lines(world):
    """A line of Bo's and one of nobody's at customer A, one at B, with traffic in October and November."""
    found = {
        "bo": new_line(world.a, "+393200000001", person=world.memberships["bo"].person),
        "a": new_line(world.a, "+393200000002"),
        "b": new_line(world.b, "+393200000003"),
    }
    count(
        Used(period=period_of(found["bo"]), amount="11.11"),
        Used(period=period_of(found["bo"]), amount="5", month=OCTOBER),
        Used(period=period_of(found["a"]), amount="33.33", kind="data", zone="eu"),
        Used(period=period_of(found["b"]), amount="44.45"),
    )
    return found


def text(response) -> str:
    assert response.status_code == 200, response.content
    return re.sub(r"[\s\u00a0\u202f]+", " ", response.content.decode())


@pytest.mark.parametrize("by", ["cost_centre", "line", "person", "type", "zone", "agreement", "customer", "nonsense"])
def test_each_grouping_shows_its_parts_and_the_whole(lines, signed_in, by) -> None:
    shown = text(signed_in("ada").get(ADDRESS, {"by": by}))
    assert "€44.44" in shown  # the whole of November
    assert "+€39.44" in shown
    is_over = timezone.localdate() >= date(2026, 12, 1)
    assert ("+789%" in shown) is is_over  # a month that runs is held against no whole month
    assert "44.45" not in shown


def test_d08_employee_is_kept_out(lines, signed_in) -> None:
    assert signed_in("bo").get(ADDRESS).status_code == 403


def test_groups_lead_to_their_lines_and_lines_to_their_records(lines, signed_in, world) -> None:
    ada = signed_in("ada")
    people = ada.get(ADDRESS, {"by": "person", "type": "voice"})
    url = next(row["url"] for row in people.context["rows"] if row["label"] == "Bo Prova")
    of_bo = ada.get(ADDRESS + url)
    assert "Person: Bo Prova" in text(of_bo)
    (row,) = of_bo.context["rows"]
    assert row["url"] == f"{reverse('usage:records', args=[lines['bo'].pk])}?month=2026-11&type=voice"
    assert ada.get(row["url"]).status_code == 200
    for by, name in (("type", "type=data"), ("zone", "zone=eu"), ("agreement", "agreement=")):
        first = ada.get(ADDRESS, {"by": by}).context["rows"][0]
        assert name in first["url"]
        assert ada.get(ADDRESS + first["url"]).status_code == 200


def test_operator_chooses_a_customer_first(lines, signed_in, world) -> None:
    olga = signed_in("olga")
    first = olga.get(ADDRESS)
    assert [row["label"] for row in first.context["rows"]] == ["Beta S.r.l.", "Comune di Alfa"]
    chosen = olga.get(ADDRESS + first.context["rows"][1]["url"])
    assert "Customer: Comune di Alfa" in text(chosen)
    assert chosen.context["groupings"][-1].url == "?by=customer&from=2026-11&to=2026-11"
    assert "€88.89" in text(olga.get(ADDRESS, {"by": "zone"}))


@pytest.mark.parametrize(
    ("name", "asked"), [("olga", {"customer": "999999"}), ("ada", {"by": "line", "person": "999999"})]
)
def test_c02_what_is_not_there_is_not_named(lines, signed_in, name, asked) -> None:
    assert signed_in(name).get(ADDRESS, asked).status_code == 404


def test_c02_foreign_ids_in_the_address_narrow_to_nothing(lines, signed_in, world) -> None:
    shown = text(signed_in("ada").get(ADDRESS, {"line": lines["b"].pk}))
    assert "No traffic fits" in shown
    foreign = {"customer": world.b.pk}
    assert signed_in("ada").get(ADDRESS, foreign).status_code == 404


@pytest.mark.parametrize(
    "asked",
    [{"from": "x"}, {"from": "0900-01"}, {"from": "2026-12", "to": "2026-11"}, {"from": "2020-01", "to": "2026-01"}],
)
def test_months_that_make_no_sense_are_refused(lines, signed_in, asked) -> None:
    assert signed_in("ada").get(ADDRESS, asked).status_code == 422


def test_address_keeps_filters_sort_and_page(lines, signed_in) -> None:
    asked = {"by": "line", "from": "2026-10", "to": "2026-11", "zone": "national", "sort": "difference", "page": "2"}
    shown = signed_in("ada").get(ADDRESS, asked)
    assert dict(shown.context["words"]) == {
        "by": "line", "from": "2026-10", "to": "2026-11", "zone": "national", "sort": "difference",
    }  # fmt: skip
    assert shown.context["previous_url"] == "?by=line&from=2026-10&to=2026-11&zone=national&sort=difference&page=1"
    assert "No traffic fits" in text(shown)
    first = signed_in("ada").get(ADDRESS, asked | {"page": "0"})
    assert (first.context["plot"], first.context["lead"]) == (None, "October 2026 to November 2026")
    assert signed_in("ada").get(ADDRESS, asked | {"page": "x", "sort": "", "person": "0"}).status_code == 200


def test_long_analyses_are_paged(lines, signed_in, monkeypatch) -> None:
    monkeypatch.setattr("sportello.usage.web.analysis.PAGE", 1)
    ada = signed_in("ada")
    first = ada.get(ADDRESS, {"by": "line"})
    second = ada.get(ADDRESS + first.context["next_url"])
    assert [len(page.context["rows"]) for page in (first, second)] == [1, 1]
    assert (second.context["next_url"], first.context["previous_url"]) == ("", "")


def test_customer_without_traffic_sees_an_empty_page(world, signed_in) -> None:
    for by in ("line", "type"):
        assert "No traffic fits" in text(signed_in("ada").get(ADDRESS, {"by": by}))


@pytest.mark.parametrize("more", [0, 2])
def test_analysis_takes_the_same_queries_for_few_and_for_many(lines, world, signed_in, more) -> None:
    for number in range(more):
        count(Used(period=period_of(new_line(world.a, f"+39320000010{number}")), amount="1"))
    ada = signed_in("ada")
    ada.get(ADDRESS, {"by": "line"})
    with CaptureQueriesContext(connection) as made:
        ada.get(ADDRESS, {"by": "line"})
    assert sum("sportello.reach" not in query["sql"] for query in made) == 8


def test_migration_fills_the_sums_from_counters_that_are_there(lines) -> None:
    from importlib import import_module

    from sportello.kernel.testing import arrange
    from sportello.usage.models import PeriodMonth

    rows = PeriodMonth.objects.across_tenants(reason="a test of usage")
    columns = [field.column for field in PeriodMonth._meta.concrete_fields if field.column != "id"]
    before = sorted(rows.values_list(*columns))
    assert len(before) == 4
    assert {row[columns.index("month")] for row in before} == {date(2026, 10, 1), date(2026, 11, 1)}
    with arrange():
        rows.delete()
    with connection.schema_editor() if connection.vendor == "postgresql" else _Executes() as editor:
        import_module("sportello.usage.migrations.0003_fill_sums_by_period").fill(None, editor)
    assert sorted(rows.values_list(*columns)) == before


class _Executes:
    """SQLite's schema editor wants to be outside of a transaction; the statement alone does not."""

    def __enter__(self):
        return self

    def __exit__(self, *_raised: object) -> None: ...

    def execute(self, sql: str, params: None) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)


def test_month_that_is_not_over_says_so_and_which_month_it_is_held_against(lines, signed_in) -> None:
    this = timezone.localdate().replace(day=1)
    past = previous_month(this)
    ada = signed_in("ada")

    def notes(month: date) -> list[str]:
        asked = {"from": f"{month:%Y-%m}", "to": f"{month:%Y-%m}"}
        return [tile.note for tile in ada.get(ADDRESS, asked).context["tiles"]]

    assert notes(this) == [
        "net of VAT",
        formats.month(past),
        f"{formats.month(past)} counts to its end; the % comes when {formats.month(this)} is over",
    ]
    assert notes(past) == ["net of VAT", formats.month(previous_month(past)), ""]
    both = ada.get(ADDRESS, {"from": f"{past:%Y-%m}", "to": f"{this:%Y-%m}"}).context["tiles"][2].note
    assert both == f"the months before count to their end; the % comes when {formats.month(this)} is over"


def test_month_that_lies_ahead_says_so(lines, signed_in) -> None:
    ada, ahead = signed_in("ada"), {"month": "2040-01"}
    pages = [reverse("usage:index"), *(reverse(f"usage:{name}", args=[lines["bo"].pk]) for name in ("line", "records"))]
    assert ["This month has not come yet" in text(ada.get(page, ahead)) for page in pages] == [True] * 3
    assert ["This month has not come yet" in text(ada.get(page, {"month": "2026-05"})) for page in pages] == [False] * 3
    assert '<input type="hidden" name="month" value="2040-01">' in text(ada.get(pages[0], ahead))
    assert "No traffic in this month" in text(ada.get(pages[0], {"month": "2026-05"}))
    assert "Nothing fits these filters" in text(ada.get(pages[0], {"month": "2026-05", "q": "0001"}))


def test_signs_are_alike_and_the_difference_is_that_of_the_amounts_shown() -> None:
    sums = Sums(now=Decimal("258.004"), before=Decimal("317.165"))
    assert [formats.money(sums.now), formats.money(sums.before), signed_money(sums.shown_difference)] == [
        "€258.00", "€317.17", "\N{MINUS SIGN}€59.17",
    ]  # fmt: skip
    assert [signed_percent(Decimal(share)) for share in ("-18.6", "18.6", "0", "-0.2")] == [
        "\N{MINUS SIGN}19%", "+19%", "0%", "0%",
    ]  # fmt: skip


def test_month_that_runs_is_coloured_neither_good_nor_bad(lines, signed_in) -> None:
    month = timezone.localdate().replace(day=1)
    page = signed_in("ada").get(ADDRESS, {"from": f"{month:%Y-%m}", "to": f"{month:%Y-%m}", "by": "line"})
    assert [(tile.delta, tile.tone) for tile in page.context["tiles"]] == [("", "")] * 3
    assert {row["growth"] for row in page.context["rows"]} <= {""}
