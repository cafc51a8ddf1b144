"""What happened: one frozen dataclass per event, one append-only row each that is audit trail, timeline and outbox at once."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.utils.functional import Promise

if TYPE_CHECKING:
    from sportello.kernel.models import Event

Sentence = str | Promise
"""What an event says to a reader, with `%(field)s` for what its payload holds."""

Words = Mapping[str, Sentence]
"""What the codes of a field mean, in words."""

EVENT_KINDS: dict[str, type[DomainEvent]] = {}
HANDLERS: dict[str, list[Callable[[Event], None]]] = defaultdict(list)


@dataclass(frozen=True, kw_only=True)
class DomainEvent:
    """Something that happened, past tense. Subclasses set `kind` (`"tickets.closed"`) and add plain fields.

    `organisation_id` names the organisation whose chain the row joins and whose administrators see it (None: the installation).
    `subject` is the thing it happened to, as (type, id). Fields become the payload: ids, text, numbers, Decimal, dates, lists
    and dicts of these; never secrets. `changes` holds {field: [before, after]}. `sentence` says it on the audit page; `words` are
    {field: {value: label}} of the fields whose values are codes. Without `news` it stands in the record alone, not on
    the first page of who it concerns.
    """

    kind: ClassVar[str] = ""
    sentence: ClassVar[Sentence] = ""
    words: ClassVar[Mapping[str, Words]] = {}
    news: ClassVar[bool] = True
    organisation_id: int | None
    subject_type: str = ""
    subject_id: str | int = ""
    changes: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __init_subclass__(cls, **options: Any) -> None:
        """Register the kind; two events of one kind are a defect."""
        super().__init_subclass__(**options)
        if not cls.kind:
            msg = f"{cls.__name__} names no kind"
            raise TypeError(msg)
        known = EVENT_KINDS.get(cls.kind)
        if known and known.__qualname__ != cls.__qualname__:
            msg = f"{cls.kind} is both {known.__qualname__} and {cls.__qualname__}"
            raise TypeError(msg)
        EVENT_KINDS[cls.kind] = cls

    def payload(self) -> dict[str, Any]:
        """Return the event's own fields and the changes, ready for JSON."""
        outer = {field.name for field in dataclasses.fields(DomainEvent)} - {"changes"}
        values = {
            field.name: jsonable(getattr(self, field.name))
            for field in dataclasses.fields(self)
            if field.name not in outer
        }
        if not values["changes"]:
            del values["changes"]
        return values


E = TypeVar("E", bound=DomainEvent)


def handles(event: type[DomainEvent]) -> Callable[[Callable[[Event], None]], Callable[[Event], None]]:
    """Register a handler; the worker calls it after commit, at least once, with the stored row."""

    def register(handler: Callable[[Event], None]) -> Callable[[Event], None]:
        HANDLERS[event.kind].append(handler)
        return handler

    return register


def jsonable(value: Any) -> Any:  # noqa: PLR0911 - one line per type is the plainest form
    """Return `value` as JSON knows it, without floats: Decimal and dates become text."""
    if isinstance(value, enum.Enum):
        return value.value
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, decimal.Decimal | uuid.UUID):
        return str(value)
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(item) for item in value]
    msg = f"{type(value).__name__} does not belong in an event"
    raise TypeError(msg)


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return {field: [before, after]} of the fields that differ."""
    return {
        key: [jsonable(before.get(key)), jsonable(value)] for key, value in after.items() if before.get(key) != value
    }
