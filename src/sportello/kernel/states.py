"""State machines as tables: `TRANSITIONS = {from: {to, …}}`, moved by `advance`, drawn by `diagram`."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from sportello.kernel.refusals import WrongState
from sportello.kernel.scope import ScopedModel, require_operation

Transitions = Mapping[str, AbstractSet[str]]


class StateChanged(WrongState):
    """Somebody else moved it first; the reader looks again."""

    default = _("This has changed in the meantime. Reload the page to see its present state.")


class NoSuchTransition(WrongState):
    """The table has no arrow from the present state to the wanted one."""

    default = _("This is not possible in the present state.")


def advance(
    row: models.Model, to: str, *, transitions: Transitions, field: str = "state", untold: str = "", **also: Any
) -> None:
    """Move `row` to state `to` and set the fields of `also`, only if it still is in the state that the caller saw.

    `untold` as with `change_if`. Raises `NoSuchTransition` when the table has no such arrow, `StateChanged` when another worker was first.
    """
    before = getattr(row, field)
    if to not in transitions.get(before, frozenset()):
        raise NoSuchTransition
    if not change_if(row, {field: before}, untold=untold, **{field: to}, **also):
        raise StateChanged
    setattr(row, field, to)
    for name, value in also.items():
        setattr(row, name, value)


def change_if(row: models.Model, as_seen: Mapping[str, Any], *, untold: str = "", **values: Any) -> bool:
    """Set `values` on a row only while the fields of `as_seen` stand as the caller saw them; tell whether it was done.

    Inside an operation, as every write to a customer's rows: raises `OutsideOperation` elsewhere. A worker's own notes (who has a row
    in hand, how far it is) are nobody's news: `untold` says which note it is, and opens the door.
    """
    if isinstance(row, ScopedModel) and not untold:
        require_operation(type(row))
    mine = type(row)._base_manager.filter(pk=row.pk, **as_seen)  # noqa: SLF001 - the row was scoped when it was read
    return mine.update(**values) == 1


def diagram(transitions: Transitions, *, start: str) -> str:
    """Return the Mermaid state diagram of a table, in its order."""
    lines = ["stateDiagram-v2", f"    [*] --> {start}"]
    for before, targets in transitions.items():
        lines += [f"    {before} --> {after}" for after in sorted(targets)]
        if not targets:
            lines.append(f"    {before} --> [*]")
    return "\n".join(lines)
