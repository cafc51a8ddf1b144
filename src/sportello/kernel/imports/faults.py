"""All that is wrong with a row, not just the first: who mends a file wants to mend it once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from sportello.kernel.refusals import InvalidInput

T = TypeVar("T")

Faults = list[tuple[str, str]]
"""(field, reason) pairs, the field empty for the whole row."""


def every_fault(check: Callable[[T], T], data: T, **stand_ins: Any) -> tuple[T, Faults]:
    """Return what `check` makes of a frozen dataclass, with every fault that it finds: it raises at the first it meets.

    A field at fault is then emptied (or takes its stand-in, where empty is wrong too) and the check is made again.
    """
    faults: Faults = []
    while True:
        try:
            return check(data), faults
        except InvalidInput as wrong:
            name = wrong.field or ""
            faults.append((name, str(wrong)))
            if not name or not hasattr(data, name) or [field for field, _reason in faults].count(name) > 1:
                return data, faults
            data = replace(data, **{name: stand_ins.get(name, type(getattr(data, name))())})  # type: ignore[type-var]


def noted(faults: Faults, make: Callable[[], T], otherwise: T) -> T:
    """Return what `make` gives; when it refuses, note the fault and return `otherwise`."""
    try:
        return make()
    except InvalidInput as wrong:
        faults.append((wrong.field or "", str(wrong)))
        return otherwise


def first_of_each(faults: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return the first fault of each column: what follows from an unreadable cell says nothing more."""
    first: dict[str, str] = {}
    for column, reason in faults:
        first.setdefault(column, reason)
    return tuple(first.items())
