"""What a lines file brings is judged and drawn up while others write, and written only where it still stands."""

import pytest
from django.db import connection

from sportello.inventory import operations
from sportello.inventory.models import Agreement, Line, LinePeriod
from sportello.inventory.operations import in_bulk
from sportello.inventory.operations.in_bulk import rebuilding_indexes
from sportello.inventory.operations.since import last_told, stands_since
from sportello.inventory.tests.factories import NOW, SYSTEM, load, make_line, table
from sportello.kernel.testing import arrange

ROW = "A,AG1,+393510000101,mobile,BASE,active,2026-01-01,,,,,,0"
ON_SQLITE = connection.vendor == "sqlite"


def prepared(*rows):
    return operations.prepare_lines(actor=SYSTEM, table=table(*rows), now=NOW)


def indexes():
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' ORDER BY name")
        return cursor.fetchall()


def test_line_written_after_the_file_was_judged_and_before_it_is_written_is_seen(world):
    write = prepared(ROW)
    make_line(world.b, "+393510000101")
    report = write()
    assert (report.applied, [row.errors for row in report.rows]) == (
        False, [(("number", "This number is in use in that time."),)],
    )  # fmt: skip
    assert list(Line.objects.for_(SYSTEM).values_list("organisation__code", flat=True)) == [world.b.code]


def test_ids_that_were_taken_without_a_word_are_given_out_anew(world):
    write = prepared(ROW)
    with arrange():
        taken = Agreement.objects.create(organisation=world.b, code="AG1")
    assert write().applied
    line = Line.objects.for_(SYSTEM).select_related("agreement").get()
    assert (line.agreement.organisation_id, line.agreement.pk == taken.pk) == (world.a.pk, False)


def test_what_was_judged_stands_until_something_of_it_is_told(world):
    mark = last_told()
    stood = stands_since(mark)
    make_line(world.b, "+393510000101")
    assert (stood, stands_since(mark), stands_since(last_told())) == (ON_SQLITE, False, ON_SQLITE)


@pytest.mark.skipif(not ON_SQLITE, reason="PostgreSQL's writers do not wait for a table")
def test_first_large_file_leaves_the_indexes_and_the_rows_as_a_small_one_does(world, monkeypatch):
    monkeypatch.setattr(in_bulk, "SORTED_FROM", 2)
    before = indexes()
    with arrange(), rebuilding_indexes((Line, 2), (LinePeriod, 1)):
        gone = {name for name, _sql in before} - {name for name, _sql in indexes()}
    assert ("line_by_number" in gone, "number_open_once" in gone, "period_by_number" in gone) == (True, False, False)
    assert indexes() == before
    rows = [ROW, ROW.replace("101,", "102,")]
    assert [row.state.value for row in load(*rows).rows] == ["new", "new"]
    assert [row.state.value for row in load(*rows).rows] == ["unchanged", "unchanged"]
    assert (indexes() == before, LinePeriod.objects.for_(SYSTEM).count()) == (True, 2)


@pytest.mark.skipif(not ON_SQLITE, reason="PostgreSQL's writers do not wait for a table")
def test_file_that_is_small_beside_what_is_there_keeps_the_indexes(world, monkeypatch):
    monkeypatch.setattr(in_bulk, "SORTED_FROM", 1)
    for last in range(3):
        make_line(world.a, f"+39351000020{last}")
    before = indexes()
    with arrange(), rebuilding_indexes((Line, 2)):
        assert indexes() == before
