"""Rows that tests of usage stand on: lines that hold numbers, and usage files in the drop folder."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections

from sportello.inventory.models import Agreement, Line, LinePeriod
from sportello.inventory.states import LineKind, LineStatus
from sportello.kernel.testing import arrange
from sportello.parties.models import Organisation
from sportello.usage.operations.lock import one_writer
from sportello.usage.pipeline.tests.reference import put_rows, row

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_numbers = itertools.count(1)


def new_line(organisation: Organisation, number: str, *, dual: bool = False, **values: Any) -> Line:
    """Write a line with one period; `person`, `active_from`, `active_to` go to both. `dual`: its private traffic is the person's to pay."""
    with arrange():
        agreement, _made = Agreement.objects.for_(_system()).get_or_create(organisation=organisation, code="C1")
        given = {"status": LineStatus.ACTIVE, "active_from": LONG_AGO, **values}
        line = Line.objects.create(
            organisation=organisation, agreement=agreement, number=number, kind=LineKind.MOBILE, **given
        )
        LinePeriod.objects.create(line=line, organisation=organisation, number=number, agreement=agreement, **given)
    if dual:
        from sportello.dual_billing.tests.factories import enrolled

        enrolled(line)
    return line


def _system() -> Any:
    from sportello.kernel.actor import system_actor

    return system_actor(reason="a test of usage")


def usage_file(*rows: dict[str, str], name: str = "", folder: Path | None = None, **said: Any) -> Path:
    """Write a usage file with its manifest into the drop folder, or another."""
    folder = folder or Path(settings.SPORTELLO["USAGE_DROP_FOLDER"])
    folder.mkdir(parents=True, exist_ok=True)
    return put_rows(folder / (name or f"usage-{next(_numbers)}.csv"), list(rows), **said)


@contextmanager
def meanwhile(part_of_a_statement: str, then: Callable[[], object]) -> Iterator[None]:
    """Do something once, just before the first statement that holds these words: what another process may do at that moment."""
    waiting = [then]

    def watched(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if waiting and part_of_a_statement in sql:
            waiting.pop()()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watched):
        yield
    assert not waiting, f"no statement held {part_of_a_statement}"


@contextmanager
def written_by_another() -> Iterator[None]:
    """Hold the right to write the record store as another process does, with a connection of its own."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with one_writer():
            held.set()
            done.wait(30)
        connections.close_all()

    other = threading.Thread(target=hold)
    other.start()
    held.wait(30)
    try:
        yield
    finally:
        done.set()
        other.join()


__all__ = ["LONG_AGO", "NOW", "meanwhile", "new_line", "row", "usage_file", "written_by_another"]
