"""Taking traffic out: at once or in the background, the asking person's alone, with the rights of the moment (ABUSE C03, C04, F12)."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sportello.accounts.models import Membership, Person
from sportello.kernel.access import Profile
from sportello.kernel.actor import system_actor
from sportello.kernel.jobs import worker
from sportello.kernel.models import Event
from sportello.kernel.testing import arrange
from sportello.kernel.testing.cast import new_member
from sportello.parties.models import Organisation
from sportello.usage import operations, prepared, tasks
from sportello.usage.exports import contents, sheets
from sportello.usage.exports.tests.test_sheets import pdf_text
from sportello.usage.models import TrafficExport
from sportello.usage.operations import exports as exporting
from sportello.usage.tests.factories import NOW, meanwhile, new_line, row, usage_file

SYSTEM = system_actor(reason="a test of usage")
BOS, ADAS, CYS = "+393200000001", "+393200000002", "+34600000003"
ASK = "/traffic/exports/ask/"


def load(*rows: dict[str, str]) -> None:
    operations.load_file(actor=SYSTEM, path=usage_file(*rows), now=NOW)


@pytest.fixture
def lines(world):
    """Bo's line with a call and a personal one, another of customer A roaming, one of customer B."""
    found = {
        "bo": new_line(world.a, BOS, person=world.memberships["bo"].person, dual=True),
        "a": new_line(world.a, ADAS),
        "b": new_line(world.b, CYS),
    }
    load(
        row(record_id="1", msisdn=BOS, amount="11.11", other_party="+393470000111"),
        row(record_id="2", msisdn=BOS, amount="22.22", other_party="+393470000222", personal="1"),
        row(record_id="3", msisdn=ADAS, amount="33.33", other_party="+393470000333", zone="eu", country="FR"),
        row(record_id="4", msisdn=CYS, amount="44.44", other_party="+393470000444"),
        row(record_id="5", msisdn=ADAS, amount="5", started_at="2026-10-31T22:30:00Z", traffic_type="sms"),
    )
    return found


@pytest.fixture
def everything_is_large(monkeypatch):
    """Leave nothing small enough to be written while the reader waits."""
    monkeypatch.setattr(exporting, "AT_ONCE", 0)


def ask(browser, **words):
    return browser.post(ASK, {"content": "analysis", "form": "csv", "by": "line", "from": "2026-11", **words})


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def body(response) -> bytes:
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content)


def test_h09_analysis_says_the_same_on_screen_and_in_each_form(lines, signed_in) -> None:
    ada = signed_in("ada")
    rows = table(body(ask(ada)))
    assert [(one["Line"].replace("\u00a0", " "), one["Amount"], one["Before"]) for one in rows] == [
        ("+393200000002", "33.33", "5.00"), ("+393200000001", "11.11", "0.00"),
    ]  # fmt: skip
    assert "€44.44" in pdf_text(body(ask(ada, form="pdf"))).replace("\u00a0", " ")
    assert body(ask(ada, form="xlsx")).startswith(b"PK")
    assert "€44.44" in ada.get("/traffic/analysis/", {"by": "line"}).content.decode().replace("\u00a0", "")
    made = Event.append_only.filter(kind="export.made").order_by("pk")
    assert [event.payload["format"] for event in made] == ["csv", "pdf", "xlsx"]


def test_g15_records_leave_with_masked_numbers_and_without_personal_traffic(lines, signed_in) -> None:
    rows = table(body(ask(signed_in("ada"), content="records")))
    assert [(one["Record"], one["Other party"], one["Amount (EUR)"]) for one in rows] == [
        ("3", "'+393470000***", "33.33"), ("1", "'+393470000***", "11.11"),
    ]  # fmt: skip
    eu = table(body(ask(signed_in("ada"), content="records", zone="eu", **{"from": "2026-10", "to": "2026-11"})))
    assert [one["Record"] for one in eu] == ["3"]
    assert sorted(one["Record"] for one in table(body(ask(signed_in("ada"), content="records", **{"from": "2026-10", "to": "2026-11"})))) == [
        "1", "3", "5",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "narrowed", [{"q": "320 000 0002"}, {"line": "a"}, {"cost_centre": "0", "q": ADAS}, {"agreement": "a", "q": ADAS}]
)
def test_records_leave_narrowed_as_the_page_is(lines, signed_in, narrowed) -> None:
    given = {
        name: str({"line": lines["a"].pk, "agreement": lines["a"].agreement_id}.get(name, value))
        for name, value in narrowed.items()
    }
    assert [one["Record"] for one in table(body(ask(signed_in("ada"), content="records", **given)))] == ["3"]


def test_employee_takes_out_the_own_line_alone(lines, signed_in) -> None:
    bo = signed_in("bo")
    rows = table(body(ask(bo, content="records", line=lines["bo"].pk)))
    assert [(one["Record"], one["Paid by"]) for one in rows] == [("2", "employee"), ("1", "company")]
    assert table(body(ask(bo, content="records", line=lines["a"].pk))) == []
    assert [ask(bo, content=what).status_code for what in ("analysis", "records")] == [403, 403]


def test_c01_foreign_lines_leave_nothing(lines, signed_in, world) -> None:
    assert table(body(ask(signed_in("ada"), content="records", line=lines["b"].pk))) == []
    assert table(body(ask(signed_in("ada"), content="records", customer=world.b.pk, by="line"))) == []


def test_operator_chooses_a_customer_for_records(lines, signed_in, world) -> None:
    olga = signed_in("olga")
    assert ask(olga, content="records").status_code == 422
    rows = table(body(ask(olga, content="records", customer=world.b.pk)))
    assert [one["Record"] for one in rows] == ["4"]


@pytest.mark.parametrize("wrong", [{"form": "exe"}, {"content": "everything"}])
def test_unknown_kinds_are_refused(lines, signed_in, wrong) -> None:
    assert ask(signed_in("ada"), **wrong).status_code == 422


@pytest.mark.parametrize("content", ["analysis", "records"])
def test_large_export_is_prepared_in_the_background_and_taken(lines, signed_in, everything_is_large, content) -> None:
    ada = signed_in("ada")
    assert ask(ada, content=content).url == reverse("usage:exports")
    assert "Waiting" in ada.get("/traffic/exports/").content.decode()
    worker.run_due()
    export = TrafficExport.objects.for_(SYSTEM).get()
    assert (export.state, export.rows_done, export.size > 0) == ("ready", 2, True)
    assert "Take it" in ada.get("/traffic/exports/", headers={"HX-Request": "true"}).content.decode()
    assert len(table(body(ada.get(reverse("usage:export_file", args=[export.pk]))))) == 2
    assert Event.append_only.filter(kind="usage.export_taken").count() == 1
    operations.prepare_export(actor=SYSTEM, export=export, now=NOW)  # the same job again
    assert Event.append_only.filter(kind="usage.export_ended").count() == 1


def prepared_export(signed_in) -> TrafficExport:
    ask(signed_in("ada"))
    worker.run_due()
    return TrafficExport.objects.for_(SYSTEM).get()


def test_c04_prepared_file_is_the_asking_persons_alone(lines, signed_in, world, everything_is_large) -> None:
    with arrange():
        world.memberships["eva"] = new_member(world.a, "Eva", Profile.ADMINISTRATOR)
    address = reverse("usage:export_file", args=[prepared_export(signed_in).pk])
    assert [signed_in(name).get(address).status_code for name in ("eva", "bo", "cy", "olga", "pia")] == [
        404,
        404,
        404,
        404,
        403,
    ]
    assert body(signed_in("ada").get(address))


def test_export_whose_job_failed_for_good_ends_and_leaves_room_for_the_next(
    lines, signed_in, everything_is_large, settings, tmp_path
) -> None:
    kept = settings.SPORTELLO
    (tmp_path / "full").write_text("")
    # No folder can be made below a file: as on a disk that is full or away.
    settings.SPORTELLO = kept | {"DATA_FOLDER": tmp_path / "full"}
    ask(signed_in("ada"))
    worker.run_due()
    assert tasks.expire_prepared.func() == 0  # it will be tried again
    worker.run_due(now=timezone.now() + timedelta(hours=1))
    settings.SPORTELLO = kept
    assert tasks.expire_prepared.func() == 1
    export = TrafficExport.objects.for_(SYSTEM).get()
    assert (export.state, export.note[:26]) == ("failed", "The file could not be made")
    ask(signed_in("ada"))
    worker.run_due()
    states = TrafficExport.objects.for_(SYSTEM).order_by("pk").values_list("state", flat=True)
    assert (list(states), tasks.expire_prepared.func()) == (["failed", "ready"], 0)


def test_export_that_a_worker_ended_at_that_moment_is_not_ended_again(
    lines, signed_in, everything_is_large, settings, tmp_path
) -> None:
    kept = settings.SPORTELLO
    (tmp_path / "full").write_text("")
    settings.SPORTELLO = kept | {"DATA_FOLDER": tmp_path / "full"}
    ask(signed_in("ada"))
    for later in (timedelta(0), timedelta(hours=1)):
        worker.run_due(now=timezone.now() + later)
    settings.SPORTELLO = kept
    rows = TrafficExport.objects.for_(SYSTEM)

    def ended() -> None:
        with arrange():
            rows.update(state="ready")

    with meanwhile('UPDATE "usage_trafficexport"', ended):
        assert operations.end_given_up(actor=SYSTEM, now=timezone.now()) == 0
    # What was refused went back with what the other one wrote, for here both share a connection.
    assert [(row.state, row.note, row.finished_at) for row in rows] == [("preparing", "", None)]
    assert Event.append_only.filter(kind="usage.export_ended").count() == 0


def test_c04_prepared_file_is_gone_when_its_time_is_over(lines, signed_in, everything_is_large) -> None:
    export = prepared_export(signed_in)
    address = reverse("usage:export_file", args=[export.pk])
    assert tasks.expire_prepared.func() == 0
    with arrange():
        TrafficExport.objects.for_(SYSTEM).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert signed_in("ada").get(address).status_code == 404
    assert tasks.expire_prepared.func() == 1
    assert not prepared.path_of(export.file_token).exists()
    export.refresh_from_db()
    assert export.state == "expired"


def test_prepared_file_that_was_tidied_away_is_not_found(lines, signed_in, everything_is_large) -> None:
    export = prepared_export(signed_in)
    prepared.remove(export.file_token)
    prepared.remove("")
    assert signed_in("ada").get(reverse("usage:export_file", args=[export.pk])).status_code == 404


@pytest.mark.parametrize("lost", ["membership", "person", "profile"])
def test_c03_export_is_written_with_the_rights_of_the_moment(
    lines, signed_in, world, everything_is_large, lost
) -> None:
    ask(signed_in("ada"))
    held = world.memberships["ada"]
    with arrange():
        if lost == "membership":
            Membership.objects.for_(SYSTEM).filter(pk=held.pk).update(ended_at=timezone.now())
        elif lost == "person":
            Person.objects.for_(SYSTEM).filter(pk=held.person_id).update(deactivated_at=timezone.now())
        else:
            Membership.objects.for_(SYSTEM).filter(pk=held.pk).update(profile=Profile.FLEET_CONTACT)
    worker.run_due()
    export = TrafficExport.objects.for_(SYSTEM).get()
    assert (export.state, export.note, export.file_token) == (
        "failed",
        "Your profile does not open Traffic any more.",
        "",
    )


def test_c03_export_of_one_who_became_an_employee_is_refused(lines, signed_in, world, everything_is_large) -> None:
    ask(signed_in("ada"))
    with arrange():
        Membership.objects.for_(SYSTEM).filter(pk=world.memberships["ada"].pk).update(profile=Profile.EMPLOYEE)
    worker.run_due()
    export = TrafficExport.objects.for_(SYSTEM).get()
    assert (export.state, export.note) == ("failed", "Your profile does not allow this.")


def test_f12_one_large_export_of_a_person_at_a_time(lines, signed_in, everything_is_large) -> None:
    ada = signed_in("ada")
    assert [ask(ada).status_code for _again in range(2)] == [302, 409]
    worker.run_due()
    assert ask(ada).status_code == 302


@pytest.mark.parametrize("content", ["analysis", "records"])
def test_f12_too_many_rows_fail_say_so_and_leave_no_file(
    lines, signed_in, everything_is_large, monkeypatch, content
) -> None:
    monkeypatch.setattr(exporting, "MOST_GROUPS", 1)
    monkeypatch.setitem(sheets.MOST_ROWS, "csv", 1)
    ask(signed_in("ada"), content=content)
    worker.run_due()
    export = TrafficExport.objects.for_(SYSTEM).get()
    assert (export.state, export.note.split(":")[0]) == ("failed", "There are too many rows for this kind of file")
    assert list(prepared.folder().iterdir()) == []


def test_progress_is_told_while_an_export_is_written(lines, signed_in, everything_is_large, monkeypatch) -> None:
    monkeypatch.setattr(exporting, "TOLD_EVERY", 1)
    monkeypatch.setattr(contents, "RECORDS_AT_ONCE", 1)
    monkeypatch.setattr(contents, "PERIODS_AT_ONCE", 1)
    load(row(record_id="6", msisdn=BOS, started_at="2026-11-16T09:00:00Z"))
    ask(signed_in("ada"), content="records")
    with CaptureQueriesContext(connection) as asked:
        worker.run_due()
    written = [query["sql"] for query in asked if query["sql"].startswith('UPDATE "usage_trafficexport"')]
    told = [re.findall(r'"(rows_total|rows_done)" = (\d+)', sql) for sql in written]
    assert [some for some in told if len(some) == 1] == [[("rows_total", "3")], *([("rows_done", str(n))] for n in (1, 2, 3))]


def test_page_shows_how_much_is_done(lines, signed_in, everything_is_large) -> None:
    ada = signed_in("ada")
    ask(ada)
    with arrange():
        TrafficExport.objects.for_(SYSTEM).update(state="preparing", rows_total=200, rows_done=50)
    shown = ada.get("/traffic/exports/")
    assert [one["share"] for one in shown.context["rows"]] == [25]
    with arrange():
        TrafficExport.objects.for_(SYSTEM).update(rows_total=None)
    assert [one["share"] for one in ada.get("/traffic/exports/").context["rows"]] == [None]
    worker.run_due()
    assert TrafficExport.objects.for_(SYSTEM).get().state == "ready"


def test_clear_numbers_are_not_for_the_company(lines, ada) -> None:
    from sportello.kernel.refusals import NotPermitted
    from sportello.usage.analysis.address import read_asked
    from sportello.usage.states import ExportContent, ExportForm

    asked = read_asked(ada, {"by": "line"}, today=NOW.date())
    wanted = exporting.Wanted(content=ExportContent.RECORDS, form=ExportForm.CSV, asked=asked, clear_numbers=True)
    with pytest.raises(NotPermitted):
        operations.small_sheet(ada, wanted, now=NOW)


def test_both_holders_of_a_number_take_out_their_own_time(world, signed_in) -> None:
    line = new_line(world.a, BOS, person=world.memberships["bo"].person, active_to=NOW - timedelta(days=2))
    again = new_line(world.b, BOS, active_from=NOW - timedelta(days=2))
    load(
        row(record_id="before", msisdn=BOS, started_at=f"{NOW - timedelta(days=3):%Y-%m-%dT%H:%M:%SZ}"),
        row(record_id="after", msisdn=BOS, started_at=f"{NOW - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"),
    )
    taken = {
        name: [one["Record"] for one in table(body(ask(signed_in(name), content="records")))] for name in ("ada", "cy")
    }
    assert taken == {"ada": ["before"], "cy": ["after"]}
    assert [one["Record"] for one in table(body(ask(signed_in("bo"), content="records", line=line.pk)))] == ["before"]
    assert table(body(ask(signed_in("bo"), content="records", line=again.pk))) == []


def test_amounts_of_groups_and_of_records_are_the_same_sum(lines, signed_in) -> None:
    ada = signed_in("ada")
    groups, records = (table(body(ask(ada, content=what))) for what in ("analysis", "records"))
    assert sum(Decimal(one["Amount"]) for one in groups) == sum(Decimal(one["Amount (EUR)"]) for one in records)


@pytest.mark.parametrize(
    ("zone", "october", "november"), [("Europe/Rome", ["1"], ["2"]), ("Atlantic/Canary", ["2", "1"], [])]
)
def test_g08_months_end_at_the_customers_midnight_also_after_the_clock_changed(
    world, signed_in, zone, october, november
) -> None:
    """The hour that repeats (25 October) is one of October's; half past midnight in Rome is still October on the Canaries."""
    with arrange():
        Organisation.objects.for_(SYSTEM).filter(pk=world.a.pk).update(time_zone=zone)
    new_line(world.a, BOS)
    load(
        row(record_id="1", msisdn=BOS, amount="1", started_at="2026-10-25T01:30:00Z"),
        row(record_id="2", msisdn=BOS, amount="2", started_at="2026-10-31T23:30:00Z"),
    )
    ada = signed_in("ada")
    for month, expected in (("2026-10", october), ("2026-11", november)):
        records = table(body(ask(ada, content="records", **{"from": month})))
        groups = table(body(ask(ada, **{"from": month})))
        assert [one["Record"] for one in records] == expected
        assert sum(Decimal(one["Amount"]) for one in groups) == sum(int(one) for one in expected)
