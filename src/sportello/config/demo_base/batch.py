"""Rows on their way into the database: many at a time, in the order in which they refer to each other."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.db import models

from sportello.accounts.models import Membership, Person
from sportello.inventory.models import Agreement, Line, LineOption, LinePeriod, Sim
from sportello.parties.models import Brand, Contact, CostCentre, Organisation, Site

ORDER: tuple[type[models.Model], ...] = (
    Organisation,
    Brand,
    Contact,
    Site,
    CostCentre,
    Agreement,
    Person,
    Membership,
    Sim,
    Line,
    LinePeriod,
    LineOption,
)
ROWS_A_STATEMENT = 500


@dataclass
class Batch:
    """Collect unsaved rows; they may refer to each other as objects."""

    rows: dict[type[models.Model], list[Any]] = field(default_factory=lambda: defaultdict(list))

    def add(self, row: models.Model) -> None:
        """Take one row."""
        self.rows[type(row)].append(row)

    def write(self) -> None:
        """Insert everything (inside an operation)."""
        for model in ORDER:
            self._insert(model)

    def _insert(self, model: type[models.Model]) -> None:
        rows = self.rows[model]
        # A partner must be there before its customers: parents first inside the one table that refers to itself.
        stages = [rows] if model is not Organisation else [_without_partner(rows), _with_partner(rows)]
        for stage in stages:
            if stage:
                model.objects.bulk_create(stage, batch_size=ROWS_A_STATEMENT)  # type: ignore[attr-defined]

    def fingerprints(self) -> Iterator[str]:
        """Yield a text of each row that is the same whenever the row is, whatever its id."""
        for model in ORDER:
            for row in self.rows[model]:
                yield f"{model.__name__} {_fingerprint(row)}"


def _without_partner(rows: list[Any]) -> list[Any]:
    return [row for row in rows if row.partner is None]


def _with_partner(rows: list[Any]) -> list[Any]:
    return [row for row in rows if row.partner is not None]


def _fingerprint(row: models.Model) -> str:
    values = {}
    for column in row._meta.concrete_fields:  # noqa: SLF001  Django's documented Meta interface
        automatic = column.primary_key or getattr(column, "auto_now", False) or getattr(column, "auto_now_add", False)
        if not automatic and not column.generated:
            values[column.name] = _text_of(row, column.name)
    return repr(sorted(values.items()))


def _text_of(row: models.Model, name: str) -> str:
    value = getattr(row, name)
    return f"{type(value).__name__} {_natural_key(value)}" if isinstance(value, models.Model) else str(value)


def _natural_key(row: models.Model) -> str:
    keys = [
        str(getattr(row, name)) for name in ("code", "number", "username", "iccid", "active_from") if hasattr(row, name)
    ]
    return " ".join(keys)


def digest_of(batches: Iterator[Batch]) -> str:
    """Return one SHA-256 over all rows of the batches: the same seed gives the same one."""
    total = sha256()
    for batch in batches:
        for text in batch.fingerprints():
            total.update(text.encode())
    return total.hexdigest()
