"""The shape of a write: permit, decide, write, tell.

`@operation` makes a function keyword-only, asks the matrix, opens a transaction and, at the outermost end, writes the published
events to the audit chain before the commit.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sportello.kernel import audit, row_security
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.events import DomainEvent
from sportello.kernel.refusals import NotPermitted

P = ParamSpec("P")
R = TypeVar("R")

OPERATIONS: dict[str, Operation] = {}
_current: ContextVar[_Running | None] = ContextVar("sportello_operation", default=None)


@dataclass(frozen=True)
class Operation:
    """A registered operation, for the tests about the code base. `section` None = the system's own (`why` says what for)."""

    name: str
    section: Section | None
    why: str
    function: Callable[..., object]


@dataclass
class _Running:
    actor: Actor
    events: list[tuple[Actor, DomainEvent]] = field(default_factory=list)


def operation(
    *, section: Section | None, why: str = "", viewer_too: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a write. `section` is asked of the matrix for the actor; None needs a `why` (a door before any profile exists,
    or work of the system itself) and then the rules inside decide alone. `viewer_too`: also while viewing as another person,
    for what only puts on record what the viewer did; the row then names both (ABUSE B06).

    Raises `NotPermitted` when the actor only views, its organisation is read only, or the section is closed to its profile.
    """  # noqa: D205
    if section is None and not why:
        msg = "an operation without a section says why"
        raise TypeError(msg)

    def declare(function: Callable[P, R]) -> Callable[P, R]:
        _check_signature(function)

        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            actor = kwargs["actor"]
            if not isinstance(actor, Actor):
                msg = f"{function.__qualname__} needs an Actor"
                raise TypeError(msg)
            _permit(actor, section, viewer_too=viewer_too)
            with _running(actor):
                return function(*args, **kwargs)

        name = f"{function.__module__}.{function.__qualname__}"
        OPERATIONS[name] = Operation(name=name, section=section, why=why, function=function)
        return run

    return declare


def publish(event: DomainEvent) -> None:
    """Tell what happened; the row is written at the end of the outermost operation, in its transaction."""
    running = _current.get()
    if running is None:
        msg = f"{type(event).__name__} is published inside an operation only"
        raise RuntimeError(msg)
    running.events.append((running.actor, event))


def in_operation() -> bool:
    """Tell whether an operation is running in this thread or task."""
    return _current.get() is not None


@contextmanager
def bulk_write(*, actor: Actor) -> Iterator[None]:
    """Open an operation by hand, for generators and tests that arrange rows; it may publish nothing."""
    with _running(actor):
        yield


def _check_signature(function: Callable[..., object]) -> None:
    parameters = inspect.signature(function).parameters
    if "actor" not in parameters:
        msg = f"{function.__qualname__} takes an actor"
        raise TypeError(msg)
    if any(p.kind is not inspect.Parameter.KEYWORD_ONLY for p in parameters.values()):
        msg = f"{function.__qualname__} is keyword-only"
        raise TypeError(msg)


def _permit(actor: Actor, section: Section | None, *, viewer_too: bool) -> None:
    if actor.read_only and not viewer_too:
        raise NotPermitted(_("You are viewing as another person: you can look, but not change anything."))
    if actor.frozen and section not in {None, Section.OWN_ACCOUNT}:
        raise NotPermitted(_("Your organisation is read only: you can look, but not change anything."))
    if section is not None and not actor.may(section):
        raise NotPermitted


@contextmanager
def _running(actor: Actor) -> Iterator[None]:
    outer = _current.get()
    with transaction.atomic():
        row_security.widen(actor)
        if outer is not None:  # an operation inside an operation: one transaction, its own actor, one flush at the end
            inner = _Running(actor=actor, events=outer.events)
            token = _current.set(inner)
            mark = len(outer.events)
            try:
                yield
            except BaseException:
                del outer.events[mark:]  # what is rolled back did not happen
                raise
            finally:
                _current.reset(token)
            return
        running = _Running(actor=actor)
        token = _current.set(running)
        try:
            yield
            audit.append(running.events)
        finally:
            _current.reset(token)
