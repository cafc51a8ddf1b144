"""Taking files: whose a bill is, once only, and what waits or is refused."""

import json
import os
import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection

from sportello.billing import operations
from sportello.billing.models import Bill, BillFile, BillLine
from sportello.billing.operations import assign_file, load_file
from sportello.billing.operations.dropped import drop_folder, take_dropped
from sportello.billing.rules import CustomerContradicted
from sportello.billing.states import FileState, Source
from sportello.billing.tests.factories import (
    NOW,
    NUMBER,
    OFFICE_B,
    SAMPLES,
    SYSTEM,
    VAT_B,
    customers,
    document,
    held_line,
    line,
    load,
    needs_schemas,
    xml,
)
from sportello.kernel.locks import only_one
from sportello.kernel.models import Event
from sportello.kernel.refusals import NotPermitted
from sportello.kernel.sentences import told
from sportello.kernel.testing import arrange, in_threads
from sportello.parties.models import Organisation

pytestmark = [needs_schemas, pytest.mark.django_db]


def bills(actor=SYSTEM):
    return list(Bill.objects.for_(actor).order_by("number").values_list("number", "organisation__code"))


def party(**changes):
    from dataclasses import replace

    return replace(document().customer, **changes)


def test_bill_goes_to_the_customer_of_its_vat_number_and_office_code(world, ada, cy):
    customers(world)
    outcome = load(xml(number="2026/7", split=True, cig="ABC1234567", cup="J31B12345678901", agreement="AG9"))
    (bill,) = outcome.bills
    assert (bill.organisation_id, bill.number, bill.total, bill.payable, bill.cig, bill.cup) == (
        world.a.pk, "2026/7", Decimal(122), Decimal(100), "ABC1234567", "J31B12345678901",
    )  # fmt: skip
    assert (bill.issue_date, bill.due_date, bill.period_from, bill.period_to) == (
        date(2026, 4, 1), date(2026, 5, 1), date(2026, 3, 1), date(2026, 3, 31),
    )  # fmt: skip
    assert (bill.split_payment, bill.state, bill.payment_state) == (True, "issued", "due")
    assert bills(ada) == [("2026/7", "A")]
    assert bills(cy) == []
    assert Event.append_only.filter(kind="billing.loaded", organisation_id=world.a.pk).count() == 1


def test_original_is_kept_byte_for_byte(world):
    customers(world)
    content = xml()
    outcome = load(content)
    assert bytes(BillFile.objects.for_(SYSTEM).get(pk=outcome.file.pk).content) == content


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"office_code": "ZZZZZZ"}, "The office code ZZZZZZ is not that of Comune di Alfa (ABCDEF)."),
        ({"office_code": OFFICE_B[:6]}, "The office code BCDEFG is not that of Comune di Alfa (ABCDEF)."),
        (
            {"public": False, "office_code": "0000000"},
            "A public body is billed by its office code; the bill says 0000000.",
        ),
        ({"customer": party(vat_number="13029381004")}, "No customer has the VAT number or tax code IT13029381004."),
        ({"customer": party(tax_code=VAT_B)}, "VAT number and tax code point to different customers."),
    ],
)
def test_h02_bills_of_unknown_or_contradictory_customers_wait_for_the_operator(world, ada, cy, changes, reason):
    customers(world)
    with arrange():
        Organisation.objects.across_tenants(reason="a test").filter(pk=world.b.pk).update(tax_code=VAT_B)
        Organisation.objects.across_tenants(reason="a test").filter(pk=world.a.pk).update(tax_code="09876543217")
    outcome = load(xml(**changes))
    assert (outcome.word, [told(one["reason"]) for one in outcome.file.problems]) == ("waiting", [reason])
    assert Bill.objects.for_(SYSTEM).count() == 0
    assert [BillFile.objects.for_(who).count() for who in (ada, cy, SYSTEM)] == [0, 0, 1]


def test_h02_waiting_file_is_assigned_with_a_reason_and_never_against_its_vat_number(world, olga, ada):
    customers(world)
    outcome = load(xml(office_code="ZZZZZZ"))
    with pytest.raises(CustomerContradicted):
        assign_file(actor=olga, file=outcome.file, customer=world.b, why="it looks like theirs", now=NOW)
    (bill,) = assign_file(actor=olga, file=outcome.file, customer=world.a, why="the office moved", now=NOW)
    assert (bill.organisation_id, bills(ada)) == (world.a.pk, [("2026/1", "A")])
    file = BillFile.objects.for_(olga).get(pk=outcome.file.pk)
    assert (file.state, file.assigned_by_id, file.assigned_why) == ("loaded", olga.person_id, "the office moved")
    with pytest.raises(operations.assigning.NotWaiting):
        assign_file(actor=olga, file=file, customer=world.a, why="again", now=NOW)
    with pytest.raises(NotPermitted):
        assign_file(actor=ada, file=file, customer=world.a, why="mine", now=NOW)


def test_same_file_and_same_bill_twice_change_nothing(world):
    customers(world)
    first = load(xml())
    again = load(xml(), name="another-name.xml")
    assert (first.word, again.word, again.file.pk) == ("loaded", "known", first.file.pk)
    assert [row.pk for row in again.bills] == [row.pk for row in first.bills]
    assert (Bill.objects.for_(SYSTEM).count(), BillFile.objects.for_(SYSTEM).count()) == (1, 1)


def test_a_refused_file_is_judged_anew_when_it_comes_again(world, settings):
    customers(world)
    where = settings.SPORTELLO["FATTURAPA_SCHEMAS"]
    settings.SPORTELLO["FATTURAPA_SCHEMAS"] = where / "nowhere"
    try:
        assert load(xml()).word == "refused"
    finally:
        settings.SPORTELLO["FATTURAPA_SCHEMAS"] = where
    assert load(xml()).word == "loaded"
    assert BillFile.objects.for_(SYSTEM).count() == 1


def test_a_waiting_file_is_judged_anew_once_its_customer_is_put_right(world, signed_in):
    customers(world)
    first = load(xml(office_code="NEWOFF"))
    assert (first.word, load(xml(office_code="NEWOFF")).word) == ("waiting", "known")
    with arrange():
        Organisation.objects.across_tenants(reason="a test").filter(pk=world.a.pk).update(ipa_code="NEWOFF")
    assert signed_in("olga").post(f"/bills/files/{first.file.pk}/", {"do": "again"}).status_code == 302
    assert bills() == [("2026/1", "A")]
    assert load(xml(office_code="NEWOFF")).word == "known"
    assert Event.append_only.filter(kind="billing.file_waits").count() == 1


def test_refused_files_are_kept_aside_and_shown_to_no_customer(world, ada, bo, pia):
    customers(world)
    outcome = load(xml().replace(b"<Imposta>22.00", b"<Imposta>23.00"))
    assert outcome.word == "refused"
    assert [BillFile.objects.for_(who).count() for who in (ada, bo, pia)] == [0, 0, 0]


def test_lines_are_found_by_number_and_cost_centre_and_their_holder(world, bo):
    customers(world)
    row = held_line(world)
    outcome = load(
        xml(
            line("10.00", number=NUMBER, centre="CC1"),
            line("5.12345", number="3120000001", charge="TRAFFICO"),
            line("2.00", number="+393129999999", centre="XX"),
            line("1.00", centre="cc1", charge="TERMINALE"),
        )
    )
    (bill,) = outcome.bills
    found = BillLine.objects.for_(SYSTEM).filter(bill=bill).order_by("position")
    assert [
        (one.line_id, one.person_id, one.number, one.cost_centre_code, one.charge, one.amount) for one in found
    ] == [
        (row.pk, bo.person_id, NUMBER, "CC1", "fee", Decimal("10.00000")),
        (row.pk, bo.person_id, NUMBER, "CC1", "traffic", Decimal("5.12345")),
        (None, None, "+393129999999", "XX", "fee", Decimal("2.00000")),
        (None, None, "", "CC1", "device", Decimal("1.00000")),
    ]
    assert bill.agreement_id == row.agreement_id
    assert [one.amount for one in BillLine.objects.for_(bo).order_by("position")] == [Decimal(10), Decimal("5.12345")]


def test_a_line_that_changed_hands_within_the_period_is_nobodys_own(world, bo):
    from datetime import UTC, datetime

    from sportello.inventory.models import LinePeriod

    customers(world)
    row = held_line(world)
    middle = datetime(2026, 3, 15, tzinfo=UTC)
    with arrange():
        LinePeriod.objects.across_tenants(reason="a test").filter(line=row).update(active_to=middle)
        LinePeriod.objects.create(
            line=row,
            organisation=world.a,
            number=NUMBER,
            active_from=middle,
            status="active",
            person=world.memberships["ada"].person,
        )
    load(xml(line("10.00", number=NUMBER)))
    assert BillLine.objects.for_(bo).count() == 0
    load(xml(line("10.00", number=NUMBER, first=date(2026, 2, 1), last=date(2026, 2, 28)), number="2026/2"))
    assert BillLine.objects.for_(bo).count() == 1


def test_samples_by_the_command_eight_taken_and_one_refused(world, capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("billing", "load", str(SAMPLES), "--json")
    found = json.loads(capsys.readouterr().out)
    told = {one["path"].rsplit("/", 1)[1]: (one["outcome"], one["taken"]) for one in found["files"]}
    assert ended.value.code == 1
    assert sorted(told.values()) == [("refused", False)] + [("waiting", True)] * 8
    assert told["invoice-windows1252.xml"] == ("refused", False)
    credit = next(one for one in found["files"] if "credit" in one["path"])
    assert credit["documents"] == [
        {"type": "TD04", "number": "CN-001", "date": "2024-10-09", "total": "1388.40", "lines": 2, "supplier": "MªF. Services",
         "customer": "MARIO LEONI", "identity": "IT09876543217", "office_code": "ABCDEF1"}
    ]  # fmt: skip


def test_command_says_what_became_of_each_file(world, tmp_path, capsys):
    customers(world)
    (tmp_path / "a.xml").write_bytes(xml())
    what = "TD01 2026/1 of 2026-04-01, 122.00 EUR, 1 lines"
    call_command("billing", "load", str(tmp_path / "a.xml"))
    call_command("billing", "load", str(tmp_path / "a.xml"))
    assert capsys.readouterr().out == f"{tmp_path}/a.xml: loaded ({what})\n{tmp_path}/a.xml: known ({what})\n"


def test_drop_folder_takes_whole_files_and_puts_them_away(world):
    customers(world)
    folder = drop_folder()
    (folder / "good.xml").write_bytes(xml())
    (folder / "bad.xml").write_bytes(xml().replace(b"<Imposta>22.00", b"<Imposta>23.00"))
    (folder / "coming.xml").write_bytes(xml()[:500])
    old = (NOW - timedelta(minutes=1)).timestamp()
    for name in ("good.xml", "bad.xml"):
        os.utime(folder / name, (old, old))
    os.utime(folder / "coming.xml", (NOW.timestamp(), NOW.timestamp()))
    assert sorted(one.word for one in take_dropped(actor=SYSTEM, now=NOW)) == ["loaded", "refused"]
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()) == [
        "coming.xml", "refused/bad.xml", "refused/bad.xml.reasons.txt", "taken/good.xml",
    ]  # fmt: skip
    assert "00421" in (folder / "refused/bad.xml.reasons.txt").read_text()


def test_drop_folder_is_left_alone_while_another_process_is_at_it(world):
    customers(world)
    path = drop_folder() / "good.xml"
    path.write_bytes(xml())
    old = (NOW - timedelta(minutes=1)).timestamp()
    os.utime(path, (old, old))
    held, done = threading.Event(), threading.Event()

    def other() -> None:
        with only_one("bills-dropped") as mine:
            assert mine
            held.set()
            done.wait(20)
        connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    held.wait(20)
    assert (take_dropped(actor=SYSTEM, now=NOW), path.is_file()) == ([], True)
    done.set()
    thread.join()
    assert [one.word for one in take_dropped(actor=SYSTEM, now=NOW)] == ["loaded"]


def test_only_suppliers_that_are_named_are_taken_when_any_is(world, settings):
    customers(world)
    settings.SPORTELLO["BILL_SUPPLIERS"] = ["99999999999"]
    try:
        assert [one["rule"] for one in load(xml()).file.problems] == ["supplier"]
    finally:
        settings.SPORTELLO["BILL_SUPPLIERS"] = []


def test_who_is_not_the_operator_loads_nothing(world, ada, bo, pia):
    for who in (ada, bo, pia):
        with pytest.raises(NotPermitted):
            load(xml(), actor=who)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_h02_two_loads_at_once_take_a_bill_once(world):
    customers(world)
    same = in_threads(8, lambda _place: load(xml()).word)
    assert (sorted(same), Bill.objects.for_(SYSTEM).count()) == (["known"] * 7 + ["loaded"], 1)
    others = in_threads(6, lambda place: load(xml(line(f"{place + 1}.00"), number="2026/99")).word)
    assert (sorted(others), Bill.objects.for_(SYSTEM).count()) == (["loaded"] + ["waiting"] * 5, 2)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_control_the_naive_way_takes_a_bill_twice(world):
    """Looking first and writing after, without the constraints of the database: the control of the race above."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE naive_bill (number text)")
    try:

        def naive(_place):
            import time

            from django.db import connection as mine

            with mine.cursor() as cursor:
                cursor.execute("SELECT 1 FROM naive_bill WHERE number = '1'")
                found = cursor.fetchone()
                time.sleep(0.2)
                if not found:
                    cursor.execute("INSERT INTO naive_bill VALUES ('1')")

        in_threads(4, naive)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM naive_bill")
            assert cursor.fetchone()[0] > 1
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE naive_bill")


def test_files_of_every_source_say_so(world):
    customers(world)
    outcome = load_file(actor=SYSTEM, name="a.xml", content=xml(), source=Source.PAGE, now=NOW)
    assert (outcome.file.source, outcome.file.state) == ("page", FileState.LOADED)
