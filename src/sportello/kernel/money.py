"""Amounts of money: `Decimal` in Python, whole hundred-thousandths in the database.

SQLite has no exact decimal: it would add up binary fractions. A BIGINT of 1e-5 units adds up exactly there and on
PostgreSQL, and five decimals are what usage records carry (the usage file, version 1). Reach: ± 92 thousand million.
"""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import lookups
from django.db.models.expressions import Combinable, Value, register_combinable_fields
from django.utils.translation import gettext_lazy as _

from sportello.kernel.refusals import InvalidInput

DECIMALS = 5
UNIT = Decimal(1).scaleb(-DECIMALS)
CENT = Decimal("0.01")
LARGEST_UNITS = 2**63 - 1
LARGEST = LARGEST_UNITS * UNIT
LONGEST_TEXT = 40

if TYPE_CHECKING:
    _ST = TypeVar("_ST")
    _GT = TypeVar("_GT")

    class _Field(models.Field[_ST, _GT]):
        _pyi_private_set_type: Decimal | int | str | Combinable
        _pyi_private_get_type: Decimal
        _pyi_lookup_exact_type: Decimal | int | str

else:

    class _Field(models.Field):
        def __class_getitem__(cls, _types: object) -> type:
            return cls

    _ST = _GT = object


class InvalidAmount(InvalidInput):
    """Refuse what is not an amount of money, in a sentence for the reader."""


class AmountTooLarge(InvalidAmount):
    """An amount beyond what is kept: a number all the same."""

    default = _("The amount is too large.")


def round_cents(amount: Decimal) -> Decimal:
    """Return the amount rounded to cents, half a cent away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def to_units(amount: Decimal) -> int:
    """Return the amount in whole 1e-5 units. Raises `InvalidAmount` for more decimals, NaN and what is too large."""
    if not amount.is_finite():
        raise InvalidAmount(_("An amount is a number."))
    if abs(amount) > LARGEST:
        raise AmountTooLarge
    units = amount.scaleb(DECIMALS)
    if units != units.to_integral_value():
        raise InvalidAmount(_("An amount has at most five decimals."))
    return int(units)


def from_units(units: int | Decimal) -> Decimal:
    """Return the amount of so many 1e-5 units, with five decimals."""
    return Decimal(units).scaleb(-DECIMALS).quantize(UNIT)


class AmountField(_Field[_ST, _GT]):
    """Hold an amount as `Decimal` with five decimals; stored as a BIGINT of 1e-5 units, so that sums are exact.

    Sums, `F()`, comparisons, amounts added and multiplied by whole numbers work in the database. A bare number added to
    a column would count units: write `amount_value(Decimal("1.50"))`; anything else raises `FieldError`.
    """

    description = _("Amount of money")
    empty_strings_allowed = False

    def get_internal_type(self) -> str:
        return "BigIntegerField"

    def to_python(self, value: Any) -> Decimal | None:
        if value is None:
            return None
        if isinstance(value, float | bool):
            raise ValidationError(_("An amount is never a binary fraction."), code="float")
        try:
            return from_units(to_units(Decimal(value)))
        except (InvalidOperation, TypeError, ValueError) as error:
            raise ValidationError(_("An amount is a number."), code="invalid") from error
        except InvalidAmount as refusal:
            raise ValidationError(str(refusal), code="invalid") from refusal

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        if prepared is None or hasattr(prepared, "resolve_expression"):
            return prepared
        amount = self.to_python(prepared)
        return None if amount is None else to_units(amount)

    def from_db_value(self, value: int | Decimal | None, _expression: Any, _connection: BaseDatabaseWrapper) -> Any:
        return None if value is None else from_units(value)

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else str(value)

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        if hasattr(value, "as_sql"):
            _check_expression(value)
        return super().get_db_prep_save(value, connection)

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        options = {"form_class": forms.DecimalField, "max_digits": 19, "decimal_places": DECIMALS, **kwargs}
        return super().formfield(**options)


def amount_value(amount: Decimal) -> Value:
    """Return the amount as an expression that can be added to and compared with amount columns."""
    return Value(amount, output_field=AmountField())


def _check_expression(expression: Any) -> None:
    # Resolving the type raises FieldError for a bare number beside a column, which would silently count units.
    _ = expression.output_field


class _CheckedLookup:
    rhs: Any

    def get_prep_lookup(self) -> Any:
        if hasattr(self.rhs, "output_field") and not hasattr(self.rhs, "query"):
            _check_expression(self.rhs)
        return super().get_prep_lookup()  # type: ignore[misc]


for _lookup in (
    lookups.Exact,
    lookups.GreaterThan,
    lookups.GreaterThanOrEqual,
    lookups.LessThan,
    lookups.LessThanOrEqual,
):
    AmountField.register_lookup(type(f"Amount{_lookup.__name__}", (_CheckedLookup, _lookup), {}))

for _connector in (Combinable.ADD, Combinable.SUB):
    register_combinable_fields(AmountField, _connector, AmountField, AmountField)
register_combinable_fields(AmountField, Combinable.MUL, models.IntegerField, AmountField)
register_combinable_fields(models.IntegerField, Combinable.MUL, AmountField, AmountField)

_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)


def parse_amount(text: str, locale: str) -> Decimal:
    """Return the amount that a person typed: `1.234,56` (`it`, `es`), `1,234.56` (`en`), `1234.56` (all).

    `1.234` is one thousand two hundred and thirty-four in Italian and Spanish, as their readers read it. Raises
    `InvalidAmount` for anything else, among it `1e5`, `NaN`, other scripts' digits and more than five decimals.
    """
    bare = text.strip().removeprefix("€").removesuffix("€").removesuffix("EUR").strip()
    number = _without_groups(bare, locale) if len(bare) <= LONGEST_TEXT else None
    if number is None:
        raise InvalidAmount(_("This is not an amount. Write it like 1234.56."))
    return from_units(to_units(Decimal(number)))


def _without_groups(text: str, locale: str) -> str | None:
    group, decimal = (",", ".") if locale.startswith("en") else (".", ",")
    grouped = rf"-?[1-9][0-9]{{0,2}}(?:{re.escape(group)}[0-9]{{3}})+(?:{re.escape(decimal)}[0-9]+)?"
    simple = rf"-?[0-9]+(?:{re.escape(decimal)}[0-9]+)?"
    if re.fullmatch(f"{grouped}|{simple}", text, re.ASCII):
        return text.replace(group, "").replace(decimal, ".")
    return text if _PLAIN.fullmatch(text) else None
