"""Payments, their reversal, files of payments; messages of SdI; what the calendar does."""

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from sportello.billing.models import Bill, Payment, SdiNotification
from sportello.billing.operations import (
    load_payments,
    mark_sent,
    record_payment,
    remind,
    reverse_payment,
    see_what_is_due,
)
from sportello.billing.rules import payment_state
from sportello.billing.states import PAYMENT_TRANSITIONS, TRANSITIONS, BillState, PaymentState
from sportello.billing.tests.factories import NOW, SYSTEM, customers, line, load, needs_schemas, xml
from sportello.kernel.imports import PreviewOutdated
from sportello.kernel.models import Event
from sportello.kernel.refusals import InvalidInput, NotPermitted, Refusal, WrongState
from sportello.kernel.states import NoSuchTransition, advance
from sportello.kernel.tabular import read_table
from sportello.kernel.testing import arrange, in_threads
from sportello.messaging.models import Message

pytestmark = [needs_schemas, pytest.mark.django_db]
DAY = date(2026, 4, 9)


@pytest.fixture
def bill(world):
    customers(world)
    return load(xml()).bills[0]


def again(bill):
    return Bill.objects.for_(SYSTEM).select_related("organisation").get(pk=bill.pk)


def pay(bill, actor, amount, reference="P1"):
    return record_payment(actor=actor, bill=bill, reference=reference, amount=Decimal(amount), paid_date=DAY, now=NOW)


def standing(bill):
    row = again(bill)
    return (row.payment_state, row.paid)


def test_parts_of_a_bill_are_paid_until_it_is_paid(bill, olga):
    pay(bill, olga, "22.00")
    assert standing(bill) == ("partly_paid", Decimal(22))
    pay(bill, olga, "100.00", "P2")
    assert standing(bill) == ("paid", Decimal(122))


@pytest.mark.parametrize("amount", ["0", "-1", "122.01", "0.001"])
def test_payments_of_nothing_too_much_or_parts_of_a_cent_are_refused(bill, olga, amount):
    with pytest.raises(InvalidInput) as refused:
        pay(bill, olga, amount)
    assert (refused.value.field, standing(bill)) == ("amount", ("due", Decimal(0)))


def test_h08_a_reference_counts_once(bill, olga):
    pay(bill, olga, "22.00")
    with pytest.raises(InvalidInput):
        pay(bill, olga, "22.00")
    assert standing(bill) == ("partly_paid", Decimal(22))


def test_a_payment_is_taken_back_whole_and_once(bill, olga):
    payment = pay(bill, olga, "122.00")
    back = reverse_payment(actor=olga, payment=payment, reference="R1", paid_date=DAY, note="bounced", now=NOW)
    assert (back.amount, standing(bill)) == (Decimal(-122), ("due", Decimal(0)))
    for one in (payment, back):
        with pytest.raises(WrongState):
            reverse_payment(actor=olga, payment=one, reference="R2", paid_date=DAY, note="", now=NOW)


def test_h05_a_customer_sets_no_payment(bill, ada, pia, bo):
    for who in (ada, pia, bo):
        with pytest.raises(NotPermitted):
            pay(bill, who, "1.00")


def table(text: str):
    return read_table(io.BytesIO(text.encode()), name="payments.csv")


def look(olga, text, *, apply=False, expected=""):
    with table(text) as rows:
        return load_payments(actor=olga, table=rows, apply=apply, expected=expected, now=NOW)


HEAD = "reference,bill,amount,paid_on,reverses\n"


def test_h08_file_of_payments_is_previewed_written_once_and_known_afterwards(bill, olga):
    text = HEAD + "A1,2026/1,22.00,2026-04-09,\nA2,2026/1,50.00,2026-04-10,\n"
    seen = look(olga, text)
    assert (seen.counts["new"], Payment.objects.for_(SYSTEM).count()) == (2, 0)
    done = look(olga, text, apply=True, expected=seen.digest)
    assert (done.applied, standing(bill)) == (True, ("partly_paid", Decimal(72)))
    assert look(olga, text, apply=True).counts == {"new": 0, "changed": 0, "unchanged": 2, "wrong": 0}
    assert standing(bill) == ("partly_paid", Decimal(72))
    look(olga, HEAD + "R1,2026/1,-22.00,2026-04-10,A1\n", apply=True)
    assert standing(bill) == ("partly_paid", Decimal(50))


def test_wrong_rows_of_payments_say_where_and_nothing_is_written(bill, olga):
    text = HEAD + "".join(
        f"{row}\n"
        for row in (
            "A1,2026/1,100.00,2026-04-09,", "A2,2026/1,50.00,2026-04-09,", "A3,9999/9,1.00,2026-04-09,", "A4,2026/1,1e5,2026-04-09,",
            "A5,2026/1,1.00,yesterday,", "A1,2026/1,1.00,2026-04-09,", "A6,2026/1,-5.00,2026-04-09,A1", ",2026/1,1.00,2026-04-09,",
            "A7,2026/1,1.00,2099-01-01,",
        )
    )  # fmt: skip
    report = look(olga, text, apply=True)
    wrong = [(row.line, row.errors[0][0]) for row in report.rows if row.errors]
    assert wrong == [
        (3, "amount"), (4, "bill"), (5, "amount"), (6, "paid_on"), (7, "reference"), (8, "reverses"), (9, "reference"), (10, "paid_on"),
    ]  # fmt: skip
    assert (report.applied, Payment.objects.for_(SYSTEM).count()) == (False, 0)


def test_f09_payments_are_judged_anew_when_they_are_confirmed(bill, olga):
    text = HEAD + "A1,2026/1,100.00,2026-04-09,\n"
    seen = look(olga, text)
    pay(bill, olga, "50.00")
    with pytest.raises(PreviewOutdated):
        look(olga, text, apply=True, expected=seen.digest)


def test_decimal_commas_are_read_and_thousands_are_not_guessed(bill, olga):
    assert look(olga, 'reference;bill;amount;paid_on\nA1;2026/1;"22,00";2026-04-09\n').counts["new"] == 1
    assert look(olga, HEAD + "A1,2026/1,1.234,2026-04-09,\n").wrong == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_h08_payments_at_once_are_counted_one_after_the_other(world, olga):
    customers(world)
    bill = load(xml()).bills[0]
    done = in_threads(8, lambda place: pay(bill, olga, "20.00", f"T{place}").amount)
    assert (len([one for one in done if not isinstance(one, Exception)]), standing(bill)) == (
        6,
        ("partly_paid", Decimal(120)),
    )
    same = in_threads(4, lambda _place: pay(bill, olga, "1.00", "SAME").amount)
    assert (len([one for one in same if not isinstance(one, Exception)]), standing(bill)) == (
        1,
        ("partly_paid", Decimal(121)),
    )


# --- messages of SdI ------------------------------------------------------------------------------------------------

SDI = "http://www.fatturapa.gov.it/sdi/messaggi/v1.0"


def message(root: str, inner: str = "", *, about: str = "IT12345678903_00001.xml") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><types:{root} xmlns:types="{SDI}" versione="1.0"><IdentificativoSdI>111</IdentificativoSdI>'
        f"<NomeFile>{about}</NomeFile><DataOraRicezione>2026-04-02T10:00:00.000+02:00</DataOraRicezione>{inner}</types:{root}>"
    ).encode()


def outcome(code: str) -> str:
    return (
        "<EsitoCommittente><IdentificativoSdI>111</IdentificativoSdI><RiferimentoFattura><NumeroFattura>2026/1</NumeroFattura>"
        f"<AnnoFattura>2026</AnnoFattura></RiferimentoFattura><Esito>{code}</Esito><Descrizione>motivo</Descrizione></EsitoCommittente>"
    )


@pytest.mark.parametrize(
    ("root", "inner", "state", "payment"),
    [
        ("RicevutaConsegna", "<DataOraConsegna>2026-04-02T10:00:00Z</DataOraConsegna>", "delivered", "due"),
        ("NotificaMancataConsegna", "", "undelivered", "due"),
        ("AttestazioneTrasmissioneFattura", "", "undelivered", "due"),
        ("NotificaScarto", "<ListaErrori><Errore><Codice>00404</Codice><Descrizione>doppia</Descrizione></Errore></ListaErrori>",
         "discarded", "nothing_due"),
        ("NotificaEsito", outcome("EC01"), "accepted", "due"),
        ("NotificaEsito", outcome("EC02"), "refused", "nothing_due"),
        ("NotificaDecorrenzaTermini", "", "elapsed", "due"),
        ("ScartoEsitoCommittente", "", "issued", "due"),
    ],
)  # fmt: skip
def test_messages_of_sdi_move_the_bill(bill, root, inner, state, payment):
    done = load(message(root, inner), name="IT12345678903_00001_XX_001.xml")
    row = again(bill)
    assert (done.word, row.state, row.payment_state, row.sdi_id) == ("loaded", state, payment, "111")
    assert SdiNotification.objects.for_(SYSTEM).get().bill_id == bill.pk


def test_h08_same_message_twice_and_messages_in_any_order_end_alike(bill):
    accepted, delivered = message("NotificaEsito", outcome("EC01")), message("RicevutaConsegna")
    assert [load(one, name="m.xml").word for one in (accepted, delivered, accepted)] == ["loaded", "loaded", "known"]
    assert (again(bill).state, SdiNotification.objects.for_(SYSTEM).count()) == ("accepted", 2)


def test_a_message_that_comes_before_its_file_waits_for_it(world):
    customers(world)
    load(message("RicevutaConsegna"), name="m.xml")
    bill = load(xml()).bills[0]
    assert (again(bill).state, SdiNotification.objects.for_(SYSTEM).get().bill_id) == ("delivered", bill.pk)


def test_a_message_about_another_file_moves_nothing(bill):
    load(message("NotificaScarto", about="IT12345678903_99999.xml"), name="m.xml")
    assert again(bill).state == "issued"


@pytest.mark.parametrize("before", list(BillState))
@pytest.mark.parametrize("after", list(BillState))
def test_every_pair_of_states(bill, before, after):
    with arrange():
        Bill.objects.across_tenants(reason="a test").filter(pk=bill.pk).update(state=before)
        row = again(bill)
        if after in TRANSITIONS[before]:
            advance(row, after, transitions=TRANSITIONS)
            assert again(bill).state == after
        else:
            with pytest.raises(NoSuchTransition):
                advance(row, after, transitions=TRANSITIONS)


def test_every_payment_state_has_its_arrows():
    assert set(PAYMENT_TRANSITIONS) == set(PaymentState)


def test_a_bill_is_sent_once(bill, olga, ada):
    with pytest.raises(NotPermitted):
        mark_sent(actor=ada, bill=bill, now=NOW)
    mark_sent(actor=olga, bill=bill, now=NOW)
    with pytest.raises(Refusal):
        mark_sent(actor=olga, bill=again(bill), now=NOW)
    assert again(bill).state == "sent"


# --- the calendar ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payable", "paid", "today", "state", "expected"),
    [
        ("100", "0", date(2026, 5, 1), "issued", "due"),
        ("100", "0", date(2026, 5, 2), "issued", "overdue"),
        ("100", "40", date(2026, 5, 1), "issued", "partly_paid"),
        ("100", "40", date(2026, 5, 2), "issued", "overdue"),
        ("100", "100", date(2026, 6, 1), "issued", "paid"),
        ("-100", "0", date(2026, 6, 1), "issued", "nothing_due"),
        ("0", "0", date(2026, 6, 1), "issued", "nothing_due"),
        ("100", "0", date(2026, 6, 1), "refused", "nothing_due"),
        ("100", "0", date(2026, 6, 1), "discarded", "nothing_due"),
    ],
)
def test_payment_state_of_a_day(payable, paid, today, state, expected):
    found = payment_state(
        payable=Decimal(payable), paid=Decimal(paid), due_date=date(2026, 5, 1), state=state, today=today
    )
    assert found == expected


def test_bills_whose_day_has_passed_are_overdue_once(bill):
    on_the_day = datetime(2026, 5, 1, 20, tzinfo=UTC)
    assert see_what_is_due(actor=SYSTEM, now=on_the_day) == 0
    assert see_what_is_due(actor=SYSTEM, now=on_the_day + timedelta(hours=3)) == 1  # 1 am in Rome
    assert see_what_is_due(actor=SYSTEM, now=on_the_day + timedelta(days=1)) == 0
    assert (standing(bill), Event.append_only.filter(kind="billing.overdue").count()) == (("overdue", Decimal(0)), 1)


def test_reminders_go_once_to_each_person_and_stop_when_it_is_paid(bill, olga):
    due = datetime(2026, 5, 1, 9, tzinfo=UTC)
    told = lambda: list(Message.objects.for_(SYSTEM).order_by("pk").values_list("template", "person__username"))  # noqa: E731
    assert remind(actor=SYSTEM, now=due - timedelta(days=9)) == 0
    assert [remind(actor=SYSTEM, now=due - timedelta(days=left)) for left in (7, 6, 0)] == [1, 0, 0]
    assert [remind(actor=SYSTEM, now=due + timedelta(days=after)) for after in (1, 2, 15, 45, 46)] == [1, 0, 1, 1, 0]
    assert told() == [("bill_due", "ada")] + [("bill_overdue", "ada")] * 3
    pay(bill, olga, "122.00")
    assert remind(actor=SYSTEM, now=due + timedelta(days=60)) == 0


def test_credit_notes_are_never_due(world):
    customers(world)
    content = xml(line("10.00")).replace(b"TD01", b"TD04")
    bill = load(content).bills[0]
    assert (bill.payable, bill.payment_state, bill.sign) == (Decimal("-12.20"), "nothing_due", -1)
    assert remind(actor=SYSTEM, now=NOW + timedelta(days=60)) == 0
