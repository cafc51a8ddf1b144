"""The names of what traffic is grouped by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from sportello.accounts.models import Person
from sportello.inventory.models import Agreement, Line
from sportello.kernel.actor import Actor
from sportello.kernel.ui import formats
from sportello.parties.models import CostCentre, Organisation
from sportello.usage.analysis.types import Grouping

Name = tuple[str, str]


def named(actor: Actor, by: Grouping, keys: Sequence[int | None]) -> dict[int | None, Name]:
    """Return for each id its name and what else tells it apart; what has none says so."""
    names: dict[int | None, Name] = {key: (formats.NOTHING if key else _without(by), "") for key in keys}
    names |= {pk: _NAMES[by](row) for pk, row in _rows(actor, by).in_bulk([key for key in keys if key]).items()}
    return names


def _rows(actor: Actor, by: Grouping) -> Any:
    if by is Grouping.LINE:
        return Line.objects.for_(actor).select_related("person")
    if by is Grouping.PERSON:
        return Person.objects.for_(actor)
    models: Mapping[Grouping, Any] = {
        Grouping.COST_CENTRE: CostCentre,
        Grouping.AGREEMENT: Agreement,
        Grouping.CUSTOMER: Organisation,
    }
    return models[by].objects.for_(actor)


def _without(by: Grouping) -> str:
    return {
        Grouping.COST_CENTRE: _("Without a cost centre"),
        Grouping.PERSON: _("Held by nobody"),
        Grouping.AGREEMENT: _("Agreement not kept"),
    }.get(by, formats.NOTHING)


_NAMES: Mapping[Grouping, Callable[[Any], Name]] = {
    Grouping.COST_CENTRE: lambda row: (row.code, row.name),
    Grouping.LINE: lambda row: (formats.phone(row.number), row.person.name if row.person else ""),
    Grouping.PERSON: lambda row: (row.name, row.code),
    Grouping.AGREEMENT: lambda row: (row.code, row.name),
    Grouping.CUSTOMER: lambda row: (row.legal_name, row.code),
}
