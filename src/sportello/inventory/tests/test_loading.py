"""The lines file, version 1: states of the world, taken whole or not at all, and the same file twice changes nothing."""

import io
import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sportello.accounts.models import Person
from sportello.inventory import operations
from sportello.inventory.models import Agreement, Line, LinePeriod, Plan, Sim
from sportello.inventory.tests.factories import (
    HEADER,
    ICCID,
    NOW,
    OTHER_ICCID,
    SYSTEM,
    assign,
    load,
    make_line,
    table,
)
from sportello.kernel.imports import PreviewOutdated
from sportello.kernel.models import Event
from sportello.kernel.refusals import NotPermitted
from sportello.kernel.tabular import TableRefused
from sportello.kernel.testing import arrange
from sportello.parties.models import CostCentre, Organisation, Site

DAY = timedelta(days=1)
ROW = "A,AG1,+393510000101,mobile,BASE,active,2026-01-01,,,,,,0"
FULL = f"A,AG1,+393510000102,data,TOP,suspended,2026-01-01T00:00:00+00:00,,{ICCID},E1,CC7,Sede di Roma,1"


@pytest.fixture
def staff(world):
    with arrange():
        for code, who in (("E1", "bo"), ("E2", "ada")):
            Person.objects.for_(SYSTEM).filter(username=who).update(code=code)
    return world


def wrong(report):
    return [(row.line, *error) for row in report.rows for error in row.errors]


def states(report):
    return [row.state.value for row in report.rows]


def periods(number):
    rows = LinePeriod.objects.for_(SYSTEM).filter(number=number).order_by("active_from")
    return list(rows.values_list("active_from", "active_to", "status", "plan__code"))


def everything():
    """Return all that a file can write, by natural keys."""
    columns = ("organisation__code", "agreement__code", "number", "kind", "status", "active_from", "active_to", "plan__code",
               "person__code", "cost_centre__code", "site__name", "sim__iccid", "dual_billing")  # fmt: skip
    lines = list(Line.objects.for_(SYSTEM).order_by("number", "active_from").values_list(*columns))
    parts = ("number", "active_from", "active_to", "status", "plan__code", "person__code", "cost_centre__code", "dual_billing")
    history = list(LinePeriod.objects.for_(SYSTEM).order_by("number", "active_from").values_list(*parts))
    sims = list(Sim.objects.for_(SYSTEM).order_by("iccid").values_list("iccid", "organisation__code"))
    return lines, history, sims


def written():
    return Line.objects.for_(SYSTEM).count(), LinePeriod.objects.for_(SYSTEM).count(), Event.append_only.count()


def test_load_writes_what_the_file_says(staff):
    report = load(ROW, FULL)
    assert (report.applied, states(report), wrong(report)) == (True, ["new", "new"], [])
    lines, history, sims = everything()
    rome_midnight = datetime(2025, 12, 31, 23, tzinfo=UTC)
    utc_midnight = datetime(2026, 1, 1, tzinfo=UTC)
    assert lines == [
        ("A", "AG1", "+393510000101", "mobile", "active", rome_midnight, None, "BASE", None, None, None, None, False),
        ("A", "AG1", "+393510000102", "data", "suspended", utc_midnight, None, "TOP", "E1", "CC7", "Sede di Roma", ICCID, True),
    ]
    assert history == [
        ("+393510000101", rome_midnight, None, "active", "BASE", None, None, False),
        ("+393510000102", utc_midnight, None, "suspended", "TOP", "E1", "CC7", True),
    ]
    assert sims == [(ICCID, "A")]


def test_f08_same_file_again_changes_nothing_and_tells_nothing(staff):
    load(ROW, FULL)
    before = written()
    again = load(ROW, FULL, now=NOW + DAY)
    assert (again.applied, states(again), written()) == (True, ["unchanged", "unchanged"], before)


def test_f07_preview_writes_nothing(staff):
    report = load(ROW, FULL, apply=False)
    assert (report.applied, states(report)) == (False, ["new", "new"])
    assert (written(), Agreement.objects.for_(SYSTEM).count(), Plan.objects.count()) == ((0, 0, 0), 0, 0)


def test_change_takes_effect_now_and_opens_one_period(staff):
    load(ROW)
    report = load(ROW.replace("BASE", "TOP"))
    assert [(row.state.value, dict(row.changes)) for row in report.rows] == [("changed", {"plan": ("BASE", "TOP")})]
    start = datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert periods("+393510000101") == [(start, NOW, "active", "BASE"), (NOW, None, "active", "TOP")]
    event = Event.append_only.get(kind="inventory.line_changed")
    assert (event.organisation_id, event.payload["changes"]) == (staff.a.pk, {"plan": ["BASE", "TOP"]})


def test_f07_one_wrong_row_refuses_the_whole_file(staff):
    report = load(ROW, FULL.replace(",E1,", ",E9,"))
    assert (report.applied, wrong(report), written()) == (False, [(3, "person_code", "unknown person")], (0, 0, 0))


CASES = {
    "Z,AG1,+393510000101,mobile,BASE,active,2026-01-01,,,,,,": ("customer_code", "unknown customer"),
    "A,,+393510000101,mobile,BASE,active,2026-01-01,,,,,,": ("agreement_code", "is empty"),
    "A,AG1,393510000101,mobile,BASE,active,2026-01-01,,,,,,": (
        "number", "is not a number in E.164 form, as in +393123456789"),
    "A,AG1,x!,xdsl,BASE,active,2026-01-01,,,,,,": ("number", "An access code has 2 to 40 letters, digits and . _ / -"),
    "A,AG1,+393510000101,fax,BASE,active,2026-01-01,,,,,,": (
        "kind", "is none of: mobile, fixed, xdsl, voip, extension, data"),
    "A,AG1,+393510000101,mobile,BASE,alive,2026-01-01,,,,,,": (
        "status", "is none of: ordered, active, suspended, terminated"),
    "A,AG1,+393510000101,mobile,BASE,active,01/01/2026,,,,,,": (
        "active_from", "is not a day (2026-01-31) or an instant with its offset (2026-01-31T12:00:00+01:00)"),
    "A,AG1,+393510000101,mobile,BASE,active,2026-02-30,,,,,,": (
        "active_from", "is not a day (2026-01-31) or an instant with its offset (2026-01-31T12:00:00+01:00)"),
    "A,AG1,+393510000101,mobile,BASE,active,2026-01-01T10:00:00,,,,,,": (
        "active_from", "is an instant without its offset: write a day alone, or an instant as in 2026-01-31T12:00:00+01:00"),
    "A,AG1,+393510000101,mobile,BASE,active,1900-01-01,,,,,,": ("active_from", "is not between the years 1950 and 2099"),
    "A,AG1,+393510000101,mobile,BASE,active,2026-01-01,2026-01-01,,,,,": ("active_to", "The end must be after the start."),
    "A,AG1,+393510000101,mobile,BASE,terminated,2026-01-01,,,,,,": (
        "active_to", "A terminated line needs the day on which it ended."),
    "A,AG1,+393510000101,mobile,BASE,active,2026-01-01,,8939010000000000018,,,,": (
        "iccid", "The SIM's ICCID is wrong: it has 19 or 20 digits and begins with 89."),
    "A,AG1,+393510000101,mobile,BASE,active,2026-01-01,,,,,,yes": ("dual_billing", "is none of: 0, 1"),
    f"A,AG1,+393510000101,mobile,{'x' * 41},active,2026-01-01,,,,,,": ("plan", "has more than 40 characters"),
    "A,AG1,+393510000101,mobile,BASE,active,2026-01-01": ("", "has 7 cells, the header names 13"),
}  # fmt: skip


@pytest.mark.parametrize("row", CASES)
def test_wrong_row_says_line_column_and_reason(staff, row):
    report = load(ROW.replace("101", "199"), row)
    assert (wrong(report), report.applied, written()) == ([(3, *CASES[row])], False, (0, 0, 0))


@pytest.mark.parametrize("missing", ["number", "status", "customer_code"])
def test_missing_column_refuses_the_file_and_names_it(staff, missing):
    with pytest.raises(TableRefused) as refused:
        load(ROW, header=HEADER.replace(missing, "other"))
    assert (refused.value.line, refused.value.column) == (1, missing)


def test_column_that_is_not_there_leaves_what_is_there(staff):
    load(FULL)
    short = "customer_code,agreement_code,number,kind,plan,status,active_from"
    report = load("A,AG1,+393510000102,data,TOP,suspended,2026-01-01T00:00:00+00:00", header=short)
    assert states(report) == ["unchanged"]


def test_number_that_changes_hands_in_one_file(staff):
    rows = [
        f"B,AG9,+393510000101,mobile,BASE,active,2026-02-01,,{ICCID},,,,0",
        f"A,AG1,+393510000101,mobile,BASE,terminated,2026-01-01,2026-02-01,{ICCID},,,,0",
    ]
    assert states(load(*rows)) == ["new", "new"]
    first = everything()
    assert [(line[0], line[4], line[6]) for line in first[0]] == [
        ("A", "terminated", datetime(2026, 1, 31, 23, tzinfo=UTC)), ("B", "active", None),
    ]  # fmt: skip
    assert first[2] == [(ICCID, "B")]
    assert (states(load(*rows)), everything()) == (["unchanged", "unchanged"], first)


def test_number_that_changes_hands_from_what_is_stored(staff):
    """The former holder's end and the next holder's start come in one file, in either order of rows."""
    load(ROW)
    after = ["B,AG9,+393510000101,mobile,BASE,active,2026-03-01,,,,,,0", ROW.replace("2026-01-01,,", "2026-01-01,2026-03-01,")]
    assert states(load(*after)) == ["new", "changed"]
    assert [line[0] for line in everything()[0]] == ["A", "B"]
    ended = Event.append_only.get(kind="inventory.line_ended")
    assert (ended.organisation_id, ended.payload["at"]) == (staff.a.pk, "2026-02-28T23:00:00+00:00")


def test_c14_number_held_by_another_customer_is_not_said_whose(staff):
    load(ROW)
    report = load(ROW.replace("A,AG1", "B,AG9"))
    assert wrong(report) == [(2, "number", "This number is in use in that time.")]
    assert "Alfa" not in str(report.rows)


def test_same_number_twice_in_a_file_says_the_other_line(staff):
    report = load(ROW, ROW.replace("2026-01-01", "2026-02-01"))
    assert wrong(report) == [(3, "number", "is in use in that time: see line 2 of the file")]


def test_f07_repeated_row_is_nothing_new_and_a_contradiction_is_wrong(staff):
    assert states(load(ROW, ROW)) == ["new", "unchanged"]
    report = load(ROW, ROW.replace("BASE", "TOP"))
    assert wrong(report) == [(3, "", "says otherwise than line 2 of the file")]


def test_sim_of_another_customer_does_not_come_along_without_its_number(staff):
    load(FULL)
    report = load(f"B,AG9,+393510000103,mobile,BASE,active,2026-01-01,,{ICCID},,,,0")
    assert wrong(report) == [(2, "iccid", "cannot be used for this line")]


def test_old_row_does_not_take_the_sim_back(staff):
    old = f"A,AG1,+393510000101,mobile,BASE,terminated,2026-01-01,2026-02-01,{ICCID},,,,0"
    load(old, f"B,AG9,+393510000101,mobile,BASE,active,2026-02-01,,{ICCID},,,,0")
    assert (states(load(old.replace("BASE", "TOP"))), everything()[2]) == (["changed"], [(ICCID, "B")])


def test_end_that_lies_before_a_later_change_cuts_the_history(staff):
    load(ROW)
    load(ROW.replace("BASE", "TOP"))
    load(ROW.replace("2026-01-01,,", "2026-01-01,2026-03-01,").replace("BASE", "TOP"))
    start, end = datetime(2025, 12, 31, 23, tzinfo=UTC), datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert periods("+393510000101") == [(start, end, "active", "TOP"), (NOW, NOW, "active", "TOP")]


def test_end_is_taken_back(staff):
    ended = ROW.replace("2026-01-01,,", "2026-01-01,2026-03-01,")
    load(ended)
    assert (states(load(ROW)), states(load(ROW))) == (["changed"], ["unchanged"])
    assert periods("+393510000101") == [(datetime(2025, 12, 31, 23, tzinfo=UTC), None, "active", "BASE")]


@pytest.mark.parametrize(
    ("zone", "day", "instant"),
    [
        ("Europe/Rome", "2026-03-29", datetime(2026, 3, 28, 23, tzinfo=UTC)),  # the day of 23 hours begins in winter time
        ("Europe/Rome", "2026-03-30", datetime(2026, 3, 29, 22, tzinfo=UTC)),
        ("Europe/Rome", "2026-10-26", datetime(2026, 10, 25, 23, tzinfo=UTC)),
        ("Atlantic/Canary", "2026-07-01", datetime(2026, 6, 30, 23, tzinfo=UTC)),
    ],
)
def test_day_begins_at_midnight_of_the_customers_zone(staff, zone, day, instant):
    with arrange():
        Organisation.objects.for_(SYSTEM).filter(code="A").update(time_zone=zone)
    load(ROW.replace("2026-01-01", day))
    assert Line.objects.for_(SYSTEM).get().active_from == instant


def test_f09_file_that_would_do_otherwise_than_its_preview_is_not_taken(staff):
    seen = load(ROW, apply=False).digest
    load(ROW)
    with pytest.raises(PreviewOutdated):
        operations.load_lines(actor=SYSTEM, table=table(ROW), apply=True, now=NOW, expected=seen)


def test_d05_only_the_operator_loads_lines(staff, ada, pia, olga):
    for actor in (ada, pia):
        with pytest.raises(NotPermitted):
            load(ROW, actor=actor, apply=False)
        with pytest.raises(NotPermitted):
            load(ROW, actor=actor)
    assert load(ROW, actor=olga).applied


def test_f06_text_that_looks_like_a_formula_stays_text(staff):
    load(ROW.replace(",,0", ",=cmd|x,0"))
    assert list(Site.objects.for_(SYSTEM).values_list("name", flat=True)) == ["=cmd|x"]


def test_xlsx_and_parquet_read_like_csv(staff):
    import pyarrow as pa
    import pyarrow.parquet as pq
    import xlsxwriter

    from sportello.kernel.tabular import read_table

    names, cells = HEADER.split(","), FULL.split(",")
    book, parquet = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(book) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, names)
        sheet.write_row(1, 0, cells)
    pq.write_table(pa.table({name: [cell] for name, cell in zip(names, cells, strict=True)}), parquet)
    assert states(load(FULL)) == ["new"]
    for file, name in ((book, "lines.xlsx"), (parquet, "lines.parquet")):
        file.seek(0)
        report = operations.load_lines(actor=SYSTEM, table=read_table(file, name=name), apply=True, now=NOW)
        assert states(report) == ["unchanged"]


# --- assignments -------------------------------------------------------------------------------------------------------


def test_assignments_change_person_cost_centre_and_site_of_own_lines(staff, ada):
    load(ROW)
    report = assign("+393510000101,E1,CC9,Sede", header="number,person_code,cost_centre,site", actor=ada)
    assert [dict(row.changes) for row in report.rows] == [
        {"person_code": ("", "E1"), "cost_centre": ("", "CC9"), "site": ("", "Sede")}
    ]
    line = Line.objects.for_(SYSTEM).get()
    assert (line.person.code, line.cost_centre.code, line.site.name) == ("E1", "CC9", "Sede")
    assert {row.organisation.code for row in (line.cost_centre, line.site)} == {"A"}
    again = assign("+393510000101,E1,CC9,Sede", header="number,person_code,cost_centre,site", actor=ada)
    assert states(again) == ["unchanged"]


def test_empty_cell_empties_and_missing_column_stays(staff, ada):
    load(FULL)
    assign("+393510000102,", header="number,person_code", actor=ada)
    line = Line.objects.for_(SYSTEM).get()
    assert (line.person, line.cost_centre.code, line.site.name) == (None, "CC7", "Sede di Roma")


def test_c07_foreign_numbers_read_like_numbers_of_nobody(staff, ada):
    make_line(staff.b, "+393510000901")
    report = assign("+393510000901,CC9", "+393510000902,CC9", header="number,cost_centre", actor=ada)
    assert wrong(report) == [(2, "number", "unknown line"), (3, "number", "unknown line")]
    assert CostCentre.objects.for_(SYSTEM).count() == 0


def test_c07_people_of_others_read_like_nobody(staff, cy):
    make_line(staff.b, "+393510000901")
    report = assign("+393510000901,E1", "+393510000901,E404", header="number,person_code", actor=cy)
    assert wrong(report)[0] == (2, "person_code", "unknown person")


def test_d05_assignments_file_takes_no_other_column(staff, ada):
    with pytest.raises(TableRefused) as refused:
        assign("+393510000101,active", header="number,status", actor=ada)
    assert str(refused.value) == "Unknown columns: status."


def test_assignment_of_an_ended_line_is_an_unknown_line(staff, ada):
    load(ROW.replace("2026-01-01,,", "2026-01-01,2026-03-01,"))
    report = assign("+393510000101,CC9", header="number,cost_centre", actor=ada)
    assert wrong(report) == [(2, "number", "unknown line")]


# --- any order, any split ----------------------------------------------------------------------------------------------

WORLD_ROWS = [
    ROW,
    FULL,
    f"A,AG2,+393510000103,mobile,BASE,terminated,2026-01-01,2026-02-01,{OTHER_ICCID},E2,CC7,,0",
    f"B,AG1,+393510000103,mobile,TOP,active,2026-02-01,,{OTHER_ICCID},,CC7,Sede di Roma,0",
    "A,AG2,ADSL-1,xdsl,NET,ordered,2026-06-01,,,,,Sede di Roma,0",
    "B,AG9,+390655500199,fixed,NET,active,2020-05-05,2026-12-01,,,,,0",
]


@given(order=st.permutations(WORLD_ROWS), cuts=st.sets(st.integers(1, len(WORLD_ROWS) - 1)))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_and_split_of_a_file_gives_the_same_state(staff, order, cuts):
    from django.db import transaction

    with transaction.atomic():
        for rows in _pieces(WORLD_ROWS, ()):
            load(*rows)
        expected = everything()
        transaction.set_rollback(True)
    with transaction.atomic():
        reports = [load(*rows) for rows in _pieces(order, sorted(cuts))]
        assert all(report.applied for report in reports)
        assert everything() == expected
        assert states(load(*WORLD_ROWS)) == ["unchanged"] * len(WORLD_ROWS)
        transaction.set_rollback(True)


def _pieces(rows, cuts):
    return [rows[start:end] for start, end in itertools.pairwise([0, *cuts, len(rows)])]
