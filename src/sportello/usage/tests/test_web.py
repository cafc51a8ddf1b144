"""What people see of usage, and what they do not (ABUSE C01, C02, D01, D02, G13, G14, G15)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sportello.inventory.models import LinePeriod
from sportello.kernel.actor import system_actor
from sportello.kernel.models import Event
from sportello.kernel.testing import arrange
from sportello.usage import operations, queries
from sportello.usage.models import UsageLoad
from sportello.usage.operations.loading import begin_load
from sportello.usage.tests.factories import NOW, new_line, row, usage_file

SYSTEM = system_actor(reason="a test of usage")
BOS, ADAS, CYS = "+393200000001", "+393200000002", "+34600000003"
NOVEMBER = date(2026, 11, 1)


def load(*rows: dict[str, str], **said: object):
    return operations.load_file(actor=SYSTEM, path=usage_file(*rows, **said), now=NOW)


@pytest.fixture
def lines(world):
    """Bo's line and another of customer A, one of customer B; each with a call of its own price, Bo's with a personal one too."""
    bo = world.memberships["bo"].person
    found = {
        "bo": new_line(world.a, BOS, person=bo, dual=True),
        "a": new_line(world.a, ADAS, person=world.memberships["ada"].person),
        "b": new_line(world.b, CYS),
    }
    load(
        row(record_id="1", msisdn=BOS, amount="11.11", other_party="+393470000111"),
        row(record_id="2", msisdn=BOS, amount="22.22", other_party="+393470000222", personal="1"),
        row(record_id="3", msisdn=ADAS, amount="33.33", other_party="+393470000333"),
        row(record_id="4", msisdn=CYS, amount="44.44", other_party="+393470000444"),
        row(record_id="5", msisdn="+393200000099", amount="55.55"),
    )
    return found


def text(response) -> str:
    assert response.status_code == 200
    return re.sub(r"[\s\u00a0\u202f]+", " ", response.content.decode())


def seen_in(shown: str, *amounts: str) -> set[str]:
    return {amount for amount in amounts if amount in shown}


AMOUNTS = ("11.11", "22.22", "33.33", "44.44", "44.44", "88.88")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ada", {"11.11", "33.33", "44.44"}),  # 44.44 is also the sum of the two
        ("cy", {"44.44"}),
        ("olga", {"11.11", "33.33", "44.44", "88.88"}),
    ],
)
def test_c01_traffic_of_a_month_shows_what_is_in_reach(lines, signed_in, name, expected) -> None:
    shown = text(signed_in(name).get(reverse("usage:index"), {"month": "2026-11"}))
    assert seen_in(shown, *AMOUNTS) == expected
    assert ("+34 600 00 00 03" in shown) == (name in {"cy", "olga"})


def test_d01_partner_does_not_get_in(lines, signed_in) -> None:
    for address in (reverse("usage:index"), reverse("usage:line", args=[lines["a"].pk])):
        assert signed_in("pia").get(address).status_code == 403


def test_g14_personal_traffic_is_shown_to_the_person_alone(lines, signed_in) -> None:
    line = reverse("usage:line", args=[lines["bo"].pk])
    company, person = (text(signed_in(name).get(line, {"month": "2026-11"})) for name in ("ada", "bo"))
    assert ("22.22" in company, "33.33" in company) == (False, False)
    assert "33.33" in person  # 11.11 of the company's and 22.22 of their own
    assert "+393470000***" in person


def test_b06_g14_whoever_views_as_the_person_sees_nothing_of_the_personal_traffic(lines, world, signed_in) -> None:
    bo, olga, pk = world.memberships["bo"], signed_in("olga"), lines["bo"].pk
    reason = {"reason": "the ticket says: no traffic"}
    assert olga.post(f"/people/{bo.person_id}/view-as/{bo.pk}/", reason).status_code == 302
    pages = [reverse("usage:line", args=[pk]), reverse("usage:records", args=[pk])]
    for shown in (text(olga.get(page, {"month": "2026-11"})) for page in pages):
        assert ("11.11" in shown, "22.22" in shown, "33.33" in shown) == (True, False, False)
    wanted = {"content": "records", "form": "csv", "by": "line", "line": pk, "from": "2026-11"}
    taken = {}
    for name, browser in (("olga", olga), ("bo", signed_in("bo"))):
        file = b"".join(browser.post("/traffic/exports/ask/", wanted).streaming_content).decode()
        taken[name] = ("11.11" in file, "22.22" in file)
    assert taken == {"olga": (True, False), "bo": (True, True)}


def test_employee_with_one_line_comes_to_it_at_once(lines, signed_in) -> None:
    assert signed_in("bo").get(reverse("usage:index")).url == reverse("usage:line", args=[lines["bo"].pk])


def test_employee_with_two_lines_chooses(lines, world, signed_in) -> None:
    other = new_line(world.a, "+393200000005", person=world.memberships["bo"].person)
    shown = text(signed_in("bo").get(reverse("usage:index")))
    assert reverse("usage:line", args=[other.pk]) in shown
    assert reverse("usage:line", args=[lines["a"].pk]) not in shown


@pytest.mark.parametrize("page", ["usage:line", "usage:records"])
@pytest.mark.parametrize(("name", "whose"), [("bo", "a"), ("bo", "b"), ("ada", "b"), ("cy", "a")])
def test_d02_somebody_elses_line_is_not_found(lines, signed_in, page, name, whose) -> None:
    there, nowhere = (signed_in(name).get(reverse(page, args=[pk])) for pk in (lines[whose].pk, 999_999))
    assert (there.status_code, nowhere.status_code) == (404, 404)


def test_d02_line_handed_on_shows_each_holder_their_own_time(lines, world, signed_in) -> None:
    handed_on = NOW - timedelta(days=2)
    with arrange():
        LinePeriod.objects.for_(SYSTEM).filter(line=lines["a"]).update(active_to=handed_on)
        LinePeriod.objects.create(
            line=lines["a"], organisation=world.a, number=ADAS, status="active", active_from=handed_on,
            person=world.memberships["bo"].person,
        )  # fmt: skip
    load(
        row(
            record_id="later",
            msisdn=ADAS,
            started_at=f"{handed_on + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
            amount="7.77",
        )
    )
    shown = text(signed_in("bo").get(reverse("usage:records", args=[lines["a"].pk]), {"month": "2026-11"}))
    assert seen_in(shown, "7.77", "33.33") == {"7.77"}


@pytest.mark.parametrize("name", ["ada", "bo", "cy", "pia"])
def test_g13_files_and_rejects_are_the_operators_alone(lines, signed_in, name) -> None:
    pk = UsageLoad.objects.get().pk
    for address in (reverse("usage:loads"), reverse("usage:load", args=[pk]), reverse("usage:rejects", args=[pk])):
        assert signed_in(name).get(address).status_code == 403


def test_operator_sees_files_counts_reasons_and_takes_the_rejects(lines, signed_in) -> None:
    load(row(record_id="9"), records=3, name="wrong.csv")
    olga = signed_in("olga")
    shown = text(olga.get(reverse("usage:loads")))
    assert "record count differs: the manifest says 3, the file has 1" in shown
    good = UsageLoad.objects.get(state="loaded")
    assert "Rejected rows" in text(olga.get(reverse("usage:load", args=[good.pk])))
    rejects = b"".join(olga.get(reverse("usage:rejects", args=[good.pk])).streaming_content).decode()
    assert "no line held +393200000099 at 2026-11-15T09:00:00Z" in rejects
    assert Event.append_only.filter(kind="export.made").count() == 1
    refused = UsageLoad.objects.get(state="refused")
    assert "Rejected rows" not in text(olga.get(reverse("usage:load", args=[refused.pk])))
    assert olga.get(reverse("usage:rejects", args=[refused.pk])).status_code == 404


def test_reject_file_that_was_tidied_away_is_not_found(lines, signed_in) -> None:
    good = UsageLoad.objects.get()
    Path(good.reject_file).unlink()
    olga = signed_in("olga")
    assert olga.get(reverse("usage:rejects", args=[good.pk])).status_code == 404
    assert "no line held" not in text(olga.get(reverse("usage:load", args=[good.pk])))


def test_load_that_is_not_there_is_not_found(world, signed_in) -> None:
    assert signed_in("olga").get(reverse("usage:load", args=[999])).status_code == 404


def test_load_page_shows_the_first_hundred_rejects_with_line_record_and_reasons(lines, signed_in) -> None:
    bad = [row(record_id=f"bad{number}", country="ZZ", units="x") for number in range(103)]
    taken = load(row(record_id="=fine"), row(record_id="=1+1", country="ZZ"), *bad)
    page = signed_in("olga").get(reverse("usage:load", args=[taken.load.pk]))
    assert [(one.line, one.record_id) for one in page.context["rejects"]] == [
        (3, "=1+1"), *((number + 4, f"bad{number}") for number in range(99)),
    ]  # fmt: skip
    assert page.context["rejects"][1].reasons == (
        "country: 'ZZ' is not an ISO 3166 alpha-2 code; units: 'x' is not a whole number of 0 or more"
    )
    assert "The first 100 of 104 rejected rows" in text(page)
    assert "+393471234567" not in text(page)


def test_load_page_shows_seconds_notes_and_whose_digest_it_is(lines, signed_in) -> None:
    taken = load(row(record_id="c", corrects="lost"), name="good.csv")
    UsageLoad.objects.filter(pk=taken.load.pk).update(
        finished_at=taken.load.started_at + timedelta(milliseconds=16_230)
    )
    again = load(row(record_id="c", corrects="lost"), name="again.csv")
    refused = load(row(record_id="9"), name="wrong.csv", sha256="0" * 64)
    running = begin_load(actor=SYSTEM, file_name="runs.csv", sha256="1" * 64, now=NOW)
    olga = signed_in("olga")
    good, known, bad, unfinished = (
        text(olga.get(reverse("usage:load", args=[one.pk]))) for one in (taken.load, again.load, refused.load, running)
    )
    assert ("16.23 s" in good, "1 records that they correct are unknown so far: lost" in good) == (True, True)
    assert ("Known already" in known, "everything was known: good.csv had the same content" in known) == (True, True)
    assert ("SHA-256 of the file" in bad, f'<code class="text-break">{"0" * 64}' in bad) == (True, False)
    assert ("Took" in good, "Took" in unfinished) == (True, False)


def test_usage_files_page_says_what_waits_for_what(world, signed_in, monkeypatch) -> None:
    paths = [usage_file(row(), name=f"u{number:02}.csv") for number in range(22)]
    for path in paths:
        path.with_name(f"{path.name}.manifest.json").unlink()
    olga = signed_in("olga")
    monkeypatch.setattr("sportello.usage.queries.WAITS_LONG", timedelta(0))
    shown = text(olga.get(reverse("usage:loads")))
    assert "<code>u00.csv</code> waits for <code>u00.csv.manifest.json</code> since" in shown
    assert ("22 files in all." in shown, "u20.csv" in shown) == (True, False)


def test_health_page_says_what_waits_in_the_drop_folder(world, signed_in, monkeypatch) -> None:
    monkeypatch.setattr("sportello.usage.queries.WAITS_LONG", timedelta(0))
    path = usage_file(row(), name="u.csv")
    olga = signed_in("olga")
    assert "files wait there" not in text(olga.get(reverse("config:check")))
    path.unlink()
    shown = text(olga.get(reverse("config:check")))
    assert "1 files wait there: u.csv.manifest.json for u.csv." in shown


@pytest.mark.parametrize("name", ["ada", "bo", "olga"])
def test_g15_last_three_digits_of_called_numbers_are_masked_for_everybody(lines, signed_in, name) -> None:
    shown = text(signed_in(name).get(reverse("usage:records", args=[lines["bo"].pk]), {"month": "2026-11"}))
    assert "+393470000***" in shown
    assert "0111" not in shown
    assert "0222" not in shown


def test_records_are_paged_and_narrowed_by_type(lines, signed_in, monkeypatch) -> None:
    calls = [
        row(record_id=f"c{n:03}", msisdn=BOS, started_at=f"2026-11-16T10:{n // 60:02}:{n % 60:02}Z") for n in range(120)
    ]
    load(*calls, row(record_id="sms", msisdn=BOS, traffic_type="sms", amount="0.09"))
    ada, address = signed_in("ada"), reverse("usage:records", args=[lines["bo"].pk])
    first = ada.get(address, {"month": "2026-11"})
    second = ada.get(address + first.context["next_url"])
    assert (len(first.context["rows"]), len(second.context["rows"]), second.context["next_url"]) == (100, 22, "")
    ids = [one["record"].record_id for page in (first, second) for one in page.context["rows"]]
    assert len(set(ids)) == 122
    assert [
        one["record"].record_id for one in ada.get(address, {"month": "2026-11", "type": "sms"}).context["rows"]
    ] == ["sms"]


@pytest.mark.parametrize(
    "asked", [{"month": "yesterday"}, {"month": "2026-13"}, {"after": "x"}, {"after": "2026-11-16T10:00:00,1"}]
)
def test_addresses_that_make_no_sense_are_refused(lines, signed_in, asked) -> None:
    assert signed_in("ada").get(reverse("usage:records", args=[lines["bo"].pk]), asked).status_code == 422


def queries_of(work) -> int:
    with CaptureQueriesContext(connection) as made:
        work()
    return sum("sportello.reach" not in query["sql"] for query in made)


@pytest.mark.parametrize("more", [0, 2])
def test_traffic_page_takes_the_same_queries_for_one_line_and_for_many(lines, world, signed_in, more) -> None:
    for number in range(more):
        new_line(world.a, f"+39320000010{number}", person=world.memberships["ada"].person)
        load(row(record_id=f"more{number}", msisdn=f"+39320000010{number}"))
    ada = signed_in("ada")
    ada.get(reverse("usage:index"))
    assert queries_of(lambda: ada.get(reverse("usage:index"))) == 8


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("320 000 0001", [BOS]),
        ("+39\u00a0320\u00a0000\u00a00002", [ADAS]),
        ("bo", [BOS]),
        ("600000003", []),
        ("cy", []),
    ],
)
def test_c02_lines_are_found_as_in_the_list_of_lines(lines, signed_in, asked, found) -> None:
    shown = signed_in("ada").get(reverse("usage:index"), {"month": "2026-11", "q": asked})
    assert [row.line.number for row in shown.context["listing"].rows] == found


def test_months_without_traffic_are_there_with_nothing(lines, ada) -> None:
    months = queries.trend(ada, NOVEMBER)
    assert [(one.month.month, str(one.amount)) for one in months][-3:] == [(9, "0"), (10, "0"), (11, "44.44000")]


def test_customer_without_traffic_sees_an_empty_page(world, signed_in) -> None:
    assert "No traffic in this month" in text(signed_in("ada").get(reverse("usage:index")))
    assert "You hold no line" in text(signed_in("bo").get(reverse("usage:index")))
    assert "No usage file has come in yet" in text(signed_in("olga").get(reverse("usage:loads")))


def test_line_without_traffic_shows_an_empty_month(world, signed_in) -> None:
    line = new_line(world.a, BOS)
    for page in ("usage:line", "usage:records"):
        assert signed_in("ada").get(reverse(page, args=[line.pk])).status_code == 200


def test_dearest_lines_come_first(lines, ada) -> None:
    assert [one.line.number for one in queries.top_lines(ada, NOVEMBER)] == [ADAS, BOS]


def test_own_user_reaches_exports_and_documentation_from_the_page_of_the_only_line(lines, signed_in) -> None:
    bo, page = signed_in("bo"), reverse("usage:line", args=[lines["bo"].pk])
    assert bo.get(reverse("usage:index")).headers["Location"] == page
    shown = bo.get(page, {"month": "2026-11"})
    assert [tab.label for tab in shown.context["tabs"][:3]] == ["My traffic", "Exports", "Documentation"]
    assert shown.context["words"] == [
        ("by", "line"), ("line", str(lines["bo"].pk)), ("from", "2026-11"), ("to", "2026-11"),
    ]  # fmt: skip
    ask = reverse("usage:ask_documentation", args=[lines["bo"].pk])
    assert ask in bo.get(reverse("usage:documentation")).content.decode()
    assert reverse("usage:records", args=[lines["bo"].pk]) in bo.get(reverse("usage:exports")).content.decode()
    assert [tab.label for tab in signed_in("ada").get(page).context["tabs"][:2]] == ["Line", "Traffic"]
