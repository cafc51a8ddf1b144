"""What may be entered: facts in, refusal or plain values out."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from sportello.dual_billing import rules
from sportello.dual_billing.states import OPEN, TRANSITIONS, EnrolmentState, PaymentMethod
from sportello.dual_billing.tests.factories import IBAN, NOW, TAX_CODE, TODAY, data
from sportello.dual_billing.types import Document
from sportello.kernel.refusals import InvalidInput


def field_refused(**changes) -> str:
    with pytest.raises(InvalidInput) as refused:
        rules.checked(data(**changes))
    return refused.value.field


def test_checked_writes_codes_and_texts_in_one_form():
    typed = data(tax_code=" rss mra 80a01 h501u", iban="it60 x054 2811 1010 0000 0123 456", address="  Via   Roma 1 ")
    assert rules.checked(typed) == data()
    card = data(payment_method="card", card_reference=" tok_4f9a ", iban=IBAN)
    assert rules.checked(card) == data(payment_method=PaymentMethod.CARD, card_reference="tok_4f9a", iban="")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tax_code": "RSSMRA80A01H501X"}, "tax_code"),
        ({"tax_code": ""}, "tax_code"),
        ({"tax_code": "00743110157"}, "tax_code"),  # an organisation's
        ({"iban": "IT60X0542811101000000123457"}, "iban"),
        ({"iban": ""}, "iban"),
        ({"payment_method": "cash"}, "payment_method"),
        ({"payment_method": "card", "card_reference": ""}, "card_reference"),
        ({"payment_method": "card", "card_reference": "4111 1111 1111 1111"}, "card_reference"),
        ({"address": " "}, "address"),
        ({"city": "x" * 81}, "city"),
        ({"province": "x" * 41}, "province"),
        ({"email": "bo at home"}, "email"),
    ],
)
def test_checked_refuses_at_the_field_that_is_wrong(changes, field):
    assert field_refused(**changes) == field


def test_start_lies_neither_in_the_past_nor_absurdly_ahead():
    rules.check_start(TODAY, today=TODAY)
    for day in (TODAY - timedelta(days=1), TODAY + timedelta(days=400)):
        with pytest.raises(InvalidInput):
            rules.check_start(day, today=TODAY)


def test_it_counts_from_the_first_day_and_never_from_before_the_signature():
    zone = ZoneInfo("Europe/Rome")
    assert rules.counts_from(TODAY, zone, NOW) == NOW
    assert rules.counts_from(TODAY + timedelta(days=1), zone, NOW) == datetime(2026, 11, 20, 23, tzinfo=UTC)
    canary = rules.counts_from(TODAY + timedelta(days=1), ZoneInfo("Atlantic/Canary"), NOW)
    assert canary == datetime(2026, 11, 21, tzinfo=UTC)


def test_corrected_time_lies_between_signature_and_now_and_says_why():
    signed, reason = NOW - timedelta(days=9), "wrong day"
    rules.check_correction(signed, NOW, signed_at=signed, reason=reason, now=NOW)
    wrong = [
        (signed - timedelta(seconds=1), None, reason, "active_from"),
        (signed, NOW + timedelta(seconds=1), reason, "active_to"),
        (NOW, signed, reason, "active_to"),
        (signed, None, "  x ", "reason"),
    ]
    for since, until, why, field in wrong:
        with pytest.raises(InvalidInput) as refused:
            rules.check_correction(since, until, signed_at=signed, reason=why, now=NOW)
        assert refused.value.field == field


def test_f03_consent_is_a_pdf_by_its_content():
    rules.check_document(Document(name="c.pdf", content=b"%PDF-1.7 ..."))
    for content in (b"<html>", b"", b"%PDF-" + b"x" * rules.LONGEST_DOCUMENT):
        with pytest.raises(InvalidInput):
            rules.check_document(Document(name="c.pdf", content=content))


def test_secrets_are_masked_but_for_their_end_and_short_ones_whole():
    assert [rules.masked(text) for text in (IBAN, TAX_CODE, "12345678", "1")] == [
        "•••• 3456", "•••• 501U", "••••", "••••",
    ]  # fmt: skip


def test_vat_falls_on_all_but_roaming_outside_the_eu():
    assert rules.amounts_due(Decimal("10.00499"), Decimal("5.5")) == (
        Decimal("15.50"), Decimal("2.20"), Decimal("17.70"),
    )  # fmt: skip


def test_only_what_has_not_ended_moves_and_no_state_is_skipped():
    moves = {(before, after) for before in EnrolmentState for after in TRANSITIONS[before]}
    assert moves == {
        ("asked", "accepted"), ("asked", "ended"), ("accepted", "active"), ("accepted", "ended"), ("active", "ended"),
    }  # fmt: skip
    assert {state for state in EnrolmentState if TRANSITIONS[state]} == set(OPEN)
