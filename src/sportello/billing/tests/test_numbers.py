"""Numbers that are used twice: what is the same bill, what waits for the operator, and what is free again (check 00404 of SdI)."""

import base64
from datetime import date

import pytest

from sportello.billing.archive import folder_of
from sportello.billing.models import Bill, BillFile
from sportello.billing.operations import assign_file
from sportello.billing.states import BillState
from sportello.billing.tests.factories import NOW, SAMPLES, SYSTEM, customers, line, load, needs_schemas, xml
from sportello.kernel.sentences import told
from sportello.kernel.testing import arrange

pytestmark = [needs_schemas, pytest.mark.django_db]
SAME_NUMBER = ("irpef", "services-period", "simple-iban", "simple-rounding")


def test_h02_same_number_and_year_with_other_content_waits_and_nobody_sees_it(world, ada):
    customers(world)
    load(xml(line("10.00")))
    other = load(xml(line("11.00")))
    assert (other.word, [one["rule"] for one in other.file.problems]) == ("waiting", ["00404"])
    assert told(other.file.problems[0]["reason"]) == (
        "Another bill of this supplier has the number 2026/1 in the same year: that of the file IT12345678903_00001.xml."
        " This one is for Comune di Alfa (A)."
    )
    assert [row.taxable for row in Bill.objects.for_(ada)] == [10]
    next_year = load(xml(line("12.00"), issue_date=date(2027, 4, 1)))
    assert next_year.word == "loaded"
    assert Bill.objects.for_(SYSTEM).count() == 2


def test_h02_operator_takes_a_bill_beside_another_of_its_number_only_by_saying_so(world, signed_in):
    customers(world)
    load(xml(line("10.00")))
    other = load(xml(line("11.00")))
    olga, address = signed_in("olga"), f"/bills/files/{other.file.pk}/"
    shown = olga.get(address).content.decode()
    assert ("Its number is taken" in shown, "Take it beside the bill that has its number" in shown) == (True, True)
    asked = {"customer": world.a.code, "why": "the supplier numbered two alike"}
    refused = olga.post(address, asked)
    assert (refused.status_code, list(refused.context["form"].errors), refused.context["waits"]) == (
        422,
        ["beside"],
        True,
    )
    assert olga.post(address, asked | {"beside": "on"}).status_code == 302
    rows = Bill.objects.for_(SYSTEM).order_by("pk")
    assert [(row.number, row.taxable, row.beside) for row in rows] == [("2026/1", 10, 0), ("2026/1", 11, 1)]
    assert load(xml(line("12.00"))).word == "waiting"
    assert len({folder_of(row) for row in rows}) == 2


@pytest.mark.parametrize("state", [BillState.DISCARDED, BillState.REFUSED])
def test_number_of_a_discarded_or_refused_bill_is_free_again(world, state):
    customers(world)
    load(xml(line("10.00")))
    waiting = load(xml(line("11.00")))
    with arrange():
        Bill.objects.across_tenants(reason="a test").update(state=state)
    assert (waiting.word, load(xml(line("11.00"))).word) == ("waiting", "loaded")
    rows = Bill.objects.for_(SYSTEM).order_by("pk")
    assert [(row.taxable, row.beside) for row in rows] == [(10, 0), (11, 0)]
    assert len({folder_of(row) for row in rows}) == 2


def test_same_bill_in_another_wrapping_is_known(world):
    customers(world)
    first = load(xml())
    again = load(base64.b64encode(xml()), name="IT12345678903_00001.xml.b64")
    assert (again.word, again.file.pk, [row.pk for row in again.bills]) == (
        "known",
        first.file.pk,
        [row.pk for row in first.bills],
    )
    assert BillFile.objects.for_(SYSTEM).count() == 1


def test_four_samples_of_one_number_are_read_and_taken_as_the_operator_says(world, olga):
    customers(world)
    outcomes = [load((SAMPLES / f"invoice-{name}.xml").read_bytes(), name=name) for name in SAME_NUMBER]
    assert [(one.word, one.file.summary[0]["number"], one.file.summary[0]["total"]) for one in outcomes] == [
        ("waiting", "SAMPLE-001", total) for total in ("1026.74", "2806.00", "1388.40", "1388.41")
    ]
    for place, one in enumerate(outcomes[1:]):
        assign_file(actor=olga, file=one.file, customer=world.a, why="samples", beside=place > 0, now=NOW)
    taken = Bill.objects.for_(SYSTEM).order_by("pk").values_list("number", "beside", "total")
    assert [(number, place, str(total)) for number, place, total in taken] == [
        ("SAMPLE-001", 0, "2806.00000"), ("SAMPLE-001", 1, "1388.40000"), ("SAMPLE-001", 2, "1388.41000"),
    ]  # fmt: skip
