"""Mass assignment, field by field: what a hostile browser posts beside a form's own fields, made from the model itself (ABUSE D05).

A field that a model gets later is posted too, without anybody thinking of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import models

FAR: Final = datetime(2001, 2, 3, 4, 5, tzinfo=UTC)
EVIL: Final = "evil7"
NUMBER: Final = 7_777
OTHERS: Final[dict[type[models.Field[Any, Any]], Any]] = {
    models.DateTimeField: FAR,
    models.DateField: FAR.date(),
    models.DecimalField: Decimal(7),
    models.IntegerField: NUMBER,
    models.ForeignKey: NUMBER,
}
"""By kind of field, the more special first: an instant is a day too."""


@dataclass(frozen=True)
class Hostile:
    """What is posted (`posted`), and by column what would stand in the row if it were taken (`stored`)."""

    posted: dict[str, str]
    stored: dict[str, Any]


def hostile_fields(row: models.Model, *, but: Iterable[str]) -> Hostile:
    """Return for each field of a row's model another value than it has; `but` names the fields that the form does have."""
    posted: dict[str, str] = {}
    stored: dict[str, Any] = {}
    for field in row._meta.concrete_fields:  # noqa: SLF001 - public, whatever its name says
        value = _other(field, getattr(row, field.attname))
        if field.name in but or value is None:
            continue
        posted |= dict.fromkeys((field.name, field.attname), "on" if value is True else str(value))
        stored[field.attname] = value
    return Hostile(posted, stored)


def taken_from(row: models.Model, hostile: Hostile) -> list[str]:
    """Return which columns of a row, read anew, hold what was posted."""
    fresh = type(row)._base_manager.get(pk=row.pk)  # noqa: SLF001 - a test looks at the row itself
    return [name for name, value in hostile.stored.items() if getattr(fresh, name) == value]


def _other(field: models.Field[Any, Any], present: Any) -> Any:
    """Return a value that the field would take and that the row does not have; None where there is none (bytes, packed values)."""
    if field.choices:
        return next((value for value, _label in field.flatchoices if value != present), None)
    if isinstance(field, models.BooleanField):
        return not present or None  # an unticked box is not posted at all
    if isinstance(field, models.CharField | models.TextField):
        return EVIL[: field.max_length]
    value = next((value for kind, value in OTHERS.items() if isinstance(field, kind)), None)
    return NUMBER + 1 if value == present else value
