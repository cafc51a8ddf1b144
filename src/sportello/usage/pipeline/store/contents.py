"""Comparing what records say by one number each, so that millions of them are held against the stored ones in one pass."""

from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow.compute as pc

FEW_PERIODS = 1000
"""So few periods are looked up in their own row groups, instead of in the whole month."""


def content_sql(columns: Sequence[str]) -> str:
    """Give the SQL of a record's number; it is never kept, for it may change with DuckDB's version."""
    return f"hash({', '.join(columns)})"


def contents(connection: duckdb.DuckDBPyConnection, records: Any, columns: Sequence[str]) -> Any:
    """Return the numbers of records (an Arrow table), in their order."""
    return _asked(connection, f"SELECT {content_sql(columns)} AS content FROM given", {}, records)["content"]  # noqa: S608


def unlike(connection: duckdb.DuckDBPyConnection, files: list[str], rows: Any, columns: Sequence[str]) -> Any:
    """Return the rows (`period_id`, `content` and any others) whose content no record of their period has, with a column `found`.

    `found` is a period under which the same content lies all the same, null where it lies under none.
    """
    stored = f"(SELECT period_id, {content_sql(columns)} AS content FROM read_parquet($files)"  # noqa: S608 - our own names
    periods = pc.unique(rows["period_id"].drop_null()).to_pylist()
    few = len(periods) <= FEW_PERIODS
    alike = stored + (" WHERE period_id IN (SELECT unnest($periods)))" if few else ")")
    given = {"files": files, "periods": periods} if few else {"files": files}
    left = _asked(connection, f"SELECT * FROM given ANTI JOIN {alike} USING (period_id, content)", given, rows)  # noqa: S608
    if not left.num_rows:
        return left.append_column("found", left["period_id"])
    elsewhere = f"""SELECT given.*, found FROM given LEFT JOIN (
        SELECT content, any_value(period_id) AS found FROM {stored}) SEMI JOIN given USING (content) GROUP BY content
    ) USING (content)"""  # noqa: S608
    return _asked(connection, elsewhere, {"files": files}, left)


def _asked(connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, Any], given: Any) -> Any:
    connection.register("given", given)
    try:
        return connection.sql(sql, params=parameters).to_arrow_table()
    finally:
        connection.unregister("given")
