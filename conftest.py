"""What every test stands on: both databases, append-only tables that can be emptied between tests, no socket but loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from tests.samples import unchecked

from sportello.kernel.testing.cast import *  # noqa: F403 - the standing cast: ada, bo, cy, pia, olga

# Machines are shared and noisy: no property may fail because of the clock.
hypothesis_settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("suite")


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test its own data folder and an empty cache."""
    for name, folder in {
        "DATA_FOLDER": "",
        "USAGE_FOLDER": "usage",
        "USAGE_DROP_FOLDER": "drop",
        "BILL_DROP_FOLDER": "bills",
    }.items():
        monkeypatch.setitem(settings.SPORTELLO, name, tmp_path / folder)
    cache.clear()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end what was not checked since official files are missing: among other skips nobody would see it."""
    skipped = terminalreporter.stats.get("skipped", [])
    if lines := unchecked(report.longrepr[2] for report in skipped if isinstance(report.longrepr, tuple)):
        terminalreporter.section("NOT CHECKED", sep="!", red=True)
        for line in lines:
            terminalreporter.line(line)


_flush = TransactionTestCase._fixture_teardown


def _flush_append_only(self: TransactionTestCase) -> None:
    """SQLite empties tables by DELETE, which our triggers refuse: put them aside for that moment."""
    if connection.vendor != "sqlite":
        _flush(self)
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        try:
            _flush(self)
        finally:
            for _name, sql in triggers:
                cursor.execute(sql)


TransactionTestCase._fixture_teardown = _flush_append_only


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run in each half of `make test` what belongs there: what touches no database has nothing new to say on PostgreSQL."""
    if connection.vendor == "postgresql":
        once = [item for item in items if not _of_database(item)]
        items[:] = [item for item in items if _of_database(item)]
        config.hook.pytest_deselected(items=once)
        return
    for item in items:
        if item.get_closest_marker("postgresql"):
            item.add_marker(pytest.mark.skip(reason="runs in the PostgreSQL half of make test"))


def _of_database(item: pytest.Item) -> bool:
    """Tell whether a test opens a database, by itself or by a fixture (`world` and the cast do)."""
    marked = any(item.get_closest_marker(name) for name in ("django_db", "postgresql"))
    return marked or not {"db", "transactional_db"}.isdisjoint(getattr(item, "fixturenames", ()))


@pytest.fixture
def django_assert_num_queries() -> Callable[..., AbstractContextManager[CaptureQueriesContext]]:
    """Count the queries of a block (pytest-django's fixture, but see `_counted`)."""
    return partial(_counted, exact=True)


@pytest.fixture
def django_assert_max_num_queries() -> Callable[..., AbstractContextManager[CaptureQueriesContext]]:
    """Bound the queries of a block (pytest-django's fixture, but see `_counted`)."""
    return partial(_counted, exact=False)


@contextmanager
def _counted(number: int, *, exact: bool) -> Iterator[CaptureQueriesContext]:
    """Count queries without those that ask or set the reach of the connection (kernel/row_security.py).

    A request outside a transaction asks once; a test runs inside one, where each door asks again.
    """
    with CaptureQueriesContext(connection) as context:
        yield context
    asked = [query["sql"] for query in context.captured_queries if "sportello.reach" not in query["sql"]]
    if len(asked) > number or (exact and len(asked) < number):
        pytest.fail(f"{number} queries expected, {len(asked)} done:\n" + "\n".join(asked))
