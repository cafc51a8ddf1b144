"""The filters of lists: each reads its own words of the address and narrows the rows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Label = str | Promise
Choices = Iterable[tuple[str, Label]]
MOST_WORDS = 6
_BETWEEN_DIGITS = re.compile(r"(?<=\d)\s+(?=\d)")


def words(text: str) -> list[str]:
    """Return the words of a search; a number written in groups, as pages show it, is one: `+39 312 000 0006 Bruno` is two words."""
    return _BETWEEN_DIGITS.sub("", text.replace("\x00", "")).split()[:MOST_WORDS]


class Filter:
    """One filter. Subclasses narrow `rows` by what `query` holds under `name`; what they cannot read narrows to nothing."""

    template: ClassVar[str] = ""

    def __init__(self, name: str, label: Label) -> None:
        """Take the word in the address and the label."""
        self.name, self.label = name, label

    def narrow(self, rows: QuerySet[Any], query: QueryDict) -> QuerySet[Any]:
        """Return the rows that the filter lets through."""
        raise NotImplementedError  # pragma: no cover - every filter is one of the classes below

    def context(self, query: QueryDict) -> dict[str, Any]:
        """Return what the filter's template draws."""
        return {"name": self.name, "label": self.label, "value": query.get(self.name, "")}


class Search(Filter):
    """A search box: every word must be found by one of the lookups (`"number__startswith"`, `"family_name__istartswith"`)."""

    template = "ui/filters/search.html"

    def __init__(self, lookups: Sequence[str], *, name: str = "q", label: Label = "") -> None:
        """Take the lookups; prefix lookups on indexed columns keep long lists fast."""
        super().__init__(name, label or _("Search"))
        self.lookups = tuple(lookups)

    def narrow(self, rows: QuerySet[Any], query: QueryDict) -> QuerySet[Any]:
        """Return the rows that hold every word."""
        for word in words(query.get(self.name, "")):
            found = Q()
            for lookup in self.lookups:
                found |= Q(**{lookup: word})
            rows = rows.filter(found)
        return rows


class Choice(Filter):
    """A choice among values; `field` is the lookup (the name when not told), `apply` an own way to narrow."""

    template = "ui/filters/choice.html"

    def __init__(
        self,
        name: str,
        label: Label,
        choices: Choices | Callable[[], Choices],
        *,
        field: str | None = None,
        apply: Callable[[QuerySet[Any], str], QuerySet[Any]] | None = None,
    ) -> None:
        """Take the choices, or a function that makes them."""
        super().__init__(name, label)
        self._choices = choices
        self._field = field or name
        self._apply = apply

    @property
    def choices(self) -> list[tuple[str, Label]]:
        """Return the choices, each as (value, label)."""
        given = self._choices() if callable(self._choices) else self._choices
        return [(str(value), label) for value, label in given]

    def narrow(self, rows: QuerySet[Any], query: QueryDict) -> QuerySet[Any]:
        """Return the rows with one of the chosen values."""
        wanted = [value for value in query.getlist(self.name) if value]
        if not wanted:
            return rows
        known = {value for value, _label in self.choices}
        if not set(wanted) <= known:
            return rows.none()
        if self._apply:
            return self._apply(rows, wanted[0])
        return rows.filter(**{f"{self._field}__in": wanted})

    def context(self, query: QueryDict) -> dict[str, Any]:
        """Return the choices with the chosen one."""
        return super().context(query) | {"choices": self.choices}


class YesNo(Choice):
    """Yes or no, by a condition."""

    def __init__(self, name: str, label: Label, condition: Q) -> None:
        """Take the condition that is true for «yes»."""
        super().__init__(
            name,
            label,
            (("1", _("Yes")), ("0", _("No"))),
            apply=lambda rows, value: rows.filter(condition) if value == "1" else rows.exclude(condition),
        )


class Days(Filter):
    """A period of days (`name_from`, `name_to`, both inclusive, in the reader's zone) on an instant or a day."""

    template = "ui/filters/days.html"

    def __init__(self, name: str, label: Label, *, field: str | None = None, day: bool = False) -> None:
        """Take the field; `day` when it is a date and not an instant."""
        super().__init__(name, label)
        self._field = field or name
        self._day = day

    def narrow(self, rows: QuerySet[Any], query: QueryDict) -> QuerySet[Any]:
        """Return the rows from the first day to the last."""
        try:
            first, last = (_day(query.get(f"{self.name}_{end}", "")) for end in ("from", "to"))
        except ValueError:
            return rows.none()
        if first:
            rows = rows.filter(**{f"{self._field}__gte": self._edge(first)})
        if last:
            rows = rows.filter(**{f"{self._field}__lt": self._edge(last + dt.timedelta(days=1))})
        return rows

    def context(self, query: QueryDict) -> dict[str, Any]:
        """Return the two days."""
        return super().context(query) | {
            "first": query.get(f"{self.name}_from", ""),
            "last": query.get(f"{self.name}_to", ""),
        }

    def _edge(self, day: dt.date) -> dt.date | dt.datetime:
        from django.utils import timezone

        if self._day:
            return day
        return dt.datetime.combine(day, dt.time(), tzinfo=timezone.get_current_timezone())


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
