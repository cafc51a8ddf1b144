"""Months that no calendar has, and rejected rows that a spreadsheet would run (ABUSE C19, F06)."""

from __future__ import annotations

import csv
import io

import pytest
from django.urls import reverse

from sportello.kernel.actor import system_actor
from sportello.usage import operations
from sportello.usage.models import UsageLoad
from sportello.usage.tests.factories import NOW, new_line, row, usage_file

SYSTEM = system_actor(reason="a test of usage")


@pytest.mark.parametrize(
    "month", ["0001-01", "9999-12", "1969-12", "3000-01", "2026-13", "²026-01", "2026-11-01", "\x00"]
)
def test_c19_month_that_cannot_be_shown_is_refused_on_every_page(world, signed_in, month):
    line = new_line(world.a, "+393200000001")
    browser = signed_in("ada")
    addresses = [reverse("usage:index"), *(reverse(f"usage:{name}", args=[line.pk]) for name in ("line", "records"))]
    assert [browser.get(address, {"month": month}).status_code for address in addresses] == [422, 422, 422]


@pytest.mark.parametrize("month", ["1970-01", "2999-12"])
def test_first_and_last_month_are_shown(world, signed_in, month):
    line = new_line(world.a, "+393200000001")
    for address in (
        reverse("usage:index"),
        reverse("usage:line", args=[line.pk]),
        reverse("usage:records", args=[line.pk]),
    ):
        assert signed_in("ada").get(address, {"month": month}).status_code == 200


def test_f06_rejected_row_is_no_formula_for_the_operator_who_opens_it(world, signed_in):
    number = "+393200000001"
    new_line(world.a, number)
    operations.load_file(
        actor=SYSTEM,
        path=usage_file(
            row(record_id="=cmd|' /C calc'!A0", msisdn=number, country="ZZ"), row(record_id="fine", msisdn=number)
        ),
        now=NOW,
    )
    answer = signed_in("olga").get(reverse("usage:rejects", args=[UsageLoad.objects.get().pk]))
    (head, rejected) = csv.reader(io.StringIO(b"".join(answer.streaming_content).decode()))
    assert head == ["line", "record_id", "reasons", "row"]
    assert rejected[1] == "'=cmd|' /C calc'!A0"
    assert rejected[3].startswith("'=cmd|' /C calc'!A0,")
    assert (answer["X-Content-Type-Options"], answer["Content-Disposition"].split(";")[0]) == ("nosniff", "attachment")
