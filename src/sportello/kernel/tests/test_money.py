import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.core import serializers
from django.core.exceptions import FieldError, ValidationError
from django.db import connection, models
from django.db.models import ExpressionWrapper, F, Max, Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sportello.kernel.money import (
    LARGEST,
    AmountField,
    InvalidAmount,
    amount_value,
    from_units,
    parse_amount,
    round_cents,
    to_units,
)

AMOUNTS = st.decimals(Decimal(-1000000), Decimal(1000000), places=5)


class Charge(models.Model):
    amount = AmountField(default=Decimal(0))
    limit = AmountField(null=True, blank=True)

    class Meta:
        app_label = "money_tests"
        managed = False


@pytest.fixture
def charges(transactional_db: None) -> Iterator[Any]:
    with connection.schema_editor() as editor:
        editor.create_model(Charge)
    yield Charge.objects
    with connection.schema_editor() as editor:
        editor.delete_model(Charge)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(AMOUNTS, min_size=1, max_size=50))
def test_sum_in_the_database_is_the_sum_in_python(charges: Any, amounts: list[Decimal]) -> None:
    charges.all().delete()
    charges.bulk_create(Charge(amount=amount) for amount in amounts)
    assert charges.aggregate(total=Sum("amount"))["total"] == sum(amounts)
    assert sorted(charges.values_list("amount", flat=True)) == sorted(amounts)


def test_ten_dimes_are_one_euro_where_binary_fractions_would_not_be(charges: Any) -> None:
    charges.bulk_create(Charge(amount=Decimal("0.1")) for _ in range(10))
    assert sum([0.1] * 10) != 1.0
    assert charges.aggregate(total=Sum("amount")) == {"total": Decimal("1.00000")}
    assert charges.filter(amount__gt=5).aggregate(total=Sum("amount")) == {"total": None}


def test_largest_amounts_are_kept_and_larger_refused(charges: Any) -> None:
    charges.create(amount=LARGEST)
    charges.create(amount=-LARGEST)
    assert list(charges.order_by("pk").values_list("amount", flat=True)) == [LARGEST, -LARGEST]
    with pytest.raises(ValidationError, match="too large"):
        charges.create(amount=LARGEST + Decimal("0.00001"))


def test_amounts_are_compared_updated_and_combined_in_the_database(charges: Any) -> None:
    charges.create(amount=Decimal("1.5"), limit=Decimal(2))
    charges.create(amount=Decimal(3), limit=Decimal(2))
    assert charges.filter(amount__gt=F("limit")).count() == 1
    assert charges.filter(amount__lt=F("limit") + amount_value(Decimal("1.00001"))).count() == 2
    assert charges.filter(amount__in=[Decimal("1.50000"), 7]).count() == 1
    assert charges.filter(amount__range=("1", "2")).count() == 1
    charges.update(amount=F("amount") + amount_value(Decimal("0.00001")))
    left = charges.annotate(left=F("limit") * 2 - F("amount")).order_by("pk")
    assert list(left.values_list("left", flat=True)) == [Decimal("2.49999"), Decimal("0.99999")]
    assert charges.aggregate(Max("amount")) == {"amount__max": Decimal("3.00001")}
    assert charges.annotate(double=2 * F("amount")).order_by("pk").first().double == Decimal("3.00002")


def test_bare_number_beside_a_column_is_refused_instead_of_counted_in_units(charges: Any) -> None:
    charges.create(amount=Decimal(1))
    for bare in (Decimal(1), 1):
        with pytest.raises(FieldError, match="Cannot infer type"):
            charges.update(amount=F("amount") + bare)
        with pytest.raises(FieldError, match="Cannot infer type"):
            charges.filter(amount__gt=F("limit") + bare).count()
        with pytest.raises(FieldError, match="Cannot infer type"):
            list(charges.annotate(more=F("amount") + bare))
    assert charges.get().amount == 1


def test_explicit_output_type_is_left_to_its_author(charges: Any) -> None:
    charges.create(amount=Decimal(1))
    charges.update(amount=ExpressionWrapper(F("amount") * 3, output_field=AmountField()))
    assert charges.get().amount == 3


@pytest.mark.parametrize("wrong", [1.5, True, "NaN", "Infinity", "x", "1.000001", Decimal("-Infinity"), [], object()])
def test_field_refuses_what_is_no_exact_amount(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        AmountField().get_prep_value(wrong)


def test_field_goes_through_forms_serialisation_and_migrations(charges: Any) -> None:
    class ChargeForm(forms.ModelForm):
        class Meta:
            model = Charge
            fields = ["amount", "limit"]

    form = ChargeForm({"amount": "12.34567", "limit": ""})
    assert form.is_valid()
    charge = form.save()
    charge.refresh_from_db()
    assert (charge.amount, charge.limit) == (Decimal("12.34567"), None)
    assert ChargeForm({"amount": "1.234567"}).errors.keys() == {"amount"}
    text = serializers.serialize("json", [charge])
    assert json.loads(text)[0]["fields"] == {"amount": "12.34567", "limit": None}
    assert [AmountField().to_python(value) for value in ("12.34567", None)] == [Decimal("12.34567"), None]
    field = Charge._meta.get_field("limit")
    assert field.deconstruct() == ("limit", "sportello.kernel.money.AmountField", [], {"blank": True, "null": True})
    assert field.value_to_string(charge) == ""


@given(AMOUNTS)
def test_units_and_amounts_are_inverse(amount: Any) -> None:
    assert from_units(to_units(amount)) == amount


@pytest.mark.parametrize(
    ("amount", "cents"), [("0.005", "0.01"), ("-0.005", "-0.01"), ("2.67499", "2.67"), ("1.005", "1.01"), ("7", "7.00")]
)
def test_half_a_cent_is_rounded_away_from_zero(amount: Any, cents: Any) -> None:
    assert str(round_cents(Decimal(amount))) == cents


@pytest.mark.parametrize(
    ("text", "locale", "expected"),
    [
        ("1.234,56", "it", "1234.56"),
        ("1234,56", "es-ES", "1234.56"),
        ("1234.56", "it", "1234.56"),
        ("1.234", "it", "1234"),
        ("0.500", "it", "0.5"),
        ("1,234.56", "en", "1234.56"),
        ("1.234", "en", "1.234"),
        ("€ 12", "it", "12"),
        ("12,50 €", "it", "12.5"),
        ("12 EUR", "en", "12"),
        ("-1.234.567,89012", "it", "-1234567.89012"),
    ],
)
def test_typed_amount_is_read_in_the_readers_locale(text: str, locale: str, expected: str) -> None:
    assert parse_amount(text, locale) == Decimal(expected)


@pytest.mark.parametrize(
    "text", ["", "NaN", "1e5", "1,5", "1.2.3", "1,23,456", "١٢", "--1", "1.000001", "1" * 41, "1" * 20, "0x10", "1_000"]
)
def test_g09_typed_nonsense_is_refused_as_an_amount(text: str) -> None:
    with pytest.raises(InvalidAmount):
        parse_amount(text, "en")


@given(st.integers(-(10**15), 10**15), st.sampled_from([("it", ".", ","), ("en", ",", ".")]))
def test_amount_shown_with_groups_is_read_back(cents: Any, shape: tuple[str, str, str]) -> None:
    locale, group, decimal = shape
    amount = Decimal(cents).scaleb(-2)
    shown = f"{amount:,.2f}".replace(",", "G").replace(".", "D").replace("G", group).replace("D", decimal)
    if abs(amount) < LARGEST:
        assert parse_amount(shown, locale) == amount
