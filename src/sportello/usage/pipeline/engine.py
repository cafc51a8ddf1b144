"""DuckDB in memory, opened once in a process: opening it costs more than all the work on a small file."""

import os
import threading
from functools import cache
from typing import Any

import duckdb

_lock = threading.Lock()


def asked(sql: str, **tables: Any) -> Any:
    """Return the answer to a query over Arrow tables as an Arrow table; two threads work on it."""
    with cursor() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        return connection.sql(sql).to_arrow_table()


def cursor() -> duckdb.DuckDBPyConnection:
    """Return a connection whose queries use two threads; what it registers and its temporary tables are its own."""
    with _lock:
        return _database(os.getpid(), 2).cursor()


def lone_cursor() -> duckdb.DuckDBPyConnection:
    """Return a connection whose queries run on the calling thread alone, for callers that work side by side; UTC."""
    with _lock:
        connection = _database(os.getpid(), 1).cursor()
    connection.execute("SET TimeZone = 'UTC'")
    return connection


@cache
def _database(_process: int, threads: int) -> duckdb.DuckDBPyConnection:
    """Open the database of a process: one that was opened before a fork has threads that are not there after it."""
    return duckdb.connect(config={"threads": threads})
